"""The funnel plot: forces against limits around everybody's rate, wider the fewer people a force has."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.labels import Box, place
from analysis.charts.marks import TOTALS, counts_of, whole
from analysis.charts.page import LINE, Area
from analysis.charts.rate_dots import finding
from analysis.charts.style import BLACK, BLUE, GREY, PINK
from analysis.charts.text import width_of
from analysis.counting.funnel import INSIDE, LIMITS, TOO_FEW, WHERE, Funnel, binomial_limit
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import FEW, FEW_CASES, SMALL, count_words, p_words, percent
from analysis.errors import MisconductError
from analysis.provenance.sources import place_and_period

LEADER = 0.3  # inches from a dot to its name, from which on a line joins them
UNRANKED = (
    "People in one case share its outcome, so they count as fewer. Outside the limits does not mean better or "
    "worse, because cases differ; inside them does not mean alike, because most numbers are small."
)


def funnel_plot(table: RateTable, found: Funnel, highlight: str) -> Chart:
    """Each group's rate by its size, with exact limits at 95 % and 99.8 % around everybody's rate.

    table: the RateTable by one column that `found` (counting.funnel) was made from. highlight: the group drawn in
    another colour and, where it has people, told first in the title. No group is ranked. MisconductError when no group
    has people enough for a dot.
    """
    column = table.by[0]
    if found.data["denominator"].max() < FEW:
        raise MisconductError(f"No {column.replace('_', ' ')} has {FEW} people or more, so there is nothing to draw.")
    who, what = table.among_label, table.share_label
    data = found.data.sort_values(["denominator", column], ascending=[False, True]).reset_index(drop=True)
    title = "; ".join(part for part in (found.group_words(highlight), found.outside_words()) if part)
    own = [table.row({column: highlight})] if (data[column] == highlight).any() else []
    counts = [(highlight, row["numerator"], row["denominator"]) for row in own]
    told = next((row for row in own if row["reliability"] == "ok"), None)  # of others the title says why not
    everybody = (TOTALS.get(column, whole(table.counted)), table.total["numerator"], table.total["denominator"])
    words = Words(
        title=title[:1].upper() + title[1:],
        subtitle=f"Share {what} among {who}, by {column} and number of {table.counted}. "
        f"{place_and_period(table.sources)}",
        definition=table.definition,
        lines=[
            f"{row[column]}: {count_words(row, table.cases)}, {_share(row)}{WHERE[row['position']]}."
            for row in data.to_dict("records")
        ],
        notes=(*_limits_notes(found, table.counted), UNRANKED.replace("People", table.counted.capitalize())),
        interval_method="exact binomial limits at 95 % and 99.8 % (Spiegelhalter 2005); "
        f"{table.counted} in one case count as fewer",
        counted=counts_of([*counts, everybody]),
        copied="" if told is None else f"{highlight}: {finding(table, told)}",
        row=told,
    )
    plot = Area(
        lambda axes, points: _draw(axes, points, found, data, highlight, table.counted),
        height=3.6,
        below=0.72,
        left=0.45,
    )
    return compose("Funnel plot", f"funnel_by_{column}", words, data, plot, table.sources)


def _share(row: Mapping[Hashable, Any]) -> str:
    """A group's share in the alt text; nothing under FEW people."""
    mark = " [u]" if row["position"] == TOO_FEW else ""
    return "" if row["denominator"] < FEW else f"{percent(row['rate'])}{mark}, "


def _limits_notes(found: Funnel, counted: str) -> tuple[str, ...]:
    """How to read the limits, how much chance alone does, and what a hollow dot is."""
    chance = f" ({p_words(found.outside_95.p)} for as many outside the 95% limits)" if found.outside_95.observed else ""
    return (
        f"Dashed: 95% limits; solid: 99.8% limits, exact, around {percent(found.target)} overall. Hollow dots [u]: "
        f"fewer than {SMALL} {counted} or {FEW_CASES} {found.cases}; fewer than {FEW} {counted}: no dot.",
        f"By chance: outcomes exchanged among {found.cases}{chance}. {found.dispersion_words}",
    )


