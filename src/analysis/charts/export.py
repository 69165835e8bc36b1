"""A chart as files: the bytes of its SVG, PNG and PDF, the same on every machine and every Python."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from analysis.charts.pdf import compiled
from analysis.charts.style import BLACK, BLUE, GREY, PALE, PINK, in_style
from analysis.charts.typeface import style_element
from analysis.errors import require_known

if TYPE_CHECKING:
    from PIL.Image import Image

EXPORTED = ("page", "wide", "square")  # sizes; "phone" is for pages of the gallery
FORMATS = ("svg", "png", "pdf")
# The colours of a PNG: those of a chart, and what the edges of its letters and marks pass through on white.
INKS = {BLACK: (1, 0.6, 0.25), GREY: (1,), PALE: (1,), BLUE: (1,), PINK: (1,)}
FONTS = "'DejaVu Sans', Verdana, sans-serif"  # Verdana, much as wide, for programs that take no typeface along
PDF = b"""#set document(title: sys.inputs.title, description: sys.inputs.source, date: none)
#set text(font: "DejaVu Sans", lang: "en", region: "GB")
#set page(width: float(sys.inputs.width) * 1pt, height: float(sys.inputs.height) * 1pt, margin: 0pt)
#image(bytes(sys.inputs.picture), format: "svg", width: 100%, alt: sys.inputs.description)
"""
COMPRESSION = 7  # of zlib, which takes seven times as long at 9 and makes a chart 4 % smaller
REFERENCE = r'(\bid="|url\(#|href="#)'  # before an id in an SVG


def pictures(sizes: Sequence[str] | None = None, formats: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """(size, format) of the pictures wanted: where none is named all sizes, and all formats that can be made here: PDF
    needs typst, which a plain installation lacks. MisconductError lists the known ones.
    """
    made_here = [kind for kind in FORMATS if kind != "pdf" or find_spec("typst")]
    chosen = [require_known(size, EXPORTED, "size") for size in sizes or EXPORTED]
    kinds = [require_known(kind, FORMATS, "format") for kind in formats or made_here]
    return [(size, kind) for size in chosen for kind in kinds]


ALL_PICTURES = pictures()


def svg_bytes(figure: Figure, title: str, description: str, source: str) -> bytes:
    """A picture as SVG: text as text, with a title and a description for screen readers."""
    details = {"Title": title, "Description": description, "Source": source, "Date": None}
    with in_style():
        content = io.StringIO()
        figure.savefig(content, format="svg", metadata=details)
    drawn = _numbered(content.getvalue()).replace("'DejaVu Sans'", FONTS)
    head, mark, rest = drawn.partition("<metadata>")
    described = f"{style_element()}<desc>{_escape(description)}</desc>\n "  # the title is there
    return (head + described + mark + rest).encode()


def _numbered(svg: str) -> str:
    """An SVG of matplotlib with its ids that are hashes of coordinates (p0123456789) numbered as they appear (p1).

    A hash would tell apart two pictures that differ in the last binary digit of one coordinate, and in nothing seen.
    """
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return found[1] + numbers.setdefault(found[2], f"{found[2][0]}{len(numbers) + 1}")

    return re.sub(REFERENCE + r"([A-Za-z][0-9a-f]{10})\b", number, svg)


def pixels(figure: Figure, dots: int) -> Image:
    """A picture drawn with `dots` an inch."""
    from PIL.Image import frombytes

    with in_style():
        drawn = io.BytesIO()
        figure.savefig(drawn, format="rgba", dpi=dots)
    width, height = (int(inches * dots + 1e-6) for inches in figure.get_size_inches())
    return frombytes("RGBA", (width, height), drawn.getvalue())


def png_bytes(drawn: Image, dots: int, details: Mapping[str, str]) -> bytes:
    """Pixels as PNG of `dots` an inch, in few colours so that it is small, with details as text."""
    from PIL.Image import Dither, new
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    for key, text in details.items():
        told.add_itxt(key, text)
    content = io.BytesIO()
    palette = new("P", (1, 1))
    inks = [_on_white(ink, share) for ink, shares in INKS.items() for share in shares]
    palette.putpalette([255, 255, 255, *chain.from_iterable(inks)])
    few = drawn.convert("RGB").quantize(palette=palette, dither=Dither.NONE)
    few.save(content, format="PNG", pnginfo=told, compress_level=COMPRESSION, dpi=(dots, dots))
    return content.getvalue()


def _on_white(ink: str, share: float) -> list[int]:
    """An ink that covers a share of white paper, as red, green and blue of 255."""
    return [round(255 - share * (255 - 255 * part)) for part in to_rgb(ink)]


def pdf_bytes(svg: bytes, size: tuple[float, float], title: str, description: str, source: str) -> bytes:
    """A picture of ours as PDF: its SVG on a page of that size in inches, with the description as its alt text."""
    width, height = (str(inches * 72) for inches in size)
    told = {"title": title, "description": description, "source": source, "width": width, "height": height}
    return compiled(PDF, {**told, "picture": svg.decode()})


def named_svg(text: str, own: str) -> str:
    """An SVG of ours as an element for a web page: it scales, it is named, its ids begin with `own`; the page has the
    typeface.

    Its styles are attributes, since the pages allow no style but that of their style sheet.
    """
    text = text[text.index("<svg") :].replace(style_element(), "", 1)
    text = re.sub(r" *<metadata>.*?</metadata>\n| *<defs>\s*<style.*?</defs>\n", "", text, flags=re.DOTALL)
    text = re.sub(r' style="([^"]*)"', lambda found: re.sub(r"\s*([\w-]+): ([^;]+);?", r' \1="\2"', found[1]), text)
    meant = {*re.findall(r'(?:url\(#|href="#)([^)"]+)', text)}
    text = re.sub(r' id="([^"]*)"', lambda found: found[0] if found[1] in meant else "", text)
    text = re.sub(rf' transform="rotate\(-0 [^"]*"| text-anchor="start"| font-family="{FONTS}"', "", text)
    text = re.sub(r' (?:d|x|y)="[^"]*"', lambda found: re.sub(r"(\.\d\d)\d+", r"\1", found[0]), text)  # of a pixel
    text = re.sub(r">\s+<", "><", text).replace("<g/>", "").replace("\n", " ")
    text = re.sub(REFERENCE, rf"\g<1>{own}-", text)
    head, rest = text.split(">", 1)
    [box] = re.findall(r'viewBox="[^"]*"', head)
    named = f'role="img" aria-labelledby="{own}-title" aria-describedby="{own}-desc"'
    start = f'<svg {named} {box} font-family="{FONTS}" stroke-linejoin="round" xmlns="http://www.w3.org/2000/svg"'
    rest = rest.replace("<title>", f'<title id="{own}-title">', 1).replace("<desc>", f'<desc id="{own}-desc">', 1)
    return f'{start} xmlns:xlink="http://www.w3.org/1999/xlink">{rest}'


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
