"""The funnel plot: forces against limits around everybody's rate, wider the fewer people a force has."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from analysis import vocabulary
from analysis.charts.chart import Chart, compose
from analysis.charts.layout import BLACK, GREY, Area
from analysis.charts.rows import BLUE, PINK, TOTALS, counts_of
from analysis.counting.funnel import WHERE, Z95, Z998, Funnel, score_limits
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import SMALL, count_words, percent
from analysis.provenance.sources import place_and_period


def funnel_plot(table: RateTable, found: Funnel, highlight: str) -> Chart:
    """Each group's rate by its size, with score limits at 95 % and 99.8 % around everybody's rate.

    table: the RateTable by one column that `found` (comparisons.funnel) was made from. highlight: the group drawn in
    another colour and, where it has people, told first in the title. No group is ranked.
    """
    column = table.by[0]
    who, what = vocabulary.label("denominator", table.among), vocabulary.label("numerator", table.count)
    data = found.data.sort_values(["denominator", column], ascending=[False, True]).reset_index(drop=True)
    own = found.group_words(highlight, table.cases)
    title = "; ".join(part for part in (own, found.outside_words()) if part)
    title = title[:1].upper() + title[1:]
    subtitle = f"Share {what} among {who}, by {column} and number of people. {place_and_period(table.sources)}"
    widened = f"limits widened by {found.widening:.2f}" if found.is_overdispersed else "limits not widened"
    notes = (
        f"Dashed: 95% limits; solid: 99.8% limits around the overall rate of {percent(found.target)}. Over-dispersion "
        f"{found.dispersion:.2f}; {widened}. Hollow dots [u]: fewer than {SMALL} people, not classified.",
        "People in one case share its outcome, so they count as fewer. Outside the limits does not mean better or "
        "worse, because cases differ; inside them does not mean alike, because most numbers are small.",
    )

    def draw(axes: Axes, points: float) -> None:
        most = float(data["n_effective"].max()) * 1.08
        sizes = np.linspace(0.5, most, 400)
        for z, line in ((Z95, (0, (4, 3))), (Z998, "solid")):
            for limit in score_limits(found.target, sizes, z, found.widening):
                axes.plot(sizes, limit, color=GREY, linewidth=1, linestyle=line, zorder=1)
        axes.axhline(found.target, color=PINK, linewidth=1.2, zorder=1)
        for row in data.itertuples():
            chosen = getattr(row, column) == highlight
            colour = PINK if chosen else BLUE
            face = "white" if row.denominator < SMALL else colour
            dot: dict[str, Any] = {
                "marker": "o",
                "markersize": 9 if chosen else 6.5,
                "markeredgewidth": 1.5,
                "linestyle": "none",
            }
            axes.plot([row.n_effective], [row.rate], markeredgecolor=colour, markerfacecolor=face, zorder=3, **dot)
            if chosen:
                right = row.n_effective > most / 2
                align = "right" if right else "left"
                words = f"{highlight}:\n{row.numerator} of {row.denominator}"  # two lines: a phone is narrow
                font: dict[str, Any] = {
                    "color": BLACK,
                    "fontweight": "bold",
                    "ha": align,
                    "bbox": {"facecolor": "white", "edgecolor": "none"},
                }
                font["arrowprops"] = {"arrowstyle": "-", "color": PINK, "relpos": (0.97 if right else 0.03, 0)}
                axes.annotate(words, (row.n_effective, row.rate), (row.n_effective, 0.72), zorder=4, **font)
        axes.set(xlim=(0, most), ylim=(-0.02, 1.02))
        axes.grid(visible=True, axis="y")
        axes.tick_params(length=0, labelsize=points)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.set_xlabel("Effective number of people\n(those in one case counted together)", fontsize=points)

    lines = [
        f"{row[column]}: {count_words(row, table.cases)}, {percent(row['rate'])}, {WHERE[row['position']]}."
        for row in data.to_dict("records")
    ]
    return compose(
        "Funnel plot",
        name=f"funnel_by_{column}",
        data=data,
        title=title,
        subtitle=subtitle,
        definition=table.definition,
        interval_method="score-test limits p ± z·sqrt(p(1−p)/n) at 95 % and 99.8 % (Spiegelhalter 2005)",
        lines=lines,
        notes=notes,
        sources=table.sources,
        counted=counts_of(
            [
                *((highlight, row.numerator, row.denominator) for row in data[data[column] == highlight].itertuples()),
                (TOTALS.get(column, "Everybody"), table.total["numerator"], table.total["denominator"]),
            ]
        ),
        plot=Area(draw, height=3.6, below=0.72, left=0.45),
    )
