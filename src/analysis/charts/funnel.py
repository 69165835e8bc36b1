"""The funnel plot: forces against limits around everybody's rate, wider the fewer people a force has."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import TOTALS, counts_of, whole
from analysis.charts.page import Area
from analysis.charts.style import BLACK, BLUE, GREY, PINK
from analysis.counting.funnel import LIMITS, TOO_FEW, WHERE, Funnel, binomial_limit
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import FEW, FEW_CASES, SMALL, count_words, p_words, percent
from analysis.errors import MisconductError
from analysis.provenance.sources import place_and_period

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
    own = ((highlight, row.numerator, row.denominator) for row in data[data[column] == highlight].itertuples())
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
        notes=(_limits_note(found, table.counted), UNRANKED.replace("People", table.counted.capitalize())),
        interval_method="exact binomial limits at 95 % and 99.8 % (Spiegelhalter 2005); "
        f"{table.counted} in one case count as fewer",
        counted=counts_of([*own, everybody]),
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


def _limits_note(found: Funnel, counted: str) -> str:
    """How to read the limits, and how much chance alone does."""
    chance = f" ({p_words(found.outside_95.p)} for as many outside the 95% limits)" if found.outside_95.observed else ""
    return (
        f"Dashed: 95% limits; solid: 99.8% limits (exact, so they step with whole people) around the overall rate of "
        f"{percent(found.target)}. By chance: outcomes exchanged among {found.cases}{chance}. {found.dispersion_words} "
        f"Hollow dots [u]: fewer than {SMALL} {counted} or {FEW_CASES} {found.cases}, not classified; fewer than {FEW} "
        f"{counted}: no dot."
    )


def _draw(axes: Axes, points: float, found: Funnel, data: pd.DataFrame, highlight: str, counted: str) -> None:
    """The limits, a dot for each group, and the axes, in a font of `points`."""
    seen, classified = data[data["denominator"] >= FEW], found.classified
    most = float(data["n_effective"].max()) * 1.08
    top = max(seen["rate"].max(), 2 * found.target)
    if len(classified):  # the limits of sizes that are classified
        sizes = np.linspace(classified["n_effective"].min(), most, 400)
        top = max(top, classified["high_998"].max())
        for levels, line in zip(LIMITS.values(), ((0, (4, 3)), "solid"), strict=True):
            for level in levels:
                limit = binomial_limit(found.target, sizes, level)
                axes.plot(sizes, limit, color=GREY, linewidth=1, linestyle=line, zorder=1)
    top *= 1.3  # with room for the name
    axes.axhline(found.target, color=PINK, linewidth=1.2, zorder=1)
    for group, row in zip(seen.iloc[:, 0], seen.itertuples(), strict=True):
        chosen = group == highlight
        colour = PINK if chosen else BLUE
        dot: dict[str, Any] = {
            "marker": "o",
            "markersize": 9 if chosen else 6.5,
            "markeredgewidth": 1.5,
            "linestyle": "none",
        }
        face = "white" if row.position == TOO_FEW else colour
        axes.plot([row.n_effective], [row.rate], markeredgecolor=colour, markerfacecolor=face, zorder=3, **dot)
        if chosen:
            _name(axes, f"{highlight}:\n{row.numerator} of {row.denominator}", row.n_effective, row.rate, most, top)
    axes.set(xlim=(0, most), ylim=(-0.02 * top, top))
    axes.grid(visible=True, axis="y")
    axes.tick_params(length=0, labelsize=points)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(f"Number of {counted}\n(those in one case count as fewer)", fontsize=points)


def _name(axes: Axes, words: str, n: float, rate: float, most: float, top: float) -> None:
    """The highlighted group's name and count (on two lines: a phone is narrow), with a line to its dot."""
    font: dict[str, Any] = {
        "color": BLACK,
        "fontweight": "bold",
        "ha": "center",
        "bbox": {"facecolor": "white", "edgecolor": "none"},
        "arrowprops": {"arrowstyle": "-", "color": PINK, "relpos": (0.5, 0)},
    }
    axes.annotate(words, (n, rate), (0.5 * most, 0.88 * top), zorder=4, **font)
