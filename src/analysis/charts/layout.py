"""Laying a chart out on a page: title, subtitle, plot, notes and source, in each size people need.

`page` and `phone` grow with their content; `wide` (16:9) and `square` are fixed, so there each row takes one line and,
where rows do not fit, those of the smallest groups are left out and the page says so. Rows are measured in inches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import afcharts
import matplotlib
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import blended_transform_factory

# The Government Analysis Function's style, with the one font that comes with matplotlib, so that every machine draws
# the same picture; SVG keeps text as text and has no date or random ids.
STYLE: list[str | Path | dict[str, Any]] = [
    str(Path(afcharts.__file__).parent / "afcharts.mplstyle"),
    {
        "font.family": ["DejaVu Sans"],
        "font.size": 10,
        "svg.fonttype": "none",
        "svg.hashsalt": "misconduct",
        "pdf.fonttype": 42,
        "savefig.facecolor": "white",
        "text.parse_math": False,
    },
]
BLACK, GREY = "#1a1a1a", "#595959"
DPI = 200
LINE = 1.28 / 72  # height of a line of text, in inches a point


@dataclass(frozen=True)
class Size:
    """A page in inches (height None: as its content needs) with its fonts in points."""

    width: float
    height: float | None
    title: float
    subtitle: float
    note: float
    text: float
    margin: float


# At 200 dots an inch: wide is 1920 x 1080 pixels, square 1080 x 1080. On a phone a square is shown a third as large,
# so none of its text is under 27 pixels.
SIZES = {
    "page": Size(5.6, None, 13.5, 10, 8.5, 10, 0.25),
    "phone": Size(3.75, None, 12.5, 9.5, 8.8, 9.2, 0.19),
    "wide": Size(9.6, 5.4, 14.5, 9.8, 8.7, 9.4, 0.24),
    "square": Size(5.4, 5.4, 12.4, 9.75, 9.75, 9.75, 0.18),
}
TOP, GAP, BOTTOM = 0.138, 0.184, 0.138  # inches of a stacked row: to its first words, to its mark, and under it
BELOW = 0.3  # inches for the axis of a fixed size


@dataclass(frozen=True)
class Row:
    """One row: a label, the figure in words, and `draw`, which marks it on an axes at a height.

    high: how far its mark reaches; size: how many people, to choose rows by where not all fit; is_kept: always shown;
    under: more about the label, in small.
    """

    label: str
    words: str
    draw: Callable[[Axes, float], None]
    high: float
    size: float
    bold: bool = False
    under: str = ""
    is_kept: bool = False


@dataclass(frozen=True)
class Rows:
    """A plot of rows over one horizontal axis.

    limits: the axis for the highest mark shown; finish: sets the axis and draws what runs through all rows; what: what
    the rows are, in words.
    """

    rows: tuple[Row, ...]
    limits: Callable[[float], tuple[float, float]]
    finish: Callable[[Axes], None]
    what: str = "rows"

    @property
    def span(self) -> tuple[float, float]:
        """The ends of the axis."""
        return self.limits(max(row.high for row in self.rows))


@dataclass(frozen=True)
class Area:
    """A plot that fills whatever space it is given; height in inches on a page, room for its axes beside and below."""

    draw: Callable[[Axes], None]
    height: float
    below: float
    left: float


@dataclass(frozen=True)
class Page:
    """A laid-out chart, and the labels of the rows it has no room for."""

    figure: Figure = field(repr=False)
    left_out: tuple[str, ...] = ()


def lay_out(title: str, subtitle: str, notes: Sequence[str], source: str, plot: Rows | Area, size: Size) -> Page:
    """Draw one chart in one size. Fixed sizes keep as many notes as leave room for every row, at least the first."""
    with style.context(STYLE):
        figure = Figure(figsize=(size.width, size.height or 1))
        FigureCanvasAgg(figure)
        width = size.width - 2 * size.margin
        head = [
            (wrapped(figure, title, width, fontsize=size.title, fontweight="bold"), size.title, 0.10),
            (wrapped(figure, subtitle, width, fontsize=size.subtitle), size.subtitle, 0.12),
        ]
        if size.height is None:
            foot, shown = [*notes, source], plot
        else:
            foot, shown = _fit(figure, plot, size, sum(map(_height, head)), notes, source)
        feet = [(wrapped(figure, note, width, fontsize=size.note), size.note, 0.06) for note in foot]
        below, left = (plot.below, plot.left) if isinstance(plot, Area) else (BELOW if size.height else 0.45, 0.0)
        foot_height = sum(map(_height, feet))
        if size.height is None:
            lines = [] if isinstance(plot, Area) else [_stacked(figure, row, size) for row in plot.rows]
            plot_height = plot.height if isinstance(plot, Area) else sum(line.height for line in lines)
            height = 2 * size.margin + sum(map(_height, head)) + plot_height + below + foot_height
            figure.set_size_inches(size.width, height)
        else:
            height = size.height
            plot_height = height - 2 * size.margin - sum(map(_height, head)) - below - foot_height
        _write(figure, head, height - size.margin, size, [{"fontweight": "bold"}, {}], BLACK)
        _write(figure, feet, size.margin + foot_height, size, [{}] * len(feet), GREY)
        box = (size.margin + left, size.margin + foot_height + below, width - left, plot_height)
        if isinstance(shown, Area):
            shown.draw(_axes(figure, box))
        elif size.height is None:
            _draw_stacked(figure, shown, box, size)
        else:
            _draw_inline(figure, shown, box, size)
    gone = () if isinstance(plot, Area) or isinstance(shown, Area) else set(plot.rows) - set(shown.rows)
    order = () if isinstance(plot, Area) else plot.rows
    return Page(figure, tuple(row.label for row in order if row in gone))


Block = tuple[list[str], float, float]  # lines, font size, gap after them


def _height(block: Block) -> float:
    lines, points, gap = block
    return len(lines) * points * LINE + gap


def _write(
    figure: Figure, blocks: Sequence[Block], top: float, size: Size, fonts: Sequence[dict[str, Any]], colour: str
) -> None:
    """Write blocks of lines downwards from `top` inches."""
    height = figure.get_size_inches()[1]
    for (lines, points, gap), font in zip(blocks, fonts, strict=True):
        for line in lines:
            at = (size.margin / size.width, (top - 0.78 * points * LINE) / height)
            figure.text(*at, line, fontsize=points, color=colour, **font)
            top -= points * LINE
        top -= gap


def _axes(figure: Figure, box: tuple[float, float, float, float]) -> Axes:
    """Axes in a box of inches: left, bottom, width, height."""
    width, height = figure.get_size_inches()
    return figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))


def wrapped(figure: Figure, text: str, width: float, **font: Any) -> list[str]:
    """`text` broken into lines no wider than `width` inches in the given font, measured and not guessed.

    A count such as "5 of 16" is never broken.
    """
    renderer = FigureCanvasAgg(figure).get_renderer()
    probe = figure.text(0, 0, "", **font)
    lines: list[str] = []
    for word in re.sub(r"(\d) of (\d)", "\\1\u00a0of\u00a0\\2", text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        probe.set_text(longer)
        if lines and probe.get_window_extent(renderer).width / figure.dpi <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    probe.remove()
    return [line.replace("\u00a0", " ") for line in lines]


def _width(figure: Figure, text: str, **font: Any) -> float:
    """How wide a line of text is, in inches."""
    probe = figure.text(0, 0, text, **font)
    width = probe.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width / figure.dpi
    probe.remove()
    return width


# --- stacked rows: words above the mark (page) ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """A row with its label broken into lines: (text, font size, colour); its height in inches."""

    row: Row
    lines: list[tuple[str, float, str]]
    height: float


def _weight(row: Row) -> str:
    return "bold" if row.bold else "normal"


def _stacked(figure: Figure, row: Row, size: Size) -> _Line:
    """A row as it is written above its mark, its label clear of the figure at the other end."""
    full = size.width - 2 * size.margin
    words = _width(figure, row.words, fontsize=size.text, fontweight=_weight(row))
    label = wrapped(figure, row.label, full - words - 0.12, fontsize=size.text, fontweight=_weight(row))
    under = wrapped(figure, row.under, full, fontsize=size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    more = sum(points for _, points, _ in lines[1:]) * LINE
    return _Line(row, lines, TOP + more + GAP + BOTTOM)


def _draw_stacked(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size) -> None:
    """Label and figure at both ends of each row, the mark under them."""
    axes = _axes(figure, box)
    across = blended_transform_factory(axes.transAxes, axes.transData)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    top = 0.0
    for line in (_stacked(figure, row, size) for row in plot.rows):
        line.row.draw(axes, top + line.height - BOTTOM)
        font: dict[str, Any] = {"va": "center", "bbox": behind, "transform": across}
        at = top + TOP
        for text, points, colour in line.lines:
            weight = _weight(line.row) if colour == BLACK else "normal"
            axes.text(0, at, text, ha="left", fontsize=points, color=colour, fontweight=weight, **font)
            at += points * LINE
        first: dict[str, Any] = {"fontsize": size.text, "color": BLACK, "fontweight": _weight(line.row)}
        axes.text(1, top + TOP, line.row.words, ha="right", **first, **font)
        top += line.height
    _finish(axes, plot, top, 9)


def _finish(axes: Axes, plot: Rows, height: float, points: float) -> None:
    """Limits, grid and ticks of a plot of rows, the first row at the top."""
    axes.set(xlim=plot.span, ylim=(height, 0))
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0, labelsize=points)
    plot.finish(axes)


# --- rows of one line: label, mark, figure (wide and square) --------------------------------------------------------


def _line(figure: Figure, row: Row, size: Size) -> _Line:
    """A row as it is written, its label no wider than the share of the page that labels may have."""
    most = 0.42 * (size.width - 2 * size.margin)
    label = wrapped(figure, row.label, most, fontsize=size.text, fontweight=_weight(row))
    under = wrapped(figure, row.under, most, fontsize=size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    return _Line(row, lines, sum(points for _, points, _ in lines) * LINE * 0.93 + 0.03)


def _fit(
    figure: Figure, plot: Rows | Area, size: Size, head: float, notes: Sequence[str], source: str
) -> tuple[list[str], Rows | Area]:
    """The footer and the rows that fit a fixed size: every row with as many notes as possible, else the largest."""
    assert size.height is not None
    full = size.height - 2 * size.margin - head
    width = size.width - 2 * size.margin

    def room(footer: Sequence[str], below: float) -> float:
        feet = (_height((wrapped(figure, note, width, fontsize=size.note), size.note, 0.06)) for note in footer)
        return full - sum(feet) - below

    def footer(kept: Sequence[str]) -> list[str]:
        return [" ".join([*kept, source])] if size.width < 6 else [*([" ".join(kept)] if kept else []), source]

    if isinstance(plot, Area):
        fitting = (footer(notes[:kept]) for kept in range(len(notes), -1, -1))
        return next((feet for feet in fitting if room(feet, plot.below) >= 2), [source]), plot
    heights = [_line(figure, row, size).height for row in plot.rows]
    for kept in range(len(notes), 0, -1):
        if room(footer(notes[:kept]), BELOW) >= sum(heights):
            return footer(notes[:kept]), plot
    total = len(plot.rows)
    said = f"Shown: the {{}} largest of {total} {plot.what}; the page version has all."
    space = room(footer([*notes[:1], said.format(total)]), BELOW)
    order = sorted(range(total), key=lambda n: (not plot.rows[n].is_kept, -plot.rows[n].size, n))
    chosen: list[int] = []
    for n in order:
        if sum(heights[m] for m in [*chosen, n]) > space:
            break
        chosen.append(n)
    rows = tuple(plot.rows[n] for n in sorted(chosen))
    counted = sum(not row.is_kept for row in rows)
    return footer([*notes[:1], said.format(counted).replace(str(total), str(total - len(rows) + counted), 1)]), Rows(
        rows, plot.limits, plot.finish, plot.what
    )


def _draw_inline(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size) -> None:
    """Each row on one line: label, mark, figure."""
    left, bottom, width, height = box
    lines = [_line(figure, row, size) for row in plot.rows]
    labels = max(
        _width(figure, text, fontsize=points, fontweight=_weight(line.row))
        for line in lines
        for text, points, _ in line.lines
    )
    words = max(_width(figure, row.words, fontsize=size.text, fontweight=_weight(row)) for row in plot.rows)
    axes = _axes(figure, (left + labels + 0.15, bottom, width - labels - words - 0.3, height))
    across = blended_transform_factory(figure.transFigure, axes.transData)
    spare = (height - sum(line.height for line in lines)) / len(lines)
    top = 0.0
    for line in lines:
        middle = top + (line.height + spare) / 2
        line.row.draw(axes, middle)
        font: dict[str, Any] = {"va": "center_baseline", "fontweight": _weight(line.row), "transform": across}
        at = middle - sum(points for _, points, _ in line.lines) * LINE * 0.93 / 2
        for text, points, colour in line.lines:
            step = points * LINE * 0.93
            axes.text(left / size.width, at + step / 2, text, ha="left", fontsize=points, color=colour, **font)
            at += step
        end: dict[str, Any] = {"ha": "right", "fontsize": size.text, "color": BLACK}
        axes.text((left + width) / size.width, middle, line.row.words, **end, **font)
        top += line.height + spare
    _finish(axes, plot, height, size.note)


matplotlib.use("agg")
