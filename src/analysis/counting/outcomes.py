"""Counting how cases ended: people by outcome and complaint type, and what became of those found against.

Counts of people, not rates; the tables are those of checking.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import people_among
from analysis.counting.rate_table import ALL
from analysis.counting.rate_words import case_words
from analysis.counting.rates import share_of
from analysis.counting.selection import People, Where, select


def outcome_counts(data: People, where: Where | None = None) -> pd.DataFrame:
    """How many people had each outcome, by complaint type, among everybody in the data or those `where` keeps.

    where: as in dismissal_rates. Returns complaint_type ("(all)" first), people, investigations
    (how many they are in), then one column a code of the vocabulary `sanction`, most severe first and "not_stated"
    last. Somebody accused of several things counts under each, so rows do not add up. Empty when there is nobody.
    """
    rows = _rows_by_type(data.subjects, data, where)
    codes = vocabulary.by_severity("sanction")[::-1]
    counts = [
        {
            "complaint_type": kind,
            "people": len(group),
            "investigations": group["case_id"].nunique(),
            **group["sanction"].astype("str").value_counts().reindex(codes, fill_value=0),
        }
        for kind, group in rows.items()
    ]
    return pd.DataFrame(counts, columns=["complaint_type", "people", "investigations", *codes])


def after_misconduct(data: People, where: Where | None = None) -> pd.DataFrame:
    """What became of people found to have committed misconduct or gross misconduct, by complaint type.

    Returns complaint_type ("(all)" first), found, investigations (how many they are in), dismissed,
    would_have_been_dismissed, left (resigned or retired first, with another outcome), stayed (another outcome, and not
    said to have left), not_stated. The last five add up to `found`; types do not add up.
    """
    subjects = data.subjects
    proven = subjects[subjects["finding"].isin(vocabulary.codes_with("finding", "is_proven"))]
    rows = []
    for kind, group in _rows_by_type(proven, data, where).items():
        sanction = group["sanction"]
        dismissed, would_have = (sanction == code for code in ("dismissed", "would_have_been_dismissed"))
        unknown = ~sanction.isin(vocabulary.codes_with("sanction", "is_known"))
        left = group["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
        others = ~dismissed & ~would_have & ~unknown
        parts = (dismissed, would_have, others & left, others & ~left, unknown)
        rows.append([kind, len(group), group["case_id"].nunique(), *(int(part.sum()) for part in parts)])
    ended = ["dismissed", "would_have_been_dismissed", "left", "stayed", "not_stated"]
    columns = ["complaint_type", "found", "investigations", *ended]
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class FinalWarnings:
    """Final written warnings among the people of one denominator.

    row: who got one and is not said to have left, as a row of a RateTable; n_left: how many more got one who had left,
    and how ("resigning", "retiring" or "leaving"); definition: what is counted out of whom.
    """

    row: pd.Series
    n_left: int
    how: str
    definition: str

    @property
    def words(self) -> str:
        """What follows "Of 38 people": who got one, and who got one after leaving."""
        one = self.row["numerator"] == 1
        more = f"; {self.n_left} more got one after {self.how}" if self.n_left else ""
        return (
            f"{self.row['numerator']} got a final written warning and {'is' if one else 'are'} not said to have left"
            f"{case_words(self.row)}{more}"
        )


def final_warnings(data: People, among: str = "gross_misconduct_proven") -> FinalWarnings:
    """Who got a final written warning and is not said to have left, among a code of the vocabulary `denominator`."""
    people, entry = people_among(data.subjects, among), vocabulary.entry("denominator", among)
    warned = people["sanction"] == "final_written_warning"
    left = people["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
    ways = people.loc[warned & left, "left_service"].unique()
    known_ways = {"resigned": "resigning", "retired": "retiring"}
    return FinalWarnings(
        row=share_of(people, warned & ~left),
        n_left=int((warned & left).sum()),
        how=known_ways.get(str(ways[0]), "leaving") if len(ways) == 1 else "leaving",
        definition=(
            f"Share who got a final written warning and are not said to have left, among {entry['label']}. Counted: "
            "A final written warning, where the source does not say that the person resigned, retired or left. Out "
            f"of: {entry['definition']} People whose outcome is not stated or pending are left out of the rate and "
            "counted beside it."
        ),
    )


def _rows_by_type(people: pd.DataFrame, data: People, where: Where | None) -> dict[str, pd.DataFrame]:
    """Those of `people` whom `where` keeps, by complaint type, everybody first; types by their number of people."""
    chosen = people[people["subject_id"].isin(select(data, where)["subject_id"])]
    types = data.allegations[["subject_id", "complaint_type"]].drop_duplicates()
    typed = chosen.merge(types, on="subject_id")
    groups = sorted(typed.groupby("complaint_type"), key=lambda pair: (-len(pair[1]), pair[0]))
    return {ALL: chosen, **{str(kind): group for kind, group in groups}} if len(chosen) else {}
