"""A group of people as pages, fact sheets and packs tell of it: everything about it is counted once, when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import draw_attrition, draw_rates, exhibit
from analysis.charts.text import lower_first, slug
from analysis.counting.endings import CIRCULAR, after_finding, outcome_counts
from analysis.counting.rate_table import ALL, MAIN_AMONG, RateTable
from analysis.counting.rate_words import FEW, SMALL, UNSTATED, count_words, few_words, group_label, share_words
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Where, parse_conditions
from analysis.dataset import Dataset
from analysis.provenance.sources import Source, cases_of, counted_in
from analysis.publishing import wording as words

BECAME = {  # column of after_finding -> what became of the people in it
    "dismissed": "dismissed",
    "would_have_been_dismissed": "would have been dismissed",
    "left": "left first with another outcome",
    "not_said_to_have_left": "with another outcome and not said to have left",
    "not_stated": "whose outcome is not stated",
}


@dataclass(frozen=True)
class Group:
    """People of a data set: of a force, accused of a complaint type, both, or everybody.

    where: GROUPS column -> code, as in dismissal_rates; named: what it is called, where its conditions do not say it.
    """

    data: Dataset
    where: Where
    named: str = ""

    @property
    def codes(self) -> dict[str, str]:
        """`where` as far as it is a code a column."""
        return {column: code for column, code in self.where.items() if isinstance(code, str)}

    @property
    def about(self) -> str:
        """What leads a sentence on it: Sussex Police, driving."""
        kind = self.codes.get("complaint_type", "")
        everywhere = " and ".join(sorted(self.data["subjects"]["jurisdiction"].unique()))
        place = self.codes.get("force", everywhere)
        return self.named or (f"{place}, {lower_first(vocabulary.label('complaint_type', kind))}" if kind else place)

    @property
    def title(self) -> str:
        """The name of its page: of a complaint type without the place."""
        return self.about if self.named or len(self.where) != 1 else group_label(*next(iter(self.codes.items())))

    @cached_property
    def sources(self) -> Sequence[Source]:
        """Where its figures come from."""
        return self.data.sources_of(self.data["subjects"])

    @cached_property
    def who(self) -> str:
        """What is counted, in the plural."""
        return counted_in(self.sources)

    @cached_property
    def rates(self) -> Mapping[str, RateTable]:
        """Denominator -> RateTable of the whole group."""
        return {among: dismissal_rates(self.data, among=among, where=self.where) for among in MAIN_AMONG}

    @property
    def first(self) -> RateTable:
        """The rate that is said first."""
        return self.rates[MAIN_AMONG[0]]

    @cached_property
    def split(self) -> RateTable:
        """The rate that is said first, of a complaint type by force, else by complaint type."""
        column = "force" if [*self.codes] == ["complaint_type"] else "complaint_type"
        where = {name: code for name, code in self.codes.items() if name != column}
        return dismissal_rates(self.data, among=MAIN_AMONG[0], by=column, where=where)

    @cached_property
    def chart(self) -> Chart | None:
        """Its own chart: of a complaint type step by step, else by complaint type; None of fewer than FEW people."""
        if self.split.total["denominator"] < FEW:
            return None
        if self.split.by == ("force",):
            return replace(draw_attrition(self.data, self.codes["complaint_type"]), filter=self.codes)
        return draw_rates(self.split)

    @cached_property
    def all_outcomes(self) -> pd.DataFrame:
        """How its cases ended, by everything that its people are accused of, as outcome_counts gives it."""
        return outcome_counts(self.data, self.where)

    @property
    def outcomes(self) -> pd.DataFrame:
        """How its cases ended; of a complaint type only its own row."""
        return self._of_its_type(self.all_outcomes)

    @cached_property
    def all_after(self) -> pd.DataFrame:
        """What became of those found against, by everything that they are accused of, as after_finding gives it."""
        return after_finding(self.data, self.where)

    @property
    def after(self) -> pd.DataFrame:
        """What became of those found against; of a complaint type only its own row."""
        return self._of_its_type(self.all_after)

    def _of_its_type(self, counts: pd.DataFrame) -> pd.DataFrame:
        kind = self.codes.get("complaint_type") if {*self.where} <= {"force", "complaint_type"} else None
        return counts[counts["complaint_type"] == kind] if kind else counts

    @property
    def people(self) -> int:
        """How many it has, whatever is known of them."""
        return int(self.outcomes.iloc[0, 1]) if len(self.outcomes) else 0

    @cached_property
    def cases(self) -> pd.DataFrame:
        """Its investigations, as Dataset.cases gives them, and in `dismissed` whether anybody of it was, or would have
        been; those first."""
        found, ended = self.data.cases(self.where), self.data.cases(self.where, count="dismissed_or_would_have_been")
        found = found.assign(dismissed=found["case_id"].isin(ended["case_id"]))
        return found.sort_values("dismissed", ascending=False, kind="stable")

    @cached_property
    def published(self) -> list[words.PublishedRate]:
        """What others published of its force or complaint type, the latest first; nothing of everybody."""
        rates, publications = self.data["published_rates"], self.data["sources"]
        for column, code in self.codes.items():
            rates = rates[rates[column] == code] if column in ("force", "complaint_type") else rates
        return _latest_first(words.published_list(rates, publications)) if self.where else []

    @cached_property
    def wider(self) -> list[Group]:
        """What it is part of: its complaint type everywhere, where it is of one force, and everybody."""
        kind = {name: code for name, code in self.where.items() if name == "complaint_type"}
        return [
            Group(self.data, where) for where in ([kind, {}] if len(self.where) > 1 else [{}] if self.where else [])
        ]

    @property
    def how_few_ended(self) -> str:
        """Of one or two people, after the sentence that counts them, how their cases ended; "" of others."""
        if not 0 < self.people <= 2 or self.who != "people":
            return ""
        all_of_them = self.first.total["denominator"] == self.people
        accused = "" if all_of_them else f" for {words.people(self.people)} accused"
        return f" How it ended{accused}: {words.outcome_words(self.outcomes.iloc[0])}."

    @property
    def lead(self) -> str:
        """What is said first: the sentence with its share and interval; of one or two people also how it ended."""
        return whole_sentence(self.first.total, self.first, self.about) + self.how_few_ended

    @property
    def after_words(self) -> str:
        """What became of those found against, in one sentence; "" of anything but people, since only they leave."""
        if self.who != "people":
            return ""
        if self.after.empty:
            return "Of nobody in these data does the source state that misconduct was found."
        row = self.after.iloc[0]
        found = f"Of {words.people(row['found'])} found, as the source states it, to have committed misconduct"
        told = {column: said for column, said in BECAME.items() if row[column] or column == "dismissed"}
        became = ", ".join(f"{row[column]} {said}" for column, said in told.items())
        return f"{found}, {words.in_cases(row['investigations'])}: {became}. {CIRCULAR}"


@dataclass(frozen=True)
class Topic(Group):
    """The people of a topic of the vocabulary, which is no complaint type of its own: racism.

    among: whom its chart and its counts are out of, as a filter.
    """

    entry: Mapping[str, Any] = field(default_factory=dict)
    among: Where = field(default_factory=dict)

    @cached_property
    def split(self) -> RateTable:
        """The rate that is said first, by what tells the topic apart."""
        return dismissal_rates(self.data, among=MAIN_AMONG[0], by=self.entry["by"], where=self.among)

    @cached_property
    def chart(self) -> Chart | None:
        """The chart of the catalogue that shows the topic beside the others."""
        return exhibit(self.entry["chart"]).draw(self.data)

    @cached_property
    def published(self) -> list[words.PublishedRate]:
        """What others published of the complaint types that it is about."""
        rates = self.data["published_rates"]
        kinds = self.entry["published"].split(vocabulary.SEPARATOR)
        return _latest_first(words.published_list(rates[rates["complaint_type"].isin(kinds)], self.data["sources"]))


def _latest_first(found: list[words.PublishedRate]) -> list[words.PublishedRate]:
    return sorted(found, key=lambda rate: rate.year, reverse=True)


def topic_group(data: Dataset, topic: str) -> Topic:
    """The Topic of a code of the vocabulary `topic`."""
    entry = vocabulary.entry("topic", topic)
    within = parse_conditions([entry["within"]] if entry["within"] else [])
    return Topic(data, parse_conditions([entry["where"]]), entry["label"], entry, within)


def whole_sentence(row: Any, table: RateTable, about: str, with_unknown: bool = True) -> str:
    """A row of a RateTable in sentences: with its share and interval, those of unknown outcome, and why not to lean on
    them; about: what leads it."""
    more = words.more_words(row, table.counted) if with_unknown else ""
    after = "".join(f" {sentence_of(clause)}" for clause in (share_words(row), more) if clause)
    return f"{words.rate_sentence(row, table, about)}.{after}{caution(row, table)}"


def split_rows(
    table: RateTable, about: str, sources: Sequence[Source], href: Callable[[str], str] = lambda code: ""
) -> list[dict[str, Any]]:
    """The rows of a RateTable by one column as a page lists them, each with the sentence to copy; no ranking.

    about: what leads the sentences; href: the address of a group's own page, if it has one.
    """
    column, rows = table.by[0], []
    for row in table.groups[table.groups["denominator"] > 0].to_dict("records"):
        code = row[column]
        label = group_label(column, code)
        inside = label if column == "force" else lower_first(label)
        said = words.said(row, table, f"{about}, {inside}" if about else label, sources, href(code))
        few = row["reliability"] == "u" and row["denominator"] > 2  # its count is what can be said
        shown = f"{count_words(row, table.cases)} [u]" if few else said.whole
        entry = {"label": label, "href": href(code), "id": slug(label), "shown": shown, "quote": said.quote}
        rows.append({**entry, "last": code in UNSTATED})
    return sorted(rows, key=lambda row: (row["last"], row["label"]))


def sentence_of(clause: str) -> str:
    """A clause as a sentence; "" of none."""
    return f"{clause[:1].upper()}{clause[1:]}." if clause else ""


def caution(row: Any, table: RateTable) -> str:
    """Why not to lean on the share of a row of a RateTable; "" where there is no reason."""
    few = few_words(row, table.counted, table.cases)
    return f" {few[:1].upper()}{few[1:]}: too few for a reliable share." if row["reliability"] == "u" else ""


def few_notice(group: Group) -> str:
    """Why a group has no rate to be quoted; "" where it has one."""
    table = group.first
    n = int(table.total["denominator"])
    if table.unavailable:
        return f"{table.among_label.capitalize()}: not available [x]: {table.unavailable}."
    if n >= SMALL:
        return ""
    if not n:
        return sentence_of(words.nobody_words(table))
    seen = f"{words.people(n, group.who)} with a case to answer and a known outcome"
    few = f"{seen}, {words.in_cases(table.total['n_cases'], table.cases)}: too few for a reliable share."
    return f"{few} Give the counts."


def endings(counts: pd.DataFrame, caption: str, who: str = "people") -> words.Shown:
    """A table of counting.endings that fits a phone: who, people, investigations, and in words how it ended."""
    first, people, cases, *codes = counts.columns
    rows = []
    for row in counts.to_dict("records"):
        ended = [words.labelled(code, row[code]) for code in codes if row[code]]
        kind = "All complaint types" if row[first] == ALL else group_label("complaint_type", row[first])
        rows.append([kind, f"{row[people]:,}", f"{row[cases]:,}", vocabulary.SEPARATOR.join(ended)])
    headings = ["complaint type", who, cases_of(who), "how it ended"]
    return words.Shown(caption, headings, rows)
