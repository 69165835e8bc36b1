"""Dot and interval charts of a RateTable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from afcharts.af_colours import get_af_colours
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from analysis import vocabulary
from analysis.charts.chart import STYLE, Chart, licence_line, new_figure, source_line, wrapped
from analysis.errors import MisconductError
from analysis.rates import SMALL, RateTable, group_label, percent, percent_range
from analysis.sources import Source

BLUE, _, PINK, *_ = get_af_colours("categorical", number_of_colours=4)  # each at least 3:1 against white
BLACK, GREY = "#1a1a1a", "#595959"
TOTAL_LABEL = "All complaint types"
# Inches. The page is narrow so that it can be read on a phone without zooming.
WIDTH, MARGIN, ROW, AXIS = 5.6, 0.25, 0.46, 0.45
TITLE: dict[str, Any] = {"fontsize": 13.5, "fontweight": "bold", "color": BLACK}
SUBTITLE: dict[str, Any] = {"fontsize": 10, "color": BLACK}
NOTE: dict[str, Any] = {"fontsize": 8.5, "color": GREY}
LINE = 1.28 / 72  # height of a line of text, in inches a point

Block = tuple[list[str], dict[str, Any], float]  # lines, font, and the gap after them in inches


def dismissal_rates_by_complaint_type(table: RateTable, sources: Sequence[Source]) -> Chart:
    """Dot and interval chart of the dismissal rate for each complaint type and for everybody.

    table: a RateTable by complaint_type. sources: its sources (their source.yml), for source line and licence.
    Sorted by rate, then by size; hollow dots where the denominator is under 10; groups without a rate are named in
    the notes. Raises MisconductError when the table has another grouping or nobody with a known outcome.
    """
    if table.by != ("complaint_type",):
        raise MisconductError("This chart needs a rate table by complaint_type alone.")
    if not table.total["denominator"]:
        raise MisconductError("There is nobody with a known outcome in this group, so there is nothing to draw.")
    marks = _marks(table)
    title, subtitle = _title(table, marks), _subtitle(table, sources)
    notes = _notes(table, marks)
    with style.context(STYLE):
        figure = _draw(table, marks, title, subtitle, notes, sources)
    return Chart(
        name="dismissal_rates_by_complaint_type",
        figure=figure,
        data=marks,
        title=title,
        subtitle=subtitle,
        definition=table.definition,
        notes=notes,
        sources=tuple(sources),
        alt_text=_alt_text(table, marks, title, subtitle, notes, sources),
        interval_method=table.interval_method,
    )


def _marks(table: RateTable) -> pd.DataFrame:
    """What is drawn, top to bottom: the total, then every group that has a rate; a column `label` is added."""
    groups = table.groups[table.groups["denominator"] > 0]
    groups = groups.sort_values(
        ["rate", "denominator", "complaint_type"], ascending=[False, False, True], kind="stable"
    )
    marks = pd.concat([table.data.iloc[:1], groups], ignore_index=True)
    labels = [TOTAL_LABEL, *(group_label("complaint_type", code) for code in groups["complaint_type"])]
    marks.insert(1, "label", pd.Series(labels, dtype="str"))
    return marks


def _title(table: RateTable, marks: pd.DataFrame) -> str:
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
    highest = f"{top['label'][0].lower()}{top['label'][1:]} was alleged ({top['numerator']} of {top['denominator']})"
    return f"{overall}; most often where {highest}"


def _subtitle(table: RateTable, sources: Sequence[Source]) -> str:
    """Measure, group, place and period."""
    who, what = vocabulary.label("denominator", table.among), vocabulary.label("numerator", table.count)
    places = ", ".join(dict.fromkeys(source.jurisdiction for source in sources))
    only = "".join(f" Only {group_label(column, value)}." for column, value in table.where.items())
    coverage = " ".join(f"{source.coverage}." for source in sources)
    return f"Share {what} among {who}, by complaint type, {places}.{only} {coverage}"


def _notes(table: RateTable, marks: pd.DataFrame) -> tuple[str, ...]:
    """What a reader must know to read the chart rightly."""
    unknown = table.total["unknown_outcomes"]
    notes = [
        "Dots: share. Lines: 95% interval, people in one case counted together. Dashed line: all complaint types. "
        f"Hollow dots [u]: fewer than {SMALL} people, low reliability.",
        "A complaint type is what was alleged, not what was found. A person counts under each type alleged, so rows "
        "do not add up.",
        f"Left out because their outcome is not known: {unknown} people. With them the overall share would be between "
        f"{percent(table.total['rate_if_none_dismissed'])} and {percent(table.total['rate_if_all_dismissed'])}.",
    ]
    missing = table.groups[table.groups["denominator"] == 0]
    if len(missing):
        labels = ", ".join(group_label("complaint_type", code) for code in missing["complaint_type"])
        notes.append(f"No rate, because no outcome is known: {labels}.")
    return tuple(notes)


def _alt_text(
    table: RateTable,
    marks: pd.DataFrame,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    sources: Sequence[Source],
) -> str:
    """The chart in words, with every figure in it."""
    lines = [f"Dot and interval chart. {title}.", subtitle]
    for mark in marks.itertuples():
        small = " [u]" if mark.reliability == "u" else ""
        lines.append(
            f"{mark.label}: {mark.numerator} of {mark.denominator}, {percent(mark.rate)}{small}, "
            f"95% interval {percent_range(mark.low, mark.high)}."
        )
    return "\n".join([*lines, *notes, source_line(sources)])


def _draw(
    table: RateTable,
    marks: pd.DataFrame,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    sources: Sequence[Source],
) -> Figure:
    """The picture: heading, one row a mark (label and count above its dot and interval), axis, notes and source."""
    figure = new_figure(WIDTH, 1)
    footer = [*notes, f"{source_line(sources)} Licence: {licence_line(sources)}."]
    blocks: list[Block] = [
        (wrapped(figure, title, WIDTH - 2 * MARGIN, **TITLE), TITLE, 0.10),
        (wrapped(figure, subtitle, WIDTH - 2 * MARGIN, **SUBTITLE), SUBTITLE, 0.12),
    ]
    ends: list[Block] = [(wrapped(figure, note, WIDTH - 2 * MARGIN, **NOTE), NOTE, 0.06) for note in footer]

    def block_height(lines: list[str], font: dict[str, Any], gap: float) -> float:
        return len(lines) * font["fontsize"] * LINE + gap

    head, foot = (sum(block_height(*block) for block in part) for part in (blocks, ends))
    plot = ROW * len(marks)
    height = MARGIN + head + plot + AXIS + foot + MARGIN
    figure.set_size_inches(WIDTH, height)

    top = height - MARGIN
    for part, start in ((blocks, top), (ends, top - head - plot - AXIS)):
        for lines, font, gap in part:
            for number, line in enumerate(lines):
                y = start - (number + 0.78) * font["fontsize"] * LINE
                figure.text(MARGIN / WIDTH, y / height, line, **font)
            start -= block_height(lines, font, gap)

    bottom = (MARGIN + foot + AXIS) / height
    axes = figure.add_axes((MARGIN / WIDTH, bottom, 1 - 2 * MARGIN / WIDTH, plot / height))
    _draw_rows(axes, marks)
    return figure


def _draw_rows(axes: Axes, marks: pd.DataFrame) -> None:
    """One row a mark on `axes`, the first at the top; the total as a line through all rows."""
    limit = min(1.0, -(-float(marks["high"].max()) * 1.02 // 0.1) * 0.1)
    axes.set(xlim=(0, limit), ylim=(len(marks), 0))
    axes.axvline(float(marks["rate"].iloc[0]), color=PINK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    for above, (_, mark) in enumerate(marks.iterrows()):
        colour, weight = (PINK, "bold") if above == 0 else (BLUE, "normal")
        words, line = above + 0.30, above + 0.70
        hollow = mark["reliability"] == "u"
        axes.plot([mark["low"], mark["high"]], [line, line], color=colour, linewidth=2, zorder=2, clip_on=False)
        axes.plot(
            [mark["rate"]],
            [line],
            marker="o",
            markersize=8,
            markeredgewidth=1.8,
            markeredgecolor=colour,
            markerfacecolor="white" if hollow else colour,
            linestyle="none",
            zorder=3,
            clip_on=False,
        )
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(0, words, mark["label"], va="center", ha="left", fontweight=weight, color=BLACK, bbox=behind)
        small = " [u]" if hollow else ""
        text = f"{mark['numerator']} of {mark['denominator']} = {percent(mark['rate'])}{small}"
        axes.text(limit, words, text, va="center", ha="right", fontweight=weight, color=BLACK, bbox=behind)
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0, labelsize=9)
