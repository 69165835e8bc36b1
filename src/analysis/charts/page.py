"""What a page is made of: its sizes, rows and areas, and the axes under them. Everything is measured in inches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from analysis.charts.style import GREY

DPI = 200
LINE = 1.28 / 72  # height of a line of text, in inches a point
AXIS = 9.0  # points of what is written at an axis, at least
ROOMY = 6.5  # inches from which a row of a page that grows takes one line


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

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin

    @property
    def is_wide(self) -> bool:
        """Whether there is room for marks beside their labels."""
        return self.width > (self.height or ROOMY)

    @property
    def axis(self) -> float:
        """The font size of what is written at an axis."""
        return max(AXIS, self.note)


# At 200 dots an inch: wide is 1920 x 1080 pixels, square 1080 x 1080. On a phone a square is shown a third as large,
# so none of its text is under 27 pixels.
SIZES = {
    "page": Size(5.6, None, 13.5, 10, 8.5, 10, 0.25),
    "phone": Size(3.75, None, 12.5, 9.5, 8.8, 9.2, 0.19),
    "wide": Size(9.6, 5.4, 14.5, 9.8, 8.7, 9.4, 0.24),
    "square": Size(5.4, 5.4, 12.4, 9.75, 9.75, 9.75, 0.2),
}
PRINTED = Size(7.0, None, 9, 8, 7.5, 8, 0.05)  # on A4 paper at its own size, its words in the text around it


@dataclass(frozen=True)
class Row:
    """One row: a label, the figure in words, and `draw`, which marks it on an axes at a height.

    high: how far its mark reaches; least: how far an axis goes for it at least, where it is of low reliability (None:
    the whole way); size: how many people, to choose rows by where not all fit; is_kept: the title
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
    least: float | None = None

    @property
    def weight(self) -> str:
        """The weight of its font."""
        return "bold" if self.bold else "normal"


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
        """The ends of the axis: it ends where what is reliable does, if anything is."""
        is_reliable = any(row.least is None and row.high > 0 for row in self.rows)
        return self.limits(max(row.high if row.least is None or not is_reliable else row.least for row in self.rows))

    @property
    def first_apart(self) -> Row | None:
        """The row above which a thin line stands: the first that is set apart from others."""
        return next((row for row in self.rows[1:] if row.is_apart), None)


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
class RowLines:
    """A row with its label broken into lines: (text, font size, colour); its height in inches.

    aside: the lines of a second column; points: font size of these and of the figure in words.
    """

    row: Row
    lines: list[tuple[str, float, str]]
    height: float
    points: float
    aside: tuple[str, ...] = ()


Form = Callable[[Row, Size], RowLines]  # how a row is set


@dataclass(frozen=True)
class Block:
    """Lines of text in one font, and the gap after them."""

    lines: list[str]
    points: float
    gap: float
    weight: str = "normal"

    @property
    def height(self) -> float:
        """How high it is with its gap."""
        return len(self.lines) * self.points * LINE + self.gap


def total(inches: Sequence[float]) -> float:
    """The sum, rounded once: what the builtin sum() makes of floats depends on the version of Python."""
    return math.fsum(inches)


def write(figure: Figure, blocks: Sequence[Block], top: float, size: Size, colour: str) -> None:
    """Write blocks of lines downwards from `top` inches."""
    height = figure.get_size_inches()[1]
    for block in blocks:
        for line in block.lines:
            at = (size.margin / size.width, (top - 0.78 * block.points * LINE) / height)
            figure.text(*at, line, fontsize=block.points, color=colour, fontweight=block.weight)
            top -= block.points * LINE
        top -= block.gap


def add_axes(figure: Figure, box: tuple[float, float, float, float], plot: Rows | None = None) -> Axes:
    """Axes in a box of inches (left, bottom, width, height), with the limits of a plot of rows."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes((box[0] / width, box[1] / height, box[2] / width, box[3] / height))
    if plot is not None:
        axes.set(xlim=plot.span)  # before anything is drawn: marks end at the axis
    return axes


def add_rule(figure: Figure, axes: Axes, height: float, ends: tuple[float, float]) -> None:
    """A thin line at a height of the axes, between two shares of the width of the figure."""
    across = blended_transform_factory(figure.transFigure, axes.transData)
    figure.add_artist(Line2D(ends, (height, height), color=GREY, linewidth=0.7, transform=across))


def finish(axes: Axes, plot: Rows, height: float, points: float) -> None:
    """Limits, grid and ticks of a plot of rows, the first row at the top."""
    axes.set(ylim=(height, 0))
    axes.set_yticks([])
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0, labelsize=points)
    plot.finish(axes)
