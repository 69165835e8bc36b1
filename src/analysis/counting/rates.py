"""Counting: dismissal rates of subjects by any group, each with its definition, interval and unknown outcomes.

A rate never knows a source's files: it takes the Subjects and Allegations tables (schemas.py) and returns a RateTable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.checking.validation import validate_frame
from analysis.counting.intervals import INTERVAL_METHOD, design_effects, wilson_interval
from analysis.csv_files import to_csv_bytes
from analysis.errors import MisconductError, require_known
from analysis.grouping import combinations
from analysis.vocabulary import GROUPS, Among, Count, Group

ALL = "(all)"
NOT_STATED = "(not stated)"
UNSTATED = (NOT_STATED, "not_stated", "unknown", "unspecified")  # codes of what a source does not say: rows, not groups
SMALL = 10  # a denominator under this is of low reliability
FEW = 5  # a denominator under this is told in counts alone
TWO_DIGITS = Context(prec=2, rounding=ROUND_HALF_UP)
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
    primary_only: bool = False  # each person under their first complaint type alone
    unavailable: str = ""  # why nobody can know this rate, as a clause without a stop; "" where it can be known
    unstated: int = 0  # people left out because the source does not say whether they belong to the denominator
    whom: str = ""  # out of whom, in words, where the vocabulary's label would be wrong
    period: str = ""  # what was counted of the sources' coverage, where that is not all of it
    notes: tuple[str, ...] = ()  # what a reader must know besides, under every chart

    @property
    def nothing(self) -> str:
        """Why there is no rate of anybody, as a sentence."""
        if self.unavailable:
            return f"Not available [x]: {self.unavailable}, so this rate cannot be known."
        return "There is nobody with a known outcome in this group, so there is nothing to draw."

    @property
    def among_label(self) -> str:
        """Out of whom, in words."""
        return self.whom or vocabulary.label("denominator", self.among)

    @property
    def share_label(self) -> str:
        """What the share is of: only people are dismissed, everything else ends in dismissal."""
        return share_label(self.count, self.counted)

    @property
    def total(self) -> pd.Series:
        """The row of everybody."""
        return self.data.iloc[0]

    @property
    def known_total(self) -> pd.Series:
        """The row of everybody; MisconductError where it is [x]."""
        if self.unavailable:
            raise MisconductError(self.nothing)
        return self.total

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
        """A table for people: labels, "5 of 16", percentages; [u] marks a denominator under 10, and stands alone under
        5; [z] no rate, [x] one that cannot be known."""
        data = self.data
        rows = [row for _, row in data.iterrows()]
        shown = pd.DataFrame({column: data[column].map(lambda c, v=column: group_label(v, c)) for column in self.by})
        shown.columns = [heading(column) for column in self.by]
        shown[heading("numerator")] = _of(data["numerator"], data["denominator"])
        shown[heading("rate")] = [rate_cell(row) for row in rows]
        shown[heading("interval")] = [interval_cell(row) for row in rows]
        shown[self.cases] = _of(data["n_cases_counted"], data["n_cases"])
        shown[heading("unknown_outcomes")] = data["unknown_outcomes"].astype(int)
        shown[heading("unknown_range")] = [bounds_cell(row) for row in rows]
        return marked_unavailable(shown, data, shown.columns[len(self.by) :])


def heading(column: str) -> str:
    """What people read over a column of a table."""
    return vocabulary.label("column", column).replace("_", " ")


def _of(part: pd.Series, whole: pd.Series) -> list[str]:
    """5 of 16, for each row."""
    return [f"{k} of {n}" for k, n in zip(part, whole, strict=True)]


def marked_unavailable(shown: pd.DataFrame, data: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A table for people with [x] in `columns` of the rows that `data`, a RateTable's, calls unavailable."""
    rows = (data["reliability"] == "x").to_numpy()
    if not rows.any():
        return shown
    shown = shown.astype(dict.fromkeys(columns, object))
    shown.loc[rows, list(columns)] = "[x]"
    return shown


