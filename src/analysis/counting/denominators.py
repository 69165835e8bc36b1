"""Who belongs to a named denominator, and whether the source says so: the one definition that everything else asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.errors import MisconductError


def people_among(subjects: pd.DataFrame, among: str) -> pd.DataFrame:
    """The rows of `subjects` that are in a denominator, a code of the vocabulary; known outcome or not.

    Tables without a column finding_basis hold stated findings only.
    """
    denominator = vocabulary.entry("denominator", among)
    if not denominator["column"]:
        return subjects
    members = vocabulary.codes_with(denominator["column"], denominator["attribute"])
    return subjects[subjects[denominator["column"]].isin(members) & ~_is_implied(subjects, denominator["basis"])]


def outside(among: str, unstated: int, counted: str = "people") -> str:
    """The sentence on those who are left out of a denominator because the source does not say if they belong to it."""
    if counted == "people":
        who = "one person of whom" if unstated == 1 else f"{unstated:,} people of whom"
    else:
        who = f"{unstated:,} {counted} of which"
    return f"Also left out: {who} the source does not say {vocabulary.entry('denominator', among)['unstated']}."


def among_label(among: str, counted: str = "people") -> str:
    """A denominator in words: people with a case to answer; allegations of which misconduct was found."""
    denominator = vocabulary.entry("denominator", among)
    return str(denominator["label"] if counted == "people" else f"{counted} {denominator['things']}")


def unavailable(subjects: pd.DataFrame, among: str) -> str:
    """Why nobody can know who belongs to a denominator: the source says it of none of `subjects`; else ""."""
    left_open = is_unstated(subjects, among)
    if left_open.empty or not left_open.all():
        return ""
    return f"the source does not say {vocabulary.entry('denominator', among)['unstated']}"


def require_available(subjects: pd.DataFrame, among: str) -> None:
    """MisconductError where nobody can know who belongs to a denominator."""
    reason = unavailable(subjects, among)
    if reason:
        raise MisconductError(f"Not available [x]: {reason}.")


def is_unstated(subjects: pd.DataFrame, among: str) -> pd.Series:
    """Whether the source leaves open if a person belongs to a denominator, one a row of `subjects`."""
    denominator = vocabulary.entry("denominator", among)
    column = denominator["column"]
    if not column:
        return pd.Series(False, index=subjects.index)
    left_open = subjects[column].isin(vocabulary.codes_with(column, "is_unstated"))
    return left_open | _is_implied(subjects, denominator["basis"])


def _is_implied(subjects: pd.DataFrame, basis: str) -> pd.Series:
    """Whether a finding is only inferred where a denominator asks for another `basis`, one a row of `subjects`."""
    if not basis or "finding_basis" not in subjects:
        return pd.Series(False, index=subjects.index)
    return subjects["finding_basis"] == "inferred_from_outcome"


def cannot_be_dismissed(groups: pd.DataFrame, kept: Mapping[str, Sequence[str]]) -> np.ndarray:
    """Whether the law lets nobody of a group be dismissed, one a row of `groups`, a table of codes.

    kept: what a filter keeps, codes by column. A vocabulary's attribute can_dismiss says it (outcomes.yml).
    """
    found = np.zeros(len(groups), dtype=bool)
    for column in ("proceeding", "finding"):
        never = {*vocabulary.codes(column)} - {*vocabulary.codes_with(column, "can_dismiss")}
        if column in groups:
            found |= groups[column].isin(never).to_numpy()
        if column in kept:
            found |= {*kept[column]} <= never
    return found


def count_unstated(subjects: pd.DataFrame, among: str) -> int:
    """How many people are left out of a denominator because the source does not say whether they belong to it.

    0 where the denominator does not name them (names_unstated in rates.yml).
    """
    named = vocabulary.entry("denominator", among).get("names_unstated") is True
    return int(is_unstated(subjects, among).sum()) if named else 0
