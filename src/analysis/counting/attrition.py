"""From a case to answer to dismissal: who reaches each step, and how the rate moves with what is assumed of leavers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import people_among, require_available
from analysis.counting.rates import share_of
from analysis.counting.selection import People
from analysis.errors import require_known


def steps(subjects: pd.DataFrame) -> dict[str, pd.Series]:
    """The steps from a case to answer to dismissal: name -> whether the source states it, true or false a person."""

    def having(column: str, attribute: str) -> pd.Series:
        return subjects[column].isin(vocabulary.codes_with(column, attribute))

    return {
        "Case to answer": having("case_to_answer", "is_case_to_answer"),
        "Accepted by the force": subjects["force_view"] == "agreed",
        "Proceedings held": having("proceeding", "is_held"),
        "Misconduct found": having("finding", "is_proven"),
        "Formal sanction": having("sanction", "is_formal"),
        "Dismissed or would have been": having("sanction", "is_dismissal_or_would_have_been"),
    }


def attrition(data: People, complaint_type: str = "") -> pd.DataFrame:
    """How many of those with a case to answer reach each step, all of them or those accused of one complaint type.

    Returns stage, n, of_first (share of the first stage's n; missing when that is 0). A stage need not be contained
    in the one before it: somebody can be found against without proceedings being stated. MisconductError for an
    unknown complaint type, and where the source does not say whether there was a case to answer.
    """
    subjects = data.subjects
    if complaint_type:
        require_known(complaint_type, vocabulary.codes("complaint_type"), "complaint type")
        accused = data.allegations.loc[data.allegations["complaint_type"] == complaint_type, "subject_id"]
        subjects = subjects[subjects["subject_id"].isin(accused)]
    require_available(subjects, "case_to_answer")
    first = steps(subjects)["Case to answer"]
    counts = [(name, int((first & reached).sum())) for name, reached in steps(subjects).items()]
    total = int(first.sum())
    rows = [(name, n, n / total if total else np.nan) for name, n in counts]
    return pd.DataFrame(rows, columns=["stage", "n", "of_first"])


def leaving_assumptions(data: People, among: str) -> pd.DataFrame:
    """How the dismissal rate moves with what is assumed of people who left first or whose outcome is unknown.

    among: a code of the vocabulary `denominator`. Returns label, numerator, denominator, rate, low, high (95 % Wilson
    on n / design effect); the first row is the project's own definition, each other row changes one assumption.
    Rows whose denominator is empty have no rate. MisconductError where the source does not say who belongs to it.
    """
    require_available(data.subjects, among)
    people = people_among(data.subjects, among)
    left = people["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
    known = people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    dismissed = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal"))
    either = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been"))
    everybody = pd.Series(True, index=people.index)

    def row(label: str, counted: pd.Series, group: pd.Series) -> dict[str, object]:
        share = share_of(people, counted, group)
        return {"label": label, **share[["numerator", "denominator", "rate", "low", "high"]]}

    return pd.DataFrame(
        [
            row("Dismissed or would have been", either, known),
            row("Dismissed only", dismissed, known),
            row("Without those who left first", either, known & ~left),
            row("Unknown outcomes: nobody dismissed", either, everybody),
            row("Left or unknown: all dismissed", either | left | ~known, everybody),
        ]
    )
