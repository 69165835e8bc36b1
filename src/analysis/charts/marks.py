"""Marks that charts of rows share: dots with intervals, bars, axes of shares, and the counts behind them in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.charts.style import GREY, PALE

TOTALS = {
    "complaint_type": "All complaint types",
    "force": "All forces",
    "complaint_category": "All complaint categories",
    "allegation_rule": "All rules",
}


def whole(counted: str) -> str:
    """The row of the total of a table that is by nothing of TOTALS; counted: as in RateTable."""
    return "Everybody" if counted == "people" else f"All {counted}"


def draw_dot(
    axes: Axes, height: float, at: float, low: float, high: float, colour: str, hollow: bool, shape: str = "o"
) -> None:
    """A dot (or a marker of another shape) with its interval at a height; only the interval where `at` is missing.

    An interval that goes beyond the axis ends there in an arrow.
    """
    end = axes.get_xlim()[1]
    axes.plot([low, min(high, end)], [height, height], color=colour, linewidth=2, zorder=2, clip_on=False)
    if high > end * (1 + 1e-9):
        axes.plot([end], [height], color=colour, marker=">", markersize=6, linestyle="none", zorder=2, clip_on=False)
    if pd.notna(at):
        face = "white" if hollow else colour
        dot: dict[str, Any] = {"marker": shape, "markersize": 8, "markeredgewidth": 1.8, "linestyle": "none"}
        axes.plot([at], [height], markeredgecolor=colour, markerfacecolor=face, zorder=3, clip_on=False, **dot)


def dot(
    at: float, low: float, high: float, colour: str, hollow: bool, shape: str = "o"
) -> Callable[[Axes, float], None]:
    """How a row's dot with its interval is drawn; shape: a marker of matplotlib."""
    return lambda axes, height: draw_dot(axes, height, at, low, high, colour, hollow, shape)


def parts_of_bar(shares: Sequence[float], colour: str) -> Callable[[Axes, float], None]:
    """How a row's bar of three parts is drawn: a share in colour, one in grey, and the rest up to all in white."""

    def draw(axes: Axes, height: float) -> None:
        reached, unstated = shares
        bar: dict[str, Any] = {"height": 0.14, "zorder": 2}  # inches
        outline = {**bar, "edgecolor": GREY, "linewidth": 0.7, "clip_on": False}
        axes.barh(height, 1.0, color="white", **outline)
        axes.barh(height, unstated, left=reached, color=PALE, **outline)
        axes.barh(height, reached, color=colour, **bar)

    return draw


def nothing(axes: Axes, height: float) -> None:
    """How a row that is told in counts alone is drawn."""


def in_percent(axes: Axes) -> None:
    """Shares as percentages on the axis, at whole numbers."""
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{round(100 * share, 6):g}%"))


def upper_limit(highest: float) -> float:
    """Where an axis of shares ends: just above the highest that is drawn, at a round number; a tenth for none."""
    if highest <= 0:
        return 0.1
    step = 10.0 ** math.floor(math.log10(highest / 5))
    step *= next(many for many in (1, 2, 5, 10) if many * step * 5 >= highest * (1 - 1e-9))
    return min(1.0, math.ceil(highest * 1.02 / step) * step)


def from_zero(highest: float) -> tuple[float, float]:
    """An axis of shares that begins at nothing."""
    return 0.0, upper_limit(highest)


def counts_of(groups: Iterable[tuple[str, object, object]]) -> str:
    """Groups with their counts, for captions: label, numerator, denominator."""
    return "; ".join(f"{label}: {part} of {whole}" for label, part, whole in groups)


def extreme(rates: pd.DataFrame, rate: float) -> pd.Series:
    """The row with a rate; of several the largest."""
    return rates[rates["rate"] == rate].sort_values("denominator", ascending=False, kind="stable").iloc[0]


def extremes(rates: pd.DataFrame) -> str:
    """The counts behind the lowest and the highest rate, for captions; nothing where one has no counts."""
    low, high = (extreme(rates, rate) for rate in (rates["rate"].min(), rates["rate"].max()))
    if pd.isna(low["denominator"]) or pd.isna(high["denominator"]):
        return ""
    return f"From {low['numerator']:,} of {low['denominator']:,} to {high['numerator']:,} of {high['denominator']:,}"
