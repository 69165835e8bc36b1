"""Charts of rows: a label and its figure above a dot, an interval or a bar. Each takes a table and returns a Chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from afcharts.af_colours import get_af_colours
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator, PercentFormatter

from analysis import vocabulary
from analysis.charts.chart import Chart, compose
from analysis.errors import MisconductError
from analysis.rates import ALL, SMALL, RateTable, group_label, percent, percent_range
from analysis.sources import Source

BLUE, _, PINK, *_ = get_af_colours("categorical", number_of_colours=4)  # each at least 3:1 against white
BLACK, GREY = "#1a1a1a", "#595959"
ROW = 0.46  # inches
TOTALS = {"complaint_type": "All complaint types", "force": "All forces"}
GROUP_NAMES = {"vawg": "what the case has to do with violence against women and girls"}  # in subtitles
GROUP_WORDS = {  # how a group stands in a title after "most often": the row's label in lower case in between
    "complaint_type": ("where", "was alleged"),
    "discrimination_ground": ("where the ground was", ""),
    "vawg": ("for", ""),
}
ALLEGED = (
    "A complaint type is what was alleged, not what was found. A person counts under each type alleged, so rows do "
    "not add up."
)
DOTS = (
    "Dots: share. Lines: 95% interval, people in one case counted together. "
    f"Hollow dots [u]: fewer than {SMALL} people, low reliability."
)
LEVEL_LABEL, LEVEL_MARK = 0.30, 0.70  # where in its row the words and the mark are


def draw_row_words(axes: Axes, level: float, left: str, right: str, limits: tuple[float, float], bold: bool) -> None:
    """The label and the figure above a mark, at both ends of the row."""
    font: dict[str, Any] = {"va": "center", "color": BLACK, "fontweight": "bold" if bold else "normal"}
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    axes.text(limits[0], level + LEVEL_LABEL, left, ha="left", bbox=behind, **font)
    axes.text(limits[1], level + LEVEL_LABEL, right, ha="right", bbox=behind, **font)


def draw_dot(axes: Axes, level: float, at: float, low: float, high: float, colour: str, hollow: bool) -> None:
    """A dot with its interval on one row; only the interval where `at` is missing."""
    line = level + LEVEL_MARK
    axes.plot([low, high], [line, line], color=colour, linewidth=2, zorder=2, clip_on=False)
    if pd.notna(at):
        face = "white" if hollow else colour
        dot: dict[str, Any] = {"marker": "o", "markersize": 8, "markeredgewidth": 1.8, "linestyle": "none"}
        axes.plot([at], [line], markeredgecolor=colour, markerfacecolor=face, zorder=3, clip_on=False, **dot)


def finish_rows(axes: Axes, rows: int, limits: tuple[float, float]) -> None:
    """Limits, grid and ticks of a chart of `rows` rows, the first at the top."""
    axes.set(xlim=limits, ylim=(rows, 0))
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0, labelsize=9)


def upper_limit(highest: float) -> float:
    """The next tenth above the highest share drawn, at most 1."""
    return min(1.0, -(-highest * 1.02 // 0.1) * 0.1)


def place_and_period(sources: Sequence[Source]) -> str:
    """Where and when the sources are about."""
    places = ", ".join(dict.fromkeys(source.jurisdiction for source in sources))
    return f"{places}. " + " ".join(f"{source.coverage}." for source in sources)


def lower_first(label: str) -> str:
    """A label inside a sentence."""
    return label[:1].lower() + label[1:]


# --- dismissal rates ------------------------------------------------------------------------------------------------


def dismissal_rates_by_complaint_type(table: RateTable, sources: Sequence[Source]) -> Chart:
    """`dismissal_rates_by` for a table by complaint_type alone; MisconductError for any other."""
    if table.by != ("complaint_type",):
        raise MisconductError("This chart needs a rate table by complaint_type alone.")
    return dismissal_rates_by(table, sources)


def dismissal_rates_by(table: RateTable, sources: Sequence[Source]) -> Chart:
    """Dot and interval chart of the dismissal rate of each group and of everybody.

    table: a RateTable by one column. sources: its sources (their source.yml), for source line and licence.
    Sorted by rate, then by size; hollow dots where the denominator is under 10; groups without a rate are named in
    the notes. Raises MisconductError when the table has no or several groupings or nobody with a known outcome.
    """
    if len(table.by) != 1:
        raise MisconductError("This chart needs a rate table by one group.")
    if not table.total["denominator"]:
        raise MisconductError("There is nobody with a known outcome in this group, so there is nothing to draw.")
    marks = _rate_marks(table)
    title, subtitle = _rate_title(table, marks), _rate_subtitle(table, sources)
    notes = _rate_notes(table)
    lines = [
        f"{mark.label}: {mark.numerator} of {mark.denominator}, {percent(mark.rate)}{_small(mark.reliability)}, "
        f"95% interval {percent_range(mark.low, mark.high)}."
        for mark in marks.itertuples()
    ]
    return compose(
        "Dot and interval chart",
        name=f"dismissal_rates_by_{table.by[0]}",
        data=marks,
        title=title,
        subtitle=subtitle,
        definition=table.definition,
        interval_method=table.interval_method,
        lines=lines,
        notes=notes,
        sources=sources,
        plot_height=ROW * len(marks),
        draw=lambda axes: _draw_rates(axes, marks),
    )


def _small(reliability: str) -> str:
    return " [u]" if reliability == "u" else ""


def _rate_marks(table: RateTable) -> pd.DataFrame:
    """What is drawn, top to bottom: the total, then every group that has a rate; a column `label` is added."""
    column = table.by[0]
    groups = table.groups[table.groups["denominator"] > 0]
    groups = groups.sort_values(["rate", "denominator", column], ascending=[False, False, True], kind="stable")
    marks = pd.concat([table.data.iloc[:1], groups], ignore_index=True)
    labels = [TOTALS.get(column, "Everybody"), *(group_label(column, code) for code in groups[column])]
    marks.insert(1, "label", pd.Series(labels, dtype="str"))
    return marks


def _rate_title(table: RateTable, marks: pd.DataFrame) -> str:
    """The finding: everybody's rate, and the highest among groups that are reliable."""
    who = vocabulary.label("denominator", table.among)
    what = str(vocabulary.entry("numerator", table.count)["title"])
    total = table.total
    if total["reliability"] != "ok":
        return f"Fewer than {SMALL} {who}: too few for a reliable share"
    overall = f"{total['numerator']} of {total['denominator']:,} {who} were {what}"
    higher = marks[(marks["reliability"] == "ok") & (marks["rate"] > total["rate"])]
    if higher.empty:
        return overall
    top = higher.iloc[0]
    before, after = GROUP_WORDS.get(table.by[0], ("in the group", ""))
    return f"{overall}; most often {before} {lower_first(top['label'])} {after}".rstrip() + (
        f" ({top['numerator']} of {top['denominator']})"
    )


