"""Dates as people write them, read by patterns such as DD/MM/YYYY; a month or a year alone is read as it is."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Sequence
from functools import cache

from analysis.days import is_date

MONTHS = [name.lower() for name in calendar.month_name[1:]]
PARTS = {  # the longer ones first
    **{"YYYY": r"(?P<y>\d{4})", "YY": r"(?P<yy>\d{2})"},
    **{"Month": r"(?P<n>[A-Za-z]+)", "Mon": r"(?P<n>[A-Za-z]{3,4})\.?"},
    **{"MM": r"(?P<m>\d{2})", "M": r"(?P<m>\d{1,2})"},
    **{"DD": r"(?P<d>\d{2})", "D": r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"},
}
CLOCK = re.compile(r" (HH:MM(:SS)?)$")
TIME = (  # of day, with its zone: 00:00, T14:05:00Z, 00:00:00+00, 2:05 PM
    r"(?:[ T](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?: ?[AaPp][Mm])?"
    r"(?: ?(?:Z|UTC|GMT|BST|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?))?)?"
)
WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day"
IN_WORDS = (
    re.compile(  # what stands around the (last) day of a hearing: Monday 4, Tuesday 9 and Wednesday 10, 12th-14th
        rf"(?:{WEEKDAY}[ ,]+)?(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?(?: [a-z]+)?(?: ?(?:-|–|&|,|and|to))+ ?"
        rf"(?:{WEEKDAY}[ ,]+)?(?:the )?)*(?=\d{{1,2}}(?:st|nd|rd|th)? (?:of )?[a-z]{{3,}})",
        re.IGNORECASE,
    )
)
SERIAL = re.compile(r"(\d{1,6})(\.\d+)?")


@cache
def pattern_of(dates: str) -> re.Pattern[str] | None:
    """How a date is written (DD/MM/YYYY, D Month YYYY, Month YYYY) as an expression; None if it is not one.

    Its groups: y or yy, m or n (a month's name), d. A time of day may follow in the text, whether or not HH:MM does in
    the pattern.
    """
    if dates == "serial":
        return SERIAL
    day = CLOCK.sub("", dates)
    if re.search(r"[A-Za-z0-9]", re.sub("|".join(PARTS), "", day)):
        return None
    try:
        found = re.compile(re.sub("|".join(PARTS), lambda token: PARTS[token.group()], re.escape(day)) + TIME)
    except re.error:  # a part stands twice
        return None
    kinds = set(found.groupindex)
    has_month = len(kinds & {"m", "n"})
    return found if len(kinds & {"y", "yy"}) == 1 and has_month <= 1 and (has_month or "d" not in kinds) else None


def full_year(digits: str) -> int:
    """A year of two or four digits; of two, the last one that has begun: 04 is 2004, 98 is 1998."""
    if len(digits) == 4:
        return int(digits)
    this = datetime.date.today().year
    return int(digits) + this // 100 * 100 - (100 if int(digits) > this % 100 else 0)


def month_number(name: str) -> int | None:
    """The number of a month from its name or the first three letters or more of it; None if it is no month."""
    found = [number for number, month in enumerate(MONTHS, 1) if len(name) >= 3 and month.startswith(name.lower())]
    return found[0] if len(found) == 1 else None


def parse_date(text: str, kind: str, patterns: str | Sequence[str]) -> str | None:
    """A cell as an ISO date, or as 2016-02 or 2016 where it has no day or month; None when it is not such a date.

    A real date cell, or text as one of `patterns` says (DD/MM/YYYY, D Month YYYY, Month YYYY, serial: days since
    1899-12-30). A date that does not exist or lies in the future is none.
    """
    if kind == "date":
        return text if is_date(text) else None
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        found = _read(text, kind, pattern)
        if found:
            return found
    return None


def _read(text: str, kind: str, pattern: str) -> str | None:
    """`parse_date` by one pattern."""
    expression = pattern_of(pattern)
    if pattern.startswith("D Mon"):  # of several days the last
        text = re.sub(r"(?<=\d)((?:st|nd|rd|th)?) of (?=[a-z])", r"\1 ", IN_WORDS.sub("", text, count=1), flags=re.I)
    parts = expression.fullmatch(text) if expression else None
    if not parts or (kind == "number" and pattern not in ("serial", "YYYY")):
        return None
    if pattern == "serial":
        found = (datetime.date(1899, 12, 30) + datetime.timedelta(days=int(parts.group(1)))).isoformat()
        return found if is_date(found) else None
    value = parts.groupdict()
    year = full_year(value.get("y") or value["yy"])
    month = month_number(value["n"]) if value.get("n") else value.get("m") and int(value["m"])
    if not month:
        return f"{year:04d}" if "m" not in value and "n" not in value and is_date(f"{year:04d}-01-01") else None
    iso = f"{year:04d}-{month:02d}" + (f"-{int(value['d']):02d}" if value.get("d") else "")
    return iso if is_date(iso if value.get("d") else f"{iso}-01") else None