def percent(share: float) -> str:
    """A share as people read it, halves rounded up: 4.4%, and under 1% two significant digits, 0.27%; <0.001% and
    >99.9% where 0.0% and 100.0% would say nobody and everybody; [z] where there is none."""
    if pd.isna(share):
        return "[z]"
    if 0 < share < 0.00001:
        return "<0.001%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    value = Decimal(repr(float(100 * share)))
    step = Decimal("0.1")
    if 0 < value < 1:
        value = TWO_DIGITS.plus(value)
        step = Decimal(1).scaleb(value.adjusted() - 1)
    return f"{value.quantize(step, ROUND_HALF_UP)}%"


def count_words(row: Any, cases: str = "investigations", who: str = "") -> str:
    """A count and in how many cases, where that differs: 6 of 24, in 3 of 15 investigations.

    row: of a RateTable, with numerator, denominator, n_cases_counted and n_cases; cases: what a case is, in the plural;
    who: out of whom, where it stands beside the count ("people": 6 of 24 people, in 3 of 15 investigations).
    """
    return f"{row['numerator']:,} of {row['denominator']:,}{f' {who}' if who else ''}{case_words(row, cases)}"


def case_words(row: Any, cases: str = "investigations") -> str:
    """The end of `count_words`, in how many cases: ", in 3 of 15 investigations"; "" where the people are as many."""
    there = (row["n_cases_counted"], row["n_cases"])
    if there == (row["numerator"], row["denominator"]):
        return ""
    one = cases.removesuffix("s") if there[1] == 1 else cases
    return f", in {there[0]:,} of {there[1]:,} {one}"


def percent_range(low: float, high: float) -> str:
    """Two shares as people read them: 2.6% to 7.3%."""
    return "[z]" if pd.isna(low) else f"{percent(low)} to {percent(high)}"


def rate_in_words(row: Any) -> str:
    """A count with its share: 5 of 16 = 31.3%; [u] where it is of low reliability, and the count alone under FEW.

    row: numerator, denominator, rate and reliability, as a row of a RateTable has them.
    """
    if not row["denominator"]:
        return "nobody with a known outcome [z]"
    counts = f"{row['numerator']:,} of {row['denominator']:,}"
    return f"{counts} [u]" if row["denominator"] < FEW else f"{counts} = {rate_cell(row)}"


def rate_cell(row: Any) -> str:
    """The share of a row of a RateTable in a table: 31.3%, 11.1% [u], [u] alone under FEW, [z] of nobody."""
    if row["reliability"] == "x":
        return "[x]"
    if 0 < row["denominator"] < FEW:
        return "[u]"
    return percent(row["rate"]) + (" [u]" if row["reliability"] == "u" else "")


def interval_cell(row: Any) -> str:
    """The 95 % interval of a row of a RateTable in a table; [u] under FEW, [z] of nobody."""
    return "[u]" if 0 < row["denominator"] < FEW else percent_range(row["low"], row["high"])


def bounds_cell(row: Any) -> str:
    """The shares of a row of a RateTable if none and if all of unknown outcome had been dismissed; [u] under FEW."""
    low, high = row["rate_if_none_dismissed"], row["rate_if_all_dismissed"]
    return "[u]" if 0 < row["denominator"] + row["unknown_outcomes"] < FEW else percent_range(low, high)


def group_label(column: str, code: object) -> str:
    """What people read for a group: the vocabulary's label where there is one."""
    return vocabulary.label(column, str(code))


def share_label(count: str, counted: str = "people") -> str:
    """What a share is of: `dismissed` of people, `that ended in dismissal` of anything else; counted: as in RateTable.

    count: a code of the vocabulary `numerator`.
    """
    entry = vocabulary.entry("numerator", count)
    return str(entry["label"]) if counted == "people" else f"that ended {entry['ended']}"


