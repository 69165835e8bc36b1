"""Counting dismissal rates of people by any group, each with its definition, interval and unknown outcomes.

A rate never knows a source's files: it takes the tables Subjects and Allegations and returns a RateTable.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import count_unstated, people_among, unavailable
from analysis.counting.intervals import design_effects, wilson_interval
from analysis.counting.rate_table import ALL, COUNTS, RateTable, describe
from analysis.counting.rate_words import SMALL
from analysis.counting.selection import (
    Condition,
    People,
    Where,
    checked_columns,
    conditions,
    kept_rows,
    select,
    with_groups,
    without_value,
)
from analysis.errors import MisconductError
from analysis.grouping import combinations
from analysis.vocabulary import Among, Count, Group


def _rate_rows(rows: pd.DataFrame, number: np.ndarray, groups: int, fallback: float) -> list[dict[str, object]]:
    """The RateColumns of several groups, people counted once in each.

    rows: person and case (numbers), is_known, is_counted; number: each row's group, from 0; fallback: the design
    effect of groups whose own is undefined.
    """
    person = rows["person"].to_numpy()
    once = slice(None) if (person[1:] > person[:-1]).all() else ~pd.Series(person * groups + number).duplicated()
    group, case = number[once], rows["case"].to_numpy()[once]
    known, counted = rows["is_known"].to_numpy()[once], rows["is_counted"].to_numpy()[once]
    unknown = np.bincount(group[~known], minlength=groups)
    group, case, counted = group[known], case[known], counted[known]
    width = int(case.max(initial=0)) + 1
    small = np.int32 if groups * width < 2**31 else np.int64  # half the memory, and faster
    pair, pairs = case, np.arange(width)  # a case in a group: the cluster
    if groups > 1:
        pair, pairs = pd.factorize(group.astype(small) * small(width) + case.astype(small))
    people = np.bincount(pair, minlength=len(pairs))
    there = np.flatnonzero(people)
    people, of_pair = people[there], pairs[there] // width
    dismissed = np.bincount(pair[counted], minlength=len(pairs))[there]
    return [
        _rate_row(int(k), int(n), int(u), int(m), int(c), fallback if np.isnan(effect) else float(effect))
        for k, n, u, m, c, effect in zip(
            np.bincount(of_pair, weights=dismissed, minlength=groups),
            np.bincount(of_pair, weights=people, minlength=groups),
            unknown,
            np.bincount(of_pair, minlength=groups),
            np.bincount(of_pair[dismissed > 0], minlength=groups),
            design_effects(dismissed, people, of_pair, groups),
            strict=True,
        )
    ]


def _rate_row(k: int, n: int, unknown: int, cases: int, counted: int, effect: float) -> dict[str, object]:
    """The RateColumns of one group: k of n dismissed, in `counted` of `cases`; the outcome of `unknown` more is not
    known."""
    low, high = wilson_interval(k, n, effect)
    return {
        "numerator": k,
        "denominator": n,
        "rate": k / n if n else np.nan,
        "low": low,
        "high": high,
        "n_cases": cases,
        "n_cases_counted": counted,
        "design_effect": effect,
        "unknown_outcomes": unknown,
        "rate_if_none_dismissed": k / (n + unknown) if n + unknown else np.nan,
        "rate_if_all_dismissed": (k + unknown) / (n + unknown) if n + unknown else np.nan,
        "reliability": "z" if n == 0 else "u" if n < SMALL else "ok",
    }


def _countable(people: pd.DataFrame, columns: Sequence[str], counted: pd.Series) -> pd.DataFrame:
    """`columns` of some people, and what _rate_rows counts: person, case, is_known, is_counted."""
    return people[[*columns]].assign(
        person=np.arange(len(people)),
        case=people["case_id"].array.factorize()[0],  # of an array of Arrow, without boxing its labels
        is_known=people["sanction"].isin(vocabulary.codes_with("sanction", "is_known")),
        is_counted=counted,
    )


def share_of(people: pd.DataFrame, counted: pd.Series) -> pd.Series:
    """How many of some people are `counted`, as the RateColumns of one group: with interval by case.

    people: rows of Subjects; counted: true or false for each of them. Who has no known outcome is in neither count.
    """
    [row] = _rate_rows(_countable(people, (), counted), np.zeros(len(people), dtype=np.int64), 1, 1.0)
    return pd.Series(row, dtype=object)


def dismissal_rates(
    data: People,
    *,
    among: Among | str,
    by: Group | str | Sequence[Group | str] = (),
    count: Count | str = "dismissed_or_would_have_been",
    where: Where | None = None,
    primary_only: bool = False,
) -> RateTable:
    """Dismissal rates among a named group of people.

    Parameters
    ----------
    data
        A Dataset, from `load()`.
    among
        Out of whom; there is no default, because it decides the answer: "case_to_answer", "proceedings", "hearings",
        "proven", "gross_misconduct_case_to_answer", "gross_misconduct_proven" or "all_subjects".
    by
        One or several groups to tell apart: "complaint_type", "complaint_category", "force", "year", "person_type",
        "rank", "vawg", "discrimination_ground", "case_to_answer", "force_view", "proceeding", "finding",
        "left_service", "criminal", "confidence", "jurisdiction" or "source", where the data have it.
    count
        What is counted: "dismissed_or_would_have_been" or "dismissed".
    where
        Which people are kept: group -> a value, several, `between(2015, 2019)` or `excluding("driving")`.
    primary_only
        Count each person under their first complaint type only, instead of under each.

    Returns
    -------
    RateTable
        `data` has one row a group: `by`, then numerator and denominator (people), rate, low and high (shares from 0 to
        1; 95 % interval), n_cases and n_cases_counted (cases, and those with somebody counted), design_effect,
        unknown_outcomes (people), rate_if_none_dismissed, rate_if_all_dismissed, reliability. `total` is everybody.
        Where the source says of nobody whether they belong to the denominator the total is [x] and there are no
        groups; where it says of some, the others are left out and the definition says how many.

    Raises
    ------
    MisconductError
        For a name or value that is not known, listing the known ones and the nearest.

    Source
    ------
    Wilson (1927) on n / design effect, clusters being cases (Cochran 1977, chapter 3); where a group's design effect
    is undefined, that of everybody in the denominator is used (1 if that is undefined too).
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    subjects = data.subjects
    kept = conditions(where, subjects)
    checked_columns((*by, *kept), subjects)
    if len(set(by)) != len(by):
        raise MisconductError(f"A group is named twice: {', '.join(by)}.")
    reason, unstated = unavailable(subjects, among), count_unstated(subjects, among)
    if kept and unstated:
        selected = select(data, kept)
        reason, unstated = reason or unavailable(selected, among), count_unstated(selected, among)
    rows, everybody, fallback, missing = _chosen(data, among, by, count, kept, primary_only)
    total = {**dict.fromkeys(by, ALL), **everybody, **({"reliability": "x"} if reason else {})}
    number, groups = combinations(rows[[*by]]) if by else (np.zeros(0, dtype=np.int64), pd.DataFrame())
    found = _rate_rows(rows, number, len(groups), fallback) if len(groups) else []
    table = pd.DataFrame([total, *({**key, **row} for key, row in zip(groups.to_dict("records"), found, strict=True))])
    kinds = {**dict.fromkeys((*COUNTS, "unknown_outcomes"), "Int64"), **dict.fromkeys((*by, "reliability"), "str")}
    said = {"unavailable": reason, "unstated": 0 if reason else unstated, "missing": missing}
    return RateTable(
        with_total=table.astype(kinds),
        by=by,
        among=among,
        count=count,
        where=kept,
        definition=describe(among, count, by, primary_only, kept, **said),  # type: ignore[arg-type]
        sources=data.sources_of(subjects),
        primary_only=primary_only,
        **said,  # type: ignore[arg-type]
    )


def _chosen(
    data: People, among: str, by: Sequence[str], count: str, where: dict[str, Condition], primary_only: bool
) -> tuple[pd.DataFrame, dict[str, object], float, dict[str, int]]:
    """The rows to be counted, repeated for each group of theirs; the count of all of them; the design effect of the
    whole denominator; and of how many people a value of `where` is missing.
    """
    numerator, people = vocabulary.entry("numerator", count), people_among(data.subjects, among)
    columns = [column for column in dict.fromkeys((*by, *where, "subject_id")) if column in people]
    counted = people[numerator["column"]].isin(vocabulary.codes_with(numerator["column"], numerator["attribute"]))
    people = _countable(people, columns, counted)
    [everybody] = _rate_rows(people, np.zeros(len(people), dtype=np.int64), 1, 1.0)
    fallback = float(everybody["design_effect"])  # type: ignore[arg-type]
    rows = with_groups(people, data.allegations, [*dict.fromkeys((*by, *where))], primary_only)
    missing = without_value(rows, where, "person")
    rows = kept_rows(rows, where, "person")
    if where:
        [everybody] = _rate_rows(rows, np.zeros(len(rows), dtype=np.int64), 1, fallback)
    return rows, everybody, fallback, missing
