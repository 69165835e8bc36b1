"""What every chart is: a picture with its data, words, source and licence, and how it is shown.

How a page is laid out in each size is in layout.py, its bytes in export.py; here are the words around it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from analysis import __version__, edition
from analysis.charts.export import ALL_PICTURES, named_svg, pdf_bytes, pixels, png_bytes, svg_bytes
from analysis.charts.layout import Page, lay_out
from analysis.charts.page import DPI, PRINTED, SIZES, Area, Rows
from analysis.charts.quoting import quoted
from analysis.charts.text import lower_first, shorten, slug
from analysis.counting.apart import RANKLESS
from analysis.counting.rate_words import share_words
from analysis.csv_files import harmless, to_csv_bytes
from analysis.errors import MisconductError, require_known
from analysis.provenance.sources import Source, licence_line, source_line
from analysis.writing import write_files

IN_NOTEBOOKS = 150  # dots an inch of their PNG: sharp on most screens, and half the bytes
SHORT = 400  # characters of an alt text where it is to be short


@dataclass(frozen=True)
class Words:
    """What is written around a plot.

    title: the finding; definition: what is counted out of whom; lines: one sentence a mark, with every figure; measure:
    for captions, if not the first sentence of `definition`; counted: the count behind a title that has none;
    copied: the finding as it is copied, if that is not the title; row: of a RateTable, which this begins with, if it
    does.
    """

    title: str
    subtitle: str
    definition: str
    lines: Sequence[str]
    notes: Sequence[str]
    interval_method: str
    measure: str = ""
    counted: str = ""
    copied: str = ""
    row: pd.Series | None = None


@dataclass(frozen=True)
class Chart:
    """A chart and all that must go with it.

    data: exactly what is plotted, one row a mark. definition: what is counted out of whom. filter: GROUPS column ->
    value where only some people are counted. plot: how it is drawn, for layout.lay_out.
    """

    name: str
    plot: Rows | Area = field(repr=False)
    data: pd.DataFrame = field(repr=False)
    title: str
    subtitle: str
    definition: str
    notes: tuple[str, ...]
    sources: tuple[Source, ...] = field(repr=False)
    alt_text: str = field(repr=False)
    interval_method: str
    measure: str  # in captions: what is counted out of whom
    counted: str = ""  # in captions: the count behind a title that has none
    copied: str = ""  # in captions: the finding, where that is not the title
    row: pd.Series | None = field(default=None, repr=False)  # in captions: the rate that the finding begins with
    filter: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A name that could leave its folder or confuse a system is refused."""
        if not re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", self.name):
            raise MisconductError(f"{self.name!r} cannot be a chart's name: only a-z, 0-9, underscore, dot and hyphen.")

    @property
    def short_alt_text(self) -> str:
        """The alt text for places that take few characters: what is drawn, the finding, and of whom, under 400."""
        kind, _, rest = self.alt_text.partition(". ")
        return shorten(f"{kind}. {' '.join(rest.splitlines()[:2])}", SHORT)

    @property
    def source_line(self) -> str:
        """Where the figures come from."""
        return source_line(self.sources)

    @property
    def file_name(self) -> str:
        """The name of its files: with its filter, so that a part is never taken for the whole."""
        parts = [f"{slug(column)}-{slug(value)}" for column, value in self.filter.items()]
        return ".".join([self.name, *parts])

    @property
    def caption(self) -> str:
        """The finding as it is copied, with count, interval, place, period, source and edition, within a post."""
        return self.quote()

    def quote(self, page: str = "") -> str:
        """The sentence to copy: the finding, with the share and interval of the rate that it begins with where nothing
        has to be left out for them, out of whom, and the count behind it, where the finding does not say these.

        page: where it stands in the site.
        """
        finding = (self.copied or self.title).removesuffix(f"; {RANKLESS}")
        first, *others = finding.split("; ")
        _, is_of, among = self.measure.rstrip(".").rpartition(" among ")
        whom = among.split(", ")[0]
        out_of = f"out of {whom}" if is_of and whom not in first else ""
        counted = "" if re.search(r"\d of ", finding) else lower_first(self.counted.rstrip("."))

        share = "" if self.row is None else share_words(self.row)

        def told(share: str) -> str:
            parts = [first, share, out_of, *others, counted]
            return quoted("; ".join(filter(None, parts)), self.sources, page)

        return min(map(told, dict.fromkeys([share, ""])), key=lambda text: "…" in text)

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The laid-out pages made so far, by size."""
        return {}

    @cached_property
    def _svgs(self) -> dict[str, bytes]:
        """The pictures drawn so far as SVG, by size: a PDF and a web page are made from them."""
        return {}

    def page(self, size: str = "page") -> Page:
        """The chart laid out in one size; MisconductError lists the known sizes."""
        require_known(size, SIZES, "size")
        if size not in self.pages:
            when = f"edition of {edition.day(edition.UPDATED)}"
            whose = ", ".join(filter(None, (edition.PROJECT, when, edition.ADDRESS)))
            footer = f"{self.source_line} Licence: {licence_line(self.sources)}. {whose}."
            subtitle = self.subtitle
            if size == "square":  # the source line says the period as well
                for source in self.sources:
                    subtitle = subtitle.replace(f" {source.coverage}.", "")
            self.pages[size] = lay_out(self.title, subtitle, self.notes, footer, self.plot, SIZES[size])
        return self.pages[size]

    def description(self, size: str = "page") -> str:
        """The alt text, and which of its rows a size leaves out."""
        left_out = self.page(size).left_out
        return "\n".join([self.alt_text, *([f"Not drawn in this picture: {'; '.join(left_out)}."] if left_out else [])])

    @property
    def figure(self) -> Figure:
        """The picture in page size."""
        return self.page().figure

    @property
    def metadata(self) -> dict[str, object]:
        """What a reader of the picture alone would miss, as plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "subtitle": self.subtitle,
            "caption": self.caption,
            "definition": self.definition,
            "filter": dict(self.filter),
            "interval_method": self.interval_method,
            "notes": list(self.notes),
            "alt_text": self.alt_text,
            "short_alt_text": self.short_alt_text,
            "source": self.source_line,
            "sources": [
                {
                    "id": source.id,
                    "title": source.title,
                    "publisher": source.publisher,
                    "urls": list(source.urls),
                    "licence": dict(source.licence),
                }
                for source in self.sources
            ],
            "licence": licence_line(self.sources),
            "date_of_data": "; ".join(dict.fromkeys(source.published for source in self.sources)),
            "version": __version__,
            "edition": edition.UPDATED,
            **({"address": edition.ADDRESS} if edition.ADDRESS else {}),
        }

    def svg(self, size: str = "page") -> bytes:
        """The picture as SVG: text as text, with a title and a description for screen readers."""
        if size not in self._svgs:
            self._svgs[size] = svg_bytes(self.page(size).figure, self.title, self.description(size), self.source_line)
        return self._svgs[size]

    def printed_svg(self) -> bytes:
        """The plot alone as SVG, as wide as A4 paper is between its margins, for a page that says the words itself."""
        figure = lay_out("", "", (), "", self.plot, PRINTED).figure
        return svg_bytes(figure, self.title, self.alt_text, self.source_line)

    def inline_svg(self, size: str = "page") -> str:
        """The picture as an element for a web page."""
        return named_svg(self.svg(size).decode(), slug(f"{self.file_name}-{size}"))

    def png(self, size: str = "page", dots: int = DPI) -> bytes:
        """The picture as PNG, twice the size of the page (or `dots` an inch)."""
        return self._png(size, dots)()

    def _png(self, size: str, dots: int = DPI) -> Callable[[], bytes]:
        """Draw the picture, and give what is left to do, which needs no matplotlib: to call for its bytes."""
        details = {
            "Title": self.title,
            "Description": self.description(size),
            "Source": self.source_line,
            "Copyright": licence_line(self.sources),
        }
        return partial(png_bytes, pixels(self.page(size).figure, dots), dots, details)

    def pdf(self, size: str = "page") -> bytes:
        """The picture as PDF: text as text, tagged, with the alt text for screen readers."""
        return self._pdf(size)()

    def _pdf(self, size: str) -> Callable[[], bytes]:
        """As _png."""
        inches = tuple(self.page(size).figure.get_size_inches())
        return partial(pdf_bytes, self.svg(size), inches, self.title, self.description(size), self.source_line)

    def csv(self) -> bytes:
        """Exactly what is plotted, with a column for each filter; harmless in a spreadsheet."""
        filters = {f"only_{column}": value for column, value in self.filter.items()}
        return to_csv_bytes(harmless(self.data.assign(**filters)))

    def contents(self, pictures: Sequence[tuple[str, str]] = ALL_PICTURES) -> dict[str, bytes]:
        """File name -> bytes of what is exported: pictures (size, format), data, alt text, caption and metadata."""
        draw: Mapping[str, Callable[[str], Callable[[], bytes]]] = {
            "svg": lambda size: partial(bytes, self.svg(size)),
            "png": self._png,
            "pdf": self._pdf,
        }
        with ThreadPoolExecutor(1) as beside:  # makes the file of what is drawn while matplotlib draws the next
            files = {self.picture_name(size, kind): beside.submit(draw[kind](size)) for size, kind in pictures}
        drawn = {name: file.result() for name, file in files.items()}
        sizes = dict.fromkeys(size for size, _ in pictures)
        left_out = {size: list(self.page(size).left_out) for size in sizes if self.page(size).left_out}
        texts = {
            f"{self.file_name}.csv": self.csv(),
            f"{self.file_name}.txt": (self.alt_text + "\n").encode(),
            f"{self.file_name}.caption.txt": (self.caption + "\n").encode(),
        }
        about = f"{self.file_name}.json"
        metadata = {**self.metadata, "files": [*drawn, *texts, about], "rows_left_out": left_out}
        return {**drawn, **texts, about: (json.dumps(metadata, indent=2, ensure_ascii=False) + "\n").encode()}

    def picture_name(self, size: str, kind: str) -> str:
        """The file name of a picture: NAME.svg in page size, NAME.square.svg in another."""
        return f"{self.file_name}{'' if size == 'page' else f'.{size}'}.{kind}"

    def export(self, folder: Path, pictures: Sequence[tuple[str, str]] = ALL_PICTURES) -> list[Path]:
        """Write `contents` into a folder, all or none."""
        files = {folder / name: content for name, content in self.contents(pictures).items()}
        write_files(files)
        return list(files)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        """What a notebook shows, also one that was opened and not run: a PNG, which needs no trust, and the alt text.

        The alt text, with every figure, is what is regression-tested.
        """
        width, height = (round(inches * DPI / 2) for inches in self.figure.get_size_inches())
        picture = base64.b64encode(self.png(dots=IN_NOTEBOOKS)).decode()
        size: dict[str, object] = {"image/png": {"width": width, "height": height}}
        return {"text/plain": self.alt_text, "image/png": picture}, size

    def show(self) -> None:
        """Show the chart in a notebook where it is not the last line of a cell."""
        from IPython.display import display

        bundle, size = self._repr_mimebundle_()
        display(bundle, metadata=size, raw=True)


def compose(
    kind: str,
    name: str,
    words: Words,
    data: pd.DataFrame,
    plot: Rows | Area,
    sources: Sequence[Source],
    where: Mapping[str, str] | None = None,
) -> Chart:
    """A Chart from its words, its data and its plot.

    kind: what sort of chart it is, for the alt text. Source line and licence are added under the notes.
    """
    footer = [*words.notes, f"{source_line(sources)} Licence: {licence_line(sources)}."]
    return Chart(
        name=name,
        plot=plot,
        data=data,
        title=words.title,
        subtitle=words.subtitle,
        definition=words.definition,
        notes=tuple(words.notes),
        sources=tuple(sources),
        alt_text="\n".join([f"{kind}. {words.title}.", words.subtitle, *words.lines, *footer]),
        interval_method=words.interval_method,
        measure=words.measure or words.definition.split(". ")[0],
        counted=words.counted,
        copied=words.copied,
        row=words.row,
        filter=dict(where or {}),
    )


def renamed(chart: Chart, name: str) -> Chart:
    """The same chart under another name."""
    return replace(chart, name=name)
