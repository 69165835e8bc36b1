"""Counting: dismissal rates of subjects by any group, each with its definition, interval and unknown outcomes.

A rate never knows a source's files: it takes the Subjects and Allegations tables (schemas.py) and returns a RateTable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.errors import MisconductError, require_known
from analysis.files import to_csv_bytes
from analysis.groups import combinations
from analysis.intervals import INTERVAL_METHOD, design_effects, wilson_interval
from analysis.validation import validate_frame
from analysis.vocabulary import GROUPS, Among, Count, Group

ALL = "(all)"
NOT_STATED = "(not stated)"
SMALL = 10  # a denominator under this is of low reliability
MAIN_AMONG = ("case_to_answer", "proceedings", "proven")  # the denominators of every page, pack and comparison
COUNTS = ("numerator", "denominator", "n_cases", "n_cases_counted")


@dataclass(frozen=True)
class RateTable:
    """Dismissal rates and what they mean.

    data: the group columns `by`, then schemas.RateColumns; the first row is the total (groups "(all)"), the others
    are in the order of their groups. Codes, not labels; shares between 0 and 1.
    """

    data: pd.DataFrame
    by: tuple[str, ...]
    among: str
    count: str
    where: Mapping[str, str]
    definition: str
    sources: tuple[str, ...]
    interval_method: str = INTERVAL_METHOD
    counted: str = "people"  # what one in the denominator is, in the plural
    cases: str = "investigations"  # what a case is, in the plural

    @property
    def among_label(self) -> str:
        """Out of whom, in words."""
        return vocabulary.label("denominator", self.among).replace("people", self.counted, 1)

    @property
    def total(self) -> pd.Series:
        """The row of everybody."""
        return self.data.iloc[0]

    @property
    def groups(self) -> pd.DataFrame:
        """The rows of the groups."""
        return self.data.iloc[1:].reset_index(drop=True)

    def to_csv(self) -> bytes:
        """The data as CSV bytes, numbers to six decimals."""
        return to_csv_bytes(self.data)

    def to_json(self) -> bytes:
        """The same rows as JSON, with the definition, the interval method and the sources."""
        rows = json.loads(self.data.round(6).to_json(orient="records", double_precision=6))
        carried = {
            key: getattr(self, key) for key in ("among", "count", "where", "definition", "interval_method", "sources")
        }
        return (json.dumps({**carried, "rows": rows}, indent=2, ensure_ascii=False) + "\n").encode()

    def readable(self) -> pd.DataFrame:
        """A table for people: labels, "5 of 16", percentages; [u] marks a denominator under 10, [z] no rate."""
        data = self.data
        marks = data["reliability"].map({"ok": "", "u": "[u]", "z": ""})
        shown = pd.DataFrame({column: data[column].map(lambda c, v=column: group_label(v, c)) for column in self.by})
        shown.columns = [heading(column) for column in self.by]
        shown[heading("numerator")] = _of(data["numerator"], data["denominator"])
        shown[heading("rate")] = [f"{percent(r)} {m}".strip() for r, m in zip(data["rate"], marks, strict=True)]
        shown[heading("interval")] = [*map(percent_range, data["low"], data["high"])]
        shown[self.cases] = _of(data["n_cases_counted"], data["n_cases"])
        shown[heading("unknown_outcomes")] = data["unknown_outcomes"].astype(int)
        ends = data["rate_if_none_dismissed"], data["rate_if_all_dismissed"]
        shown[heading("unknown_range")] = [*map(percent_range, *ends)]
        return shown


def heading(column: str) -> str:
    """What people read over a column of a table."""
    return vocabulary.label("column", column).replace("_", " ")


def _of(part: pd.Series, whole: pd.Series) -> list[str]:
    """5 of 16, for each row."""
    return [f"{k} of {n}" for k, n in zip(part, whole, strict=True)]


def percent(share: float) -> str:
    """A share as people read it, halves rounded up: 4.4%; <0.1% and >99.9% where 0.0% and 100.0% would say nobody
    and everybody; [z] where there is none."""
    if pd.isna(share):
        return "[z]"
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{Decimal(repr(float(100 * share))).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def count_words(row: Any, cases: str = "investigations") -> str:
    """A count and in how many cases, where that differs: 6 of 24, in 3 of 15 investigations.

    row: of a RateTable, with numerator, denominator, n_cases_counted and n_cases; cases: what a case is, in the plural.
    """
    people, there = (row["numerator"], row["denominator"]), (row["n_cases_counted"], row["n_cases"])
    counts = f"{people[0]:,} of {people[1]:,}"
    if people == there:
        return counts
    one = cases.removesuffix("s") if there[1] == 1 else cases
    return f"{counts}, in {there[0]:,} of {there[1]:,} {one}"


def percent_range(low: float, high: float) -> str:
    """Two shares as people read them: 2.6% to 7.3%."""
    return "[z]" if pd.isna(low) else f"{percent(low)} to {percent(high)}"


def group_label(column: str, code: object) -> str:
    """What people read for a group: the vocabulary's label where there is one."""
    return vocabulary.label(column, str(code))


