"""Counts and percentages in cells, with footnote marks, thousands and what spreadsheet programs make of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.reading.spreadsheet.mapping import Mapping

MOST_DIGITS = 15  # more are not kept by every program that reads the tables
NUMBER = re.compile(r"\d+")
COUNT = re.compile(r"\d{1,3}([, .]\d{3})+|\d+(\.0{1,2})?")  # as far as its marks are concerned
SHARE = re.compile(r"\d+(\.\d+)? ?%?")
DECIMAL_COMMA = re.compile(r",(?=\d{1,2}( ?%)?$)")  # which no sign between thousands is


def without_marks(text: str, marks: Sequence[str]) -> str:
    """Text without the footnote marks at its end."""
    return spellings(text, marks)[-1]


def spellings(text: str, marks: Sequence[str]) -> list[str]:
    """A text as it is written, without footnote marks that are no digits, and without any; the first that can be read
    is meant, since a digit at the end may be of the number or the year itself (92* is 92, with a mark 2 too)."""
    found = [text]
    for is_digit in (False, True):
        for mark in sorted(marks, key=len, reverse=True):
            if mark.isdecimal() == is_digit:
                text = text.removesuffix(mark).rstrip()
        found.append(text)
    return found


def _bare(text: str, mapping: Mapping, pattern: re.Pattern[str]) -> str:
    """A number without footnote marks."""
    found = spellings(text, mapping.read.marks)
    if mapping.read.thousands not in ((",",) if pattern is SHARE else ("", ",")):  # 1,00 may be a count cut short
        found = [DECIMAL_COMMA.sub(".", spelt) for spelt in found]
    return next((bare for bare in found if pattern.fullmatch(bare)), found[-1])


def parse_count(text: str, kind: str, mapping: Mapping) -> float | str:
    """A count, or a sentence on why the cell is not one."""
    bare = text if kind == "number" else _bare(text, mapping, COUNT)
    if kind == "percent" or bare.endswith("%"):
        return "this is a percentage, not a count. Give `unit: percent`, or leave the column out."
    if kind == "date":
        return "this is a date; the spreadsheet program has probably turned a number like 3-4 into one."
    separator = mapping.read.thousands
    if kind != "number" and separator:
        whole = re.fullmatch(rf"(\d{{1,3}}(?:{re.escape(separator)}\d{{3}})+)(?:\.0{{1,2}})?", bare)
        bare = whole.group(1).replace(separator, "") if whole else bare
    if len(bare) > MOST_DIGITS and re.fullmatch(r"[\d., ]+", bare):
        return f"a number of more than {MOST_DIGITS} digits is no count."
    if re.fullmatch(r"\d+(\.0{1,2})?", bare):  # 12.0; 12.000 could be twelve thousand
        return int(bare.partition(".")[0])
    if kind != "number" and re.fullmatch(r"\d{1,3}([, .]\d{3})+", bare):
        return f"is the {bare.strip('0123456789')[:1]!r} between thousands? Then write it as `thousands` under `read`."
    if kind != "number" and re.fullmatch(r"\d+,\d{1,2}", bare):
        return "is the ',' a decimal comma? Then write `thousands: \".\"` under `read`."
    if re.fullmatch(r"-\d+|\(\d+\)", bare):
        return "a count cannot be negative."
    if re.fullmatch(r"\d+\.\d+", bare):
        return (
            "a count is a whole number. Is it a percentage, a rate or full-time equivalents? Give `unit: percent`, or "
            "leave the column out."
        )
    if re.fullmatch(r"\d+ ?(\*|†|‡|\(\w+\)|\[\w+\])", bare) or re.fullmatch(r"\d+[⁰¹²³⁴-⁹]+", bare):
        return "the number carries a footnote mark. List the mark under `marks` in the mapping."
    return "this is not a count. If it is a symbol, say what it means under `suppressed` in the mapping."


def parse_percent(text: str, kind: str, mapping: Mapping) -> float | str:
    """A percentage between 0 and 100, or a sentence on why the cell is not one."""
    bare = text if kind in ("number", "percent") else _bare(text, mapping, SHARE)
    bare = bare.removesuffix("%").strip()
    if re.fullmatch(r"\d+(\.\d+)?", bare) and float(bare) <= 100:
        return float(bare)
    return "this is not a percentage from 0 to 100."
