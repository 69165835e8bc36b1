"""What single cells probably mean: symbols in place of counts, years, dates."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from functools import lru_cache

from analysis.reading.spreadsheet.dates import parse_date
from analysis.reading.spreadsheet.periods import ending_in, parse_period

NOT_AVAILABLE = (
    "",
    "-",
    "–",
    "—",
    "..",
    "...",
    "n/a",
    "na",
    "null",
    ":",
    "[x]",
    "[z]",
    "x",
    "z",
)  # symbols that mostly mean that
WAYS = 3  # of writing dates in one column
LONGEST = 24  # letters of a symbol: a free text is none
SYMBOLS = (*NOT_AVAILABLE, "*", "**", "~", "#", "c", "s", "[c]", "[u]", "suppressed", "redacted")
WORDS = {word: n for n, word in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), 1)}
WORDS |= {"ten": 10, "eleven": 11, "twelve": 12, "twenty": 20}
COUNT = rf"(\d+|{'|'.join(WORDS)})"
UNDER = re.compile(rf"(?:<|fewer than|less than|under|below)\s*{COUNT}", re.IGNORECASE)
AT_MOST = re.compile(
    rf"(?:(?:≤|<=|up to|at most|no more than)\s*{COUNT}|{COUNT} or (?:fewer|less|under))", re.IGNORECASE
)
FROM_TO = re.compile(rf"{COUNT}\s*(?:-|–|—|to)\s*{COUNT}", re.IGNORECASE)
MARKS = re.compile(r"(?:[*†‡]|\s?\([a-z0-9]\)|\s?\[\w+\]|[⁰¹²³⁴-⁹])+$")  # of footnotes
MONTHS = [*(name.casefold() for name in (*calendar.month_name[1:], *calendar.month_abbr[1:])), "sept"]
YEAR_WORDS = {
    *("fy", "f", "y", "ye", "e", "financial", "fiscal", "calendar", "year", "years", "ending", "ended", "end", "to"),
    *(
        "number",
        "no",
        "count",
        "date",
        "from",
        "part",
        "provisional",
        "p",
        "r",
        "month",
        "months",
        "q",
        "quarter",
        "and",
        "st",
        "th",
    ),
    *MONTHS,
}
DATES = (  # how dates are written, the usual ones first
    *("YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "DD.MM.YYYY"),
    *("D.M.YYYY", "YYYY/MM/DD", "D Month YYYY", "D Mon YYYY", "D-Mon-YYYY", "D-Mon-YY", "Month D, YYYY", "Mon D, YYYY"),
    *("D/M/YY", "M/D/YY", "Month YYYY", "Mon YYYY", "MM/YYYY", "YYYY-MM"),
)


LONGEST = 100  # characters of a symbol: with thousands of digits it is no number for Python either


def below(text: str) -> tuple[int, int] | None:
    """The lowest and highest number that a symbol such as <5, "5 or fewer" or 1-4 stands for; None where it is none."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    if found := UNDER.fullmatch(text):
        low, high = 1, _number(found) - 1
    elif found := AT_MOST.fullmatch(text):
        low, high = 1, _number(found)
    elif found := FROM_TO.fullmatch(text):
        low, high = map(_value, found.groups())
    else:
        return None
    low = min(low, high - 1)  # one number alone is no range: <2 is 0 or 1
    return (low, high) if low >= 0 else None


def _number(found: re.Match[str]) -> int:
    return _value(next(part for part in found.groups() if part))


def _value(text: str) -> int:
    return WORDS.get(text.casefold()) or int(text)


def is_symbol(text: str) -> bool:
    """Whether a cell says something in place of a count."""
    return len(text) <= LONGEST and (text.casefold() in SYMBOLS or below(text) is not None)


@lru_cache(maxsize=50_000)
def is_period(text: str) -> bool:
    """Whether a text is a year, or what is written for one: 2019/20, 04/05, Year ending March 2021, FY 2022-3."""
    if not re.search(r"(?<!\d)(\d\d|\d{4})(?!\d)", text):
        return False  # which is quickly seen
    bare = MARKS.sub("", text.strip()).casefold()
    if not isinstance(parse_period(bare, "financial_year"), str) or ending_in(bare):
        return True
    if not {*re.findall(r"[a-z]+", bare)} <= YEAR_WORDS:
        return False
    if re.search(r"(?<!\d)(19|20)\d\d(?!\d)", bare):
        return not re.search(r"\d[/.-]\d+[/.-]\d", bare)  # which is a day
    short = re.fullmatch(r"(?:[a-z/ ]+)?(\d\d)\s?[/–-]\s?(\d\d)", bare)
    return short is not None and (int(short.group(1)) + 1) % 100 == int(short.group(2))


def kind_of_years(texts: Sequence[str]) -> str:
    """calendar_year or financial_year: as which most of some years can be read."""
    kinds = ("calendar_year", "financial_year")
    read = {kind: sum(not isinstance(parse_period(MARKS.sub("", text), kind), str) for text in texts) for kind in kinds}
    return max(kinds, key=lambda kind: read[kind])


def other_order(way: str) -> str:
    """How the same dates are written where day and month change places."""
    return re.sub(r"(D+|M+)(\W)(D+|M+)", r"\3\2\1", way)


def date_patterns(texts: Sequence[str], enough: float = 0.5) -> tuple[list[str], bool]:
    """How the dates of a column are written, by all of its texts, and whether another order would do as well.

    The first way is the one that reads most of them, at least `enough` (a share), else there is none; others follow
    that read the rest. 31 as the middle part means that the month is first, wherever in the column it is.
    """
    found: list[str] = []
    is_open = False
    rest = [*texts]
    while rest and len(found) < WAYS:
        few = rest[:: max(1, len(rest) // 40)]
        ways = [way for way in DATES if any(parse_date(text, "text", way) for text in few)]
        read = {way: sum(1 for text in rest if parse_date(text, "text", way)) for way in ways}
        most = max(read.values(), default=0)
        if not most or (not found and most < enough * len(rest)):
            break
        best = [way for way in ways if read[way] == most]
        orders = {way.index("D") < way.index("M") for way in best if "D" in way}
        is_open = is_open or len(orders) > 1
        found.append(best[0])
        rest = [text for text in rest if not parse_date(text, "text", best[0])]
    return found, is_open