def describe(
    among: str, count: str, by: Sequence[str], primary_only: bool, where: Mapping[str, str], counted: str = "people"
) -> str:
    """The definition of a rate in words, every part from the vocabulary; counted: as in RateTable."""
    numerator, denominator = vocabulary.entry("numerator", count), vocabulary.entry("denominator", among)
    parts = [
        f"Share {numerator['label']} among {denominator['label'].replace('people', counted, 1)}.",
        f"Counted: {numerator['definition']}",
        f"Out of: {denominator['definition']}",
        f"{counted.capitalize()} whose outcome is not stated or pending are left out of the rate and counted beside "
        "it.",
    ]
    if "complaint_type" in by or "complaint_type" in where:
        parts.append(
            "A person counts under their first complaint type only."
            if primary_only
            else "A person counts once under each complaint type alleged, so rows do not add up to the total."
        )
    if "force" in by:
        parts.append("A joint case counts under each of its forces, so rows do not add up to the total.")
    if where:
        parts.append(
            "Only: " + "; ".join(f"{c.replace('_', ' ')} = {group_label(c, v)}" for c, v in where.items()) + "."
        )
    return " ".join(parts)


def _with_groups(
    subjects: pd.DataFrame, allegations: pd.DataFrame, columns: Sequence[str], primary_only: bool
) -> pd.DataFrame:
    """Subjects, repeated for each complaint type and each force of theirs where those are among `columns`."""
    rows = subjects
    if "complaint_type" in columns:
        types = allegations[allegations["position"] == 1] if primary_only else allegations
        rows = rows.merge(types[["subject_id", "complaint_type"]], on="subject_id", how="left")
    if "force" in columns:
        rows = rows.assign(force=rows["force"].str.split(vocabulary.SEPARATOR)).explode("force")
    return rows.assign(**{column: _stated(rows[column]) for column in columns})


def _stated(column: pd.Series) -> pd.Series:
    """A group column as categories of text, what is empty or missing as NOT_STATED; each label is looked at once."""
    groups = column.astype("category").cat
    texts = [str(label) or NOT_STATED for label in groups.categories] + [NOT_STATED]  # the last for what is missing
    labels = sorted(set(texts))
    numbers = np.array([labels.index(text) for text in texts])
    return pd.Series(pd.Categorical.from_codes(numbers[groups.codes], labels), index=column.index)


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


def _require_known_values(subjects: pd.DataFrame, where: Mapping[str, str]) -> None:
    """MisconductError when a group of `where` or its value is not known, listing the known ones."""
    for column, value in where.items():
        require_known(column, GROUPS, "group")
        stated = set(subjects[column].dropna().astype("str")) if column in subjects else set()
        known = vocabulary.codes(column) if column in vocabulary.vocabularies() else sorted(stated - {""})
        require_known(value, [*known, NOT_STATED], column.replace("_", " "))


