"""Characters that nobody sees and that change how the rest is read: no text of ours has them, wherever it is from."""

from __future__ import annotations

import re

# Control characters (but tab and line ends), and those that turn the direction of what follows (U+202E and its like).
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def visible(text: str) -> str:
    """A text without the characters that nobody sees: nothing that a terminal obeys, but ends of lines, or XML cannot
    hold."""
    return text if text.isascii() and text.isprintable() else INVISIBLE.sub("", text)
