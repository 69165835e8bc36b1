"""The corrections of a source: values to be read as others, and contradictions that it really contains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.csv_files import FIRST_ROW
from analysis.errors import DataError, MisconductError, Problem
from analysis.paths import shown
from analysis.yaml_files import read_yaml


@dataclass(frozen=True)
class Correction:
    """One value of a source to be read as another."""

    table: str
    entity: str
    field: str
    old: str
    new: str
    reason: str
    evidence: str
    noticed_by: str = ""


@dataclass(frozen=True)
class Accepted:
    """One contradiction that a source really contains."""

    table: str
    entity: str
    rule: str
    reason: str
    evidence: str


def read_corrections(folder: Path) -> tuple[list[Correction], list[Accepted]]:
    """The corrections and accepted contradictions beside a source; both empty without a file."""
    path = folder / "corrections.yml"
    if not path.is_file():
        return [], []
    entries = read_yaml(path)
    try:
        listed = [*entries["corrections"], *entries["accepted"]]
        wrong = [repr(value) for entry in listed for value in entry.values() if not isinstance(value, str)]
        if wrong:
            raise MisconductError(f"{shown(path)}: {', '.join(wrong)} must be text: put it in quotation marks.")
        return (
            [Correction(**entry) for entry in entries["corrections"]],
            [Accepted(**entry) for entry in entries["accepted"]],
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise MisconductError(f"{shown(path)}: an entry has a missing or unknown key ({error}).") from error


def correct(text: pd.DataFrame, key: Sequence[str], corrections: Sequence[Correction], file: str) -> pd.DataFrame:
    """Apply corrections to a raw table of text, whose rows the columns `key` identify.

    Raises DataError when an entity or field does not exist, or `old` is no longer what the file says.
    """
    corrected, problems = text.copy(), []
    for entry in corrections:
        rows = (text[[*key]].agg(" ".join, axis=1) == entry.entity).to_numpy().nonzero()[0]
        if len(rows) != 1 or entry.field not in text:
            problem = f"corrections.yml names {entry.entity!r}, {entry.field!r}: found {len(rows)} such rows."
            problems.append(Problem(file, None, entry.field, entry.old, problem, rule="correction"))
            continue
        row, column = int(rows[0]), list(text.columns).index(entry.field)
        found = text.iat[row, column]
        if found != entry.old:
            problem = f"corrections.yml expects {entry.old!r} here but the file says {found!r}."
            advice = "Has the publisher corrected it? Then remove the correction."
            problems.append(
                Problem(file, row + FIRST_ROW, entry.field, found, problem, advice=advice, rule="correction")
            )
            continue
        corrected.iat[row, column] = entry.new
    if problems:
        raise DataError(problems)
    return corrected
