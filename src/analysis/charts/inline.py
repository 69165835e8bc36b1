"""Rows of one line on a wide page: label, mark, figure."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.charts.page import LINE, Form, Row, RowLines, Rows, Size, add_axes, add_rule, finish, total
from analysis.charts.style import BLACK, GREY
from analysis.charts.text import balanced, width_of, wrapped

TIGHT = 0.93  # of a line's height, for the lines of one row
BESIDE, BETWEEN = 0.19, 0.15  # inches: beside the marks, between two columns
NARROWEST = 0.3  # of the width, for the marks at least


def inline(row: Row, size: Size) -> RowLines:
    """A row as it is written, its label no wider than the share of the page that labels may have."""
    most = 0.44 * size.inner
    label = _label_lines(_with_dashes(row.label), most, size.text, row.bold)
    under = balanced(row.under, most, size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    return RowLines(row, lines, _height(lines) + 0.03, size.text)


def in_columns(plot: Rows, size: Size) -> Form:
    """Rows with what is said under their label in a second column: for many rows on a wide page."""
    labels = max(width_of(_with_dashes(row.label), size.note, row.bold) for row in plot.rows)
    words = max(width_of(row.words, size.note, row.bold) for row in plot.rows)
    most = size.inner - labels - words - BETWEEN - 2 * BESIDE - NARROWEST * size.width

    def form(row: Row, size: Size) -> RowLines:
        aside = tuple(wrapped(row.under, most, size.note))
        height = len(aside) * size.note * LINE * TIGHT + 0.01
        return RowLines(row, [(_with_dashes(row.label), size.note, BLACK)], height, size.note, aside)

    return form


def _height(lines: list[tuple[str, float, str]]) -> float:
    return total([points for _, points, _ in lines]) * LINE * TIGHT


def _label_lines(label: str, most: float, points: float, bold: bool) -> list[str]:
    """A label on as few lines as it needs, broken after its comma where there is one: place, then years."""
    lines = balanced(label, most, points, bold=bold)
    first, comma, rest = label.partition(", ")
    parts = [first + comma.strip(), rest]
    return parts if len(lines) == 2 and rest and max(width_of(part, points, bold) for part in parts) <= most else lines


def _with_dashes(label: str) -> str:
    """Years as 2017-2020 (with an en dash) where a line is short."""
    return re.sub(r"(\d{4}) to (\d{4})", "\\1\u2013\\2", label)


def draw_inline(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size, form: Form) -> None:
    """Each row on one line: label, what stands beside it, mark, figure."""
    left, bottom, width, height = box
    lines = [form(row, size) for row in plot.rows]
    labels = max(width_of(text, points, line.row.bold) for line in lines for text, points, _ in line.lines)
    asides = max((width_of(text, line.points) + BETWEEN for line in lines for text in line.aside), default=0.0)
    words = max(width_of(line.row.words, line.points, line.row.bold) for line in lines)
    beside = left + labels + asides + BESIDE
    axes = add_axes(figure, (beside, bottom, left + width - words - BESIDE - beside, height), plot)
    spare = (height - total([line.height for line in lines])) / len(lines)
    top = 0.0
    for line in lines:
        middle = top + (line.height + spare) / 2
        line.row.draw(axes, middle)
        ends = (left / size.width, (left + labels + BETWEEN) / size.width, (left + width) / size.width)
        _write_line(figure, axes, line, middle, ends)
        if line.row is plot.first_apart:
            add_rule(figure, axes, top, (left / size.width, (left + width) / size.width))
        top += line.height + spare
    finish(axes, plot, height, size.axis)
    _thin_ticks(figure, axes, size.axis)


def _write_line(figure: Figure, axes: Axes, line: RowLines, middle: float, ends: tuple[float, float, float]) -> None:
    """The words of a row around a height; ends: where label, second column and figure stand, as shares of the width."""
    across = blended_transform_factory(figure.transFigure, axes.transData)
    font: dict[str, Any] = {"va": "center_baseline", "fontweight": line.row.weight, "transform": across}
    label, aside, words = ends
    at = middle - _height(line.lines) / 2
    for text, points, colour in line.lines:
        step = points * LINE * TIGHT
        axes.text(label, at + step / 2, text, ha="left", fontsize=points, color=colour, **font)
        at += step
    step = line.points * LINE * TIGHT
    for number, text in enumerate(line.aside):
        at = middle + (number - (len(line.aside) - 1) / 2) * step
        axes.text(aside, at, text, ha="left", fontsize=line.points, color=GREY, **font)
    axes.text(words, middle, line.row.words, ha="right", fontsize=line.points, color=BLACK, **font)


def _thin_ticks(figure: Figure, axes: Axes, points: float) -> None:
    """Leave out every second, third ... tick where their labels would touch; zero, or one on a log axis, stays."""
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low - 1e-9 <= tick <= high + 1e-9]
    labels = axes.xaxis.get_major_formatter().format_ticks(ticks)
    at = axes.transData.transform([(tick, 0) for tick in ticks])[:, 0] / figure.dpi
    halves = [width_of(label, points) / 2 for label in labels]
    anchor = ticks.index(1) if axes.get_xscale() == "log" and 1 in ticks else 0
    for step in range(1, len(ticks) + 1):
        kept = range(anchor % step, len(ticks), step)
        if all(at[b] - at[a] >= halves[a] + halves[b] + 0.08 for a, b in pairwise(kept)):
            break
    if step > 1:
        axes.set_xticks([ticks[n] for n in kept])
