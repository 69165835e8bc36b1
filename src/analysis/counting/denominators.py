"""Who belongs to a named denominator, and whether the source says so: the one definition that everything else asks."""

from __future__ import annotations

import pandas as pd

from analysis import vocabulary
from analysis.errors import MisconductError


def people_among(subjects: pd.DataFrame, among: str) -> pd.DataFrame:
    """The rows of `subjects` that are in a denominator, a code of the vocabulary; known outcome or not."""
    denominator = vocabulary.entry("denominator", among)
    if not denominator["column"]:
        return subjects
    members = vocabulary.codes_with(denominator["column"], denominator["attribute"])
    return subjects[subjects[denominator["column"]].isin(members)]


def outside(among: str, unstated: int, counted: str = "people") -> str:
    """The sentence on those who are left out of a denominator because the source does not say if they belong to it."""
    who = "one person" if unstated == 1 and counted == "people" else f"{unstated:,} {counted}"
    return f"Also left out: {who} of whom the source does not say {vocabulary.entry('denominator', among)['unstated']}."


def unavailable(subjects: pd.DataFrame, among: str) -> str:
    """Why nobody can know who belongs to a denominator: the source says it of none of `subjects`; else ""."""
    is_unstated = _unstated(subjects, among)
    if is_unstated.empty or not is_unstated.all():
        return ""
    return f"the source does not say {vocabulary.entry('denominator', among)['unstated']}"


def require_available(subjects: pd.DataFrame, among: str) -> None:
    """MisconductError where nobody can know who belongs to a denominator."""
    reason = unavailable(subjects, among)
    if reason:
        raise MisconductError(f"Not available [x]: {reason}.")


def _unstated(subjects: pd.DataFrame, among: str) -> pd.Series:
    """Whether the source leaves open if a person belongs to a denominator, one a row of `subjects`."""
    column = vocabulary.entry("denominator", among)["column"]
    if not column:
        return pd.Series(False, index=subjects.index)
    return subjects[column].isin(vocabulary.codes_with(column, "is_unstated"))


def count_unstated(subjects: pd.DataFrame, among: str) -> int:
    """How many people are left out of a denominator because the source does not say whether they belong to it.

    0 where the denominator does not name them (names_unstated in rates.yml).
    """
    named = vocabulary.entry("denominator", among).get("names_unstated") is True
    return int(_unstated(subjects, among).sum()) if named else 0
