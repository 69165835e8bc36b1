"""Counting how cases ended: people by outcome and complaint type, and what became of those found against.

Counts of people, not rates; the tables are those of schemas.py.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis import vocabulary
from analysis.rates import ALL, select


def outcome_counts(
    subjects: pd.DataFrame, allegations: pd.DataFrame, where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """How many people had each outcome, by complaint type, among everybody in the data or those `where` keeps.

    where: GROUPS column -> code, as in dismissal_rates. Returns complaint_type ("(all)" first), people, then one
    column a code of the vocabulary `sanction`, most severe first and "not_stated" last. Somebody accused of several
    things counts under each, so rows do not add up. Empty when there is nobody.
    """
    rows = _rows_by_type(subjects, allegations, where)
    severity = {code: vocabulary.entry("sanction", code)["severity"] for code in vocabulary.codes("sanction")}
    codes = sorted(severity, key=lambda code: -severity[code])
    counts = [
        {"complaint_type": kind, "people": len(group), **group["sanction"].value_counts().reindex(codes, fill_value=0)}
        for kind, group in rows.items()
    ]
    return pd.DataFrame(counts, columns=["complaint_type", "people", *codes])


def after_misconduct(
    subjects: pd.DataFrame, allegations: pd.DataFrame, where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """What became of people found to have committed misconduct or gross misconduct, by complaint type.

    Returns complaint_type ("(all)" first), found, dismissed, would_have_been_dismissed, left (resigned or retired
    first, with another outcome), stayed (another outcome, and not said to have left), not_stated. The last five add up
    to `found`; types do not add up.
    """
    proven = subjects[subjects["finding"].isin(vocabulary.codes_with("finding", "is_proven"))]
    rows = []
    for kind, group in _rows_by_type(proven, allegations, where).items():
        sanction = group["sanction"]
        dismissed, would_have = (sanction == code for code in ("dismissed", "would_have_been_dismissed"))
        unknown = ~sanction.isin(vocabulary.codes_with("sanction", "is_known"))
        left = group["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
        others = ~dismissed & ~would_have & ~unknown
        parts = (dismissed, would_have, others & left, others & ~left, unknown)
        rows.append([kind, len(group), *(int(part.sum()) for part in parts)])
    columns = ["complaint_type", "found", "dismissed", "would_have_been_dismissed", "left", "stayed", "not_stated"]
    return pd.DataFrame(rows, columns=columns)


def _rows_by_type(
    subjects: pd.DataFrame, allegations: pd.DataFrame, where: Mapping[str, str] | None
) -> dict[str, pd.DataFrame]:
    """The people of each complaint type, everybody first; types by their number of people."""
    chosen = select(subjects, allegations, where or {})
    types = allegations[["subject_id", "complaint_type"]].drop_duplicates()
    typed = chosen.merge(types, on="subject_id")
    groups = sorted(typed.groupby("complaint_type"), key=lambda pair: (-len(pair[1]), pair[0]))
    return {ALL: chosen, **{str(kind): group for kind, group in groups}} if len(chosen) else {}
