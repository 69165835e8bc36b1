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
from analysis.provenance.sources import cases_of, counted_in


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


PEOPLE_ENDED = (
    "were dismissed or would have been dismissed",
    "got another outcome and are not said to have left",
    "left first and got another outcome",
)
THINGS_ENDED = (
    "ended in dismissal or would have",
    "had another outcome, where the accused are not said to have left",
    "had another outcome after the accused left first",
)
ENDINGS = ("dismissed", "would_have_been_dismissed", "left", "not_said_to_have_left", "not_stated")
CIRCULAR = (
    "A finding that only a sanction implies is left out: a dismissal implies gross misconduct, so with it the outcome "
    "would decide who is counted."
)


def endings(people: pd.DataFrame) -> pd.Series:
    """How it ended for each person, a code of ENDINGS, one a row of Subjects.

    left: resigned or retired before the proceedings ended, with another known outcome than dismissal;
    not_said_to_have_left: another known outcome, and the source does not say that they left.
    """
    sanction, left = people["sanction"], people["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
    ended = left.map({True: "left", False: "not_said_to_have_left"}).astype("str")
    ended = ended.where(sanction.isin(vocabulary.codes_with("sanction", "is_known")), "not_stated")
    for ending, attribute in zip(ENDINGS[1::-1], ("is_dismissal_or_would_have_been", "is_dismissal"), strict=True):
        ended = ended.mask(sanction.isin(vocabulary.codes_with("sanction", attribute)), ending)
    return ended


def after_finding(data: People, where: Where | None = None, among: str = "proven") -> pd.DataFrame:
    """What became of people found against, by complaint type.

    among: who was found against, a code of the vocabulary `denominator`. Returns complaint_type ("(all)" first), found,
    investigations (how many they are in), then a column each of ENDINGS, which add up to `found`; types do not add up.
    """
    rows = [
        [kind, len(group), group["case_id"].nunique(), *(int((endings(group) == code).sum()) for code in ENDINGS)]
        for kind, group in _rows_by_type(people_among(data.subjects, among), data, where).items()
    ]
    return pd.DataFrame(rows, columns=["complaint_type", "found", "investigations", *ENDINGS])


@dataclass(frozen=True)
class Ended:
    """How it ended for the people of one denominator whose outcome is known.

    dismissed (or would have been), not_left (another outcome, not said to have left), left (first, with another
    outcome): each a row of a RateTable; not_left_as, left_as: the outcomes of the last two with their numbers; implied:
    the row `dismissed` with the findings that only a sanction implies; counted: what one of them is, in the plural.
    """

    dismissed: pd.Series
    not_left: pd.Series
    left: pd.Series
    not_left_as: str
    left_as: str
    implied: pd.Series
    counted: str = "people"

    @property
    def words(self) -> str:
        """What follows "Of 34 people"."""
        how, another, left = PEOPLE_ENDED if self.counted == "people" else THINGS_ENDED
        parts = [
            f"{self.dismissed['numerator']} {how}{case_words(self.dismissed, cases_of(self.counted))}",
            f"{self.not_left['numerator']} {another}{self.not_left_as}",
            f"{self.left['numerator']} {left}{self.left_as}",
        ]
        return "; ".join(parts)


def ended(data: People, among: str = "gross_misconduct_proven") -> Ended:
    """How it ended for people found against: gross_misconduct_proven or proven, codes of the vocabulary."""
    people = people_among(data.subjects, among)
    how, everybody = endings(people), people_among(data.subjects, f"{among}_or_implied")
    ways = people.loc[how == "left", "left_service"]
    return Ended(
        dismissed=share_of(people, how.isin(ENDINGS[:2])),
        not_left=share_of(people, how == "not_said_to_have_left"),
        left=share_of(people, how == "left"),
        not_left_as=_listed(people.loc[how == "not_said_to_have_left", "sanction"]),
        left_as=_listed(ways, people.loc[ways.index, "sanction"]),
        implied=share_of(everybody, endings(everybody).isin(ENDINGS[:2])),
        counted=counted_in(data.sources_of(people)),
    )


def _listed(*codes: pd.Series) -> str:
    """Codes of columns of Subjects with their numbers: " (final written warning 14, written warning 1)"."""
    counts = [(str(part.name), code, n) for part in codes for code, n in part.astype("str").value_counts().items()]
    said = ", ".join(f"{vocabulary.label(name, code).lower()} {n}" for name, code, n in counts)
    return f" ({said})" if said else ""


def _rows_by_type(people: pd.DataFrame, data: People, where: Where | None) -> dict[str, pd.DataFrame]:
    """Those of `people` whom `where` keeps, by complaint type, everybody first; types by their number of people."""
    chosen = people[people["subject_id"].isin(select(data, where)["subject_id"])]
    types = data.allegations[["subject_id", "complaint_type"]].drop_duplicates()
    typed = chosen.merge(types, on="subject_id")
    groups = sorted(typed.groupby("complaint_type"), key=lambda pair: (-len(pair[1]), pair[0]))
    return {ALL: chosen, **{str(kind): group for kind, group in groups}} if len(chosen) else {}
