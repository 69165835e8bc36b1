"""What is left to decide in a mapping: whatever still says CHECK."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNDECIDED = "CHECK"
NAMED = 40  # labels in one sentence


def undecided(entries: Any, place: str = "") -> list[str]:
    """A sentence on every part of a mapping in which something still says CHECK, with all that does."""
    parts = entries if isinstance(entries, Mapping) else {}
    left = [str(key) for key, value in parts.items() if value in (UNDECIDED, [UNDECIDED])]
    quoted = [repr(key) for key in left] if place.startswith(("labels, ", "suppressed")) else left
    named = ", ".join(quoted[:NAMED]) + f" and {len(left) - NAMED} more" * (len(left) > NAMED)
    told = [f"{place}: {named} still say{'s' * (len(left) == 1)} {UNDECIDED}.".removeprefix(": ")] if left else []
    for key, value in parts.items():
        told += undecided(value, f"{place}, {key}".removeprefix(", "))
    return told
