"""Counting dismissal rates of people by any group, each with its definition, interval and unknown outcomes.

A rate never knows a source's files: it takes the tables Subjects and Allegations and returns a RateTable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import cannot_be_dismissed, count_unstated, people_among, unavailable
from analysis.counting.intervals import INTERVAL_METHOD, design_effects, pairwise_correlation, wilson_interval
from analysis.counting.permutation import Outcomes
from analysis.counting.rate_table import ALL, COUNTS, RateTable, describe
from analysis.counting.rate_words import FEW_CASES, SMALL
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
from analysis.grouping import combinations, counted, within
from analysis.provenance.sources import cases_of, counted_in
from analysis.vocabulary import Among, Count, Group


def _rate_rows(rows: pd.DataFrame, number: np.ndarray, groups: int, correlation: float) -> list[dict[str, object]]:
    """The RateColumns of several groups, people counted once in each.

    rows: person and case (numbers), is_known, is_counted; number: each row's group, from 0; correlation: of outcomes
    within a case, among everybody in the denominator.
    """
    person = rows["person"].to_numpy()
    is_once = (person[1:] > person[:-1]).all()
    once = slice(None) if is_once else ~pd.Series(person.astype(np.int64) * groups + number).duplicated()
    group, case = number[once], rows["case"].to_numpy()[once]
    known, counted = rows["is_known"].to_numpy()[once], rows["is_counted"].to_numpy()[once]
    unknown = np.bincount(group[~known], minlength=groups)
    cluster, of_cluster = within(case[known], group[known])  # a case in a group
    people = np.bincount(cluster, minlength=len(of_cluster))
    dismissed = np.bincount(cluster[counted[known]], minlength=len(of_cluster))
    return _of_clusters(_alike(dismissed, people, of_cluster), unknown, correlation)


def _alike(dismissed: np.ndarray, people: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Cases of groups with people, those that are alike once: rows of dismissed, people, group; and how many are so.

    The three of each case are given; few are different, so that what is made of them needs no look at millions.
    """
    sizes = [int(values.max(initial=0)) + 1 for values in (group, people, dismissed)]
    number = (group * sizes[1] + people) * sizes[2] + dismissed
    present, times = counted(number, math.prod(sizes))
    group, people, dismissed = np.unravel_index(present, sizes)
    return np.array([dismissed, people, group, times])[:, people > 0]


def _of_clusters(alike: np.ndarray, unknown: np.ndarray, correlation: float) -> list[dict[str, object]]:
    """The RateColumns of several groups, from what `_alike` gives and how many outcomes of each are unknown."""
    dismissed, people, group, times = alike
    groups = len(unknown)
    return [
        _rate_row(int(k), int(n), int(u), int(m), int(c), float(effect))
        for k, n, u, m, c, effect in zip(
            np.bincount(group, weights=dismissed * times, minlength=groups),
            np.bincount(group, weights=people * times, minlength=groups),
            unknown,
            np.bincount(group, weights=times, minlength=groups),
            np.bincount(group, weights=(dismissed > 0) * times, minlength=groups),
            design_effects(dismissed, people, group, groups, correlation, times),
            strict=True,
        )
    ]


def _rate_row(k: int, n: int, unknown: int, cases: int, counted: int, effect: float) -> dict[str, object]:
    """The RateColumns of one group: k of n dismissed, in `counted` of `cases`; the outcome of `unknown` more is not
    known. People who are all in one case have no interval: it is one decision."""
    low, high = (np.nan, np.nan) if cases == 1 else wilson_interval(k, n, effect)
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
        "reliability": "z" if n == 0 else "u" if n < SMALL or cases < FEW_CASES else "ok",
    }


def _countable(people: pd.DataFrame, columns: Sequence[str], counted: pd.Series) -> pd.DataFrame:
    """`columns` of some people, and what _rate_rows counts: person, case, is_known, is_counted."""
    return people[[*columns]].assign(
        person=np.arange(len(people), dtype=np.int32),
        case=people["case_id"].array.factorize()[0].astype(np.int32),  # of an array of Arrow, without boxing its labels
        is_known=people["sanction"].isin(vocabulary.codes_with("sanction", "is_known")),
        is_counted=counted,
    )


def share_of(
    people: pd.DataFrame, counted: pd.Series, known: pd.Series | None = None, kept: pd.Series | None = None
) -> pd.Series:
    """How many of some people are `counted`, as the RateColumns of one group: with interval by case.

    people: rows of Subjects, everybody in a denominator; counted, known, kept: true or false for each of them. Who is
    not `known` (by default: has no known outcome) is in neither count. kept: whom the share is of (by default: all).
    """
    countable = _countable(people, (), counted)
    countable = countable if known is None else countable.assign(is_known=known)
    row, correlation = _everybody(countable)
    if kept is not None:
        only = countable[kept]
        [row] = _rate_rows(only, np.zeros(len(only), dtype=np.int64), 1, correlation)
    return pd.Series(row)


