"""Cards: the picture of 1200 by 630 that a link to a page shows where it is shared, with the page's own answer."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from analysis import edition
from analysis.charts import Chart
from analysis.charts.export import COMPRESSION
from analysis.charts.page import DPI, SIZES
from analysis.charts.style import BLACK, BLUE, GREY, PINK
from analysis.counting.rate_words import FEW, count_words
from analysis.provenance.sources import Source
from analysis.publishing import wording as words

WIDTH, HEIGHT, MARGIN = 1200, 630, 64
ROOM = WIDTH - 2 * MARGIN
SMALL = 22
RULE = "#c9ced6"
TONES = ((BLACK, 2), (BLUE, 1), (PINK, 1), (GREY, 1))  # how many each colour has, for the edges of letters


@dataclass(frozen=True)
class Picture:
    """What a page shows of itself elsewhere: a picture of the site, its size, and its words for who does not see it."""

    path: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class Card:
    """A page's answer: its address, its sentence, and of ten people or more their count and share with its interval.

    origin: where the figures are from. share: rate, low, high. is_small: [u].
    """

    page: str
    sentence: str
    origin: str
    figure: str = ""
    share: tuple[float, float, float] | None = None
    is_small: bool = False

    @property
    def picture(self) -> Picture:
        """Where it is in the site, and what it says."""
        path = f"cards/{self.page.removesuffix('.html')}.png"
        return Picture(path, f"{self.sentence} {self.origin}", WIDTH, HEIGHT)

    def png(self) -> bytes:
        """The card drawn, in few colours; the same bytes on every machine."""
        image = Image.new("RGB", (WIDTH, HEIGHT), "white")
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 0, WIDTH, 16), fill=BLUE)
        foot = HEIGHT - 40 - _height([*self._foot()], SMALL)
        pen.multiline_text((MARGIN, foot), "\n".join(self._foot()), GREY, _font(SMALL), spacing=8)
        top = 56
        if self.figure:
            pen.text((MARGIN, top), self.figure, PINK, _font(84, True))
            top += 118
        bar = 116 if self.share else 0
        lines, size = _fitted(self.sentence, foot - top - bar - 28)
        pen.multiline_text((MARGIN, top), "\n".join(lines), BLACK, _font(size), spacing=size // 4)
        if self.share:
            _interval(pen, self.share, self.is_small, foot - bar + 22)
        return _in_few_colours(image)

    def _foot(self) -> list[str]:
        """Where it is from, and whose it is."""
        ours = f"{edition.PROJECT}, edition of {edition.day(edition.UPDATED)}"
        place = edition.ADDRESS.split("://")[-1].rstrip("/")
        return [*_wrapped(self.origin, SMALL), *_wrapped(" · ".join(filter(None, (ours, place))), SMALL)]


def card_of(page: str, sentence: str, sources: Sequence[Source], row: Any = None) -> Card:
    """The card of a page by its sentence and the row of a RateTable that it is of, if it is of one.

    Fewer than FEW people have no share in it; a row marked [u] has no large figure, and its dot is hollow.
    """
    origin = f"{words.origin(sources)}."
    if row is None or row["reliability"] not in ("ok", "u") or row["denominator"] < FEW:
        return Card(page, sentence, origin)
    share = (float(row["rate"]), float(row["low"]), float(row["high"])) if row["n_cases"] > 1 else None
    is_small = row["reliability"] == "u"
    return Card(page, sentence, origin, "" if is_small else count_words(row).split(", ")[0], share, is_small)


def chart_picture(chart: Chart) -> Picture:
    """A chart's own picture for where its page is shared: the one for slides, which is nearest in shape."""
    size = SIZES["wide"]
    path = f"downloads/charts/{chart.picture_name('wide', 'png')}"
    return Picture(path, chart.short_alt_text, round(size.width * DPI), round((size.height or 0) * DPI))


@cache
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The typeface of the charts, which comes with matplotlib."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(
        Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size, layout_engine=ImageFont.Layout.BASIC
    )


def _wrapped(text: str, size: int) -> list[str]:
    """A text in lines that fit the card; "5 of 16" stays in one."""
    lines: list[str] = []
    for word in re.sub(r"(?<=\d) of (?=\d)", "\u00a0of\u00a0", text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(size).getlength(longer) <= ROOM:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _height(lines: Sequence[str], size: int) -> int:
    return len(lines) * size * 4 // 3


def _fitted(text: str, room: int) -> tuple[list[str], int]:
    """A text in the largest letters in which it fits a height: its lines and their size."""
    for size in (34, 30, 26, 22):
        lines = _wrapped(text, size)
        if _height(lines, size) + len(lines) * size // 8 <= room:
            break
    return lines, size


def _interval(pen: ImageDraw.ImageDraw, share: tuple[float, float, float], is_small: bool, top: int) -> None:
    """A share and its 95% interval on an axis that ends at the next 5% after it."""
    rate, low, high = share
    end = min(1.0, math.ceil(high * 20) / 20)
    across = [MARGIN + ROOM * value / end for value in (low, rate, high)]
    pen.line((MARGIN, top + 18, MARGIN + ROOM, top + 18), RULE, 2)
    pen.line((across[0], top + 18, across[2], top + 18), BLUE, 8)
    pen.ellipse((across[1] - 15, top + 3, across[1] + 15, top + 33), "white" if is_small else BLUE, BLUE, 5)
    pen.text((MARGIN, top + 44), "0%", GREY, _font(SMALL))
    pen.text((MARGIN + ROOM, top + 44), f"{end:.0%}", GREY, _font(SMALL), anchor="ra")
    pen.text((WIDTH / 2, top + 44), "Share and 95% interval", GREY, _font(SMALL), anchor="ma")


def _in_few_colours(image: Image.Image) -> bytes:
    few = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    content = io.BytesIO()
    few.save(content, format="PNG", bits=4, compress_level=COMPRESSION)
    return content.getvalue()


@cache
def _palette() -> Image.Image:
    """The colours of a card, each with its tones towards the paper."""
    tones = [
        round(255 + (int(colour[place : place + 2], 16) - 255) * step / many)
        for colour, many in TONES
        for step in range(1, many + 1)
        for place in (1, 3, 5)
    ]
    palette = Image.new("P", (1, 1))
    palette.putpalette([255, 255, 255, *tones])
    return palette
