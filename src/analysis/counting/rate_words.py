"""How rates are said: percentages, counts with their cases, and the marks [u], [x] and [z]; one place for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pandas as pd

from analysis import vocabulary

NOT_STATED = "(not stated)"
UNSTATED = (NOT_STATED, "not_stated", "unknown", "unspecified")  # codes of what a source does not say: rows, not groups
SMALL = 10  # a denominator under this is of low reliability
FEW = 5  # a denominator under this is told in counts alone
FEW_CASES = 5  # and people in fewer cases than this are of low reliability too: a few decisions
TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_UP)


def heading(column: str) -> str:
    """What people read over a column of a table."""
    return vocabulary.label("column", column).replace("_", " ")


def plain(value: object) -> str:
    """A group's value as text: a code, a year; NOT_STATED where there is none."""
    return NOT_STATED if value is None or value is pd.NA or value != value else str(value)


def group_label(column: str, code: object) -> str:
    """What people read for a group: the vocabulary's label where there is one."""
    return vocabulary.label(column, plain(code))


EXPLAINED = {"vawg": "perpetrated", "force_view": "disagreed"}  # groups that take in more than their label says


def explanations(columns: Iterable[str]) -> list[str]:
    """What is in a group whose label does not say it, for those of some columns: label and definition."""
    entries = [vocabulary.entry(column, EXPLAINED[column]) for column in columns if column in EXPLAINED]
    return [f"{entry['label']}: {entry['definition']}" for entry in entries]


def few_words(row: Any, counted: str = "people", cases: str = "investigations") -> str:
    """Why a row of a RateTable marked [u] is of low reliability: fewer than 10 people; people in fewer than 5
    investigations; counted, cases: as in RateTable."""
    few = row["denominator"] < SMALL
    return f"fewer than {SMALL} {counted}" if few else f"{counted} in fewer than {FEW_CASES} {cases}"


def share_label(count: str, counted: str = "people") -> str:
    """What a share is of: `dismissed` of people, `that ended in dismissal` of anything else; counted: as in RateTable.

    count: a code of the vocabulary `numerator`.
    """
    entry = vocabulary.entry("numerator", count)
    return str(entry["label"]) if counted == "people" else f"that ended {entry['ended']}"


def percent(share: float) -> str:
    """A share as people read it, halves rounded up: 4.4%, and under 1% two significant digits, 0.27%; <0.001% and
    >99.9% where 0.0% and 100.0% would say nobody and everybody; [z] where there is none."""
    if pd.isna(share):
        return "[z]"
    if 0 < share < 0.00001:
        return "<0.001%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    value = Decimal(repr(float(100 * share)))
    step = Decimal("0.1")
    if 0 < value < 1:
        value = TWO_DIGITS.plus(value)
        step = Decimal(1).scaleb(value.adjusted() - 1)
    return f"{value.quantize(step, ROUND_HALF_UP)}%"


def percent_range(low: float, high: float) -> str:
    """Two shares as people read them: 2.6% to 7.3%."""
    return "[z]" if pd.isna(low) else f"{percent(low)} to {percent(high)}"


def p_words(p: float) -> str:
    """A p value in a sentence: p = 0.047; p < 0.001."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def count_words(row: Any, cases: str = "investigations", who: str = "") -> str:
    """A count and in how many cases, where that differs: 6 of 24, in 3 of 15 investigations.

    row: of a RateTable, with numerator, denominator, n_cases_counted and n_cases; cases: what a case is, in the plural;
    who: out of whom, where it stands beside the count ("people": 6 of 24 people, in 3 of 15 investigations).
    """
    return f"{row['numerator']:,} of {row['denominator']:,}{f' {who}' if who else ''}{case_words(row, cases)}"


def case_words(row: Any, cases: str = "investigations") -> str:
    """The end of `count_words`, in how many cases: ", in 3 of 15 investigations"; "" where the people are as many."""
    there = (row["n_cases_counted"], row["n_cases"])
    if there == (row["numerator"], row["denominator"]):
        return ""
    one = cases.removesuffix("s") if there[1] == 1 else cases
    return f", in {there[0]:,} of {there[1]:,} {one}"


def rate_in_words(row: Any) -> str:
    """A count with its share: 5 of 16 = 31.3%; [u] where it is of low reliability, and the count alone under FEW.

    row: numerator, denominator, rate and reliability, as a row of a RateTable has them.
    """
    if not row["denominator"]:
        return "none with a known outcome [z]"
    counts = f"{row['numerator']:,} of {row['denominator']:,}"
    if row["reliability"] == "z":
        return f"{counts} [z]"
    return f"{counts} [u]" if row["denominator"] < FEW else f"{counts} = {rate_cell(row)}"


def rate_cell(row: Any) -> str:
    """The share of a row of a RateTable in a table: 31.3%, 11.1% [u], [u] alone under FEW, [z] of nobody."""
    if row["reliability"] == "x":
        return "[x]"
    if 0 < row["denominator"] < FEW:
        return "[u]"
    return percent(row["rate"]) + (" [u]" if row["reliability"] == "u" else "")


def interval_cell(row: Any) -> str:
    """The 95 % interval of a row of a RateTable in a table; [u] under FEW, [z] of nobody."""
    return "[u]" if 0 < row["denominator"] < FEW else percent_range(row["low"], row["high"])


def share_words(row: Any) -> str:
    """The share and interval of a row of a RateTable, as they follow its sentence; "" under FEW people."""
    if row["denominator"] < FEW:
        return ""
    interval = "no 95% interval [z]" if row["n_cases"] == 1 else f"95% interval {interval_cell(row)}"
    return f"{rate_cell(row)}, {interval}"


def bounds_cell(row: Any) -> str:
    """The shares of a row of a RateTable if none and if all of unknown outcome had been dismissed; [u] under FEW."""
    low, high = row["rate_if_none_dismissed"], row["rate_if_all_dismissed"]
    return "[u]" if 0 < row["denominator"] + row["unknown_outcomes"] < FEW else percent_range(low, high)


def marked_unavailable(shown: pd.DataFrame, data: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A table for people with [x] in `columns` of the rows that `data`, a RateTable's, calls unavailable."""
    rows = (data["reliability"] == "x").to_numpy()
    if not rows.any():
        return shown
    shown = shown.astype(dict.fromkeys(columns, object))
    shown.loc[rows, list(columns)] = "[x]"
    return shown
