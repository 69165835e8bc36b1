"""From a case to answer to dismissal: who reaches each step, and how the rate moves with what is assumed of leavers."""

from __future__ import annotations

import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import is_unstated, people_among, require_available
from analysis.counting.rate_words import UNSTATED
from analysis.counting.rates import share_of
from analysis.counting.selection import People


def steps(people: pd.DataFrame) -> dict[str, pd.Series]:
    """The steps from a case to answer to dismissal: name -> whether each person reached it, missing where not stated.

    people: rows of Subjects. What only a sanction implies of a finding is not stated.
    """

    def having(column: str, attribute: str, unstated: pd.Series) -> pd.Series:
        reached = people[column].isin(vocabulary.codes_with(column, attribute))
        return reached.astype("boolean").mask(unstated)

    unknown = ~people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    view = people["force_view"]
    return {
        "Accepted by the force": (view == "agreed").astype("boolean").mask(view.isin(UNSTATED)),
        "Proceedings held": having("proceeding", "is_held", is_unstated(people, "proceedings")),
        "Misconduct found": having("finding", "is_proven", is_unstated(people, "proven")),
        "Formal sanction": having("sanction", "is_formal", unknown),
        "Dismissed or would have been": having("sanction", "is_dismissal_or_would_have_been", unknown),
    }


def attrition(data: People, complaint_type: str = "") -> pd.DataFrame:
    """How many of those with a case to answer reach each step, all of them or those accused of one complaint type.

    Returns stage, then the columns of a RateTable: numerator (people who reached it), denominator (of whom it is
    stated whether they did), rate, low, high, n_cases_counted, n_cases, unknown_outcomes (not stated), reliability and
    the others. Stages are not contained in each other: somebody can be found against without proceedings being stated.
    MisconductError for an unknown complaint type, and where the source does not say whether there was a case to answer.
    """
    accused = data.allegations
    if complaint_type:
        vocabulary.require_code("complaint_type", complaint_type)
        accused = accused[accused["complaint_type"] == complaint_type]
    chosen = data.subjects[data.subjects["subject_id"].isin(accused["subject_id"])] if complaint_type else data.subjects
    require_available(chosen, "case_to_answer")
    people = people_among(data.subjects, "case_to_answer")
    kept = people["subject_id"].isin(chosen["subject_id"])
    rows = [
        {"stage": name, **share_of(people, reached.fillna(False).astype(bool), reached.notna(), kept)}
        for name, reached in steps(people).items()
    ]
    return pd.DataFrame(rows)


def leaving_assumptions(data: People, among: str) -> pd.DataFrame:
    """How the dismissal rate moves with what is not known, and with what is assumed of people who left first.

    among: a code of the vocabulary `denominator`. Returns label, kind, then the columns of a RateTable. The first row
    is the project's own definition ("rate"); then what the unknown outcomes allow ("bound": none and all of them
    dismissed); then rates by another assumption, which bound nothing ("scenario"). Rows whose denominator is empty
    have no rate. MisconductError where the source does not say who belongs to the denominator.
    """
    require_available(data.subjects, among)
    people = people_among(data.subjects, among)
    left = people["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
    known = people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    dismissed = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal"))
    either = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been"))
    everybody = pd.Series(True, index=people.index)
    rows = [
        ("Dismissed or would have been", "rate", either, known),
        ("Lowest: none of the unknown", "bound", either, everybody),
        ("Highest: all of the unknown", "bound", either | ~known, everybody),
        ("Scenario: dismissed only", "scenario", dismissed, known),
        ("Scenario: without those who left first", "scenario", either, known & ~left),
        ("Scenario: all who left or are unknown", "scenario", either | left | ~known, everybody),
    ]
    return pd.DataFrame(
        {"label": label, "kind": kind, **share_of(people, counted, group)} for label, kind, counted, group in rows
    )
