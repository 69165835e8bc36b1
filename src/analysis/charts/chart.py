"""What every chart is: a figure with its data, words, source and licence, and how it is shown and exported."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import afcharts
import matplotlib
import pandas as pd
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from analysis import __version__
from analysis.files import to_csv_bytes
from analysis.paths import write_files
from analysis.sources import Source

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
PNG_DPI = 200


def source_line(sources: Sequence[Source]) -> str:
    """The line under a chart, from each source's source.yml."""
    return "Source: " + "; ".join(source.citation for source in sources) + "."


def licence_line(sources: Sequence[Source]) -> str:
    """Every licence that applies, once."""
    return ", ".join(dict.fromkeys(source.licence["name"] for source in sources))


@dataclass(frozen=True)
class Chart:
    """A drawn figure and all that must go with it.

    data: exactly what is plotted, one row a mark. date_of_data: when the sources were published, as text.
    """

    name: str
    figure: Figure = field(repr=False)
    data: pd.DataFrame = field(repr=False)
    title: str
    subtitle: str
    definition: str
    notes: tuple[str, ...]
    sources: tuple[Source, ...] = field(repr=False)
    alt_text: str = field(repr=False)
    interval_method: str

    @property
    def source_line(self) -> str:
        """Where the figures come from."""
        return source_line(self.sources)

    @property
    def metadata(self) -> dict[str, object]:
        """What a reader of the picture alone would miss, as plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "subtitle": self.subtitle,
            "definition": self.definition,
            "interval_method": self.interval_method,
            "notes": list(self.notes),
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

    def svg(self) -> bytes:
        """The picture as SVG: text as text, with a title and a description for screen readers."""
        with style.context(STYLE):
            content = io.StringIO()
            details = {
                "Title": self.title,
                "Description": self.alt_text,
                "Source": self.source_line,
                "Date": None,
            }
            self.figure.savefig(content, format="svg", metadata=details)
        head, mark, rest = content.getvalue().partition("<metadata>")
        described = f"<title>{_escape(self.title)}</title>\n <desc>{_escape(self.alt_text)}</desc>\n "
        return (head + described + mark + rest).encode()

    def png(self) -> bytes:
        """The picture as PNG, twice the size of the page."""
        with style.context(STYLE):
            content = io.BytesIO()
            details = {
                "Title": self.title,
                "Description": self.alt_text,
                "Source": self.source_line,
                "Copyright": licence_line(self.sources),
                "Software": None,
            }
            self.figure.savefig(content, format="png", dpi=PNG_DPI, metadata=details)
        return content.getvalue()

    def pdf(self) -> bytes:
        """The picture as PDF."""
        with style.context(STYLE):
            content = io.BytesIO()
            details = {
                "Title": self.title,
                "Subject": self.source_line,
                "CreationDate": None,
                "Producer": None,
            }
            self.figure.savefig(content, format="pdf", metadata=details)
        return content.getvalue()

    def export(self, folder: Path) -> list[Path]:
        """Write folder/<name>.svg, png, pdf, csv (the data), txt (alt text) and json (metadata), all or none."""
        contents = {
            "svg": self.svg(),
            "png": self.png(),
            "pdf": self.pdf(),
            "csv": to_csv_bytes(self.data),
            "txt": (self.alt_text + "\n").encode(),
            "json": (json.dumps(self.metadata, indent=2, ensure_ascii=False) + "\n").encode(),
        }
        files = {folder / f"{self.name}.{ending}": content for ending, content in contents.items()}
        write_files(files)
        return list(files)

    def show(self) -> None:
        """Show the chart in a notebook; its alt text, with every figure, is the text that is regression-tested."""
        from IPython.display import display

        display({"text/plain": self.alt_text, "image/svg+xml": self.svg().decode()}, raw=True)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, that no window or global state knows."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


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


WIDTH, MARGIN = 5.6, 0.25  # inches: narrow enough to be read on a phone without zooming
TITLE: dict[str, Any] = {"fontsize": 13.5, "fontweight": "bold", "color": "#1a1a1a"}
SUBTITLE: dict[str, Any] = {"fontsize": 10, "color": "#1a1a1a"}
NOTE: dict[str, Any] = {"fontsize": 8.5, "color": "#595959"}
LINE = 1.28 / 72  # height of a line of text, in inches a point


def draw_page(
    title: str,
    subtitle: str,
    footer: Sequence[str],
    plot_height: float,
    draw: Callable[[Axes], object],
    *,
    below: float = 0.45,
    left: float = 0.0,
) -> Figure:
    """The page every chart shares: title, subtitle, a plot of `plot_height` inches filled by `draw`, and footer lines.

    below: inches between the plot and the footer, for the axis. left: inches beside the plot, for the axis.
    """
    with style.context(STYLE):
        figure = new_figure(WIDTH, 1)
        text_width = WIDTH - 2 * MARGIN
        top = [(wrapped(figure, title, text_width, **TITLE), TITLE, 0.10)]
        top += [(wrapped(figure, subtitle, text_width, **SUBTITLE), SUBTITLE, 0.12)]
        foot = [(wrapped(figure, note, text_width, **NOTE), NOTE, 0.06) for note in footer]
        head_height, foot_height = (
            sum(len(lines) * font["fontsize"] * LINE + gap for lines, font, gap in part) for part in (top, foot)
        )
        height = MARGIN + head_height + plot_height + below + foot_height + MARGIN
        figure.set_size_inches(WIDTH, height)
        for part, y in ((top, height - MARGIN), (foot, MARGIN + foot_height)):
            for lines, font, gap in part:
                for line in lines:
                    figure.text(MARGIN / WIDTH, (y - 0.78 * font["fontsize"] * LINE) / height, line, **font)
                    y -= font["fontsize"] * LINE
                y -= gap
        box = (MARGIN + left, MARGIN + foot_height + below, WIDTH - 2 * MARGIN - left, plot_height)
        draw(figure.add_axes((box[0] / WIDTH, box[1] / height, box[2] / WIDTH, box[3] / height)))
    return figure


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
    plot_height: float,
    draw: Callable[[Axes], object],
    **room: float,
) -> Chart:
    """A Chart from its words, its data and a function that draws it.

    kind: what sort of chart it is, for the alt text; lines: one sentence a mark, with every figure; room: the spaces of
    `draw_page`. Source line and licence are added under the notes.
    """
    footer = [*notes, f"{source_line(sources)} Licence: {licence_line(sources)}."]
    return Chart(
        name=name,
        figure=draw_page(title, subtitle, footer, plot_height, draw, **room),
        data=data,
        title=title,
        subtitle=subtitle,
        definition=definition,
        notes=tuple(notes),
        sources=tuple(sources),
        alt_text="\n".join([f"{kind}. {title}.", subtitle, *lines, *footer]),
        interval_method=interval_method,
    )


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


matplotlib.use("agg")
