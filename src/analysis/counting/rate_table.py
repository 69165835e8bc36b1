"""RateTable: dismissal rates with everything that they mean, carried together."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import among_label, outside
from analysis.counting.intervals import INTERVAL_METHOD
from analysis.counting.permutation import LEVEL, Outcomes, holm, p_against_rest
from analysis.counting.rate_words import (
    NOT_STATED,
    UNSTATED,
    bounds_cell,
    explanations,
    group_label,
    heading,
    interval_cell,
    marked_unavailable,
    rate_cell,
    share_label,
)
from analysis.counting.selection import Condition, as_texts, only_words
from analysis.csv_files import harmless, to_csv_bytes
from analysis.errors import MisconductError
from analysis.provenance.sources import Source

ALL = "(all)"
MAIN_AMONG = ("case_to_answer", "proceedings", "proven")  # the denominators of every page, pack and comparison
HIGHER, LOWER, CANNOT_TELL = "higher", "lower", "cannot tell"  # a group beside everybody else
COUNTS = ("numerator", "denominator", "n_cases", "n_cases_counted")


@dataclass(frozen=True)
class RateTable:
    """Dismissal rates and what they mean. In a notebook it shows itself as the table that people read.

    with_total: the group columns `by`, then the columns of RateColumns, as text and numbers; the first row is the
    total (groups "(all)"), the others are in the order of their groups. Codes, not labels; shares between 0 and 1.
    `data` is the same without the total, tidy.
    """

    with_total: pd.DataFrame
    by: tuple[str, ...]
    among: str
    count: str
    where: Mapping[str, Condition]
    definition: str
    sources: tuple[Source, ...]
    interval_method: str = INTERVAL_METHOD
    counted: str = "people"  # what one in the denominator is, in the plural
    cases: str = "investigations"  # what a case is, in the plural
    primary_only: bool = False  # each person under their first complaint type alone
    unavailable: str = ""  # why nobody can know this rate, as a clause without a stop; "" where it can be known
    unstated: int = 0  # people left out because the source does not say whether they belong to the denominator
    whom: str = ""  # out of whom, in words, where the vocabulary's label would be wrong
    period: str = ""  # what was counted of the sources' coverage, where that is not all of it
    notes: tuple[str, ...] = ()  # what a reader must know besides, under every chart
    missing: Mapping[str, int] = field(default_factory=dict)  # group of `where` -> people without a value, left out
    outcomes: Callable[[], Outcomes] | None = field(default=None, repr=False, compare=False)  # of the groups, in order

    def __post_init__(self) -> None:
        """The rules of RateColumns that a mistake in counting would break; tests hold every table to all of them."""
        k, n, cases = (self.with_total[name] for name in ("numerator", "denominator", "n_cases_counted"))
        if bool((k > n).any()) or bool((cases > k).any()):
            raise ValueError("A rate has more dismissals than people, or more cases with one than dismissals.")

    @cached_property
    def data(self) -> pd.DataFrame:
        """The groups, tidy: years as numbers, severities and stages as ordered categories, missing where not stated.

        Without a group it is the one row of everybody. Columns: `by`, then those of RateColumns.
        """
        if not self.by:
            return self.with_total
        rows = self.with_total.iloc[1:].reset_index(drop=True)
        return rows.assign(**{column: _tidy(rows[column]) for column in self.by})

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """Which groups have a higher or lower share than everybody else in the table, by permutation of cases.

        Returns
        -------
        DataFrame
            One row a group that can be compared (stated, with somebody and not with everybody, and with a rate): the
            columns `by`, p_value, p_holm (adjusted for all of them), verdict (higher, lower, or "cannot tell").
            Empty where the people behind the counts are not at hand.
        """
        groups = self.groups
        names = [*self.by, "p_value", "p_holm", "verdict"]
        if self.outcomes is None or self.unavailable:
            return pd.DataFrame(columns=names)
        is_group = ~groups[[*self.by]].isin(UNSTATED).any(axis=1) & (groups["reliability"] != "z")
        p = pd.Series(p_against_rest(self.outcomes()), index=groups.index)[is_group].dropna()
        compared = groups.loc[p.index]
        above = compared["rate"] > float(self.total["rate"])
        adjusted = holm(p.to_numpy())
        verdict = np.where(adjusted < LEVEL, np.where(above, HIGHER, LOWER), CANNOT_TELL)
        found = compared[[*self.by]].assign(p_value=p, p_holm=adjusted, verdict=verdict)
        return found.reset_index(drop=True)

    def labelled(self) -> pd.DataFrame:
        """The groups with words for people in place of codes.

        Returns
        -------
        DataFrame
            `data` with the labels of the vocabulary in the columns `by`.
        """
        return self.data.assign(**{name: [group_label(name, code) for code in self.data[name]] for name in self.by})

    @property
    def groups(self) -> pd.DataFrame:
        """The groups as text, NOT_STATED where nothing is stated: what is drawn and printed."""
        return self.with_total.iloc[1:].reset_index(drop=True)

    def row(self, codes: Mapping[str, str]) -> pd.Series:
        """The row of one group; of nobody its counts are 0 and it is [z]. codes: one of each column of `by`."""
        groups = self.groups
        for column, code in codes.items():
            groups = groups[groups[column] == code]
        nobody = dict.fromkeys((*COUNTS, "unknown_outcomes"), 0) | {"reliability": "z"}
        return groups.iloc[0] if len(groups) else pd.Series(nobody)

    @property
    def nothing(self) -> str:
        """Why there is no rate of anybody, as a sentence."""
        if self.unavailable:
            return f"Not available [x]: {self.unavailable}, so this rate cannot be known."
        return f"There are no {self.counted} with a known outcome in this group, so there is nothing to draw."

    @property
    def among_label(self) -> str:
        """Out of whom, in words."""
        return self.whom or among_label(self.among, self.counted)

    @property
    def share_label(self) -> str:
        """What the share is of: only people are dismissed, everything else ends in dismissal."""
        return share_label(self.count, self.counted)

    @property
    def only(self) -> dict[str, str]:
        """What was kept, in words by group; empty without a filter."""
        return {column: condition.words(column) for column, condition in self.where.items()}

    @property
    def filter(self) -> dict[str, str]:
        """What was kept, in codes by group: for file names and columns of exports."""
        return as_texts(self.where)

    @property
    def total(self) -> pd.Series:
        """The row of everybody."""
        return self.with_total.iloc[0]

    @property
    def known_total(self) -> pd.Series:
        """The row of everybody; MisconductError where it is [x]."""
        if self.unavailable:
            raise MisconductError(self.nothing)
        return self.total

    @property
    def source_line(self) -> str:
        """Where the figures come from."""
        return "Source: " + "; ".join(source.citation for source in self.sources) + "."

    def to_csv(self) -> bytes:
        """The total and the groups for other programs.

        Returns
        -------
        bytes
            `with_total` as CSV in UTF-8: the columns of `data`, codes, shares from 0 to 1, numbers to six decimals;
            harmless in a spreadsheet.
        """
        return to_csv_bytes(harmless(self.with_total))

    def to_json(self) -> bytes:
        """The same rows as JSON, with the definition, the interval method and the sources."""
        rows = json.loads(self.with_total.round(6).to_json(orient="records"))
        carried = {key: getattr(self, key) for key in ("among", "count", "definition", "interval_method")}
        carried |= {"where": self.filter, "sources": [source.id for source in self.sources], "rows": rows}
        return (json.dumps(carried, indent=2, ensure_ascii=False) + "\n").encode()

    def readable(self) -> pd.DataFrame:
        """The table that people read; a notebook shows it.

        Returns
        -------
        DataFrame
            Text, the total first: labels, "5 of 16", percentages. [u] marks a denominator under 10 or in fewer than 5
            cases, and stands alone under 5 people; [z] no rate or interval, [x] a rate that cannot be known.
        """
        data = self.with_total
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

    def __repr__(self) -> str:
        """The readable table with its definition and source."""
        return f"{self.readable().to_string(index=False)}\n\n{self.definition}\n{self.source_line}"

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        table = self.readable().to_html(index=False, border=0)
        return f"{table}<p>{html.escape(self.definition)}</p><p>{html.escape(self.source_line)}</p>"


def _of(part: pd.Series, whole: pd.Series) -> list[str]:
    """5 of 16, for each row."""
    return [f"{k} of {n}" for k, n in zip(part, whole, strict=True)]


def _tidy(codes: pd.Series) -> pd.Series:
    """A group column of text with the type of what it holds."""
    name = str(codes.name)
    stated = codes.where(codes != NOT_STATED)
    if name in vocabulary.ordered_vocabularies():
        return pd.Series(pd.Categorical(stated, vocabulary.by_severity(name), ordered=True), index=codes.index)
    if name == "year":
        return pd.to_numeric(stated).astype("Int64")
    return stated


def describe(
    among: str,
    count: str,
    by: Sequence[str],
    primary_only: bool,
    where: Mapping[str, Condition],
    unavailable: str = "",
    unstated: int = 0,
    missing: Mapping[str, int] | None = None,
    counted: str = "people",
) -> str:
    """The definition of a rate in words, every part from the vocabulary; the last four: as in RateTable."""
    numerator, denominator = vocabulary.entry("numerator", count), vocabulary.entry("denominator", among)
    is_people = counted == "people"
    ended = f"{counted} that ended {numerator['ended']}."
    whole = denominator["definition"] if is_people or denominator["column"] else f"All {counted} in the data."
    parts = [
        f"Share {share_label(count, counted)} among {among_label(among, counted)}.",
        f"Counted: {numerator['definition'] if is_people else ended}",
        f"Out of: {whole}",
        f"{counted.capitalize()} whose outcome is not stated or pending are left out of the rate and counted beside "
        "it.",
    ]
    if not is_people:
        parts.append(f"The source does not say which {counted} are about the same person, so these are not people.")
    if "complaint_type" in by or "complaint_type" in where:
        one, their = ("A person", "their") if is_people else (f"One of the {counted}", "its")
        parts.append(
            f"{one} counts under {their} first complaint type only."
            if primary_only
            else f"{one} counts once under each complaint type alleged, so rows do not add up to the total."
        )
    parts += explanations(dict.fromkeys((*by, *where)))
    if "force" in by:
        parts.append("A joint case counts under each of its forces, so rows do not add up to the total.")
    if where:
        parts.append(only_words(where, missing, counted))
    if unavailable:
        parts.append(f"Not available [x]: {unavailable}.")
    elif unstated:
        parts.append(outside(among, unstated, counted))
    return " ".join(parts)
