"""The pages of one group each: a force, a complaint type, or a topic such as racism, all in the reader's order.

A card, the sentence to quote, a chart of this group, its numbers, the investigations behind them, what others
published, and last how it compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from analysis import vocabulary
from analysis.charts import Chart
from analysis.charts.funnel import funnel_plot
from analysis.charts.text import lower_first
from analysis.counting.apart import told_apart
from analysis.counting.endings import CIRCULAR
from analysis.counting.funnel import Funnel, funnel
from analysis.counting.rate_table import MAIN_AMONG, RateTable
from analysis.counting.rate_words import FEW_CASES, SMALL, UNSTATED, case_words, group_label
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Where, conditions, select
from analysis.dataset import Dataset
from analysis.edition import day
from analysis.publishing import wording as words
from analysis.publishing.answers import Answer, answer_card
from analysis.publishing.cards import Card, Picture, card_of
from analysis.publishing.fact_sheets import sheet, sheet_page, sheet_pdf
from analysis.publishing.group_facts import Group, endings, few_notice, split_rows, topic_group
from analysis.publishing.overseers import other_overseer, request_of, requests
from analysis.publishing.packs import pack_name, slim_pack
from analysis.publishing.rendering import render

Files = list[tuple[str, bytes]]  # path in the site, bytes
FIRST = MAIN_AMONG[0]  # the denominator that a page leads with
OFFERED = [("page", "svg"), ("page", "png"), ("page", "pdf"), ("wide", "png"), ("square", "png")]  # of a chart
PART = [("square", "png")]  # of the pages of forces and types, which have the SVG in them
PACKED = [("page", "png")]  # in a pack, beside those
LONGEST_ON_PAPER = 2.8  # height for its width: of a longer chart a sheet would show letters of five points
SIZE_NAMES = {"page": "page", "wide": "16:9", "square": "square"}


@dataclass(frozen=True)
class Figures:
    """What the pages of groups show, counted once: the tables and their rates by denominator.

    addresses: complaint type and force -> address part of its page; packs: whether each has one to download.
    """

    data: Dataset
    by_force: Mapping[str, RateTable]
    by_type: Mapping[str, RateTable]
    addresses: Mapping[str, str] = field(default_factory=dict)
    packs: bool = False

    @cached_property
    def everybody(self) -> Group:
        """What each is compared with."""
        return Group(self.data, {})

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What every page shows."""
        return common(self.data)

    @cached_property
    def funnel(self) -> Funnel:
        """Where each force lies among all."""
        return funnel(self.by_force[FIRST])


def figures_of(data: Dataset, addresses: Mapping[str, str] | None = None, packs: bool = False) -> Figures:
    """The Figures of a Dataset."""
    by_force, by_type = (
        {among: dismissal_rates(data, among=among, by=column) for among in MAIN_AMONG}
        for column in ("force", "complaint_type")
    )
    return Figures(data, by_force, by_type, addresses or {}, packs)


def front_card(data: Dataset) -> Card:
    """The card of the front page, which is also that of pages without an answer of their own."""
    table = dismissal_rates(data, among=FIRST)
    return card_of("index.html", f"{words.rate_sentence(table.total, table)}.", table.sources, table.total)


def common(data: Dataset) -> dict[str, Any]:
    """What every page shows."""
    people, published = data.sources_of(data.subjects), data.source("published_figures")
    return {
        "sources": [*data.sources.values()],
        "SMALL": SMALL,
        "FEW_CASES": FEW_CASES,
        "data_to": day(max(source.published for source in people)),
        "published_to": day(published.published),
        "front_picture": front_card(data).picture,
        "requests": requests(),
    }


