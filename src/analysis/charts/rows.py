"""Charts of rows: a label and its figure above a dot, an interval or a bar. Each takes a table and returns a Chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
from afcharts.af_colours import get_af_colours
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis import vocabulary
from analysis.charts.chart import Chart, compose
from analysis.charts.layout import GREY, Row, Rows
from analysis.counting.denominators import outside
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import (
    FEW,
    SMALL,
    count_words,
    group_label,
    percent,
    percent_range,
    rate_cell,
    rate_in_words,
)
from analysis.errors import MisconductError
from analysis.provenance.sources import Source, place_and_period

BLUE, _, PINK, *_ = get_af_colours("categorical", number_of_colours=4)  # each at least 3:1 against white
TOTALS = {
    "complaint_type": "All complaint types",
    "force": "All forces",
    "complaint_category": "All complaint categories",
}
GROUP_NAMES = {"vawg": "what the case has to do with violence against women and girls"}  # in subtitles
ALLEGED = "A complaint type is what was alleged, not what was found."
EACH_TYPE = "A person counts under each type alleged, so rows do not add up."
FIRST_TYPE = "A person counts under the first type alleged only."
DOTS = (
    "Dots: share. Lines: 95% interval, people in one case counted together. "
    f"Hollow dots [u], placed last: fewer than {SMALL} people, low reliability; fewer than {FEW}: counts only."
)


def draw_dot(axes: Axes, height: float, at: float, low: float, high: float, colour: str, hollow: bool) -> None:
    """A dot with its interval at a height; only the interval where `at` is missing."""
    axes.plot([low, high], [height, height], color=colour, linewidth=2, zorder=2, clip_on=False)
    if pd.notna(at):
        face = "white" if hollow else colour
        dot: dict[str, Any] = {"marker": "o", "markersize": 8, "markeredgewidth": 1.8, "linestyle": "none"}
        axes.plot([at], [height], markeredgecolor=colour, markerfacecolor=face, zorder=3, clip_on=False, **dot)


def dot(at: float, low: float, high: float, colour: str, hollow: bool) -> Callable[[Axes, float], None]:
    """How a row's dot with its interval is drawn."""
    return lambda axes, height: draw_dot(axes, height, at, low, high, colour, hollow)


def nothing(axes: Axes, height: float) -> None:
    """How a row that is told in counts alone is drawn."""


