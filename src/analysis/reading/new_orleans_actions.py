"""Actions on allegations against New Orleans police officers -> one row an action, in the project's codes.

The file is fetched (analysis.provenance.download). It names nobody: neither officer nor complaint is in it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.checking.validation import validate_frame
from analysis.csv_files import FIRST_ROW, read_large_csv
from analysis.errors import DataError, Problem
from analysis.paths import shown
from analysis.reading.labels import to_codes

SOURCE = "new_orleans_actions"
FILE = "new-orleans-actions-taken.csv"
KEY, ACTION, YEAR, RULE = "Allegation.primary.key", "Action.taken.OIPM", "Action.taken.year", "Allegation.short"
NO_ALLEGATION = "c7f66da1cae4f223b9bae717f05900f7"  # the key of every action that is linked to no allegation
NO_YEAR = "NA"
FIRST_YEAR, LAST_YEAR = 1994, 2018  # of the records; 1931, 2028 and 2047 stand there too, as years of no action


def read_actions(path: Path) -> pd.DataFrame:
    """One row an action, validated (checking: NewOrleansRecords).

    Returns source, case_id (the allegation; an action that is linked to none is a case of its own), subject_id (the
    row's number, for nobody is told apart), year (missing where none is stated, or an impossible one), year_source,
    sanction, sanction_source, allegation_rule, allegation_source. Raises MisconductError for a label that the crosswalk
    does not know, and DataError for a year that is none and for an allegation under two rules.
    """
    table = read_large_csv(path, [KEY], [ACTION, YEAR, RULE])
    key, labels = table[KEY].to_pandas(), {name: table[name].to_pandas() for name in (ACTION, YEAR, RULE)}
    require_one_rule(key, labels[RULE], path)
    row = pd.Series(np.arange(FIRST_ROW, FIRST_ROW + len(key))).astype("str")
    frame = pd.DataFrame(
        {
            "source": SOURCE,
            "case_id": key.mask(key == NO_ALLEGATION, row).astype("str"),
            "subject_id": row,
            "year": years_of(labels[YEAR], path),
            "year_source": labels[YEAR].astype("str"),
            "sanction": to_codes(labels[ACTION], SOURCE, "sanction").astype("str"),
            "sanction_source": labels[ACTION].astype("str"),
            "allegation_rule": to_codes(labels[RULE], SOURCE, "allegation_rule").astype("str"),
            "allegation_source": labels[RULE].astype("str"),
        }
    )
    return validate_frame(frame, "new_orleans_records", shown(path))


def years_of(labels: pd.Series, path: Path) -> pd.Series:
    """The year of each action; missing where it is NO_YEAR or none of FIRST_YEAR to LAST_YEAR.

    Raises DataError naming what is neither NO_YEAR nor four digits.
    """
    wrong = [label for label in labels.cat.categories if label != NO_YEAR and not (label.isdigit() and len(label) == 4)]
    if wrong:
        said = "is no year, nor the NA of an action without one."
        raise DataError([_problem(labels == label, path, YEAR, label, f"{label!r} {said}", "year") for label in wrong])
    years = pd.to_numeric(labels.astype("str").mask(labels == NO_YEAR)).astype("Int64")
    return years.where(years.between(FIRST_YEAR, LAST_YEAR))


def require_one_rule(key: pd.Series, rule: pd.Series, path: Path) -> None:
    """DataError when an allegation stands under two rules, or an action without an allegation under one."""
    spelt = rule.astype("str").str.upper()
    first = spelt.mask(key == NO_ALLEGATION, "").groupby(key).transform("first")
    problems = [
        _problem(key.index == row, path, RULE, rule[row], f"the allegation {key[row]!r} has another rule.", "two rules")
        for row in key.index[spelt != first]
    ]
    if problems:
        raise DataError(problems)


def _problem(where: pd.Series | np.ndarray, path: Path, column: str, label: str, said: str, rule: str) -> Problem:
    """What is wrong in the first row that a condition holds of."""
    return Problem(shown(path), FIRST_ROW + int(np.argmax(where)), column, label, said, rule=rule)
