"""Do published figures agree with themselves? The checks of data/checks, each two sums of figures that are compared.

The checks are data: nothing in them is evaluated as a program.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.csv_files import read_csv_text
from analysis.errors import MisconductError, require_known
from analysis.paths import CHECKS, RAW, shown
from analysis.provenance.sources import verify_checksums
from analysis.yaml_files import read_yaml

FOLDER, FILE = RAW / "published_figures", CHECKS / "published_figures.yml"
KINDS: Mapping[str, Callable[[Any, Any], Any]] = {"equal": operator.eq, "at_most": operator.le}  # left, right
SIGNS = {"plus": 1, "minus": -1}
EXPECTED = ("holds", "fails")
Side = Sequence[Mapping[str, Any]]  # terms: {plus or minus: a number, or which figures are added up}


@dataclass(frozen=True)
class Check:
    """One comparison of published figures.

    kind: one of KINDS, left against right. Each side is a sum of terms: a number, or the figures whose columns (and
    `year`, in which their period starts) have a value, one of several values, or not a value ({not: ...}). each: a
    column, where the comparison is made for each of its values. expected: holds, or fails; then found has both sides as
    they are known to be and reason says why.
    """

    id: str
    kind: str
    left: Side
    right: Side
    expected: str
    each: str = ""
    found: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """Both sides of a check (where it is made for each value of a column: those for which it fails, and none)."""

    left: float | list[str]
    right: float | list[str]
    holds: bool

    @property
    def found(self) -> str:
        """Both sides in words: 7 against 11."""
        return f"{side_words(self.left)} against {side_words(self.right)}"


def side_words(side: float | list[str]) -> str:
    """One side of a check in words."""
    return f"[{', '.join(side)}]" if isinstance(side, list) else f"{side:g}"


def read_checks(path: Path) -> list[Check]:
    """The checks of a file, in its order; MisconductError names every entry that is not one."""
    entries, found, wrong = read_yaml(path), [], []
    if not isinstance(entries, list):
        raise MisconductError(f"{shown(path)}: this is not a list of checks.")
    for number, entry in enumerate(entries, 1):
        try:
            found.append(_check(entry))
        except MisconductError as error:
            named = entry.get("id", f"entry {number}") if isinstance(entry, dict) else f"entry {number}"
            wrong.append(f"{shown(path)}: {named}: {error}")
    ids = [check.id for check in found]
    wrong += [f"{shown(path)}: {name}: there are two checks of this id." for name in {*ids} if ids.count(name) > 1]
    if wrong:
        raise MisconductError("\n".join(wrong))
    return found


def _check(entry: Any) -> Check:
    """One entry as a Check; MisconductError says what is wrong with it."""
    names = [field.name for field in fields(Check)]
    if not isinstance(entry, dict) or not {*names[:5]} <= entry.keys():
        raise MisconductError(f"a check needs {', '.join(names[:5])}.")
    for name in entry:
        require_known(name, names, "key of a check")
    require_known(entry["kind"], KINDS, "kind of check")
    require_known(entry["expected"], EXPECTED, "expectation")
    fails = entry["expected"] == "fails"
    if fails != bool(entry.get("reason")) or fails != bool(entry.get("found")):
        raise MisconductError("a check that is known to fail, and no other, has a reason and what was found.")
    for side in ("left", "right"):
        terms = entry[side] if isinstance(entry[side], list) and entry[side] else [entry[side]]
        wrong = [term for term in terms if not _is_term(term)]
        if wrong:
            raise MisconductError(f"{side}: a term is plus or minus a number or chosen figures, not {wrong[0]!r}.")
    return Check(**entry)


def _is_term(term: Any) -> bool:
    """Whether this is {plus or minus: a number, or columns of figures with what is wanted of them}."""
    if not isinstance(term, dict) or len(term) != 1 or not term.keys() <= SIGNS.keys():
        return False
    [what] = term.values()
    return type(what) in (int, float) or (isinstance(what, dict) and bool(what))


def load_checks() -> list[Check]:
    """The checks of the published figures."""
    return read_checks(FILE)


def load_figures(folder: Path = FOLDER) -> pd.DataFrame:
    """The raw published figures in the source's own labels, with `value` as number and `year` of the period's start.

    Raises DataError when they are not as they were when their checksum was taken.
    """
    verify_checksums(folder)
    figures = read_csv_text(folder / "figures.csv")
    return figures.assign(value=figures["value"].astype(float), year=figures["period_start"].str[:4])


def _chosen(figures: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """The figures that a term adds up; MisconductError when there is none, or no such column."""
    rows = figures
    for column, value in wanted.items():
        require_known(column, figures.columns, "column of figures")
        is_not = isinstance(value, dict)
        values = value["not"] if is_not else value
        values = [str(one) for one in (values if isinstance(values, list) else [values])]
        rows = rows[rows[column].isin(values) != is_not]
    if rows.empty:
        raise MisconductError(
            f"no published figure has {', '.join(f'{key} {value}' for key, value in wanted.items())}."
        )
    return rows


def _total(side: Side, figures: pd.DataFrame, each: str) -> Any:
    """The sum of one side: a number, or with `each` one for each value of that column."""
    total: Any = 0
    for term in side:
        [(sign, what)] = term.items()
        if isinstance(what, dict):
            rows = _chosen(figures, what)
            what = rows.groupby(each)["value"].sum() if each else float(rows["value"].sum())
        total = (
            total.add(SIGNS[sign] * what, fill_value=0) if isinstance(total, pd.Series) else total + SIGNS[sign] * what
        )
    return total


def side_sum(side: Side, figures: pd.DataFrame) -> tuple[float, pd.DataFrame]:
    """The sum of terms, and the figures that they add up, each with its sign (1 or -1) in a column of its own.

    Raises MisconductError when no figure matches a term.
    """
    used = [
        _chosen(figures, what).assign(sign=SIGNS[sign])
        for term in side
        for sign, what in term.items()
        if isinstance(what, dict)
    ]
    return float(_total(side, figures, "")), pd.concat(used)


def evaluate(check: Check, figures: pd.DataFrame) -> Result:
    """Both sides of a check on raw published figures; MisconductError when no figure matches a term."""
    try:
        left, right = (_total(side, figures, check.each) for side in (check.left, check.right))
    except MisconductError as error:
        raise MisconductError(f"{check.id}: {error}") from error
    compare = KINDS[check.kind]
    if not check.each:
        return Result(float(left), float(right), bool(compare(left, right)))
    left, right = left.align(right, fill_value=0)
    failing = sorted(left.index[~compare(left, right)])
    return Result(failing, [], not failing)
