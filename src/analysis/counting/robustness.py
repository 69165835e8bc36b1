"""How far a rate moves with one investigation, with an error of reading, and without borderline readings.

Beside the interval, which is about chance alone: coded data carry the errors of their readers too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import people_among
from analysis.counting.permutation import SEED
from analysis.counting.rate_table import ALL
from analysis.counting.rate_words import FEW, case_words, group_label, heading, percent, percent_range
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import People, Where, select, with_groups
from analysis.errors import MisconductError
from analysis.vocabulary import Among, Count, Group

DRAWS = 2_000
ENDS = (0.025, 0.975)
COLUMNS = (
    *("numerator", "denominator", "rate", "without_one_case_low", "without_one_case_high"),
    *("misread_low", "misread_high"),
    *("sure_numerator", "sure_denominator", "sure_n_cases_counted", "sure_n_cases"),
)


def robustness(
    data: People,
    *,
    among: Among | str,
    by: Group | str = "",
    count: Count | str = "dismissed_or_would_have_been",
    where: Where | None = None,
) -> pd.DataFrame:
    """How far each dismissal rate moves with what its interval leaves out.

    Parameters
    ----------
    data
        A Dataset, from `load()`.
    among, count, where
        As in `dismissal_rates`.
    by
        One group to tell apart, or none.

    Returns
    -------
    DataFrame
        The total first, then one row a group: `by`, numerator, denominator (people), rate; without_one_case_low and
        _high (the lowest and highest rate when any one case is left out); misread_low and _high (the central 95 % of
        the rates when readers err as often as a blind second reading disagreed, in what decides who is in the group
        and the denominator; missing where no agreement is published); sure_numerator, sure_denominator,
        sure_n_cases_counted and sure_n_cases (without readings marked as borderline). Shares from 0 to 1.

    Raises
    ------
    MisconductError
        As dismissal_rates does, and for several groups.

    Source
    ------
    The agreement of each field is in the source.yml of coded data; an erroneous reading is replaced by that of another
    person with another value.
    """
    table = dismissal_rates(data, among=among, by=by or (), count=count, where=where)
    if len(table.by) > 1:
        raise MisconductError("Robustness is told of one group at a time.")
    people = _readings(data, among, by, count, where)
    groups = [ALL, *(table.groups[by] if by else ())]
    found = table.with_total[[*table.by, "numerator", "denominator", "rate"]].copy()
    found[["without_one_case_low", "without_one_case_high"]] = [_without_one_case(people, group) for group in groups]
    found[["misread_low", "misread_high"]] = _misread(people, groups, _agreement(data), among, by)
    sure = people[people["confidence"] != "low"]
    kept = [_members(sure, group) for group in groups]
    found["sure_numerator"] = [int(rows["is_counted"].sum()) for rows in kept]
    found["sure_denominator"] = [len(rows) for rows in kept]
    found["sure_n_cases_counted"] = [rows.loc[rows["is_counted"], "case"].nunique() for rows in kept]
    found["sure_n_cases"] = [rows["case"].nunique() for rows in kept]
    return found


def robust_words(row: pd.Series) -> str:
    """A row of `robustness` in sentences; of fewer than five people nothing, as their rate is not told either."""
    if row["denominator"] < FEW:
        return ""
    ends = (row["without_one_case_low"], row["without_one_case_high"])
    said = [f"Leaving out any one investigation: {percent_range(*ends)}."]
    if pd.notna(row["misread_low"]):
        ends = (row["misread_low"], row["misread_high"])
        said.append(f"Were readings wrong as often as a blind second reading differed: {percent_range(*ends)}.")
    sure = row.filter(like="sure_").rename(lambda name: name.removeprefix("sure_")).astype(int)
    k, n = sure["numerator"], sure["denominator"]
    if n < row["denominator"]:
        share = f" = {percent(k / n)}" if n >= FEW else ""
        said.append(f"Without borderline readings: {k} of {n}{share}{case_words(sure)}.")
    return " ".join(said)


def robust_table(found: pd.DataFrame, cases: str = "investigations") -> pd.DataFrame:
    """What `robustness` returns as people read it: text, [u] alone for fewer than five people.

    cases: what a case is, in the plural.
    """
    rows = [row for _, row in found.iterrows()]
    few = [row["denominator"] < FEW for row in rows]

    def told(values: Sequence[str]) -> list[str]:
        return ["[u]" if is_few else value for is_few, value in zip(few, values, strict=True)]

    by = [column for column in found if column not in COLUMNS]
    shown = pd.DataFrame({heading(column): [group_label(column, code) for code in found[column]] for column in by})
    shown[heading("numerator")] = [f"{row['numerator']} of {row['denominator']}" for row in rows]
    shown[heading("rate")] = told([percent(row["rate"]) for row in rows])
    without_one = f"without any one {cases.removesuffix('s')}"
    for name, ends in {without_one: "without_one_case", "readings wrong": "misread"}.items():
        shown[name] = told([percent_range(row[f"{ends}_low"], row[f"{ends}_high"]) for row in rows])
    shown["without borderline readings"] = [f"{row['sure_numerator']} of {row['sure_denominator']}" for row in rows]
    return shown


def _readings(data: People, among: str, by: str, count: str, where: Where | None) -> pd.DataFrame:
    """People with a known outcome: case, is_counted, is_among, reading (the code that decides the latter), confidence,
    and their groups, the first of them first."""
    people = select(data, where)
    people = people[people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))]
    entry = vocabulary.entry("numerator", count)
    counted = people[entry["column"]].isin(vocabulary.codes_with(entry["column"], entry["attribute"]))
    rows = with_groups(people, data.allegations, [by] if by else [])
    named = rows.groupby("subject_id")[by].agg(lambda codes: tuple(map(str, codes))) if by else None
    groups = [named[subject] if named is not None else () for subject in people["subject_id"]]
    return pd.DataFrame(
        {
            "case": people["case_id"],
            "is_counted": counted,
            "is_among": people.index.isin(people_among(people, among).index),
            "reading": people[vocabulary.entry("denominator", among)["column"] or "case_id"],
            "confidence": people.get("confidence"),
            "groups": groups,
        }
    )


def _members(people: pd.DataFrame, group: str) -> pd.DataFrame:
    """Those of the denominator who are in a group."""
    among = people[people["is_among"]]
    return among if group == ALL else among[[group in groups for groups in among["groups"]]]


def _without_one_case(people: pd.DataFrame, group: str) -> tuple[float, float]:
    """The lowest and highest rate of a group when any one of its cases is left out; none where it has but one."""
    cases = _members(people, group).groupby("case")["is_counted"].agg(["sum", "size"])
    if len(cases) < 2:
        return np.nan, np.nan
    rates = (cases["sum"].sum() - cases["sum"]) / (cases["size"].sum() - cases["size"])
    return float(rates.min()), float(rates.max())


def _agreement(data: People) -> Mapping[str, float]:
    """The published agreement of readers by field, shares from 0 to 1; of one coded source alone."""
    sources = data.sources_of(data.subjects)
    return sources[0].agreement if len(sources) == 1 else {}


def _misread(
    people: pd.DataFrame, groups: Sequence[str], agreement: Mapping[str, float], among: str, by: str
) -> np.ndarray:
    """The central 95 % of each group's rates when as many readings are wrong as readers disagreed: (groups, 2)."""
    column = vocabulary.entry("denominator", among)["column"]
    found = np.full((len(groups), 2), np.nan)
    if not agreement or (column and column not in agreement) or (by and by not in agreement):
        return found
    random = np.random.default_rng(SEED)
    is_counted = people["is_counted"].to_numpy()
    there = people["is_among"].to_numpy()[_reread(people["reading"], 1 - agreement.get(column, 1.0), random)]
    others = [groups_of[1:] for groups_of in people["groups"]]
    number = {group: place for place, group in enumerate(groups)}
    first = np.array([number.get(groups_of[0], -1) if groups_of else -1 for groups_of in people["groups"]])
    firsts = first[_reread(pd.Series(first), 1 - agreement[by], random)] if by else None
    for place, group in enumerate(groups):
        member = there
        if group != ALL and firsts is not None:
            member = there & ((firsts == place) | np.array([group in rest for rest in others]))
        n = member.sum(axis=1)
        k = (member & is_counted).sum(axis=1)
        if n.all():
            found[place] = np.quantile(k / n, ENDS)
    return found


def _reread(values: pd.Series, share: float, random: np.random.Generator) -> np.ndarray:
    """Whose reading each person has when about `share` have another's with another value: (DRAWS, people)."""
    differing = 1 - float(np.square(values.value_counts(normalize=True)).sum())  # how often another's value is another
    shape = (DRAWS, len(values))
    others = (random.random(shape) * len(values)).astype(np.int64)
    is_wrong = random.random(shape) < (share / differing if differing else 0.0)
    return np.where(is_wrong, others, np.arange(len(values)))
