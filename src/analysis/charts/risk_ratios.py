"""The chart of risk ratios: how many times as often each group is dismissed as one of them."""

from __future__ import annotations

import math
from collections.abc import Set

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import dot, nothing
from analysis.charts.page import Row, Rows
from analysis.charts.rate_dots import group_words, rate_line
from analysis.charts.style import BLUE, PINK
from analysis.charts.text import lower_first
from analysis.counting.comparisons import interval_words, times_words
from analysis.counting.permutation import LEVEL
from analysis.counting.rate_table import CANNOT_TELL, UNSTATED, RateTable
from analysis.counting.rate_words import FEW, FEW_CASES, SMALL, case_words, count_words, group_label, p_words
from analysis.errors import MisconductError
from analysis.provenance.sources import place_and_period

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
FEWER_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)  # of a wide axis
WIDE = 200  # times from end to end


def risk_ratio_chart(table: RateTable, ratios: pd.DataFrame, reference: str, reference_words: str, name: str) -> Chart:
    """How many times as often each group is dismissed as the reference group, on a logarithmic axis.

    table: a RateTable by one column; ratios: what comparisons.risk_ratios makes of it and of the code `reference`;
    reference_words: who these are, for the subtitle. The reference comes first, groups marked [u] last, those of fewer
    than 5 people without a dot. Rows without a finite, positive ratio, and what is not stated, are named in notes.
    The title names every group, in the order of the table, that risk_ratios tells apart from the reference.
    """
    marks = ratio_marks(table, ratios, reference)
    if not _has_dot(marks.iloc[1:]).any() or not _has_dot(marks.iloc[:1]).all():
        raise MisconductError(
            "No ratio can be drawn: in every comparison one side has no dismissals or fewer than "
            f"{FEW} {table.counted}."
        )
    clear = ratios[(ratios["verdict"] != CANNOT_TELL) & (ratios["reliability"] == "ok")]
    one = "each person" if table.counted == "people" else f"each of the {table.counted}"
    first = f"; {one} under the first complaint type only" if table.primary_only else ""
    measure = table.definition.split(".")[0]
    words = Words(
        title=_title(table, clear, reference),
        subtitle=f"Dismissal rate of each group divided by that of {reference_words}{first}. {measure}. "
        + place_and_period(table.sources),
        definition=table.definition,
        lines=[f"{row['label']}: {_line(row, table.cases)}." for _, row in marks.iterrows()],
        notes=_notes(table, ratios, marks),
        interval_method="95 % Koopman score intervals of ratios, together, on effective sample sizes",
    )
    data = marks[["label", *(column for column in ratios if column != table.by[0])]]
    return compose(
        "Dot and interval chart", name, words, data, _plot(marks, {*clear[table.by[0]]}), table.sources, table.filter
    )


def ratio_marks(table: RateTable, ratios: pd.DataFrame, reference: str) -> pd.DataFrame:
    """What is drawn, top to bottom: the reference, then every group with a finite, positive ratio, the largest
    first, those marked [u] under the others.

    Returns the columns of `ratios`, n_cases and n_cases_counted, and `label`.
    """
    column = table.by[0]
    drawn = ratios[ratios["ratio"].gt(0) & ratios["low"].gt(0) & ratios["high"].lt(math.inf)]
    order = {"reliability": True, "ratio": False}  # "ok" stands before "u"
    drawn = drawn.sort_values([*order], ascending=[*order.values()], kind="stable")
    rows = table.groups.set_index(column)
    base = rows.loc[[reference], ["numerator", "denominator", "reliability"]].assign(ratio=1.0).reset_index()
    marks = pd.concat([base, drawn], ignore_index=True)[[*ratios]]
    marks = marks.join(rows[["n_cases", "n_cases_counted"]], on=column)
    labels = [group_label(column, code) for code in marks[column]]
    return marks.assign(label=[f"{labels[0]} (reference)", *labels[1:]])


def _has_dot(rows: pd.DataFrame) -> pd.Series:
    return rows["denominator"] >= FEW


def _title(table: RateTable, clear: pd.DataFrame, reference: str) -> str:
    """The groups of the title with both counts and the interval of their ratio; or that there is none."""
    column = table.by[0]
    rows = table.groups.set_index(column)
    against, named = count_words(rows.loc[reference], table.cases), lower_first(group_label(column, reference))
    if clear.empty:
        whole = lower_first(group_words(table, column, reference))
        return f"These data cannot rank the groups against {whole} ({against})"
    told = (
        f"{group_words(table, column, row[column])}: {_clause(rows.loc[row[column]], table.cases)} v "
        f"{_clause(rows.loc[reference], table.cases)} for {named}: {times_words(row)}"
        for _, row in clear.iterrows()
    )
    return "; ".join(told)