def _rate_subtitle(table: RateTable, sources: Sequence[Source]) -> str:
    """Measure, group, place and period."""
    who, what = vocabulary.label("denominator", table.among), vocabulary.label("numerator", table.count)
    only = "".join(f" Only {group_label(column, value)}." for column, value in table.where.items())
    by = GROUP_NAMES.get(table.by[0], table.by[0].replace("_", " "))
    return f"Share {what} among {who}, by {by}.{only} {place_and_period(sources)}"


def _rate_notes(table: RateTable) -> tuple[str, ...]:
    """What a reader must know to read the chart rightly."""
    column, total = table.by[0], table.total
    notes = [f"{DOTS} Dashed line: {lower_first(TOTALS.get(column, 'everybody'))}."]
    notes += [ALLEGED] if column == "complaint_type" else []
    notes.append(
        f"Left out because their outcome is not known: {total['unknown_outcomes']} people. With them the overall share "
        f"would be between {percent(total['rate_if_none_dismissed'])} and {percent(total['rate_if_all_dismissed'])}."
    )
    missing = table.groups[table.groups["denominator"] == 0]
    if len(missing):
        notes.append(
            f"No rate, because no outcome is known: {', '.join(group_label(column, c) for c in missing[column])}."
        )
    return tuple(notes)


