"""The typeface of the charts as files that go along with them, so that every system draws the same letters.

It is matplotlib's own DejaVu Sans, cut down to the letters that charts can need when a file is made: none of it is kept
here, and its copyright and licence stay in it.
"""

from __future__ import annotations

import io
import logging
from base64 import b64encode
from functools import cache
from typing import TYPE_CHECKING, Literal

from analysis.charts.style import TYPEFACE

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

WEIGHTS = {"normal": "DejaVuSans", "bold": "DejaVuSans-Bold"}  # as SVG calls them -> matplotlib's file
LICENCE = TYPEFACE / "LICENSE_DEJAVU"
LETTERS = (*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "ŴŵŶŷ‐‑–—‘’“”†‡•…€←→−≈≠≤≥"))  # English, Welsh, French


@cache
def faces(kind: Literal["woff", "ttf"] = "woff") -> dict[str, bytes]:
    """File name -> a face: the letters of English and its neighbours, without what only other programs need."""
    found = {}
    for name, font in _cut_down().items():
        font.flavor = "woff" if kind == "woff" else None
        content = io.BytesIO()
        font.save(content)
        found[f"{name}.{kind}"] = content.getvalue()
    return found


@cache
def _cut_down() -> dict[str, TTFont]:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # it tells of tables that it drops
    kept = Options(hinting=False, name_IDs=[0, 1, 2, 4, 6, 13, 14], notdef_outline=True)
    found = {name: TTFont(TYPEFACE / f"{name}.ttf", recalcTimestamp=False) for name in WEIGHTS.values()}
    for font in found.values():
        for table in {"GDEF", "GPOS", "GSUB", "MATH", "kern"} & {*font.keys()}:  # of pairs of letters: long to read
            del font[table]
        cut = Subsetter(kept)
        cut.populate(unicodes=LETTERS)
        cut.subset(font)
    return found


@cache
def font_rules() -> str:
    """The typeface as rules of a style sheet that hold it."""
    return "".join(
        f"@font-face{{font-family:'DejaVu Sans';font-weight:{weight};"
        f"src:url(data:font/woff;base64,{b64encode(faces()[f'{name}.woff']).decode()})}}"
        for weight, name in WEIGHTS.items()
    )


@cache
def style_element() -> str:
    """The typeface as a part of an SVG."""
    return f'<style type="text/css">{font_rules()}</style>\n '
