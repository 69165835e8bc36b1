"""Answers that are often asked for, each on a page of its own that can be shared: of each force, each complaint type,
and each complaint type in each force that anybody is accused of. What the chart builder says of the same choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis import vocabulary
from analysis.charts.text import lower_first, slug
from analysis.counting.rate_table import MAIN_AMONG, RateTable
from analysis.counting.rate_words import heading
from analysis.counting.rates import dismissal_rates
from analysis.dataset import Dataset
from analysis.provenance.sources import place_and_period, source_line
from analysis.publishing import wording as words
from analysis.publishing.builder import EVERYWHERE, types_of_forces
from analysis.publishing.cards import Card, card_of
from analysis.publishing.group_facts import sentence_of, split_rows, whole_sentence
from analysis.publishing.rendering import render
from analysis.publishing.sharing import picture_code


@dataclass(frozen=True)
class Answer:
    """One choice: a force, a complaint type, or both; "" where all are meant."""

    force: str = EVERYWHERE
    kind: str = ""

    @property
    def where(self) -> dict[str, str]:
        """Whom it is about, as a filter."""
        return {name: code for name, code in (("force", self.force), ("complaint_type", self.kind)) if code}

    @property
    def path(self) -> str:
        """The address of its page: answers/FORCE--TYPE.html."""
        return f"answers/{'--'.join(slug(code) for code in self.where.values())}.html"

    @property
    def about(self) -> str:
        """What leads its sentence: Sussex Police, driving."""
        label = vocabulary.label("complaint_type", self.kind) if self.kind else ""
        return f"{self.force}, {lower_first(label)}" if self.force and label else self.force or label


def answers(data: Dataset) -> list[Answer]:
    """Every answer that has a page: the forces, each followed by its complaint types; then the types of everybody."""
    kinds = types_of_forces(data)
    forces = [force for force in kinds if force != EVERYWHERE]
    by_force = [Answer(force, kind) for force in sorted(forces) for kind in ("", *kinds[force])]
    return [*by_force, *(Answer(kind=kind) for kind in kinds[EVERYWHERE])]


def answer_pages(data: Dataset, shared: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The page of every answer with its card, and the list of them: path and bytes; shared: what every page shows."""
    groups = {("force",), ("complaint_type",), ("force", "complaint_type")}
    counted = {by: {among: dismissal_rates(data, among=among, by=by) for among in MAIN_AMONG} for by in groups}
    said = {answer: _said(answer, counted[(*answer.where,)], data) for answer in answers(data)}
    for answer, context in said.items():
        listed = {"cases": _cases(data, answer), "split": _split(data, answer)}
        yield answer.path, render("answer.html", answer.path, **shared, **context, **listed)
        yield context["picture"].path, context["card"].png()
    path = "answers/index.html"
    yield path, render("answers.html", path, **shared, said=said)


def answer_card(answer: Answer, table: RateTable) -> Card:
    """The card of an answer, which pages about the same people show too; table: by the columns that it is of."""
    row = table.row(answer.where)
    return card_of(answer.path, whole_sentence(row, table, answer.about), table.sources, row)


def _said(answer: Answer, tables: Mapping[str, RateTable], data: Dataset) -> dict[str, Any]:
    """What a page says: the sentence of people with a case to answer with its share, and the other denominators."""
    sources = data.sources_of(data.subjects)
    rows = {among: table.row(answer.where) for among, table in tables.items()}
    row, table = rows[MAIN_AMONG[0]], tables[MAIN_AMONG[0]]
    told = {
        vocabulary.label("denominator", among): words.said(row, tables[among], answer.about, sources, answer.path)
        for among, row in rows.items()
    }
    first = next(iter(told.values()))
    card = answer_card(answer, table)
    return {
        "answer": answer,
        "sentence": whole_sentence(row, table, answer.about, with_unknown=False),
        "more": sentence_of(first.more),
        "quote": first.quote,
        "card": card,
        "picture": card.picture,
        "code": picture_code(answer.path, card.picture, f"{card.origin} {words.PROJECT}"),
        "told": told,
        "definition": first.definition,
        "place": place_and_period(sources),
        "source_line": source_line(sources),
        "label": vocabulary.label("complaint_type", answer.kind) if answer.kind else "",
    }


def _cases(data: Dataset, answer: Answer) -> list[dict[str, Any]]:
    """The investigations of an answer's people with a case to answer, the latest first."""
    return data.cases(answer.where, among=MAIN_AMONG[0]).to_dict("records")


def _split(data: Dataset, answer: Answer) -> dict[str, Any]:
    """The same people by what a topic of the vocabulary tells apart within their complaint type, if one does: of
    discrimination its ground, which is what somebody who asks for racism asks for."""
    entries = [vocabulary.entry("topic", code) for code in vocabulary.codes("topic")]
    columns = (entry["by"] for entry in entries if entry["within"] == f"complaint_type={answer.kind}")
    column = next(columns, "")
    if not column:
        return {}
    table = dismissal_rates(data, among=MAIN_AMONG[0], by=column, where=answer.where)
    return {"name": heading(column), "rows": split_rows(table, answer.about, data.sources_of(data.subjects))}