def select(subjects: pd.DataFrame, allegations: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
    """The people that `where` (GROUPS column -> code) keeps, each once; all of them when it is empty."""
    _require_known_values(subjects, where)
    rows = _with_groups(subjects, allegations, [*where], primary_only=False)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    return subjects[subjects["subject_id"].isin(rows["subject_id"])]


def dismissal_rates(
    subjects: pd.DataFrame,
    allegations: pd.DataFrame,
    *,
    among: Among | str,
    by: Group | str | Sequence[Group | str] = (),
    count: Count | str = "dismissed_or_would_have_been",
    where: Mapping[str, str] | None = None,
    primary_only: bool = False,
) -> RateTable:
    """Dismissal rates among a named group of people.

    subjects, allegations: the tables of schemas.py. among: a code of the vocabulary `denominator` (required).
    by: columns of GROUPS, one or several; count: a code of the vocabulary `numerator`; where: GROUPS column -> code,
    to keep only those people; primary_only: the first complaint type of each person instead of all.

    Returns a RateTable. The interval is Wilson's on n / design effect, clusters being cases; where a group's design
    effect is undefined, that of all subjects of the denominator together is used (1 if that is undefined too).
    Raises MisconductError for a name that is not known, listing the known ones.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    where = dict(where or {})
    numerator, denominator = vocabulary.entry("numerator", count), vocabulary.entry("denominator", among)
    for column in (*by, *where):
        require_known(column, GROUPS, "group")
        if column not in subjects and column != "complaint_type":
            raise MisconductError(f"These data have no {column.replace('_', ' ')}.")
    if len(set(by)) != len(by):
        raise MisconductError(f"A group is named twice: {', '.join(by)}.")
    _require_known_values(subjects, where)

    people = subjects
    if denominator["column"]:
        members = vocabulary.codes_with(denominator["column"], denominator["attribute"])
        people = people[people[denominator["column"]].isin(members)]
    chosen = [column for column in dict.fromkeys((*by, *where, "subject_id")) if column in people]
    people = people[chosen].assign(
        person=np.arange(len(people)),
        case=people["case_id"].array.factorize()[0],  # of an array of Arrow, without boxing its labels
        is_known=people["sanction"].isin(vocabulary.codes_with("sanction", "is_known")),
        is_counted=people[numerator["column"]].isin(vocabulary.codes_with(numerator["column"], numerator["attribute"])),
    )
    [everybody] = _rate_rows(people, np.zeros(len(people), dtype=np.int64), 1, 1.0)
    fallback = float(everybody["design_effect"])  # type: ignore[arg-type]

    rows = _with_groups(people, allegations, [*dict.fromkeys((*by, *where))], primary_only)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    if where:
        [everybody] = _rate_rows(rows, np.zeros(len(rows), dtype=np.int64), 1, fallback)
    total = {**dict.fromkeys(by, ALL), **everybody}
    number, groups = combinations(rows[[*by]]) if by else (np.zeros(0, dtype=np.int64), pd.DataFrame())
    found = _rate_rows(rows, number, len(groups), fallback) if len(groups) else []
    data = pd.DataFrame([total, *({**key, **row} for key, row in zip(groups.to_dict("records"), found, strict=True))])
    data = data.astype(
        {
            **dict.fromkeys((*COUNTS, "unknown_outcomes"), "Int64"),
            **dict.fromkeys((*by, "reliability"), "str"),
        }
    )
    return RateTable(
        data=validate_frame(data, "rate_table", "rate table"),
        by=by,
        among=among,
        count=count,
        where=where,
        definition=describe(among, count, by, primary_only, where),
        sources=tuple(sorted(subjects["source"].unique())),
    )