def _draw_rates(axes: Axes, marks: pd.DataFrame) -> None:
    """One row a mark; the total as a line through all rows."""
    limits = (0.0, upper_limit(float(marks["high"].max())))
    axes.axvline(float(marks["rate"].iloc[0]), color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    for level, (_, mark) in enumerate(marks.iterrows()):
        total = mark.iloc[0] == ALL
        colour, hollow = (PINK if total else BLUE), mark["reliability"] == "u"
        draw_dot(axes, level, mark["rate"], mark["low"], mark["high"], colour, hollow)
        words = f"{mark['numerator']} of {mark['denominator']} = {percent(mark['rate'])}{_small(mark['reliability'])}"
        draw_row_words(axes, level, mark["label"], words, limits, bold=total)
    finish_rows(axes, len(marks), limits)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))


# --- how far a rate could move --------------------------------------------------------------------------------------


def bounds_chart(
    assumptions: pd.DataFrame, name: str, title: str, subtitle: str, definition: str, sources: Sequence[Source]
) -> Chart:
    """How a rate moves under each assumption: one row an assumption, with the count behind it.

    assumptions: label, numerator, denominator, rate, low, high (95 % interval), in the order to be drawn; the first
    is the published definition and is drawn in another colour.
    """
    notes = ("Dots: share. Lines: 95% interval, people in one case counted together.",)
    limits = (0.0, upper_limit(float(assumptions["high"].max())))

    def draw(axes: Axes) -> None:
        for level, row in enumerate(assumptions.itertuples()):
            draw_dot(axes, level, row.rate, row.low, row.high, PINK if level == 0 else BLUE, hollow=False)
            words = f"{row.numerator} of {row.denominator} = {percent(row.rate)}"
            draw_row_words(axes, level, row.label, words, limits, bold=level == 0)
        finish_rows(axes, len(assumptions), limits)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))

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
        plot_height=ROW * len(assumptions),
        draw=draw,
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
    limits = (0.0, 1.0)

    def words(row: object) -> str:
        return f"{row.n} = {percent(row.of_first)}"  # type: ignore[attr-defined]

    def draw(axes: Axes) -> None:
        for level, row in enumerate(stages.itertuples()):
            axes.barh(level + LEVEL_MARK, row.of_first, height=0.28, color=PINK if level == len(stages) - 1 else BLUE)
            draw_row_words(axes, level, str(row.stage), words(row), limits, bold=level == len(stages) - 1)
        finish_rows(axes, len(stages), limits)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))

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
        plot_height=ROW * len(stages),
        draw=draw,
    )


# --- risk ratios ----------------------------------------------------------------------------------------------------