def _everybody(people: pd.DataFrame) -> tuple[dict[str, object], float]:
    """The RateColumns of everybody in a denominator, and the correlation of outcomes within their cases.

    people: person, case, is_known, is_counted.
    """
    case, known, counted = (people[name].to_numpy() for name in ("case", "is_known", "is_counted"))
    of_case = np.bincount(case[known])
    dismissed = np.bincount(case[known & counted], minlength=len(of_case))
    alike = _alike(dismissed, of_case, np.zeros(1, dtype=np.int64))
    correlation = pairwise_correlation(alike[0], alike[1], alike[3])
    unknown = np.array([len(known) - np.count_nonzero(known)])
    [row] = _of_clusters(alike, unknown, correlation)
    return row, correlation


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
        "proven", "gross_misconduct_case_to_answer", "gross_misconduct_proven", "all_subjects", or with findings that
        only the sanction implies "proven_or_implied" or "gross_misconduct_proven_or_implied".
    by
        One or several groups to tell apart: "complaint_type", "complaint_category", "allegation_rule", "force", "year",
        "person_type", "rank", "vawg", "vawg_flag", "discrimination_ground", "case_to_answer", "force_view",
        "proceeding", "finding", "left_service", "criminal", "confidence", "jurisdiction" or "source", where the data
        have it.
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
        groups; where it says of some, the others are left out and the definition says how many. People who are all in
        one case have no interval, and where the law lets nobody be dismissed there is no rate ([z]).

    Raises
    ------
    MisconductError
        For a name or value that is not known, listing the known ones and the nearest.

    Source
    ------
    Wilson (1927) on n / design effect, clusters being cases: the larger of the group's own effect (Cochran 1977,
    chapter 3) and Kish's (1965), with the correlation within cases of everybody in the denominator.
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
    rows, everybody, correlation, missing = _chosen(data, among, by, count, kept, primary_only)
    total = {**dict.fromkeys(by, ALL), **everybody, **({"reliability": "x"} if reason else {})}
    number, groups = combinations(rows[[*by]])
    found = _rate_rows(rows, number, len(groups), correlation) if len(groups) else []
    table = pd.DataFrame([total, *({**key, **row} for key, row in zip(groups.to_dict("records"), found, strict=True))])
    table = _without_law(table, kept)
    kinds = {**dict.fromkeys((*COUNTS, "unknown_outcomes"), "Int64"), **dict.fromkeys((*by, "reliability"), "str")}
    said = {"unavailable": reason, "unstated": 0 if reason else unstated, "missing": missing}
    sources = data.sources_of(subjects)
    counted = counted_in(sources)
    return RateTable(
        with_total=table.astype(kinds),
        outcomes=partial(_outcomes, rows, number, len(groups)) if by else None,
        by=by,
        among=among,
        count=count,
        where=kept,
        definition=describe(among, count, by, primary_only, kept, counted=counted, **said),  # type: ignore[arg-type]
        sources=sources,
        interval_method=INTERVAL_METHOD.replace("people", counted),
        counted=counted,
        cases=cases_of(counted),
        primary_only=primary_only,
        **said,  # type: ignore[arg-type]
    )


def _chosen(
    data: People, among: str, by: Sequence[str], count: str, where: dict[str, Condition], primary_only: bool
) -> tuple[pd.DataFrame, dict[str, object], float, dict[str, int]]:
    """The rows to be counted, repeated for each group of theirs; the count of all of them; the correlation within
    cases of the whole denominator; and of how many people a value of `where` is missing.
    """
    numerator, people = vocabulary.entry("numerator", count), people_among(data.subjects, among)
    needed = (*by, *where, *(["subject_id"] if "complaint_type" in (*by, *where) else []))
    columns = [column for column in dict.fromkeys(needed) if column in people]
    counted = people[numerator["column"]].isin(vocabulary.codes_with(numerator["column"], numerator["attribute"]))
    people = _countable(people, columns, counted)
    everybody, correlation = _everybody(people)
    rows = with_groups(people, data.allegations, [*dict.fromkeys((*by, *where))], primary_only)
    missing = without_value(rows, where, "person")
    rows = kept_rows(rows, where, "person")
    if where:
        [everybody] = _rate_rows(rows, np.zeros(len(rows), dtype=np.int64), 1, correlation)
    return rows, everybody, correlation, missing


def _without_law(table: pd.DataFrame, where: dict[str, Condition]) -> pd.DataFrame:
    """A table of rates in which groups that the law lets nobody be dismissed in, as nobody was, have no rate: [z]."""
    kept = {column: condition.kept for column, condition in where.items() if condition.kept}
    never = cannot_be_dismissed(table, kept) & (table["numerator"] == 0).to_numpy()
    never &= (table["reliability"] != "x").to_numpy()
    shares = ["rate", "low", "high", "rate_if_none_dismissed", "rate_if_all_dismissed"]
    if never.any():  # seldom, and setting nothing takes a tenth of the time of a count
        table.loc[never, [*shares, "reliability"]] = [np.nan] * 5 + ["z"]
    return table


def _outcomes(rows: pd.DataFrame, number: np.ndarray, groups: int) -> Outcomes:
    """What a permutation by case needs of the rows that are counted, each with the number of its group."""
    known = rows["is_known"].to_numpy()
    codes = pd.factorize(rows["person"].to_numpy()[known])[0]
    first = np.unique(codes, return_index=True)[1]
    case, counted = (rows[name].to_numpy()[known][first] for name in ("case", "is_counted"))
    return Outcomes(case, counted, codes, number[known], groups)