def _clause(row: pd.Series, cases: str) -> str:
    """A count with its cases inside a sentence: 6 of 24, in 3 of 15 investigations,"""
    return f"{count_words(row, cases)}{',' if case_words(row, cases) else ''}"


def _line(row: pd.Series, cases: str) -> str:
    """A row in the alt text: counts, ratio, interval and p value; of the reference the counts."""
    if pd.isna(row["low"]):
        return rate_line(row, cases, "ratio 1")
    mark = "" if row["reliability"] == "ok" else " [u]"
    return rate_line(
        row,
        cases,
        f"ratio {row['ratio']:.2f}{mark}, 95% interval {times_words(row)}, adjusted {p_words(row['p_holm'])}",
    )


def _notes(table: RateTable, ratios: pd.DataFrame, marks: pd.DataFrame) -> list[str]:
    """How to read the chart, what is not drawn and what is not compared."""
    column = table.by[0]
    m = int(ratios["p_holm"].notna().sum())
    notes = [
        f"Dots: ratio of the two rates. Lines: Koopman score intervals that hold for all {m} comparisons together in "
        f"95%, {table.counted} in one {table.cases.removesuffix('s')} counted together. Told apart: where "
        f"the interval leaves out 1 and p, by permutation of {table.cases} where few are expected, is under {LEVEL} "
        "after Holm's adjustment.",
        f"Hollow dots [u], placed last: a group under {SMALL} {table.counted} or {FEW_CASES} {table.cases}; under "
        f"{FEW}: counts only.",
    ]
    undrawn = ratios[~ratios[column].isin(marks[column])]
    unstated = table.groups[table.groups[column].isin(UNSTATED) & (table.groups["denominator"] > 0)]
    for said, rows in (
        ("Not drawn, because one side has no dismissals", undrawn),
        ("Not compared, because the source does not state the group", unstated),
    ):
        if len(rows):
            told = (f"{group_label(column, row[column])} ({_counts(row)}{_bound(row)})" for _, row in rows.iterrows())
            notes.append(f"{said}: {'; '.join(told)}.")
    return notes


def _bound(row: pd.Series) -> str:
    """How large or small a ratio without a place on the axis may be; nothing under FEW people or without a ratio."""
    return "" if "ratio" not in row or row["denominator"] < FEW or pd.isna(row["low"]) else f": {times_words(row)}"


def _counts(row: pd.Series) -> str:
    return f"{row['numerator']:,} of {row['denominator']:,}"


def _plot(marks: pd.DataFrame, named: Set[str]) -> Rows:
    """One row a mark, the reference at a ratio of one and as a line through all rows; named: in the title."""
    dots = marks[_has_dot(marks)]
    limits = (min(0.2, float(dots["low"].min()) / 1.2), max(5.0, float(dots["high"].max()) * 1.2))
    rows = []
    for place, row in marks.iterrows():
        small, shown, is_reference = row["reliability"] == "u", row["denominator"] >= FEW, place == 0
        ratio = "ratio 1" if is_reference else f"ratio {row['ratio']:.2f} ({interval_words(row)})"
        draw = dot(row["ratio"], row["low"], row["high"], PINK if is_reference else BLUE, small)
        rows.append(
            Row(
                row["label"],
                f"{_counts(row)}{f', {ratio}' if shown else ''}{' [u]' if small else ''}",
                draw if shown else nothing,
                float(row["high"]),
                float(row["denominator"]),
                bold=is_reference,
                is_kept=row.iloc[0] in named,
                is_total=is_reference,
                is_apart=small and not is_reference,
            )
        )

    def finish(axes: Axes) -> None:
        axes.set_xscale("log")
        axes.set_xlim(limits)
        axes.axvline(1, color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        axes.xaxis.set_minor_locator(NullLocator())
        ticks = FEWER_TICKS if limits[1] > WIDE * limits[0] else TICKS
        axes.set_xticks([tick for tick in ticks if limits[0] <= tick <= limits[1]])
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))

    return Rows(tuple(rows), lambda _: limits, finish, "groups")
