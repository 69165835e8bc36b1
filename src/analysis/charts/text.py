"""Words on a page: measured, broken into lines, shortened, and made into a part of a file's name."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from matplotlib.ft2font import FT2Font, LoadFlags

from analysis.charts.style import TYPEFACE

EM = 1000  # points, to measure at
CLAUSE = "[;:] "  # where a sentence may end early


def wrapped(text: str, width: float, points: float, *, bold: bool = False) -> list[str]:
    """`text` broken into lines no wider than `width` inches in the given font, measured and not guessed.

    A count such as "5 of 16" is never broken.
    """
    words = re.sub(r"(\d) of (\d)", "\\1\u00a0of\u00a0\\2", text).split(" ")
    lines: list[str] = []
    while words:
        counts = range(1, len(words) + 1)
        fitting = bisect_right(counts, width, key=lambda n: width_of(" ".join(words[:n]), points, bold))
        lines.append(" ".join(words[: max(1, fitting)]))
        words = words[max(1, fitting) :]
    return [line.replace("\u00a0", " ") for line in lines]


def balanced(text: str, width: float, points: float, *, bold: bool = False) -> list[str]:
    """`text` broken into as few lines as `wrapped` needs, but of much the same length: no word alone on the last."""
    text = re.sub(r"% (to|and) (\d)", "%\u00a0\\1\u00a0\\2", text)
    lines = wrapped(text, width, points, bold=bold)
    narrower = (wrapped(text, width * share, points, bold=bold) for share in (0.6, 0.7, 0.8, 0.9))
    return next((found for found in narrower if len(found) == len(lines)), lines) if len(lines) > 1 else lines


@cache
def _font(bold: bool) -> FT2Font:
    font = FT2Font(str(TYPEFACE / f"DejaVuSans{'-Bold' if bold else ''}.ttf"))
    font.set_size(EM, 72)
    return font


@cache
def _advance(letter: str, bold: bool) -> int:
    """How far a letter moves the next one, in 65536ths of an EM."""
    return int(_font(bold).load_char(ord(letter), LoadFlags.NO_HINTING).linearHoriAdvance)


def width_of(text: str, points: float, bold: bool = False) -> float:
    """How wide a line of text is at most, in inches: its letters without kerning, as wide at every size."""
    return sum(_advance(letter, bold) for letter in text) / 65536 / EM * points / 72


def shorten(text: str, most: int, breaks: str = CLAUSE) -> str:
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


def lower_first(label: str) -> str:
    """A label inside a sentence; a name in capitals stays one."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def slug(text: str) -> str:
    """Text as a part of a file name or address: a-z, 0-9 and hyphens only."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