def _draw(axes: Axes, points: float, found: Funnel, data: pd.DataFrame, highlight: str, counted: str) -> None:
    """The limits, a dot for each group, the names of some, and the axes, in a font of `points`."""
    seen, classified = data[data["denominator"] >= FEW], found.classified
    most = float(data["n_effective"].max()) * 1.08
    top = max(seen["rate"].max(), 2 * found.target)
    if len(classified):  # the limits of sizes that are classified; the axis ends where dots and 95 % limits do
        sizes = np.linspace(classified["n_effective"].min(), most, 400)
        top = max(top, classified["high_95"].max())
        for levels, line in zip(LIMITS.values(), ((0, (4, 3)), "solid"), strict=True):
            for level in levels:
                limit = binomial_limit(found.target, sizes, level)
                axes.plot(sizes, limit, color=GREY, linewidth=1, linestyle=line, zorder=1)
    axes.axhline(found.target, color=PINK, linewidth=1.2, zorder=1)
    axes.set(xlim=(0, most), ylim=(-0.03 * top, 1.1 * top))
    for group, row in zip(seen.iloc[:, 0], seen.itertuples(), strict=True):
        _dot(axes, row, PINK if group == highlight else BLUE, 9 if group == highlight else 6.5)
    _name(axes, points, seen, highlight, found.target)
    axes.grid(visible=True, axis="y")
    axes.tick_params(length=0, labelsize=points)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(f"Number of {counted}\n(those in one case count as fewer)", fontsize=points)


def _dot(axes: Axes, row: Any, colour: str, across: float) -> None:
    face = "white" if row.position == TOO_FEW else colour
    dot: dict[str, Any] = {"marker": "o", "markersize": across, "markeredgewidth": 1.5, "linestyle": "none"}
    axes.plot(
        [row.n_effective], [row.rate], markeredgecolor=colour, markerfacecolor=face, zorder=3, clip_on=False, **dot
    )


def _name(axes: Axes, points: float, seen: pd.DataFrame, highlight: str, overall: float) -> None:
    """Name and count of the highlighted group and of those outside limits, beside their dots, off the line of all."""
    width, height = (float(pixels) / axes.figure.dpi for pixels in axes.bbox.size)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    wide, high = width / (right - left), height / (top - bottom)  # inches of one
    pairs = zip(seen["n_effective"], seen["rate"], strict=True)
    dots = [((float(n) - left) * wide, (float(rate) - bottom) * high) for n, rate in pairs]
    groups = seen.iloc[:, 0]
    named = seen[(groups == highlight) | ~seen["position"].isin([INSIDE, TOO_FEW])]
    line = (overall - bottom) * high
    taken = [Box(0, line, width, line)]
    for at in sorted(named.index, key=lambda at: groups[at] != highlight):  # the highlighted one is the first to choose
        bold = groups[at] == highlight
        lines = [f"{groups[at]}:", f"{seen['numerator'][at]} of {seen['denominator'][at]}"]
        size = max(width_of(line, points, bold) for line in lines), len(lines) * points * LINE
        dot = dots[[*seen.index].index(at)]
        box = place(dot, size, (width, height), dots, taken)
        taken.append(box)
        x, y = left + box.centre[0] / wide, bottom + box.centre[1] / high
        font: dict[str, Any] = {"fontsize": points, "color": BLACK, "fontweight": "bold" if bold else "normal"}
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        if box.gap(Box(*dot, *dot)) > LEADER:
            axes.plot([seen["n_effective"][at], x], [seen["rate"][at], y], color=GREY, linewidth=0.8, zorder=1.2)
        axes.text(x, y, "\n".join(lines), ha="center", va="center", zorder=2, bbox=behind, **font)
