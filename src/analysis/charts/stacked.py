"""Rows of a page that grows with its content: label and figure above the mark."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.charts.page import AXIS, LINE, Row, RowLines, Rows, Size, add_axes, add_rule, finish, total
from analysis.charts.style import BLACK, GREY
from analysis.charts.text import width_of, wrapped

TOP, GAP, BOTTOM = 0.138, 0.184, 0.138  # inches of a row: to its first words, to its mark, and under it


def stacked(row: Row, size: Size) -> RowLines:
    """A row as it is written above its mark, its label clear of the figure at the other end."""
    words = width_of(row.words, size.text, row.bold)
    label = wrapped(row.label, size.inner - words - 0.12, size.text, bold=row.bold)
    under = wrapped(row.under, size.inner, size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    more = total([points for _, points, _ in lines[1:]]) * LINE
    return RowLines(row, lines, TOP + more + GAP + BOTTOM, size.text)


def draw_stacked(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size) -> None:
    """Label and figure at both ends of each row, the mark under them."""
    axes = add_axes(figure, box)
    across = blended_transform_factory(axes.transAxes, axes.transData)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    top = 0.0
    for line in (stacked(row, size) for row in plot.rows):
        line.row.draw(axes, top + line.height - BOTTOM)
        font: dict[str, Any] = {"va": "center", "bbox": behind, "transform": across}
        at = top + TOP
        for text, points, colour in line.lines:
            weight = line.row.weight if colour == BLACK else "normal"
            axes.text(0, at, text, ha="left", fontsize=points, color=colour, fontweight=weight, **font)
            at += points * LINE
        first: dict[str, Any] = {"fontsize": size.text, "color": BLACK, "fontweight": line.row.weight}
        axes.text(1, top + TOP, line.row.words, ha="right", **first, **font)
        if line.row is plot.first_apart:
            add_rule(figure, axes, top, (box[0] / size.width, (box[0] + box[2]) / size.width))
        top += line.height
    finish(axes, plot, top, AXIS)
