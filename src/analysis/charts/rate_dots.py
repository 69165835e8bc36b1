"""Dismissal rates as dots with intervals: one row a group, under the row of everybody."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis import vocabulary
from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import TOTALS, counts_of, dot, from_zero, in_percent, nothing, whole
from analysis.charts.page import Row, Rows
from analysis.charts.style import BLUE, PINK
from analysis.charts.text import lower_first
from analysis.counting.apart import apart_words, test_notes, told_apart
from analysis.counting.denominators import outside
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import (
    FEW,
    FEW_CASES,
    SMALL,
    case_words,
    count_words,
    explanations,
    few_words,
    group_label,
    heading,
    percent,
    percent_range,
    rate_cell,
    rate_in_words,
)
from analysis.counting.selection import only_words
from analysis.errors import MisconductError
from analysis.provenance.sources import place_and_period

ALLEGED = "A complaint type is what was alleged, not what was found."
EACH_TYPE = "A person counts under each type alleged, so rows do not add up."
FIRST_TYPE = "A person counts under the first type alleged only."
DOTS = "Dots: share. Lines: 95% interval, people in one investigation counted together."
LAST = ", placed last"
GOES_ON = " (an arrow: the interval goes on)"
HOLLOW = (
    f"Hollow dots [u]{LAST}: fewer than {SMALL} people or {FEW_CASES} investigations, low reliability{GOES_ON}; "
    f"fewer than {FEW} people: counts only."
)
COUNTS_ONLY = f"[u]{LAST}: fewer than {FEW} people, counts only."


def dismissal_rates_by(table: RateTable) -> Chart:
    """Dot and interval chart of the dismissal rate of each group and of everybody.

    table: a RateTable by one column.
    Sorted by rate, then by size (years by time), groups marked [u] under the others, with hollow dots, and none where
    the denominator is under 5; groups without a rate are named in the notes. The title is about everybody, and names
    the groups that a test tells apart from everybody else. Raises MisconductError when the table has no or several
    groupings or nobody with a known outcome.
    """
    if len(table.by) != 1:
        raise MisconductError("This chart needs a rate table by one group.")
    if not table.total["denominator"]:
        raise MisconductError(table.nothing)
    marks = rate_marks(table)
    named = [code for codes in told_apart(table).values() for code in codes]
    words = Words(
        title="; ".join(filter(None, (total_title(table), apart_words(table)))),
        subtitle=rate_subtitle(table),
        definition=table.definition,
        lines=[f"{mark['label']}: {rate_line(mark, table.cases)}." for _, mark in marks.iterrows()],
        notes=(*dot_notes(table, marks), *group_notes(table)),
        interval_method=table.interval_method,
        counted=counts_of([(marks["label"].iloc[0], table.total["numerator"], table.total["denominator"])]),
        copied=_copied(table, named),
        row=_told_first(table, named),
    )
    name = f"dismissal_rates_by_{table.by[0]}"
    return compose(
        "Dot and interval chart",
        name,
        words,
        marks,
        _rate_plot(marks, set(named)),
        table.sources,
        table.filter,
    )


def rate_line(row: Any, cases: str, share: str = "") -> str:
    """A row in a line of an alt text: 6 of 24, in 3 of 15 investigations; 25.0%, 95% interval 10.4% to 48.9%.

    row: of a RateTable; cases: what a case is, in the plural; share: in place of rate and interval. Under FEW it is
    the counts alone.
    """
    counts = count_words(row, cases)
    if row["denominator"] < FEW:
        return f"{counts} [u]"
    pause = ";" if ", " in counts else ","
    return f"{counts}{pause} " + (share or f"{rate_cell(row)}, 95% interval {percent_range(row['low'], row['high'])}")


def rate_marks(table: RateTable) -> pd.DataFrame:
    """What is drawn, top to bottom: the total, then every group that has a rate, those marked [u] under the others.

    A column `label` is added.
    """
    column = table.by[0]
    groups = table.groups[table.groups["reliability"] != "z"]
    order = {"reliability": True, "rate": False, "denominator": False, column: True}  # "ok" stands before "u"
    if column == "year":  # time has an order of its own
        order = {"reliability": True, column: True}
    groups = groups.sort_values([*order], ascending=[*order.values()], kind="stable")
    marks = pd.concat([table.with_total.iloc[:1], groups], ignore_index=True)
    labels = [TOTALS.get(column, whole(table.counted)), *(group_label(column, code) for code in groups[column])]
    marks.insert(1, "label", pd.Series(labels, dtype="str"))
    return marks


def total_title(table: RateTable) -> str:
    """The finding about everybody in a RateTable, led by what it is filtered by."""
    who, only, total = table.among_label, _only(table), table.total
    if table.unavailable:
        return f"{only}{who} are not known: {table.unavailable}"
    if not total["denominator"]:
        return f"{only}no {who} whose outcome is known"
    if total["reliability"] != "ok":
        few = few_words(total, who, table.cases)
        return f"{only}{few if only else few[:1].upper() + few[1:]}: too few for a reliable share"
    return f"{only}{finding(table, total)}"


def _only(table: RateTable) -> str:
    """What a RateTable is filtered by, as it leads a title."""
    first = " as first type" if table.primary_only else ""
    return "".join(f"{kept}{first if column == 'complaint_type' else ''}: " for column, kept in table.only.items())


def finding(table: RateTable, row: pd.Series) -> str:
    """How many of a row of a RateTable, out of whom, ended so."""
    is_people = table.counted == "people"
    what = vocabulary.entry("numerator", table.count)["title" if is_people else "ended"]
    counts = count_words(row, table.cases, table.among_label)
    pause = "" if counts.endswith(table.among_label) else ","
    return f"{counts}{pause} {'were' if is_people else 'ended'} {what}"


def _copied(table: RateTable, named: Sequence[str]) -> str:
    """The finding as it is copied where the title names a group or two: their own counts."""
    if not 0 < len(named) <= 2:
        return ""
    column, (first, *second) = table.by[0], named
    leading = f"{_only(table)}{group_words(table, column, first)}: {finding(table, table.row({column: first}))}"
    more = (f"{lower_first(group_words(table, column, code))}: {_brief(table.row({column: code}))}" for code in second)
    return "; ".join([leading, *more])


def _told_first(table: RateTable, named: Sequence[str]) -> pd.Series | None:
    """The row that the finding begins with as it is copied; None where the title says that there are too few."""
    if _copied(table, named):
        return table.row({table.by[0]: named[0]})
    return table.total if table.total["reliability"] == "ok" else None


def _brief(row: pd.Series) -> str:
    """A count and in how many cases, where that differs, as short as it can be: 6 of 24 (in 3 of 15)."""
    there = case_words(row, "").removeprefix(", ").rstrip()
    return f"{row['numerator']:,} of {row['denominator']:,}{f' ({there})' if there else ''}"


def group_words(table: RateTable, column: str, code: str) -> str:
    """The label of a group of a RateTable, with what is special about it: Sexual misconduct as first type."""
    first = " as first type" if table.primary_only and column == "complaint_type" else ""
    return group_label(column, code) + first


def rate_subtitle(table: RateTable) -> str:
    """Measure, group, place and period."""
    who, what = table.among_label, table.share_label
    only = f" {only_words(table.where, counted=table.counted)}" if table.where else ""
    by = heading(table.by[0])
    by = f"first {by} only" if table.primary_only and table.by[0] == "complaint_type" else by
    return f"Share {what} among {who}, by {by}.{only} {place_and_period(table.sources)}"


def dot_notes(table: RateTable, marks: pd.DataFrame) -> tuple[str, ...]:
    """How to read the dots, hollow ones where any is drawn; marks: as rate_marks gives them."""
    dots, small = DOTS, marks.loc[marks["reliability"] == "u", "denominator"]
    if table.total["denominator"] >= FEW:
        dots += f" Dashed line: {lower_first(TOTALS.get(table.by[0], whole(table.counted)))}."
    few = [HOLLOW if (small >= FEW).any() else COUNTS_ONLY] if len(small) else []
    case = table.cases.removesuffix("s")
    return tuple(note.replace("people", table.counted).replace("investigation", case) for note in (dots, *few))


def group_notes(table: RateTable) -> tuple[str, ...]:
    """What a reader must know of the groups to read the chart rightly."""
    column, total = table.by[0], table.total
    one = "A person" if table.counted == "people" else f"One of the {table.counted}"
    each = (FIRST_TYPE if table.primary_only else EACH_TYPE).replace("A person", one)
    notes = [f"{ALLEGED} {each}"] if column == "complaint_type" else []
    notes += [*explanations(table.by), *table.notes]
    who = table.counted.replace("people", "person") if total["unknown_outcomes"] == 1 else table.counted
    notes.append(f"Left out because their outcome is not known: {total['unknown_outcomes']:,} {who}.")
    if total["unknown_outcomes"] and total["denominator"] + total["unknown_outcomes"] >= FEW:
        bounds = f"{percent(total['rate_if_none_dismissed'])} and {percent(total['rate_if_all_dismissed'])}"
        notes[-1] += f" With them the overall share would be between {bounds}."
    notes += [outside(table.among, table.unstated, table.counted)] if table.unstated else []
    notes += [f"{why}: {', '.join(groups)}." for why, groups in _without_rate(table).items() if groups]
    return (*notes, *test_notes(table))


def _without_rate(table: RateTable) -> dict[str, list[str]]:
    """The groups of a RateTable that have no rate, by why they have none."""
    rows = table.groups[table.groups["reliability"] == "z"]
    labels = [group_label(table.by[0], code) for code in rows[table.by[0]]]
    nobody = [label for label, n in zip(labels, rows["denominator"], strict=True) if not n]
    counts = zip(labels, rows["numerator"], rows["denominator"], strict=True)
    never = [f"{label} ({k} of {n})" for label, k, n in counts if n]
    return {
        "No rate, because no outcome is known": nobody,
        "No rate [z], because the law lets nobody be dismissed": never,
    }


def _rate_plot(marks: pd.DataFrame, named: Set[str]) -> Rows:
    """One row a mark; the total, the first of them, as a line through all rows.

    named: the groups of the title, which no size may leave out.
    """
    everybody = marks.iloc[0]
    rows = []
    for place, mark in marks.iterrows():
        few, small, total = mark["denominator"] < FEW, mark["reliability"] == "u", place == 0
        rows.append(
            Row(
                mark["label"],
                rate_in_words(mark),
                nothing if few else dot(mark["rate"], mark["low"], mark["high"], PINK if total else BLUE, small),
                0.0 if few else float(mark["rate"] if pd.isna(mark["high"]) else mark["high"]),
                float(mark["denominator"]),
                is_kept=mark[marks.columns[0]] in named,
                bold=total,
                is_total=total,
                is_apart=small and everybody["reliability"] == "ok",
                least=float(0.0 if few else mark["rate"]) if small else None,
            )
        )

    def finish(axes: Axes) -> None:
        if everybody["denominator"] >= FEW:
            axes.axvline(float(everybody["rate"]), color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        in_percent(axes)

    return Rows(tuple(rows), from_zero, finish, "groups")
