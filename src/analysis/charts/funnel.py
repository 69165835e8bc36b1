"""The funnel plot: forces against limits around everybody's rate, wider the fewer people a force has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis.charts.chart import Chart, Words, compose
from analysis.charts.marks import TOTALS, counts_of, whole
from analysis.charts.page import Area
from analysis.charts.style import BLACK, BLUE, GREY, PINK
from analysis.counting.funnel import WHERE, Z95, Z998, Funnel, score_limits
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import SMALL, count_words, percent
from analysis.provenance.sources import place_and_period

UNRANKED = (
    "People in one case share its outcome, so they count as fewer. Outside the limits does not mean better or "
    "worse, because cases differ; inside them does not mean alike, because most numbers are small."
)


def funnel_plot(table: RateTable, found: Funnel, highlight: str) -> Chart:
    """Each group's rate by its size, with score limits at 95 % and 99.8 % around everybody's rate.

    table: the RateTable by one column that `found` (comparisons.funnel) was made from. highlight: the group drawn in
    another colour and, where it has people, told first in the title. No group is ranked.
    """
    column = table.by[0]
    who, what = table.among_label, table.share_label
    data = found.data.sort_values(["denominator", column], ascending=[False, True]).reset_index(drop=True)
    title = "; ".join(part for part in (found.group_words(highlight, table.cases), found.outside_words()) if part)
    own = ((highlight, row.numerator, row.denominator) for row in data[data[column] == highlight].itertuples())
    everybody = (TOTALS.get(column, whole(table.counted)), table.total["numerator"], table.total["denominator"])
    words = Words(
        title=title[:1].upper() + title[1:],
        subtitle=f"Share {what} among {who}, by {column} and number of {table.counted}. "
        f"{place_and_period(table.sources)}",
        definition=table.definition,
        lines=[
            f"{row[column]}: {count_words(row, table.cases)}, {percent(row['rate'])}, {WHERE[row['position']]}."
            for row in data.to_dict("records")
        ],
        notes=(_limits_note(found, table.counted), UNRANKED.replace("People", table.counted.capitalize())),
        interval_method="score-test limits p ± z·sqrt(p(1−p)/n) at 95 % and 99.8 % (Spiegelhalter 2005)",
        counted=counts_of([*own, everybody]),
    )
    plot = Area(
        lambda axes, points: _draw(axes, points, found, data, highlight, table.counted),
        height=3.6,
        below=0.72,
        left=0.45,
    )
    return compose("Funnel plot", f"funnel_by_{column}", words, data, plot, table.sources)


def _limits_note(found: Funnel, counted: str) -> str:
    """How to read the limits."""
    widened = f"limits widened by {found.widening:.2f}" if found.is_overdispersed else "limits not widened"
    return (
        f"Dashed: 95% limits; solid: 99.8% limits around the overall rate of {percent(found.target)}. Over-dispersion "
        f"{found.dispersion:.2f}; {widened}. Hollow dots [u]: fewer than {SMALL} {counted}, not classified."
    )


def _draw(axes: Axes, points: float, found: Funnel, data: pd.DataFrame, highlight: str, counted: str) -> None:
    """The limits, a dot for each group, and the axes, in a font of `points`."""
    most = float(data["n_effective"].max()) * 1.08
    sizes = np.linspace(0.5, most, 400)
    for z, line in ((Z95, (0, (4, 3))), (Z998, "solid")):
        for limit in score_limits(found.target, sizes, z, found.widening):
            axes.plot(sizes, limit, color=GREY, linewidth=1, linestyle=line, zorder=1)
    axes.axhline(found.target, color=PINK, linewidth=1.2, zorder=1)
    for group, row in zip(data.iloc[:, 0], data.itertuples(), strict=True):
        chosen = group == highlight
        colour = PINK if chosen else BLUE
        dot: dict[str, Any] = {
            "marker": "o",
            "markersize": 9 if chosen else 6.5,
            "markeredgewidth": 1.5,
            "linestyle": "none",
        }
        face = "white" if row.denominator < SMALL else colour
        axes.plot([row.n_effective], [row.rate], markeredgecolor=colour, markerfacecolor=face, zorder=3, **dot)
        if chosen:
            _name(axes, f"{highlight}:\n{row.numerator} of {row.denominator}", row.n_effective, row.rate, most)
    axes.set(xlim=(0, most), ylim=(-0.02, 1.02))
    axes.grid(visible=True, axis="y")
    axes.tick_params(length=0, labelsize=points)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(f"Effective number of {counted}\n(those in one case counted together)", fontsize=points)


def _name(axes: Axes, words: str, n: float, rate: float, most: float) -> None:
    """The highlighted group's name and count (on two lines: a phone is narrow), with a line to its dot."""
    right = n > most / 2
    font: dict[str, Any] = {
        "color": BLACK,
        "fontweight": "bold",
        "ha": "right" if right else "left",
        "bbox": {"facecolor": "white", "edgecolor": "none"},
        "arrowprops": {"arrowstyle": "-", "color": PINK, "relpos": (0.97 if right else 0.03, 0)},
    }
    axes.annotate(words, (n, rate), (n, 0.72), zorder=4, **font)
