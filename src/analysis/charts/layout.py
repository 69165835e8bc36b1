"""Laying a chart out on a page: title, subtitle, plot, notes and source, in each size people need.

`page` and `phone` grow with their content; `wide` (16:9) and `square` are fixed, so there each row takes one line and,
where rows do not fit, those of the smallest groups are left out and the page says so; rows that the title speaks of
always stay. Rows are measured in inches.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import afcharts
import matplotlib
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
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
AXIS = 9.0  # points of what is written at an axis, at least
TIGHT = 0.93  # of a line's height, for the lines of one row
BESIDE, BETWEEN, NARROWEST = 0.19, 0.15, 1.3  # inches: beside the marks, between two columns, for the marks at least


@dataclass(frozen=True)
class Row:
    """One row: a label, the figure in words, and `draw`, which marks it on an axes at a height.

    high: how far its mark reaches; size: how many people, to choose rows by where not all fit; is_kept: the title
    speaks of it, so it is always shown; is_total: it is what the groups are held against (everybody) and not one of
    them; is_apart: it stands with others like it under a thin line; under: more about the label, in small.
    """

    label: str
    words: str
    draw: Callable[[Axes, float], None]
    high: float
    size: float
    bold: bool = False
    under: str = ""
    is_kept: bool = False
    is_total: bool = False
    is_apart: bool = False


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
    """A plot that fills whatever space it is given; height in inches on a page, room for its axes beside and below.

    draw: on an axes, with the font size in points of what is written at its axes.
    """

    draw: Callable[[Axes, float], None]
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
        if size.height is None:
            lines_of, points = wrapped, size.title
        else:
            lines_of, points = balanced, _title_points(title, width, size.title)
        head = [
            (lines_of(title, width, points, bold=True), points, 0.10),
            (lines_of(subtitle, width, size.subtitle), size.subtitle, 0.12),
        ]
        form: Form = _line
        if size.height is None:
            foot, shown = [*notes, source], plot
        else:
            room = size.height - 2 * size.margin - sum(map(_height, head))
            foot, shown, form = _fit(plot, size, room, notes, source)
        feet = [(wrapped(note, width, size.note), size.note, 0.06) for note in foot]
        below, left = (plot.below, plot.left) if isinstance(plot, Area) else (BELOW if size.height else 0.45, 0.0)
        foot_height = sum(map(_height, feet))
        if size.height is None:
            lines = [] if isinstance(plot, Area) else [_stacked(row, size) for row in plot.rows]
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
            shown.draw(_axes(figure, box), max(AXIS, size.note))
        elif size.height is None:
            _draw_stacked(figure, shown, box, size)
        else:
            _draw_inline(figure, shown, box, size, form)
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


def wrapped(text: str, width: float, points: float, *, bold: bool = False) -> list[str]:
    """`text` broken into lines no wider than `width` inches in the given font, measured and not guessed.

    A count such as "5 of 16" is never broken.
    """
    words = re.sub(r"(\d) of (\d)", "\\1\u00a0of\u00a0\\2", text).split(" ")
    lines: list[str] = []
    while words:
        counts = range(1, len(words) + 1)
        fitting = bisect_right(counts, width, key=lambda n: _width(" ".join(words[:n]), points, bold))
        lines.append(" ".join(words[: max(1, fitting)]))
        words = words[max(1, fitting) :]
    return [line.replace("\u00a0", " ") for line in lines]


def balanced(text: str, width: float, points: float, *, bold: bool = False) -> list[str]:
    """`text` broken into as few lines as `wrapped` needs, but of much the same length: no word alone on the last."""
    text = re.sub(r"% (to|and) (\d)", "%\u00a0\\1\u00a0\\2", text)
    lines = wrapped(text, width, points, bold=bold)
    narrower = (wrapped(text, width * share, points, bold=bold) for share in (0.6, 0.7, 0.8, 0.9))
    return next((found for found in narrower if len(found) == len(lines)), lines) if len(lines) > 1 else lines


def _title_points(title: str, width: float, points: float) -> float:
    """The font size of a title in a fixed size: a little smaller where that saves a line."""
    smaller = 0.92 * points
    saves = len(wrapped(title, width, smaller, bold=True)) < len(wrapped(title, width, points, bold=True))
    return smaller if saves else points


@cache
def _probe() -> tuple[Text, FigureCanvasAgg]:
    """A text to measure with: one for all, because making one takes longer than measuring."""
    with style.context(STYLE):
        figure = Figure()
        return figure.text(0, 0, ""), FigureCanvasAgg(figure)


@lru_cache(maxsize=20_000)
def _width(text: str, points: float, bold: bool = False) -> float:
    """How wide a line of text is, in inches."""
    probe, canvas = _probe()
    probe.set(text=text, fontsize=points, fontweight="bold" if bold else "normal")
    return float(probe.get_window_extent(canvas.get_renderer()).width / canvas.figure.dpi)


# --- stacked rows: words above the mark (page) ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Line:
    """A row with its label broken into lines: (text, font size, colour); its height in inches.

    aside: the lines of a second column; points: font size of these and of the figure in words.
    """

    row: Row
    lines: list[tuple[str, float, str]]
    height: float
    points: float
    aside: tuple[str, ...] = ()


Form = Callable[[Row, Size], _Line]  # how a row of a fixed size is set


def _weight(row: Row) -> str:
    return "bold" if row.bold else "normal"


def _stacked(row: Row, size: Size) -> _Line:
    """A row as it is written above its mark, its label clear of the figure at the other end."""
    full = size.width - 2 * size.margin
    words = _width(row.words, size.text, row.bold)
    label = wrapped(row.label, full - words - 0.12, size.text, bold=row.bold)
    under = wrapped(row.under, full, size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    more = sum(points for _, points, _ in lines[1:]) * LINE
    return _Line(row, lines, TOP + more + GAP + BOTTOM, size.text)


def _draw_stacked(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size) -> None:
    """Label and figure at both ends of each row, the mark under them."""
    axes = _axes(figure, box)
    across = blended_transform_factory(axes.transAxes, axes.transData)
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    top = 0.0
    for line in (_stacked(row, size) for row in plot.rows):
        line.row.draw(axes, top + line.height - BOTTOM)
        font: dict[str, Any] = {"va": "center", "bbox": behind, "transform": across}
        at = top + TOP
        for text, points, colour in line.lines:
            weight = _weight(line.row) if colour == BLACK else "normal"
            axes.text(0, at, text, ha="left", fontsize=points, color=colour, fontweight=weight, **font)
            at += points * LINE
        first: dict[str, Any] = {"fontsize": size.text, "color": BLACK, "fontweight": _weight(line.row)}
        axes.text(1, top + TOP, line.row.words, ha="right", **first, **font)
        if line.row is first_apart(plot.rows):
            _rule(figure, axes, top, (box[0] / size.width, (box[0] + box[2]) / size.width))
        top += line.height
    _finish(axes, plot, top, AXIS)


def first_apart(rows: Sequence[Row]) -> Row | None:
    """The row above which a thin line stands: the first that is set apart from others."""
    return next((row for row in rows[1:] if row.is_apart), None)


def _rule(figure: Figure, axes: Axes, height: float, ends: tuple[float, float]) -> None:
    """A thin line at a height of the axes, between two shares of the width of the figure."""
    across = blended_transform_factory(figure.transFigure, axes.transData)
    figure.add_artist(Line2D(ends, (height, height), color=GREY, linewidth=0.7, transform=across))


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


def _line(row: Row, size: Size) -> _Line:
    """A row as it is written, its label no wider than the share of the page that labels may have."""
    most = 0.44 * (size.width - 2 * size.margin)
    label = _label_lines(_with_dashes(row.label), most, size.text, row.bold)
    under = balanced(row.under, most, size.note) if row.under else []
    lines = [(text, size.text, BLACK) for text in label] + [(text, size.note, GREY) for text in under]
    height = sum(points for _, points, _ in lines) * LINE * TIGHT + 0.03
    return _Line(row, lines, height, size.text)


def _label_lines(label: str, most: float, points: float, bold: bool) -> list[str]:
    """A label on as few lines as it needs, broken after its comma where there is one: place, then years."""
    lines = balanced(label, most, points, bold=bold)
    first, comma, rest = label.partition(", ")
    parts = [first + comma.strip(), rest]
    return parts if len(lines) == 2 and rest and max(_width(part, points, bold) for part in parts) <= most else lines


def _in_columns(plot: Rows, size: Size) -> Form:
    """Rows with what is said under their label in a second column: for many rows on a wide page."""
    labels = max(_width(_with_dashes(row.label), size.note, row.bold) for row in plot.rows)
    words = max(_width(row.words, size.note, row.bold) for row in plot.rows)
    most = size.width - 2 * size.margin - labels - words - BETWEEN - 2 * BESIDE - NARROWEST

    def form(row: Row, size: Size) -> _Line:
        aside = tuple(wrapped(row.under, most, size.note))
        height = len(aside) * size.note * LINE * TIGHT + 0.01
        return _Line(row, [(_with_dashes(row.label), size.note, BLACK)], height, size.note, aside)

    return form


def _with_dashes(label: str) -> str:
    """Years as 2017-2020 (with an en dash) where a line is short."""
    return re.sub(r"(\d{4}) to (\d{4})", "\\1\u2013\\2", label)


def _fit(
    plot: Rows | Area, size: Size, full: float, notes: Sequence[str], source: str
) -> tuple[list[str], Rows | Area, Form]:
    """The footer and the rows that fit a fixed size: every row with as many notes as possible, else the largest.

    full: the height under title and subtitle.
    """
    width = size.width - 2 * size.margin
    is_wide = size.width > (size.height or size.width)

    def footer(kept: Sequence[str]) -> list[str]:
        origin = source.replace("CC BY", "CC\u00a0BY").replace("BY 4", "BY\u00a04")
        return [*([" ".join(kept)] if kept else []), origin] if is_wide else [" ".join([*kept, origin])]

    def room(kept: Sequence[str], below: float) -> float:
        feet = (_height((wrapped(note, width, size.note), size.note, 0.06)) for note in footer(kept))
        return full - sum(feet) - below

    if isinstance(plot, Area):
        fitting = (notes[:kept] for kept in range(len(notes), -1, -1))
        return footer(next((kept for kept in fitting if room(kept, plot.below) >= 2), [])), plot, _line
    has_columns = is_wide and any(row.under for row in plot.rows)
    forms: list[Form] = [_line, _in_columns(plot, size)] if has_columns else [_line]
    for form in forms:
        needed = sum(form(row, size).height for row in plot.rows)
        for kept in range(len(notes), 0, -1):
            if room(notes[:kept], BELOW) >= needed:
                return footer(notes[:kept]), plot, form
    said = _said(plot, plot.rows)  # as long as it gets
    tries = []
    for form in forms:
        for first in (notes[:1], []):  # the first note gives way only where hardly a row would be left
            rows = _largest(plot, form, size, room([*first, said], BELOW))
            tries.append((min(len(rows), 3), bool(first), len(rows), [*first, _said(plot, rows)], rows, form))
    *_, kept_notes, rows, form = max(tries, key=lambda found: found[:3])
    return footer(kept_notes), Rows(rows, plot.limits, plot.finish, plot.what), form


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
    return f"Shown: {counts}, the largest and those of the title; the page version has all."


def _draw_inline(figure: Figure, plot: Rows, box: tuple[float, float, float, float], size: Size, form: Form) -> None:
    """Each row on one line: label, what stands beside it, mark, figure."""
    left, bottom, width, height = box
    lines = [form(row, size) for row in plot.rows]
    labels = max(_width(text, points, line.row.bold) for line in lines for text, points, _ in line.lines)
    asides = max((_width(text, line.points) + BETWEEN for line in lines for text in line.aside), default=0.0)
    words = max(_width(line.row.words, line.points, line.row.bold) for line in lines)
    beside = left + labels + asides + BESIDE
    axes = _axes(figure, (beside, bottom, left + width - words - BESIDE - beside, height))
    across = blended_transform_factory(figure.transFigure, axes.transData)
    spare = (height - sum(line.height for line in lines)) / len(lines)
    top = 0.0
    for line in lines:
        middle = top + (line.height + spare) / 2
        line.row.draw(axes, middle)
        font: dict[str, Any] = {"va": "center_baseline", "fontweight": _weight(line.row), "transform": across}
        at = middle - sum(points for _, points, _ in line.lines) * LINE * TIGHT / 2
        for text, points, colour in line.lines:
            step = points * LINE * TIGHT
            axes.text(left / size.width, at + step / 2, text, ha="left", fontsize=points, color=colour, **font)
            at += step
        step = line.points * LINE * TIGHT
        for number, text in enumerate(line.aside):
            start = (left + labels + BETWEEN) / size.width
            at = middle + (number - (len(line.aside) - 1) / 2) * step
            axes.text(start, at, text, ha="left", fontsize=line.points, color=GREY, **font)
        end: dict[str, Any] = {"ha": "right", "fontsize": line.points, "color": BLACK}
        axes.text((left + width) / size.width, middle, line.row.words, **end, **font)
        if line.row is first_apart(plot.rows):
            _rule(figure, axes, top, (left / size.width, (left + width) / size.width))
        top += line.height + spare
    _finish(axes, plot, height, max(AXIS, size.note))
    _thin_ticks(figure, axes, max(AXIS, size.note))


def _thin_ticks(figure: Figure, axes: Axes, points: float) -> None:
    """Leave out every second, third ... tick where their labels would touch; zero, or one on a log axis, stays."""
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low - 1e-9 <= tick <= high + 1e-9]
    labels = axes.xaxis.get_major_formatter().format_ticks(ticks)
    at = axes.transData.transform([(tick, 0) for tick in ticks])[:, 0] / figure.dpi
    halves = [_width(label, points) / 2 for label in labels]
    anchor = ticks.index(1) if axes.get_xscale() == "log" and 1 in ticks else 0
    for step in range(1, len(ticks) + 1):
        kept = range(anchor % step, len(ticks), step)
        if all(at[b] - at[a] >= halves[a] + halves[b] + 0.08 for a, b in pairwise(kept)):
            break
    if step > 1:
        axes.set_xticks([ticks[n] for n in kept])


matplotlib.use("agg")
