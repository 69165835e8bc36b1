"""Fact sheets: two printed pages on a force, a complaint type or both, as a web page and as an accessible PDF.

Both show the same `sheet`: what it says is decided here, how much of its lists fits on paper in factsheet.typ.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis import edition, vocabulary
from analysis.charts import Chart
from analysis.charts.pdf import compiled
from analysis.charts.text import lower_first
from analysis.counting.denominators import among_label
from analysis.counting.rate_table import MAIN_AMONG, RateTable
from analysis.counting.rate_words import FEW, count_words, group_label
from analysis.edition import day
from analysis.provenance.sources import licence_line, place_and_period, source_line
from analysis.publishing import wording as words
from analysis.publishing.cards import Picture
from analysis.publishing.group_facts import Group, endings, few_notice
from analysis.publishing.overseers import request_of
from analysis.publishing.rendering import render
from analysis.publishing.safety import web_address

Cell = dict[str, str]  # text, and url where it leads somewhere


def sheet(group: Group, others: Sequence[Group]) -> dict[str, Any]:
    """All that a fact sheet says of a group, as plain values; others: what it is compared with."""
    sources = group.sources
    first = [_split(group.split)] if group.split.by == ("force",) else []
    second = [_cases(group), _published(group)]
    if group.chart is None:  # there is room on the first page
        first, second = [*first, second[0]], second[1:]
    unavailable = any(table.unavailable for table in group.rates.values())
    return {
        "title": group.title,
        "question": words.question(group.who),
        "project": edition.PROJECT,
        "edition": f"Edition of {day(edition.UPDATED)}. First published "
        f"{day(edition.PUBLISHED)}. Data published {', '.join(day(one.published) for one in sources)}.",
        "lead": group.lead,
        "few": few_notice(group) if group.people else "",  # its lead says it
        "figures": _figures([group, *others]),
        "chart": _chart(group.chart) if group.chart else {},
        "outcomes": _outcomes(group),
        "after": group.after_words,
        "first": [shown for shown in first if shown["rows"]],
        "second": [shown for shown in second if shown["rows"]],
        "definitions": _definitions(group),
        "symbols": [
            f"{symbol} {meaning}."
            for symbol, meaning in words.symbols(group.who).items()
            if symbol in ("[u]", "[z]") or (symbol == "[x]" and unavailable)
        ],
        "limits": [limit for source in sources for limit in source.known_limits],
        "ask": request_of(group.codes.get("force", "")).text.split("\n") if group.who == "people" else [],
        "contact": _contact(),
        "source": f"{place_and_period(sources)} {source_line(sources)} Licence: {licence_line(sources)}.",
    }


def _chart(chart: Chart) -> dict[str, Any]:
    """What is written around a chart, and its short alt text."""
    return {"title": chart.title, "subtitle": chart.subtitle, "notes": chart.notes, "alt": chart.short_alt_text}


def _figures(groups: Sequence[Group]) -> dict[str, Any]:
    """The rate out of each denominator, of the group and of what it is compared with."""
    rows = []
    for among in MAIN_AMONG:
        told = [_figure(group.rates[among]) for group in groups]
        rows.append([{"text": text} for text in (among_label(among, groups[0].who), *told)])
    headings = ["out of", *(group.about for group in groups)]
    return {"title": "How many were dismissed, or would have been", "note": "", "headings": headings, "rows": rows}


def _figure(table: RateTable) -> str:
    """Everybody of a RateTable, and of how many more the outcome is not known."""
    told = words.rate_words(table.total, cases=table.cases, counted=table.counted)
    return "; ".join(filter(None, (told, words.more_words(table.total, table.counted))))


def _outcomes(group: Group) -> dict[str, Any]:
    caption = f"{group.who.capitalize()} by complaint type and outcome"
    shown = endings(group.outcomes, caption, group.who)
    return {
        "title": "How their cases ended",
        "note": f"{words.counts_words(group.who)}.",
        "headings": [*shown.headings],
        "rows": [[{"text": text} for text in row] for row in shown.rows],
    }


def _split(table: RateTable) -> dict[str, Any]:
    """The counts of a RateTable by one column, in alphabetical order: no ranking."""
    rows = []
    for row in table.groups[table.groups["denominator"] > 0].to_dict("records"):
        count = words.rate_words(row, cases=table.cases, counted=table.counted)
        short = f"{count_words(row, table.cases)} [u]"
        rows.append([group_label(table.by[0], row[table.by[0]]), short if row["denominator"] >= FEW else count])
    return {
        "title": "Force by force",
        "note": f"Out of {table.among_label}: dismissed or would have been. Not a ranking.",
        "headings": ["force", "how many"],
        "rows": [[{"text": text} for text in row] for row in sorted(rows)],
    }


def _cases(group: Group) -> dict[str, Any]:
    """The investigations, each with its publisher's page."""
    shows_force = "force" not in group.codes
    rows = []
    for case in group.cases.to_dict("records"):
        date: Cell = {"text": day(case["date"]) if case["date"] else "no date", "url": web_address(case["url"])}
        force = [{"text": case["force"] or "not stated"}] if shows_force else []
        rest = (case["complaint_types"], str(case["people"]), case["outcomes"])
        rows.append([date, *force, *({"text": text} for text in rest)])
    return {
        "title": f"The {group.first.cases}",
        "note": "Each date leads to the publisher's summary. Read it before you write about a case."
        + " Those with a dismissal, or what would have been one, come first." * bool(group.cases["dismissed"].any()),
        "headings": ["published", *(["force"] if shows_force else []), "accused of", group.who, "how it ended"],
        "rows": rows,
    }


