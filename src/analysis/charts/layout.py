"""Laying a chart out on a page: title, subtitle, plot, notes and source, in each size people need.

`page` and `phone` grow with their content; `wide` (16:9) and `square` are fixed: in the first each row takes one line;
where rows do not fit, those of the smallest groups are left out and the page says so; rows that the title speaks of
always stay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from analysis.charts.inline import draw_inline, in_columns, inline
from analysis.charts.page import Area, Block, Form, Row, Rows, Size, add_axes, total, write
from analysis.charts.stacked import draw_stacked, stacked
from analysis.charts.style import BLACK, GREY, in_style
from analysis.charts.text import balanced, wrapped

MARK = "[u]"  # of a row of low reliability
BELOW, BELOW_FIXED = 0.45, 0.3  # inches for the axis under rows


@dataclass(frozen=True)
class Page:
    """A laid-out chart, and the labels of the rows it has no room for."""

    figure: Figure = field(repr=False)
    left_out: tuple[str, ...] = ()


def lay_out(title: str, subtitle: str, notes: Sequence[str], source: str, plot: Rows | Area, size: Size) -> Page:
    """Draw one chart in a size; words that are empty take no room.

    Fixed sizes keep as many notes as leave room for every row, at least the first.
    """
    with in_style():
        head = _head(title, subtitle, size)
        below, left = (plot.below, plot.left) if isinstance(plot, Area) else (_below(size), 0.0)
        form: Form = inline if size.is_wide else stacked
        if size.height is None:
            texts, shown = [*notes, source], plot
            content = plot.height if isinstance(plot, Area) else total([form(r, size).height for r in plot.rows])
        else:
            room = size.height - 2 * size.margin - _height(head)
            texts, shown, form = _fit(plot, size, room, notes, source)
            content = room - below - _height(_feet(texts, size))
        feet = _feet(texts, size)
        height = size.height or 2 * size.margin + _height(head) + content + below + _height(feet)
        figure = Figure(figsize=(size.width, height))
        FigureCanvasAgg(figure)
        write(figure, head, height - size.margin, size, BLACK)
        write(figure, feet, size.margin + _height(feet), size, GREY)
        box = (size.margin + left, size.margin + _height(feet) + below, size.inner - left, content)
        if isinstance(shown, Area):
            shown.draw(add_axes(figure, box), size.axis)
            return Page(figure)
        if form is stacked:
            draw_stacked(figure, shown, box, size)
        else:
            draw_inline(figure, shown, box, size, form)
    whole = () if isinstance(plot, Area) else plot.rows
    return Page(figure, tuple(row.label for row in whole if row not in shown.rows))


def _height(blocks: Sequence[Block]) -> float:
    return total([block.height for block in blocks])


def _below(size: Size) -> float:
    return BELOW_FIXED if size.height or size.is_wide else BELOW


def _head(title: str, subtitle: str, size: Size) -> list[Block]:
    """Title and subtitle; in a fixed size the title is a little smaller where that saves a line."""
    lines_of, points = wrapped, size.title
    if size.height is not None:
        lines_of, smaller = balanced, 0.92 * points
        if len(wrapped(title, size.inner, smaller, bold=True)) < len(wrapped(title, size.inner, points, bold=True)):
            points = smaller
    blocks = [
        Block(lines_of(title, size.inner, points, bold=True), points, 0.10, "bold"),
        Block(lines_of(subtitle, size.inner, size.subtitle), size.subtitle, 0.12),
    ]
    return [block for block in blocks if any(block.lines)]


def _feet(texts: Sequence[str], size: Size) -> list[Block]:
    return [Block(wrapped(text, size.inner, size.note), size.note, 0.06) for text in texts if text]


def _fit(
    plot: Rows | Area, size: Size, full: float, notes: Sequence[str], source: str
) -> tuple[list[str], Rows | Area, Form]:
    """The footer and the rows that fit a fixed size: every row with as many notes as possible, else the largest.

    full: the height under title and subtitle.
    """
    is_wide = size.is_wide

    def footer(kept: Sequence[str]) -> list[str]:
        origin = source.replace("CC BY", "CC\u00a0BY").replace("BY 4", "BY\u00a04")
        return [*([" ".join(kept)] if kept else []), origin] if is_wide else [" ".join([*kept, origin])]

    def room(kept: Sequence[str], below: float = BELOW_FIXED) -> float:
        return full - _height(_feet(footer(kept), size)) - below

    if isinstance(plot, Area):
        fitting = (notes[:kept] for kept in range(len(notes), -1, -1))
        return footer(next((kept for kept in fitting if room(kept, plot.below) >= 1.7), [])), plot, inline
    forms: list[Form] = [inline] if is_wide else [stacked]  # a square has no room beside marks
    if is_wide and any(row.under for row in plot.rows):
        forms.append(in_columns(plot, size))
    for form in forms:
        needed = total([form(row, size).height for row in plot.rows])
        for many in range(len(notes), 0, -1):
            if room(kept := _kept(notes, plot.rows, many)) >= needed:
                return footer(kept), plot, form
    said = _said(plot, plot.rows)  # as long as it gets
    tries = []
    for form in forms:
        for first in (_kept(notes, plot.rows, 1), notes[:1], []):  # gives way only where hardly a row would be left
            rows = _largest(plot, form, size, room([*first, said]))
            explained = bool(first) and len(_kept(notes, rows, 1)) <= len(first)
            told = [note for note in first if note in _kept(notes, rows, 1)]
            tries.append((min(len(rows), 2), explained, len(rows), [*told, _said(plot, rows)], rows, form))
    *_, kept_notes, rows, form = max(tries, key=lambda found: found[:3])
    return footer(kept_notes), Rows(rows, plot.limits, plot.finish, plot.what), form


def _kept(notes: Sequence[str], rows: Sequence[Row], many: int) -> list[str]:
    """The first `many` notes, and what else explains a mark that one of the rows has."""
    is_marked = any(MARK in row.words for row in rows)
    return [note for place, note in enumerate(notes) if place < many or (is_marked and MARK in note)]


def _by_size(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: 0.0 if math.isnan(row.size) else -row.size)  # a row without counts is last


def _largest(plot: Rows, form: Form, size: Size, space: float) -> tuple[Row, ...]:
    """The rows that fit a height: everybody and those of the title, then the largest groups; in the plot's order."""
    chosen: list[Row] = []
    for row in sorted(_by_size(plot.rows), key=lambda row: not (row.is_kept or row.is_total)):
        space -= form(row, size).height
        if space < 0 and chosen:
            break
        chosen.append(row)
    return tuple(row for row in plot.rows if row in chosen)


def _said(plot: Rows, rows: Sequence[Row]) -> str:
    """What a page says about the rows it has no room for."""
    all_groups = [row for row in plot.rows if not row.is_total]
    groups = [row for row in rows if not row.is_total]
    counts = f"{len(groups)} of {len(all_groups)} {plot.what}"
    if set(groups) == set(_by_size(all_groups)[: len(groups)]) and len(groups) < len(all_groups):
        return f"Shown: the {counts.replace(' of', ' largest of', 1)}; the page version has all."
    which = "those of the title" if all(row.is_kept for row in groups) else "the largest and those of the title"
    return f"Shown: {counts}, {which}; the page version has all."