def describe(
    among: str,
    count: str,
    by: Sequence[str],
    primary_only: bool,
    where: Mapping[str, str],
    counted: str = "people",
    whom: str = "",
    unavailable: str = "",
    unstated: int = 0,
) -> str:
    """The definition of a rate in words, every part from the vocabulary; the last four: as in RateTable."""
    numerator, denominator = vocabulary.entry("numerator", count), vocabulary.entry("denominator", among)
    parts = [
        f"Share {share_label(count, counted)} among {whom or denominator['label']}.",
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
    if unavailable:
        parts.append(f"Not available [x]: {unavailable}.")
    elif unstated:
        parts.append(outside(among, unstated, counted))
    return " ".join(parts)


def outside(among: str, unstated: int, counted: str = "people") -> str:
    """The sentence on those who are left out of a denominator because the source does not say if they belong to it."""
    who = "one person" if unstated == 1 and counted == "people" else f"{unstated:,} {counted}"
    return f"Also left out: {who} of whom the source does not say {vocabulary.entry('denominator', among)['unstated']}."


def unavailable(subjects: pd.DataFrame, among: str) -> str:
    """Why nobody can know who belongs to a denominator: the source says it of none of `subjects`; else ""."""
    is_unstated = _unstated(subjects, among)
    if is_unstated.empty or not is_unstated.all():
        return ""
    return f"the source does not say {vocabulary.entry('denominator', among)['unstated']}"


def require_available(subjects: pd.DataFrame, among: str) -> None:
    """MisconductError where nobody can know who belongs to a denominator."""
    reason = unavailable(subjects, among)
    if reason:
        raise MisconductError(f"Not available [x]: {reason}.")


def _unstated(subjects: pd.DataFrame, among: str) -> pd.Series:
    """Whether the source leaves open if a person belongs to a denominator, one a row of `subjects`."""
    column = vocabulary.entry("denominator", among)["column"]
    if not column:
        return pd.Series(False, index=subjects.index)
    return subjects[column].isin(vocabulary.codes_with(column, "is_unstated"))


def count_unstated(subjects: pd.DataFrame, among: str) -> int:
    """How many people are left out of a denominator because the source does not say whether they belong to it.

    0 where the denominator does not name them (names_unstated in rates.yml).
    """
    named = vocabulary.entry("denominator", among).get("names_unstated") is True
    return int(_unstated(subjects, among).sum()) if named else 0


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


def people_of(subjects: pd.DataFrame, among: str) -> pd.DataFrame:
    """The rows of `subjects` that are in a denominator, a code of the vocabulary; known outcome or not."""
    denominator = vocabulary.entry("denominator", among)
    if not denominator["column"]:
        return subjects
    members = vocabulary.codes_with(denominator["column"], denominator["attribute"])
    return subjects[subjects[denominator["column"]].isin(members)]


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
    Where the source says of nobody whether they belong to the denominator the total is [x] and there are no groups;
    where it says of some, the others are left out and the definition says how many.
    Raises MisconductError for a name that is not known, listing the known ones.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    where = dict(where or {})
    numerator, people = vocabulary.entry("numerator", count), people_of(subjects, among)
    for column in (*by, *where):
        require_known(column, GROUPS, "group")
        if column not in subjects and column != "complaint_type":
            raise MisconductError(f"These data have no {column.replace('_', ' ')}.")
    if len(set(by)) != len(by):
        raise MisconductError(f"A group is named twice: {', '.join(by)}.")
    _require_known_values(subjects, where)

    reason, unstated = unavailable(subjects, among), count_unstated(subjects, among)
    if where and unstated:
        selected = select(subjects, allegations, where)
        reason, unstated = reason or unavailable(selected, among), count_unstated(selected, among)
    chosen = [column for column in dict.fromkeys((*by, *where, "subject_id")) if column in people]
    counted = people[numerator["column"]].isin(vocabulary.codes_with(numerator["column"], numerator["attribute"]))
    people = _countable(people, chosen, counted)
    [everybody] = _rate_rows(people, np.zeros(len(people), dtype=np.int64), 1, 1.0)
    fallback = float(everybody["design_effect"])  # type: ignore[arg-type]

    rows = _with_groups(people, allegations, [*dict.fromkeys((*by, *where))], primary_only)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    if where:
        [everybody] = _rate_rows(rows, np.zeros(len(rows), dtype=np.int64), 1, fallback)
    total = {**dict.fromkeys(by, ALL), **everybody, **({"reliability": "x"} if reason else {})}
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
        definition=describe(among, count, by, primary_only, where, unavailable=reason, unstated=unstated),
        sources=tuple(sorted(subjects["source"].unique())),
        primary_only=primary_only,
        unavailable=reason,
        unstated=0 if reason else unstated,
    )