def pictures_of(chart: Chart, pictures: Sequence[tuple[str, str]]) -> Markup:
    """The chart for wide and for narrow screens; the style sheet shows one of them, also to a screen reader. One so
    long that its letters would be too small on a sheet of paper is printed as its wide picture, which lists fewer."""
    page, phone = chart.inline_svg("page"), chart.inline_svg("phone")
    width, height = (float(side) for side in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', page)[0])
    paper = ""
    if height / width > LONGEST_ON_PAPER and ("wide", "png") in pictures:
        file = f"../downloads/charts/{chart.picture_name('wide', 'png')}"
        paper = f'<img class="on-paper" loading="lazy" src="{file}" alt="{escape(chart.short_alt_text)}">'
    return Markup(f'<div class="on-page">{page}</div><div class="on-phone">{phone}</div>{paper}')


def chart_context(chart: Chart, pictures: Sequence[tuple[str, str]] = OFFERED) -> dict[str, Any]:
    """What a page needs to show a chart: its picture, table, citation and downloads."""
    return {
        "chart": chart,
        "svg": pictures_of(chart, pictures),
        "table": words.chart_table(chart),
        "citation": words.citation(chart),
        "files": file_names(chart, pictures),
    }


def file_names(chart: Chart, pictures: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(what it is, file name) of a chart's downloads."""
    drawn = [(f"{kind.upper()}, {SIZE_NAMES[size]}", chart.picture_name(size, kind)) for size, kind in pictures]
    others = [("data, CSV", "csv"), ("alt text", "txt"), ("caption", "caption.txt"), ("about it, JSON", "json")]
    return [*drawn, *((what, f"{chart.file_name}.{ending}") for what, ending in others)]


def taken_away(group: Group, address: str, figures: Figures, card: Picture | None) -> tuple[dict[str, Any], Files]:
    """What is taken away from a group's page: its chart, fact sheet and pack as the page names them, and all files.

    card: of that page, which its fact sheet shows too where it is shared.
    """
    chart, is_part = group.chart, bool(group.codes)  # the chart of a topic is one of the catalogue, and offered there
    drawn = chart.contents(PART) if chart and is_part else {}
    files = [(f"downloads/charts/{name}", content) for name, content in drawn.items()]
    shown = chart_context(chart, PART if is_part else OFFERED) if chart else {}
    shown.pop("citation", None)  # of the page is that of its sentence
    if not group.people:
        return shown, files
    said, name = sheet(group, [figures.everybody]), f"sheets/{address}-fact-sheet"
    pdf, page = sheet_pdf(said, chart), sheet_page(said, f"{name}.html", "../downloads/charts", chart, card)
    files += [(f"{name}.pdf", pdf), (f"{name}.html", page)]
    pack = f"downloads/packs/{pack_name(group.codes)}.zip" if figures.packs and is_part else ""
    if pack:
        files.append((pack, slim_pack(group, pdf, drawn | (chart.contents(PACKED) if chart else {}))))
    return {**shown, "sheet": name, "pack": pack}, files


def force_part(force: str, address: str, figures: Figures) -> Files:
    """A force's page and the files it offers."""
    group = Group(figures.data, {"force": force})
    rows = {among: table.row({"force": force}) for among, table in figures.by_force.items()}
    path = f"forces/{address}.html"
    answered = _answered(group, Answer(force=force), figures.by_force[FIRST])
    taken, files = taken_away(group, address, figures, answered.get("picture"))
    context = _group(group, force, rows, figures.by_force, path) | taken | answered
    context |= {"kind": "force", "crumb": ("Forces", "index.html"), "builder": f"force={force}"}
    context |= {"overseer": other_overseer(force), "asked": request_of(force).id}
    if group.people:
        context["split"] = _split(group.split, force, figures, lambda kind: Answer(force, kind))
    if rows[FIRST]["denominator"]:
        context["compared"] = words.compared_words(figures.funnel, force)
    if force in set(figures.funnel.classified["force"]):  # of the others it could show nothing
        plot = funnel_plot(figures.by_force[FIRST], figures.funnel, force)
        context["compared_svg"] = Markup(plot.inline_svg("phone"))
    return [(path, render("group.html", path, **figures.shared, **context)), *files]


def type_part(kind: str, address: str, figures: Figures) -> Files:
    """A complaint type's page and the files it offers."""
    group, name = Group(figures.data, {"complaint_type": kind}), vocabulary.label("complaint_type", kind)
    rows = {among: table.row({"complaint_type": kind}) for among, table in figures.by_type.items()}
    path = f"types/{address}.html"
    answered = _answered(group, Answer(kind=kind), figures.by_type[FIRST])
    taken, files = taken_away(group, address, figures, answered.get("picture"))
    context = _group(group, name, rows, figures.by_type, path) | taken | answered
    context |= {
        "kind": "type",
        "crumb": ("Complaint types", "index.html"),
        "lead": vocabulary.entry("complaint_type", kind)["definition"],
        "split": _split(group.split, name, figures, lambda force: Answer(force, kind)),
        "builder": f"types={kind}",
        "compared": _compared(figures.by_type[FIRST], kind, name),
    }
    return [(path, render("group.html", path, **figures.shared, **context)), *files]


def topic_part(topic: str, address: str, figures: Figures) -> Files:
    """The page of a topic of the vocabulary: people who are no complaint type of their own."""
    group, path = topic_group(figures.data, topic), f"types/{address}.html"
    entry, within = group.entry, group.among
    rows = {name: table.total for name, table in group.rates.items()}
    context = _group(group, entry["label"], rows, group.rates, path)
    first = rows[FIRST] if group.people > 2 else None
    card = card_of(path, f"{context['sentence'].rstrip('.')}.", context["about"], first)
    taken, files = taken_away(group, address, figures, card.picture)
    context |= taken
    kinds = entry["published"].split(vocabulary.SEPARATOR)
    context |= {
        "kind": "topic",
        "nobody": _none_said(group, within, entry["by"]),
        "crumb": ("Complaint types", "index.html"),
        "lead": f"{entry['definition']} {_unsaid(group, within, entry['by'], 'the source') if group.people else ''}",
        "split": _split(group.split, "", figures),
        "published_of": ", ".join(lower_first(group_label("complaint_type", kind)) for kind in kinds),
        "picture": card.picture,
    }
    page = (path, render("group.html", path, **figures.shared, **context))
    return [page, (card.picture.path, card.png()), *files]


def _none_said(group: Group, within: Where, column: str) -> str:
    """That the source says of nobody that they belong to a topic, and of how many it does not say; "" where it does."""
    said = f"Of nobody in these data does the source say that it was {lower_first(group.about)}."
    return "" if group.people else f"{said} {_unsaid(group, within, column, 'it')}".strip()


def _unsaid(group: Group, within: Where, column: str, source: str) -> str:
    """Of how many people the source does not say whether they belong to a topic; "" where it says so of all.

    within: what else they are accused of; column: what would say it; source: how it is called here.
    """
    if not within:
        return ""
    them = select(group.data, within)
    silent = them[them[column].isin(["", *UNSTATED])]
    people = {"numerator": len(silent), "denominator": len(them)}
    row = people | {"n_cases_counted": silent["case_id"].nunique(), "n_cases": them["case_id"].nunique()}
    kind = " and ".join(lower_first(each.words(name)) for name, each in conditions(within, them).items())
    accused = f"people accused of {kind}{case_words(row)}"
    return f"For {len(silent):,} of {len(them):,} {accused}, {source} names no ground." if len(silent) else ""


def _answered(group: Group, answer: Answer, table: RateTable) -> dict[str, Any]:
    """What a page of a group with people has of the page that answers for them: its address and its card."""
    return {"answer": answer.path, "picture": answer_card(answer, table).picture} if group.people else {"answer": ""}


def _group(
    group: Group, name: str, rows: Mapping[str, pd.Series], tables: Mapping[str, RateTable], page: str
) -> dict[str, Any]:
    """What a page says of its group, whatever it is; rows: denominator -> its row of tables; page: its address."""
    data, where, sources = group.data, group.where, group.sources
    said = {
        vocabulary.label("denominator", among): words.said(row, tables[among], name, sources, page)
        for among, row in rows.items()
    }
    people = group.people
    sentence = f"{said[vocabulary.label('denominator', FIRST)].sentence}.{group.how_few_ended}".removesuffix(".")
    with_implied = dismissal_rates(data, among="proven_or_implied", where=where)
    return {
        "name": name,
        "lead": "",
        "nobody": "",
        "overseer": "",
        "asked": "ask",
        "people": people,
        "who": vocabulary.label("denominator", FIRST),
        "few": few_notice(group),
        "rates": said,
        "sentence": sentence,
        "quote": words.quoted(sentence, sources, page, rows[FIRST]),
        "citation": words.cited(words.with_share(sentence, rows[FIRST]), sources, page),
        "outcomes": endings(group.outcomes, f"{name}: everybody"),
        "after": endings(group.after, f"{name}: people found, as the source states it, to have committed misconduct"),
        "circular": CIRCULAR,
        "with_implied": words.rate_sentence(with_implied.total, with_implied),
        "cases": _cases(group),
        "published": group.published,
        "sheet": "",
        "pack": "",
        "about": sources,
        "split": None,
        "chart": None,
        "compared": [],
        "compared_svg": "",
        "builder": "",
        "answer": "",
    }


def _cases(group: Group) -> list[tuple[str, list[dict[str, Any]]]]:
    """The investigations of the people of a page in two lists: somebody was dismissed; nobody was."""
    found = group.cases
    lists = {
        "In which somebody was dismissed or would have been": found[found["dismissed"]],
        "In which nobody was dismissed, or the outcome is not stated": found[~found["dismissed"]],
    }
    return [(what, rows.to_dict("records")) for what, rows in lists.items() if len(rows)]


def _split(
    table: RateTable, about: str, figures: Figures, answer: Callable[[str], Answer] | None = None
) -> dict[str, Any]:
    """The rows of a RateTable by one column as a page lists them; answer: of a group that has a page of its own."""
    sources = figures.data.sources_of(figures.data.subjects)

    def href(code: str) -> str:
        return answer(code).path if answer and code in figures.addresses else ""

    return {"column": table.by[0], "rows": split_rows(table, about, sources, href)}


def _compared(table: RateTable, kind: str, name: str) -> list[str]:
    """How a complaint type compares with everybody accused of something else, in plain sentences."""
    row = table.row({"complaint_type": kind})
    everybody = f"All complaint types: {words.rate_sentence(table.total, table)}."
    if row["reliability"] != "ok":
        return [f"Too few people are accused of {lower_first(name)} to compare it with other types.", everybody]
    for way, codes in told_apart(table).items():
        if kind in codes:
            said = f"the share is {way} for {lower_first(name)} than for everybody else"
            tested = "A test on whole investigations bears this out."
            return [f"Among people with a case to answer, {said}. {tested}", everybody]
    return [f"These data cannot tell whether {lower_first(name)} differs from the other types.", everybody]
