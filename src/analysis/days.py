"""Days as text, as every table and every description of a source has them: 2019-02-28, or 2019-02, or 2019."""

from __future__ import annotations

import datetime
import re


def is_date(text: str) -> bool:
    """Whether `text` is a real ISO date, not before 1900 and not in the future."""
    try:
        return bool(re.fullmatch(r"(19|20)\d\d-\d\d-\d\d", text, re.ASCII)) and (
            datetime.date.fromisoformat(text) <= datetime.date.today()
        )
    except ValueError:
        return False


def is_partial_date(text: str) -> bool:
    """Whether `text` is such a date, of which the day, or the month and the day, may be left out."""
    return is_date(text + {4: "-01-01", 7: "-01"}.get(len(text), ""))