def risk_ratio_chart(
    ratios: pd.DataFrame, name: str, reference: str, definition: str, sources: Sequence[Source]
) -> Chart:
    """How many times as often each group is dismissed as the reference group, on a logarithmic axis.

    ratios: a label column `label`, then numerator, denominator, ratio, low, high, p_holm, reliability (as
    comparisons.risk_ratios returns them). Rows without a finite, positive ratio are named in a note and not drawn.
    """
    drawn = ratios[ratios["ratio"].gt(0) & ratios["low"].gt(0) & ratios["high"].lt(float("inf"))].reset_index(drop=True)
    if drawn.empty:
        raise MisconductError("No ratio can be drawn: in every comparison one side has no dismissals.")
    clear = drawn[(drawn["p_holm"] < 0.05) & (drawn["reliability"] == "ok")]
    if clear.empty:
        title = f"No group is clearly dismissed more or less often than {reference}"
    else:
        top = clear.loc[(clear["ratio"].sub(1).abs()).idxmax()]
        title = f"{top['label']}: dismissed {top['ratio']:.1f} times as often as {reference}"
    notes = [
        "Dots: ratio of the two rates. Lines: 95% Koopman score interval, people in one case counted together. "
        "Hollow dots [u]: a group under 10."
    ]
    left_out = ratios[~ratios["label"].isin(drawn["label"])]
    if len(left_out):
        said = "; ".join(f"{row.label} ({row.numerator} of {row.denominator})" for row in left_out.itertuples())
        notes.append(f"Not drawn, because one side has no dismissals: {said}.")
    measure = definition.split(".")[0]
    subtitle = f"Dismissal rate of each group divided by that of {reference}. {measure}. {place_and_period(sources)}"
    limits = (min(0.2, float(drawn["low"].min()) / 1.2), max(5.0, float(drawn["high"].max()) * 1.2))

    def draw(axes: Axes) -> None:
        axes.set_xscale("log")
        axes.axvline(1, color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
        for level, row in enumerate(drawn.itertuples()):
            draw_dot(axes, level, row.ratio, row.low, row.high, BLUE, hollow=row.reliability != "ok")
            words = f"{row.numerator} of {row.denominator}, ratio {row.ratio:.2f}"
            draw_row_words(axes, level, row.label, words, limits, bold=False)
        finish_rows(axes, len(drawn), limits)
        axes.xaxis.set_minor_locator(NullLocator())
        ticks = [
            tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if limits[0] <= tick <= limits[1]
        ]
        axes.set_xticks(ticks)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))

    lines = [
        f"{row.label}: {row.numerator} of {row.denominator}, ratio {row.ratio:.2f}, "
        f"95% interval {row.low:.2f} to {row.high:.2f}, "
        f"p (Holm) {row.p_holm:.3f}."
        for row in drawn.itertuples()
    ]
    return compose(
        "Dot and interval chart",
        name=name,
        data=drawn,
        title=title,
        subtitle=subtitle,
        definition=definition,
        interval_method="95 % Koopman score interval of the ratio, on effective sample sizes",
        lines=lines,
        notes=notes,
        sources=sources,
        plot_height=ROW * len(drawn),
        draw=draw,
    )


# --- published rates ------------------------------------------------------------------------------------------------


def _published_counts(row: Any) -> str:
    """The counts of a published rate, or that there are none."""
    return f"{row.numerator} of {row.denominator:,}" if row.has_counts else "no counts"


def published_rates_chart(
    rates: pd.DataFrame, name: str, title: str, subtitle: str, sources: Sequence[Source]
) -> Chart:
    """Forest plot of published rates, one row a rate, marked by quality.

    rates: label, type, who (out of whom, in words), numerator, denominator, rate, low, high (plain Wilson interval:
    published counts do not say which people share a case), has_counts and quality, in the order to be drawn.
    """
    notes = (
        "Filled dots: quality A, official pair of counts. Grey dots: B, secondary report. Hollow dots: C, percentage "
        "only, mixed units or partly inferred. Lines: 95% Wilson interval.",
        "Rates differ in what they are a share of, in unit and in period: compare only like with like.",
    )
    limits = (0.0, upper_limit(float(rates[["rate", "high"]].max().max())))

    def draw(axes: Axes) -> None:
        for level, row in enumerate(rates.itertuples()):
            colour = {"A": BLUE, "B": GREY, "C": GREY}[row.quality]
            draw_dot(axes, level + 0.08, row.rate, row.low, row.high, colour, hollow=row.quality == "C")
            words = f"{_published_counts(row)}{' = ' if row.has_counts else ': '}{percent(row.rate)}"
            draw_row_words(axes, level - 0.1, row.label, words, limits, bold=False)
            behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
            axes.text(0, level + 0.46, f"{row.type}: of {row.who}", va="center", fontsize=8.5, color=GREY, bbox=behind)
        finish_rows(axes, len(rates), limits)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))

    lines = [
        f"{row.label}, {lower_first(row.type)}: {_published_counts(row)}, {row.who}, {percent(row.rate)}, "
        f"95% interval {percent_range(row.low, row.high)}, quality {row.quality}."
        for row in rates.itertuples()
    ]
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
        plot_height=1.35 * ROW * len(rates),
        draw=draw,
    )
