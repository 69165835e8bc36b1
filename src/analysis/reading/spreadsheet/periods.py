"""Years and periods as UK sources write them: 2019/20, 04/05, 2022-3, Year ending March 2021, Q1 2020/21.

A financial year is that of UK public bodies: 1 April to 31 March. What can mean two periods is refused with a sentence.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from analysis.reading.spreadsheet.cell_numbers import spellings
from analysis.reading.spreadsheet.dates import full_year, month_number

YEAR = r"(\d{4}|\d{2})"
MONTH = r"([a-z]{3,9})\.?"
DAY = r"(?:(\d{1,2})(?:st|nd|rd|th)? )?"
BETWEEN = " / "
TO = r" ?(?:-|to|until) ?"
BEFORE = re.compile(r"^(?:(?:financial|fiscal|calendar) year|fy|cy|year)\b[:.]? ?(?=.*\d)|^fy(?=\d)")
SO_FAR = re.compile(r"[ ,]*[(\[]?\b(?:year )?(?:to[ -]date|so far|part[ -]year|ytd|incomplete)\b[)\]]?$")
STATUS = re.compile(r"[ ,]*[(\[](p|r|provisional|revised|final|full year)[)\]]$")
JOINED = re.compile(rf"(?<=[a-z]){BETWEEN}|(?<=q\d){BETWEEN}|{BETWEEN}(?=[a-z])")  # year and quarter of two rows
COUNTED = re.compile(r"^(?:number|no\.?|count) (?:in |for |of )?(?=\d)|(?<=\d) (?:number|no\.?|count)$")  # in headings
QUARTER = r"q(?:uarter|tr)? ?([1-4])"


class Period(NamedTuple):
    """First and last day (ISO; the last is "" where the period has not ended), and what the label says besides."""

    start: str
    end: str
    note: str = ""


Days = tuple[datetime.date, datetime.date]


def parse_period(text: str, kind: str, marks: Sequence[str] = ()) -> Period | str:
    """The period that a label names, or a sentence on why it is not clear.

    kind: calendar_year or financial_year, which decides what a year alone, or a quarter of one, is; marks: footnote
    marks that may stand at the end.
    """
    days, is_open = _days(text, kind, marks)
    return days if isinstance(days, str) else _closed(text, days, is_open)


def parse_year(text: str, marks: Sequence[str] = ()) -> tuple[int, bool] | None:
    """The year of a label, and whether it is only the one in which its period begins (2019/20: 2019).

    None where it is no year, or one that has not begun.
    """
    for kind in ("calendar_year", "financial_year"):
        days, _ = _days(text, kind, marks)
        if not isinstance(days, str):
            first, last = (day.year for day in days)
            return (first, first != last) if 1900 <= first <= datetime.date.today().year else None
    return None


def ending_in(text: str) -> str:
    """The financial year that ends in the year of a label such as FY2024, which can mean the next too; "" of others."""
    words = text.strip().casefold()
    prefix = BEFORE.match(words)
    year = words[prefix.end() :].strip() if prefix and not words.startswith(("ca", "cy", "ye")) else ""
    last = full_year(year) if re.fullmatch(YEAR, year) else 0
    return f"{last - 1}/{last % 100:02d}" if last else ""


def _days(text: str, kind: str, marks: Sequence[str]) -> tuple[Days | str, bool]:
    """First and last day of a label's period, or why there are none; and whether it says that it is not all of it.

    As it is written first: a mark may be a digit, as of a year.
    """
    found: tuple[Days | str | None, bool] = (None, False)
    for words in spellings(text, marks):
        found = _read(words, kind)
        if found[0] and not isinstance(found[0], str):
            break
    return found[0] or f"{text!r} is not a {kind.replace('_', ' ')}.", found[1]


def _read(text: str, kind: str) -> tuple[Days | str | None, bool]:
    """`_days` of a text without marks; None where it is nothing like a period."""
    words = STATUS.sub("", " ".join(re.sub(r"[–—−]", "-", text).casefold().split()))
    words = JOINED.sub(" ", re.sub(rf"^{YEAR}{BETWEEN}{MONTH}$", r"\2 \1", words))
    is_open = bool(SO_FAR.search(words))
    words = COUNTED.sub("", SO_FAR.sub("", words))
    days: Days | str | None = _ending(words)
    if days is None and (prefix := BEFORE.match(words)):
        words, said = words[prefix.end() :].strip(), prefix.group()[:2]
        kind = {"ca": "calendar_year", "cy": "calendar_year", "ye": kind}.get(said, "financial_year")
        if kind == "financial_year" and said != "ye" and re.fullmatch(YEAR, words):
            year = full_year(words)
            return f"{text!r} can be {year - 1}/{year % 100:02d} or {year}/{(year + 1) % 100:02d}.", is_open
    for read in READERS:
        days = days or read(words, kind)
    return days, is_open


def _closed(text: str, days: Days, is_open: bool) -> Period | str:
    """A period that has begun; the label is kept as a note where it says more than which period it is."""
    first, last = days
    today = datetime.date.today()
    if first > last:
        return f"{text!r} ends before it begins."
    if first > today:
        return f"{text!r} lies in the future."
    if is_open:
        return Period(first.isoformat(), "", f"{text}: not the whole period")
    if last > today:
        return f"{text!r} is not over yet; say so in the label, such as (to date)."
    return Period(first.isoformat(), last.isoformat(), text if STATUS.search(text.casefold()) else "")


def _last_of(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def _financial(year: int) -> Days:
    return datetime.date(year, 4, 1), datetime.date(year + 1, 3, 31)


def _ending(words: str) -> Days | None:
    """Year ending March 2021, 12 months to 31 March 2021, YE Mar-21: the twelve months before."""
    begin = r"(?:(?:the )?(?:financial )?year|12 months|twelve months) (?:ending|ended|end|to)(?: in)? |y/?e "
    found = re.fullmatch(rf"(?:{begin}){DAY}{MONTH}[ -]{YEAR}", words)
    number = re.fullmatch(rf"(?:{begin})(\d{{1,2}})[/.](\d{{1,2}})[/.]{YEAR}", words)
    if not found and not number:
        return None
    day, month, year = (found or number).groups()  # type: ignore[union-attr]
    which = month_number(month) if found else int(month)
    last = _date(full_year(year), which, day)
    if last is None:
        return None
    before = datetime.date(last.year - 1, last.month, 28) if (last.month, last.day) == (2, 29) else None
    before = before or last.replace(year=last.year - 1)
    if last == _last_of(last.year, last.month):
        before = _last_of(last.year - 1, last.month)
    return before + datetime.timedelta(days=1), last


def _date(year: int, month: int | None, day: str | None) -> datetime.date | None:
    """A day, or the last one of the month; None if there is no such day."""
    if month is None or not 1 <= month <= 12:
        return None
    try:
        return datetime.date(year, month, int(day)) if day else _last_of(year, month)
    except ValueError:
        return None


def _two_years(words: str) -> int | None:
    """The year in which a financial year begins (2019/20, 2019 to 2020, 2022-3, 04/05); None if it is none."""
    found = re.fullmatch(r"(\d{4}|\d{2}) ?(?:/|-|to) ?(\d{4}|\d{1,2})", words)
    if not found or (len(found.group(1)) == 2 and len(found.group(2)) != 2):
        return None
    first, digits = full_year(found.group(1)), found.group(2)
    return first if (first + 1) % 10 ** len(digits) == int(digits) else None


def _year(words: str, kind: str) -> Days | str | None:
    """One year of the kind that the mapping says, or several from the first to the last."""
    begin = _two_years(words)
    if begin is not None:
        return _financial(begin) if kind == "financial_year" else None
    if kind == "financial_year" and (ending := re.fullmatch(rf"fye ?{YEAR}", words)):
        return _financial(full_year(ending.group(1)) - 1)
    if re.fullmatch(r"\d{4}(\.0+)?", words) and kind == "calendar_year":
        year = int(words[:4])
        return (datetime.date(year, 1, 1), datetime.date(year, 12, 31)) if year else None
    for between in (" to ", " - ", "-", "/"):
        parts = words.split(between)
        if len(parts) != 2:
            continue
        begins = [_two_years(part.strip()) for part in parts]
        if None not in begins and kind == "financial_year":
            return _financial(begins[0])[0], _financial(begins[1])[1]  # type: ignore[arg-type]
        if kind == "calendar_year" and all(re.fullmatch(r"[12]\d{3}", part.strip()) for part in parts):
            first, last = (int(part) for part in parts)
            if last - first > 1:  # else it can be a financial year
                return datetime.date(first, 1, 1), datetime.date(last, 12, 31)
    found = re.fullmatch(r"(\d{4})[/-](\d{4}|\d{2})", words)
    if found and kind == "financial_year":
        return f"{words!r}: the second year is not the one after the first."
    return None


def _quarter(words: str, kind: str) -> Days | str | None:
    """Q1 2020/21 is April to June 2020; Q1 2020 is January to March, where years are calendar years."""
    found = re.fullmatch(rf"{QUARTER}[ ,:/-]+(.+)", words) or re.fullmatch(rf"(.+?)[ ,:/-]+{QUARTER}", words)
    if not found:
        return None
    number, year = found.groups() if words.startswith("q") else reversed(found.groups())
    year = BEFORE.sub("", year)
    begin = _two_years(year)
    if begin is None and not re.fullmatch(r"\d{4}", year):
        return None
    if begin is None and kind == "financial_year":
        return f"{words.upper()!r} can be a quarter of {int(year) - 1}/{year[2:]} or of the next year."
    month = 3 * int(number) - 2
    first = datetime.date(begin if begin is not None else int(year), month, 1)
    if begin is not None:
        first = datetime.date(begin + (month > 9), (month + 2) % 12 + 1, 1)
    return first, _last_of(first.year, first.month + 2)


def _months(words: str, _: str) -> Days | None:
    """February 2016; Apr 24 - Mar 25; April to June 2020; 1 April 2019 to 31 March 2020; 01/04/2019 - 31/03/2020."""
    one = re.fullmatch(rf"{MONTH}[ '-]*{YEAR}", words)
    which = month_number(one.group(1)) if one else None
    if one and which:
        year = full_year(one.group(2))
        return datetime.date(year, which, 1), _last_of(year, which)
    numbers = re.fullmatch(rf"(\d\d?)/(\d\d?)/{YEAR}{TO}(\d\d?)/(\d\d?)/{YEAR}", words)
    if numbers:
        day, month, begun, last_day, last_month, ended = numbers.groups()
        return _both(_date(full_year(begun), int(month), day), _date(full_year(ended), int(last_month), last_day))
    found = re.fullmatch(rf"{DAY}{MONTH}(?:[ '-]{YEAR})?{TO}{DAY}{MONTH}[ '-]{YEAR}", words)
    if not found:
        return None
    day, name, begun, last_day, last_name, ended = found.groups()
    first = _date(full_year(begun or ended), month_number(name), day or "1")
    return _both(first, _date(full_year(ended), month_number(last_name), last_day))


def _both(first: datetime.date | None, last: datetime.date | None) -> Days | None:
    return (first, last) if first and last else None


READERS: tuple[Callable[[str, str], Days | str | None], ...] = (_year, _quarter, _months)
