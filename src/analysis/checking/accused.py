"""Whether subjects and allegations belong together: apart from validation, which takes a second to be loaded."""

from __future__ import annotations

import pandas as pd

from analysis.csv_files import FIRST_ROW
from analysis.errors import DataError, Problem


def check_allegations(subjects: pd.DataFrame, allegations: pd.DataFrame) -> None:
    """DataError when an allegation has no subject or a subject has no allegation."""
    subject, accused = subjects["subject_id"], allegations["subject_id"]
    is_coded = isinstance(subject.dtype, pd.CategoricalDtype) and subject.dtype is accused.dtype
    one, each = (column.cat.codes if is_coded else column for column in (subject, accused))
    if one.equals(each[each != each.shift()].reset_index(drop=True)):
        return  # as they are written: those of a person together, and people in their order
    problems = [
        Problem("allegations", row + FIRST_ROW, "subject_id", name, f"there is no subject {name!r}.", rule="no subject")
        for row, name in _others(accused, subject)
    ]
    problems += [
        Problem("subjects", row + FIRST_ROW, "subject_id", name, "the subject has no allegation.", rule="no allegation")
        for row, name in _others(subject, accused)
    ]
    if problems:
        raise DataError(problems)


def _others(some: pd.Series, known: pd.Series) -> list[tuple[int, str]]:
    """Those that are not among others: their positions and what they are."""
    is_other = ~some.astype(object).isin(known.to_numpy(dtype=object)).to_numpy()  # as objects: three times as fast
    return [*zip(is_other.nonzero()[0].tolist(), some[is_other], strict=True)]