def _published(group: Group) -> dict[str, Any]:
    """What others published, each with its publication; what the title of the sheet says is not said again."""
    known = {lower_first(group_label(*pair)) if pair[0] != "force" else pair[1] for pair in group.codes.items()}
    rows = [
        [
            {"text": ", ".join(part for part in (rate.force, rate.kind, rate.period) if part not in known)},
            {"text": f"{rate.figure} {rate.counted}"},
            {"text": f"{rate.of} ({rate.unit})"},
            {"text": rate.quality},
            {"text": rate.publisher, "url": web_address(rate.url)},
        ]
        for rate in group.published
    ]
    return {
        "title": "Published by others",
        "note": words.how_to_read(),
        "headings": ["whose, of what, when", "share", "out of", "quality", "published by"],
        "rows": rows,
    }


def _definitions(group: Group) -> list[list[str]]:
    """What the figures count: the first in full, of the others out of whom."""
    first, *rest = MAIN_AMONG
    others = [[among_label(among, group.who), vocabulary.entry("denominator", among)["definition"]] for among in rest]
    return [[among_label(first, group.who), group.rates[first].definition], *others]


def _contact() -> list[str]:
    """How to write to the project: each address only where it is set."""
    to = " or ".join(
        [
            *([edition.EMAIL] if edition.EMAIL else []),
            *([f"{edition.ADDRESS}contact.html"] if edition.ADDRESS else []),
        ]
    )
    asked = "Is a figure wrong, or do you have a reply to a freedom of information request?"
    said = f"{asked} {f'Write to {to}.' if to else 'Tell whoever gave you this sheet: this copy names no address.'}"
    return [said, *([f"All figures, charts and data: {edition.ADDRESS}"] if edition.ADDRESS else [])]


def sheet_page(
    said: dict[str, Any], path: str, pictures: str, chart: Chart | None, card: Picture | None = None
) -> bytes:
    """A sheet as a web page at `path`; pictures: where those of its chart are, as seen from there.

    card: what a link to it shows where it is shared, if it is on the site.
    """
    image = f"{pictures}/{chart.picture_name('square', 'png')}" if chart else ""
    return render("factsheet.html", path, picture=card, image=image, sheet=said)


def sheet_pdf(said: dict[str, Any], chart: Chart | None) -> bytes:
    """A sheet as a PDF of two pages, tagged for screen readers. All text is data: nothing in it is read as markup."""
    inputs = {"sheet": json.dumps(said), "chart": chart.printed_svg().decode() if chart else ""}
    dated = datetime.datetime.combine(datetime.date.fromisoformat(edition.UPDATED), datetime.time(), datetime.UTC)
    template, time = (Path(__file__).parent / "templates" / "factsheet.typ").read_bytes(), int(dated.timestamp())
    return compiled(template, inputs, time)
