"""What is in a cell and cannot be seen: struck out, or written in the colour of what is behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from analysis.reading.spreadsheet.cells import letter

WHITE, BLACK = "FFFFFF", "000000"
ALIKE = 16  # of 255: colours that differ by no more cannot be told apart
STRUCK, COLOURED, CONDITION = "struck out", "in the colour of its ground", "by a condition"


def why_unseen(is_struck: bool, colour: str, ground: str) -> str:
    """Why what is written in a colour on a ground cannot be seen; "" if it can. Colours: six hexadecimal digits, or any
    name."""
    if is_struck:
        return STRUCK
    if re.fullmatch(r"[0-9A-F]{6}", colour) and re.fullmatch(r"[0-9A-F]{6}", ground):
        is_alike = all(
            abs(one - other) <= ALIKE for one, other in zip(*map(bytes.fromhex, (colour, ground)), strict=True)
        )
    else:
        is_alike = colour == ground
    return COLOURED if is_alike else ""


def raised(text: str) -> str:
    """A text in superscript: its digits as such characters, so that they do not become part of a number before them."""
    return text.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def lowered(text: str) -> str:
    """A text in subscript."""
    return text.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def shown_text(runs: list[tuple[str, bool]]) -> tuple[str, str]:
    """The text of runs (text, whether it cannot be seen) and what it is: text, unseen, or masked where only a part is
    seen."""
    text = "".join(run for run, _ in runs)
    hidden = {is_hidden for run, is_hidden in runs if run.strip()}
    return text, "text" if True not in hidden else "unseen" if False not in hidden else "masked"


def unseen_words(unseen: Mapping[tuple[int, int], str], named: int = 8) -> str:
    """What cannot be seen, by row and column, in words: 2 cells that cannot be seen (B3 struck out, C4 struck out)."""
    places = [f"{letter(column)}{row} {why}" for (row, column), why in sorted(unseen.items())]
    which = ", ".join(places[:named]) + ", ..." * (len(places) > named)
    return f"{len(places):,} cell{'s' * (len(places) > 1)} that cannot be seen ({which})"
