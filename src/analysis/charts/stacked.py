"""Rows with label and figure above the mark, which has the whole width: on pages that grow, and in squares."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

from analysis.charts.page import LINE, Row, RowLines, Rows, Size, add_axes, add_rule, finish, total
from analysis.charts.style import BLACK, GREY
from analysis.charts.text import width_of, wrapped

# Inches of a row: to its first words, to its mark, and under it. A label is nearer to its own mark than to another's.
AIRY, TIGHT = (0.15, 0.17, 0.17), (0.09, 0.145, 0.075)
BESIDE = 0.12  # inches between two texts on a line


def _pads(size: Size) -> tuple[float, float, float]:
    return AIRY if size.height is None else TIGHT


def stacked(row: Row, size: Size) -> RowLines:
    """A row as it is written above its mark, its label clear of the figure at the other end.

    Where the page is of fixed height, what stands under a label stands beside it if there is room.
    """
    room = size.inner - width_of(row.words, size.text, row.bold) - BESIDE
    label = wrapped(row.label, room, size.text, bold=row.bold)
    beside = width_of(row.label, size.text, row.bold) + BESIDE + width_of(row.under, size.note)
    if row.under and size.height and beside <= room:
        return RowLines(row, [(row.label, size.text, BLACK)], total(_pads(size)), size.text, (row.under,))
    under = wrapped(row.under, size.inner, size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    more = total([points for _, points, _ in lines[1:]]) * LINE
    return RowLines(row, lines, total([*_pads(size), more]), size.text)


def draw_stacked(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size) -> None:
    """Label and figure at both ends of each row, the mark under them; room to spare goes between the rows."""
    lines = [stacked(row, size) for row in plot.rows]
    spare = max(0.0, box[3] - total([line.height for line in lines])) / len(lines)
    before, _, after = _pads(size)
    axes = add_axes(figure, box, plot)
    across = blended_transform_factory(axes.transAxes, axes.transData)
    # Over the grid and the line of everybody, under the marks.
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    top = 0.0
    for line in lines:
        line.row.draw(axes, top + line.height - after)
        font: dict[str, Any] = {"va": "center", "bbox": behind, "transform": across, "zorder": 1.5}
        at = top + before
        for text, points, colour in line.lines:
            weight = line.row.weight if colour == BLACK else "normal"
            axes.text(0, at, text, ha="left", fontsize=points, color=colour, fontweight=weight, **font)
            at += points * LINE
        beside = (width_of(line.row.label, size.text, line.row.bold) + BESIDE) / box[2]
        for text in line.aside:
            axes.text(beside, top + before, text, ha="left", fontsize=size.note, color=GREY, **font)
        first: dict[str, Any] = {"fontsize": size.text, "color": BLACK, "fontweight": line.row.weight}
        axes.text(1, top + before, line.row.words, ha="right", **first, **font)
        if line.row is plot.first_apart:
            add_rule(figure, axes, top - spare / 2, (box[0] / size.width, (box[0] + box[2]) / size.width))
        top += line.height + spare
    finish(axes, plot, top, size.axis)
