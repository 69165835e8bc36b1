"""What bears on each demand of the women's sector: the coded cases, what others published, and what nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.charts.text import lower_first
from analysis.counting.claims import recompute_claims
from analysis.counting.endings import ended
from analysis.counting.published_rates import period_label
from analysis.counting.rate_words import heading, share_words
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import parse_conditions
from analysis.dataset import Dataset
from analysis.errors import MisconductError
from analysis.provenance.sources import Source
from analysis.publishing import wording as words

PLAIN = ("complaint_type", "force", "force_view", "vawg")  # groups whose labels say what they are


def demand_page(data: Dataset, demand: str) -> str:
    """One demand, a code of the vocabulary `demand`, with all that bears on it, in Markdown.

    Raises MisconductError naming ids that the tables do not have.
    """
    entry, facts = vocabulary.entry("demand", demand), demand_facts(data, demand)
    published = [
        f"{one.what}: {one.figure} ({_link(one.publisher, one.url)}, quality {one.quality})." for one in facts.rates
    ]
    parts = {
        "What these data say": [": ".join(filter(None, (o.sentence, o.share))) + "." for o in facts.ours]
        or ["Nothing."],
        "What others published": [*published, *facts.counts],
        "Claims, counted again": facts.claims,
        "What nobody publishes, as far as was found": facts.unpublished,
    }
    said = [f"## {entry['label']}", "", entry["definition"]]
    for name, lines in parts.items():
        said += ["", f"**{name}**", "", *(f"- {line}" for line in lines)] if lines else []
    return "\n".join(said)


@dataclass(frozen=True)
class Ours:
    """A rate of the coded investigations: its sentence without the full stop, its share and interval (empty under
    FEW people), and the sentence to copy."""

    sentence: str
    share: str
    quote: str


@dataclass(frozen=True)
class Facts:
    """What bears on a demand: rates of the coded investigations, published rates, published counts and claims in
    Markdown, and what nobody publishes."""

    ours: Sequence[Ours]
    rates: Sequence[words.PublishedRate]
    counts: Sequence[str]
    claims: Sequence[str]
    unpublished: Sequence[str]


def demand_facts(data: Dataset, demand: str) -> Facts:
    """All that bears on a demand; MisconductError names ids that the tables do not have."""
    entry = vocabulary.entry("demand", demand)
    rates, claims, figures, unpublished, ours = (
        _listed(entry[name]) for name in ("rates", "claims", "figures", "unpublished", "ours")
    )
    found = _rows(data["published_rates"], "rate_id", rates, "published_rates")
    return Facts(
        ours=[_ours(data, asked) for asked in ours],
        rates=words.published_list(found, data["sources"]),
        counts=_counts(data, figures),
        claims=_claims(data, claims),
        unpublished=[f"{part[:1].upper()}{part[1:]}." for part in unpublished],
    )


def demand_sentence(data: Dataset, demand: str) -> tuple[str, tuple[Source, ...], pd.Series | None]:
    """What is said first of a demand, without its full stop; the sources of its figure, what others published with its
    own place, which is not always all that their collection covers; and its row, if it is a rate of ours.

    Raises MisconductError where `main` of demands.yml is none of its ours, rates or figures.
    """
    entry = vocabulary.entry("demand", demand)
    main, ours = entry["main"], data.sources_of(data.subjects)
    others = data.sources_of(data["published_rates"])

    def at(place: str) -> tuple[Source, ...]:
        return tuple(replace(source, jurisdiction=place) for source in others)

    if main.startswith("ended "):
        return _ended(data, main.removeprefix("ended ")), ours, None
    if main in _listed(entry["ours"]):
        sentence, row = _rate(data, main)
        return sentence, ours, row
    if main in _listed(entry["rates"]):
        [one] = words.published_list(_rows(data["published_rates"], "rate_id", [main], ""), data["sources"])
        return f"{one.what}: {one.figure}, according to {one.publisher}", at(one.force), None
    if main in _listed(entry["figures"]):
        [figure] = _rows(data["published_figures"], "figure_id", [main], "").itertuples()
        source = data["sources"].set_index("source_id").loc[figure.source_id]
        period = period_label(figure.period_start, figure.period_end)
        about = f"{figure.complaint_type_source}, " if figure.complaint_type != "all" else ""
        said = f"{about}{figure.force}, {period}: {_said(figure, ' ')}, according to {source['publisher']}"
        return said, at(figure.force), None
    raise MisconductError(
        f"data/vocabulary/demands.yml: {main!r}, the main figure of {demand}, is not among its figures."
    )


def _ended(data: Dataset, among: str) -> str:
    """How it ended for the people of a denominator, in one sentence."""
    found, who = ended(data, among), vocabulary.label("denominator", among)
    row = found.dismissed
    return (
        f"Of {row['denominator']} {who}, {words.in_cases(row['n_cases'])}, {_part(row)} were dismissed or would have "
        f"been; {_part(found.not_left)} were not and are not said to have left; {_part(found.left)} left first"
    )


def _part(row: pd.Series) -> str:
    """Some of the people of a denominator, and in how many of its investigations where that is another number."""
    k, cases = int(row["numerator"]), int(row["n_cases_counted"])
    return f"{k}" if cases == k else f"{k} (in {cases})"


def _listed(cell: str) -> list[str]:
    return [part.strip().rstrip(".") for part in cell.split(vocabulary.SEPARATOR) if part.strip()]


def _ours(data: Dataset, asked: str) -> Ours:
    """A rate of the coded investigations; asked: as in demands.yml."""
    sentence, row = _rate(data, asked)
    return Ours(sentence, share_words(row), words.quoted(sentence, data.sources_of(data.subjects), row=row))


def _rate(data: Dataset, asked: str) -> tuple[str, pd.Series]:
    """The sentence of a rate of the coded investigations, without its full stop, and its row."""
    among, _, conditions = asked.partition(" ")
    where = parse_conditions([text.strip() for text in conditions.split(" & ")] if conditions else [])
    table = dismissal_rates(data, among=among, where=where)
    row = table.total
    about = ", ".join(
        kept
        if column == "force"
        else lower_first(kept)
        if column in PLAIN
        else f"{heading(column)}: {lower_first(kept)}"
        for column, kept in table.only.items()
    )
    return words.rate_sentence(row, table, about[:1].upper() + about[1:]), row


def _rows(table: pd.DataFrame, key: str, ids: list[str], name: str) -> pd.DataFrame:
    """The rows with some ids, in their order; MisconductError names those that are not there."""
    missing = [one for one in ids if one not in set(table[key])]
    if missing:
        raise MisconductError(f"{name} has no {', '.join(missing)}, which data/vocabulary/demands.yml names.")
    return table.set_index(key).loc[ids].reset_index()


def _counts(data: Dataset, ids: list[str]) -> list[str]:
    """Published counts without a denominator, each with a link."""
    rows = _rows(data["published_figures"], "figure_id", ids, "published_figures")
    sources = data["sources"].set_index("source_id")
    found = []
    for row in rows.itertuples():
        source = sources.loc[row.source_id]
        found.append(
            f"{row.force}, {period_label(row.period_start, row.period_end)}: {_said(row, ', ')} "
            f"({_link(source['publisher'], source['url'])})."
        )
    return found


def _said(row: Any, joined: str) -> str:
    """A published figure and what it counts, where that is more than its unit."""
    count = _count(row)
    return count if count.endswith(f" {row.outcome_source}") else f"{count}{joined}{row.outcome_source}"


def _count(row: Any) -> str:
    """A published figure with its unit."""
    if row.unit == "percent":
        return f"{row.value:g}%"
    return f"{row.value:,.0f} {vocabulary.label('published_unit', row.unit)}"


def _claims(data: Dataset, ids: list[str]) -> list[str]:
    """Public claims, each leading to its publication, with the verdict of counting them again."""
    rows = _rows(recompute_claims(data["claims"], data["sources"]), "claim_id", ids, "claims")
    urls = rows["source_id"].map(data["sources"].set_index("source_id")["url"])
    said = zip(rows["claim"], urls, rows["verdict"], strict=True)
    return [f"{_link(claim.rstrip('.'), url)}: {verdict}." for claim, url, verdict in said]


def _link(name: str, url: str) -> str:
    return f"[{name}]({url.replace('(', '%28').replace(')', '%29')})" if url.startswith("http") else name
