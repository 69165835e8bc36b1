"""What every chart is: a picture with its data, words, source and licence, and how it is shown and exported.

How a page is laid out in each size is in layout.py; here are the words around it and the files.
"""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
from matplotlib import style
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from analysis import __version__
from analysis.charts.layout import DPI, SIZES, STYLE, Area, Page, Rows, lay_out
from analysis.csv_files import harmless, to_csv_bytes
from analysis.errors import MisconductError, require_known
from analysis.paths import write_files
from analysis.provenance.sources import Source, licence_line, source_line

EXPORTED = ("page", "wide", "square")  # sizes; "phone" is for pages of the gallery
IN_NOTEBOOKS = 150  # dots an inch of their PNG: sharp on most screens, and half the bytes
FORMATS = ("svg", "png", "pdf")
ALL_PICTURES = [(size, kind) for size in EXPORTED for kind in FORMATS]
COLOURS = 64  # of a PNG: the few of the chart and the edges of its letters
CLAUSE = "[;:] |, as "  # where a definition may end early
CAPTION = 280  # characters, as short messages allow
FONTS = "'DejaVu Sans', Verdana, sans-serif"  # Verdana has the same widths where DejaVu is not installed


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
    filter: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A name that could leave its folder or confuse a system is refused."""
        if not re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*", self.name):
            raise MisconductError(f"{self.name!r} cannot be a chart's name: only a-z, 0-9, underscore, dot and hyphen.")

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
        """Under 280 characters: the finding with its count, what is counted out of whom, and the source.

        What is too long is cut between clauses or words: a clause of the definition, else the finding; not the source.
        Place and period stand before the source where there is room: the names of sources mostly say the period too.
        """
        origin = f"Source: {_short_names(self.sources)}."
        room = CAPTION - 1 - len(origin) - 3  # three spaces between four parts
        count = "" if re.search(r"\d of ", self.title) else shorten(self.counted, 80)
        measure = shorten(self.measure, 130, CLAUSE)
        if len(count) + len(measure) + len(self.title) + 1 > room:
            measure = re.split(CLAUSE, measure)[0].rstrip(".") + "."
        finding = shorten(self.title, room - len(count) - len(measure))
        said = [part for part in (finding, count, measure) if part]
        left = CAPTION - 1 - len(" ".join([*said, origin]))
        for part in (*(source.jurisdiction for source in self.sources), *(source.coverage for source in self.sources)):
            if f"{part}." not in said and len(part) + 2 <= left:
                said.append(f"{part}.")
                left -= len(part) + 2
        return " ".join([*said, origin])

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The laid-out pages made so far, by size."""
        return {}

    def page(self, size: str = "page") -> Page:
        """The chart laid out in one size; MisconductError lists the known sizes."""
        require_known(size, SIZES, "size")
        if size not in self.pages:
            footer = f"{self.source_line} Licence: {licence_line(self.sources)}."
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
        }

    def svg(self, size: str = "page") -> bytes:
        """The picture as SVG: text as text, with a title and a description for screen readers."""
        with style.context(STYLE):
            content = io.StringIO()
            details = {
                "Title": self.title,
                "Description": self.description(size),
                "Source": self.source_line,
                "Date": None,
            }
            self.page(size).figure.savefig(content, format="svg", metadata=details)
        head, mark, rest = content.getvalue().replace("'DejaVu Sans'", FONTS).partition("<metadata>")
        described = f"<title>{_escape(self.title)}</title>\n <desc>{_escape(self.description(size))}</desc>\n "
        return (head + described + mark + rest).encode()

    def inline_svg(self, size: str = "page") -> str:
        """The picture as an element for a web page."""
        return named_svg(self.svg(size).decode(), slug(f"{self.file_name}-{size}"))

    def png(self, size: str = "page", dots: int = DPI) -> bytes:
        """The picture as PNG, twice the size of the page (or `dots` an inch), in few colours so that it is small."""
        with style.context(STYLE):
            drawn = io.BytesIO()  # as bare pixels, because the file is made below, in few colours
            figure = self.page(size).figure
            figure.savefig(drawn, format="rgba", dpi=dots)
            width, height = (int(inches * dots + 1e-6) for inches in figure.get_size_inches())
        details = PngInfo()
        for key, text in (
            ("Title", self.title),
            ("Description", self.description(size)),
            ("Source", self.source_line),
            ("Copyright", licence_line(self.sources)),
        ):
            details.add_itxt(key, text)
        content = io.BytesIO()
        picture = Image.frombytes("RGBA", (width, height), drawn.getvalue()).convert("RGB")
        few = picture.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(content, format="PNG", pnginfo=details, compress_level=7, dpi=(dots, dots))
        return content.getvalue()

    def pdf(self, size: str = "page") -> bytes:
        """The picture as PDF."""
        with style.context(STYLE):
            content = io.BytesIO()
            details = {
                "Title": self.title,
                "Subject": self.source_line,
                "CreationDate": None,
                "Producer": None,
            }
            self.page(size).figure.savefig(content, format="pdf", metadata=details)
        return content.getvalue()

    def csv(self) -> bytes:
        """Exactly what is plotted, with a column for each filter; harmless in a spreadsheet."""
        filters = {f"only_{column}": value for column, value in self.filter.items()}
        return to_csv_bytes(harmless(self.data.assign(**filters)))

    def contents(self, pictures: Sequence[tuple[str, str]] = ALL_PICTURES) -> dict[str, bytes]:
        """File name -> bytes of what is exported: pictures (size, format), data, alt text, caption and metadata."""
        draw = {"svg": self.svg, "png": self.png, "pdf": self.pdf}
        drawn = {self.picture_name(size, kind): draw[kind](size) for size, kind in pictures}
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