def in_percent(axes: Axes) -> None:
    """Shares as percentages on the axis, at whole numbers."""
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def upper_limit(highest: float) -> float:
    """The next tenth above the highest share drawn, at most 1; a tenth where none is drawn."""
    return max(0.1, min(1.0, -(-highest * 1.02 // 0.1) * 0.1))


def from_zero(highest: float) -> tuple[float, float]:
    """An axis of shares that begins at nothing."""
    return 0.0, upper_limit(highest)


def counts_of(groups: Iterable[tuple[str, object, object]]) -> str:
    """Groups with their counts, for captions: label, numerator, denominator."""
    return "; ".join(f"{label}: {part} of {whole}" for label, part, whole in groups)


def lower_first(label: str) -> str:
    """A label inside a sentence."""
    return label[:1].lower() + label[1:]


# --- dismissal rates ------------------------------------------------------------------------------------------------


def dismissal_rates_by(table: RateTable) -> Chart:
    """Dot and interval chart of the dismissal rate of each group and of everybody.

    table: a RateTable by one column.
    Sorted by rate, then by size, groups marked [u] under the others; hollow dots where the denominator is under 10 and
    none where it is under 5; groups without a rate are named in the notes. The title is about everybody. Raises
    MisconductError when the table has no or several groupings or nobody with a known outcome.
    """
    if len(table.by) != 1:
        raise MisconductError("This chart needs a rate table by one group.")
    if not table.total["denominator"]:
        raise MisconductError(table.nothing)
    marks = rate_marks(table)
    return compose(
        "Dot and interval chart",
        name=f"dismissal_rates_by_{table.by[0]}",
        data=marks,
        title=total_title(table),
        subtitle=rate_subtitle(table),
        definition=table.definition,
        interval_method=table.interval_method,
        lines=[f"{mark['label']}: {rate_line(mark, table.cases)}." for _, mark in marks.iterrows()],
        notes=rate_notes(table),
        sources=table.sources,
        plot=_rate_plot(marks),
        counted=counts_of([(marks["label"].iloc[0], table.total["numerator"], table.total["denominator"])]),
        where=table.filter,
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
    groups = table.groups[table.groups["denominator"] > 0]
    order = ["reliability", "rate", "denominator", column]  # "ok" stands before "u"
    groups = groups.sort_values(order, ascending=[True, False, False, True], kind="stable")
    marks = pd.concat([table.with_total.iloc[:1], groups], ignore_index=True)
    labels = [TOTALS.get(column, "Everybody"), *(group_label(column, code) for code in groups[column])]
    marks.insert(1, "label", pd.Series(labels, dtype="str"))
    return marks


def total_title(table: RateTable) -> str:
    """The finding about everybody in a RateTable, led by what it is filtered by."""
    who = table.among_label
    is_people = table.counted == "people"
    what = str(vocabulary.entry("numerator", table.count)["title" if is_people else "ended"])
    first = " as first type" if table.primary_only else ""
    only = "".join(f"{kept}{first if column == 'complaint_type' else ''}: " for column, kept in table.only.items())
    total = table.total
    if table.unavailable:
        return f"{only}{who} are not known: {table.unavailable}"
    if not total["denominator"]:
        return f"{only}no {who} whose outcome is known"
    if total["reliability"] != "ok":
        return f"{only or 'F'}{'f' if only else ''}ewer than {SMALL} {who}: too few for a reliable share"
    counts = count_words(total, table.cases, who)
    return f"{only}{counts}{'' if counts.endswith(who) else ','} {'were' if is_people else 'ended'} {what}"


def group_words(table: RateTable, column: str, code: str) -> str:
    """The label of a group of a RateTable, with what is special about it: Sexual misconduct as first type."""
    first = " as first type" if table.primary_only and column == "complaint_type" else ""
    return group_label(column, code) + first


def rate_subtitle(table: RateTable) -> str:
    """Measure, group, place and period."""
    who, what = table.among_label, table.share_label
    only = "".join(f" Only {only}." for only in table.only.values())
    by = GROUP_NAMES.get(table.by[0], table.by[0].replace("_", " "))
    by = f"first {by} only" if table.primary_only and table.by[0] == "complaint_type" else by
    return f"Share {what} among {who}, by {by}.{only} {place_and_period(table.sources)}"


def rate_notes(table: RateTable) -> tuple[str, ...]:
    """What a reader must know to read the chart rightly."""
    column, total = table.by[0], table.total
    dots = DOTS.replace("people", table.counted)
    notes = [dots]
    if total["denominator"] >= FEW:
        notes = [f"{dots} Dashed line: {lower_first(TOTALS.get(column, 'everybody'))}."]
    notes += [f"{ALLEGED} {FIRST_TYPE if table.primary_only else EACH_TYPE}"] if column == "complaint_type" else []
    notes += table.notes
    who = table.counted.replace("people", "person") if total["unknown_outcomes"] == 1 else table.counted
    notes.append(f"Left out because their outcome is not known: {total['unknown_outcomes']:,} {who}.")
    if total["denominator"] + total["unknown_outcomes"] >= FEW:
        bounds = f"{percent(total['rate_if_none_dismissed'])} and {percent(total['rate_if_all_dismissed'])}"
        notes[-1] += f" With them the overall share would be between {bounds}."
    notes += [outside(table.among, table.unstated, table.counted)] if table.unstated else []
    missing = table.groups[table.groups["denominator"] == 0]
    if len(missing):
        notes.append(
            f"No rate, because no outcome is known: {', '.join(group_label(column, c) for c in missing[column])}."
        )
    return tuple(notes)


def _rate_plot(marks: pd.DataFrame) -> Rows:
    """One row a mark; the total, the first of them, as a line through all rows."""
    everybody = marks.iloc[0]
    rows = []
    for place, mark in marks.iterrows():
        few, small, total = mark["denominator"] < FEW, mark["reliability"] == "u", place == 0
        rows.append(
            Row(
                mark["label"],
                rate_in_words(mark),
                nothing if few else dot(mark["rate"], mark["low"], mark["high"], PINK if total else BLUE, small),
                0.0 if few else float(mark["high"]),
                float(mark["denominator"]),
                bold=total,
                is_total=total,
                is_apart=small and everybody["reliability"] == "ok",
            )
        )

    def finish(axes: Axes) -> None:
        if everybody["denominator"] >= FEW:
            axes.axvline(float(everybody["rate"]), color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        in_percent(axes)

    return Rows(tuple(rows), from_zero, finish, "groups")


def _extreme(rates: pd.DataFrame, rate: float) -> pd.Series:
    """The row with a rate; of several the largest."""
    return rates[rates["rate"] == rate].sort_values("denominator", ascending=False, kind="stable").iloc[0]


def _extremes(rates: pd.DataFrame) -> str:
    """The counts behind the lowest and the highest rate, for captions; nothing where one has no counts."""
    low, high = (_extreme(rates, rate) for rate in (rates["rate"].min(), rates["rate"].max()))
    if pd.isna(low["denominator"]) or pd.isna(high["denominator"]):
        return ""
    return f"From {low['numerator']:,} of {low['denominator']:,} to {high['numerator']:,} of {high['denominator']:,}"


# --- how far a rate could move --------------------------------------------------------------------------------------


def bounds_chart(
    assumptions: pd.DataFrame, name: str, title: str, subtitle: str, definition: str, sources: Sequence[Source]
) -> Chart:
    """How a rate moves under each assumption: one row an assumption, with the count behind it.

    assumptions: label, numerator, denominator, rate, low, high (95 % interval), in the order to be drawn; the first
    is the published definition and is drawn in another colour.
    """
    notes = ("Dots: share. Lines: 95% interval, people in one case counted together.",)
    rows = [
        Row(
            row.label,
            f"{row.numerator} of {row.denominator} = {percent(row.rate)}",
            dot(row.rate, row.low, row.high, PINK if level == 0 else BLUE, hollow=False),
            row.high,
            row.denominator,
            bold=level == 0,
            is_kept=True,
        )
        for level, row in enumerate(assumptions.itertuples())
    ]
    lines = [
        f"{row.label}: {row.numerator} of {row.denominator}, {percent(row.rate)}, "
        f"95% interval {percent_range(row.low, row.high)}."
        for row in assumptions.itertuples()
    ]
    return compose(
        "Dot and interval chart",
        name=name,
        data=assumptions,
        title=title,
        subtitle=subtitle,
        definition=definition,
        interval_method="95 % Wilson score interval on the effective sample size",
        lines=lines,
        notes=notes,
        sources=sources,
        plot=Rows(tuple(rows), from_zero, in_percent),
        counted=_extremes(assumptions),
        measure=subtitle.split(". ")[0],
    )


# --- attrition ------------------------------------------------------------------------------------------------------


def attrition_chart(
    stages: pd.DataFrame, title: str, subtitle: str, definition: str, sources: Sequence[Source]
) -> Chart:
    """How many people reach each stage, as bars: stages as comparisons.attrition returns them."""
    notes = (
        "Counts of people, not estimates. A stage need not be contained in the one above it: sources do not always say "
        "all.",
    )

    def bar(share: float, colour: str) -> Callable[[Axes, float], None]:
        def draw(axes: Axes, height: float) -> None:
            axes.barh(height, share, height=0.13, color=colour)  # inches

        return draw

    rows = [
        Row(
            str(row.stage),
            f"{row.n} = {percent(row.of_first)}",
            bar(row.of_first, PINK if level == len(stages) - 1 else BLUE),
            1.0,
            row.n,
            bold=level == len(stages) - 1,
            is_kept=True,
        )
        for level, row in enumerate(stages.itertuples())
    ]
    lines = [f"{row.stage}: {row.n}, {percent(row.of_first)} of the first." for row in stages.itertuples()]
    return compose(
        "Bar chart",
        name="from_case_to_answer_to_dismissal",
        data=stages,
        title=title,
        subtitle=subtitle,
        definition=definition,
        interval_method="none: counts of the people in the data",
        lines=lines,
        notes=notes,
        sources=sources,
        plot=Rows(tuple(rows), from_zero, in_percent),
    )


# --- concentration --------------------------------------------------------------------------------------------------


def concentration_chart(
    data: pd.DataFrame,
    people: int,
    stated: str,
    title: str,
    subtitle: str,
    definition: str,
    sources: Sequence[Source],
) -> Chart:
    """The share of complaints about the most complained-about people, observed and by chance: two rows a group.

    data, people: as concentration.Concentration has them; stated: where the number of people is from.
    """
    rows, lines, marks = [], [], []
    top = data.iloc[-1]
    for row in data.itertuples():
        who = f"The {row.group:.0%} with most"
        for what, at, low, high in (
            ("observed", row.share, row.low, row.high),
            ("by chance alone", row.by_chance, row.chance_low, row.chance_high),
        ):
            observed = what == "observed"
            words, colour = f"{percent(at)} of complaints", PINK if observed else GREY
            rows.append(
                Row(
                    f"{who}: {what}", words, dot(at, low, high, colour, not observed), high, row.n_people, bold=observed
                )
            )
            lines.append(f"{who} ({row.n_people:,} people), {what}: {percent(at)}, {percent_range(low, high)}.")
            marks.append([f"{who}: {what}", row.n_people, at, low, high])
    notes = (
        "Filled: observed, with a 95% bootstrap interval. Hollow: if every complaint fell on anybody alike, with the "
        "range of 95% of such allocations.",
        stated,
        "Exposure is not known: people who meet the public more often have more complaints at equal conduct.",
    )
    return compose(
        "Dot and interval chart",
        name="repeat_complaints",
        data=pd.DataFrame(marks, columns=["label", "n_people", "rate", "low", "high"]),
        title=title,
        subtitle=subtitle,
        definition=definition,
        interval_method="95 % bootstrap over people; 95 % of random allocations",
        lines=lines,
        notes=notes,
        sources=sources,
        plot=Rows(tuple(rows), from_zero, in_percent),
        measure="Share of all complaints about the people with most of them.",
        counted=f"They are {int(top['n_people']):,} of {people:,} people",
    )


# --- published rates ------------------------------------------------------------------------------------------------


def _published_counts(row: Any) -> str:
    """The counts of a published rate, or that there are none."""
    return f"{row.numerator} of {row.denominator:,}" if row.has_counts else "no counts"


def _published_share(row: Any) -> str:
    """The share of a published rate with its mark: 12.5% [u] out of fewer than SMALL, [u] alone under FEW."""
    return rate_cell({**row._asdict(), "reliability": "u" if row.has_counts and row.denominator < SMALL else "ok"})


def for_titles(rates: pd.DataFrame) -> pd.DataFrame:
    """The rows of a forest table that a title may speak of: no group under 10, unless there is no other."""
    reliable = rates[~rates["has_counts"] | (rates["denominator"] >= SMALL)]
    return reliable if len(reliable) else rates


def published_rates_chart(
    rates: pd.DataFrame, name: str, title: str, subtitle: str, sources: Sequence[Source]
) -> Chart:
    """Forest plot of published rates, one row a rate, marked by quality.

    rates: label, type, who (out of whom, in words), numerator, denominator, rate, low, high (plain Wilson interval:
    published counts do not say which people share a case), has_counts and quality, in the order to be drawn.
    """
    notes: tuple[str, ...] = (
        "Filled dots: quality A, official pair of counts. Grey dots: B, secondary report. Hollow dots: C, percentage "
        "only, mixed units or partly inferred. Lines: 95% Wilson interval.",
        "Rates differ in what they are a share of, in unit and in period: compare only like with like.",
    )
    if (rates["denominator"] < SMALL).any():
        notes += (f"[u]: out of fewer than {SMALL}, low reliability; fewer than {FEW}: counts only.",)
    reliable = for_titles(rates)
    ends = (reliable["rate"].min(), reliable["rate"].max())
    named = [_extreme(reliable, rate).name for rate in ends]  # in the title

    rows, lines = [], []
    for row in rates.itertuples():
        few, share = row.denominator < FEW, _published_share(row)
        colour = {"A": BLUE, "B": GREY, "C": GREY}[row.quality]
        rows.append(
            Row(
                row.label,
                f"{_published_counts(row)}{' ' if few else ' = ' if row.has_counts else ': '}{share}",
                nothing if few else dot(row.rate, row.low, row.high, colour, row.quality == "C"),
                0.0 if few else row.rate if pd.isna(row.high) else row.high,
                float(row.denominator),
                under=f"{row.type}: of {row.who}",
                is_kept=row.Index in named,
            )
        )
        interval = "" if few else f", 95% interval {percent_range(row.low, row.high)}"
        lines.append(
            f"{row.label}, {lower_first(row.type)}: {_published_counts(row)}, {row.who}, {share}{interval}, "
            f"quality {row.quality}."
        )
    return compose(
        "Forest plot",
        name=name,
        data=rates,
        title=title,
        subtitle=subtitle,
        definition="Each rate is dismissals over the group that its own source gives; no rate mixes sources.",
        interval_method="95 % Wilson score interval",
        lines=lines,
        notes=notes,
        sources=sources,
        plot=Rows(tuple(rows), from_zero, in_percent, "published rates"),
        counted=_extremes(reliable),
    )