def pictures(sizes: Sequence[str] | None = None, formats: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """(size, format) of the pictures wanted: all sizes or formats where none is named. MisconductError lists them."""
    chosen = [require_known(size, EXPORTED, "size") for size in sizes or EXPORTED]
    kinds = [require_known(kind, FORMATS, "format") for kind in formats or FORMATS]
    return [(size, kind) for size in chosen for kind in kinds]


def compose(
    kind: str,
    *,
    name: str,
    title: str,
    subtitle: str,
    data: pd.DataFrame,
    lines: Sequence[str],
    notes: Sequence[str],
    definition: str,
    interval_method: str,
    sources: Sequence[Source],
    plot: Rows | Area,
    measure: str = "",
    counted: str = "",
    where: Mapping[str, str] | None = None,
) -> Chart:
    """A Chart from its words, its data and its plot.

    kind: what sort of chart it is, for the alt text; lines: one sentence a mark, with every figure; measure: what is
    counted out of whom, if not the first sentence of `definition`. Source line and licence are added under the notes.
    """
    footer = [*notes, f"{source_line(sources)} Licence: {licence_line(sources)}."]
    return Chart(
        name=name,
        plot=plot,
        data=data,
        title=title,
        subtitle=subtitle,
        definition=definition,
        notes=tuple(notes),
        sources=tuple(sources),
        alt_text="\n".join([f"{kind}. {title}.", subtitle, *lines, *footer]),
        interval_method=interval_method,
        measure=measure or definition.split(". ")[0],
        counted=counted,
        filter=dict(where or {}),
    )


def named_svg(text: str, own: str) -> str:
    """An SVG of ours as an element for a web page: it scales, it is named, and its ids begin with `own`."""
    text = text[text.index("<svg") :]
    text = re.sub(r" *<metadata>.*?</metadata>\n", "", text, flags=re.DOTALL)
    text = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{own}-", text)
    head, rest = text.split(">", 1)
    [box] = re.findall(r'viewBox="[^"]*"', head)
    named = f'role="img" aria-labelledby="{own}-title" aria-describedby="{own}-desc"'
    start = f'<svg {named} {box} xmlns="http://www.w3.org/2000/svg"'
    rest = rest.replace("<title>", f'<title id="{own}-title">', 1).replace("<desc>", f'<desc id="{own}-desc">', 1)
    return f'{start} xmlns:xlink="http://www.w3.org/1999/xlink">{rest}'


def renamed(chart: Chart, name: str) -> Chart:
    """The same chart under another name."""
    return replace(chart, name=name)


def slug(text: str) -> str:
    """Text as a part of a file name or address: a-z, 0-9 and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def shorten(text: str, most: int, breaks: str = "[;:] ") -> str:
    """`text` as one sentence of at most `most` characters, cut between clauses or words and never inside a count.

    breaks: the regular expression of what ends a clause. Empty where there is not room for a word.
    """
    sentence = text.rstrip(".") + "." if text else ""
    if len(sentence) <= most:
        return sentence
    clauses = [match.start() for match in re.finditer(breaks, text) if match.start() < most]
    if clauses and clauses[-1] > most / 2:
        return text[: clauses[-1]] + "."
    words = text[: max(0, most - 1)].split(" ")[:-1]
    while words and re.search(r"\d|\(|^(of|a|the|and|or|)$", words[-1].rstrip(",;:")):
        words.pop()
    return " ".join(words).rstrip(",;:") + "…" if words else ""


def _short_names(sources: Sequence[Source], most: int = 110) -> str:
    """The names of sources as short as they can be: all if there is room, else the first and how many more."""
    names = [source.citation.split(",")[0] for source in sources]
    if len("; ".join(names)) <= most:
        return "; ".join(names)
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return (names[0] if len(names[0] + more) <= most else shorten(names[0], most - len(more), r"[;:(] ")) + more


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
