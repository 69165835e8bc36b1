"""Packs: everything a campaigner needs on one force, one complaint type or both, in one zip file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib
import pandas as pd
import typst
from markupsafe import Markup

from analysis import __version__, vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import draw_attrition, draw_funnel, draw_own_rates, draw_rates, own_rates
from analysis.charts.text import lower_first, slug
from analysis.counting.outcomes import CIRCULAR, after_finding, outcome_counts
from analysis.counting.rate_table import ALL, MAIN_AMONG
from analysis.counting.rate_words import FEW, SMALL, few_words, interval_cell, rate_cell
from analysis.counting.rates import dismissal_rates
from analysis.dataset import PEOPLE_TABLES, Dataset, load
from analysis.errors import MisconductError, require_known
from analysis.provenance.sources import counted_in, licence_line, place_and_period, source_line
from analysis.publishing import wording as words
from analysis.publishing.rendering import render
from analysis.publishing.workbook import workbook_bytes
from analysis.writing import write_files
from analysis.zips import zip_bytes


@dataclass(frozen=True)
class Sentence:
    """A sentence to quote, what it means, and where its figures come from."""

    text: str
    definition: str
    source: str


def with_people(data: Dataset) -> Dataset:
    """The data set; where it holds imported counts, with the project's people beside them: a pack shows both."""
    if "subjects" in data:
        return data
    ours = load()
    return Dataset({**{name: data[name] for name in data}, **{name: ours[name] for name in PEOPLE_TABLES}}, data.own)


def pack_charts(data: Dataset, where: Mapping[str, str]) -> list[Chart]:
    """The charts of a pack: of the force, of the complaint type, or of everybody where neither is named."""
    only = {column: value for column, value in where.items() if column == "force"}
    charts = []
    for among in MAIN_AMONG:
        table = dismissal_rates(data, among=among, by="complaint_type", where=only)
        if table.total["denominator"] >= FEW:  # of fewer only the counts are told
            charts.append(draw_rates(table, f"dismissal_rates_by_complaint_type_among_{among}"))
    has_people = only and dismissal_rates(data, among="case_to_answer", where=only).total["denominator"] >= FEW
    if has_people and 0 < dismissal_rates(data, among="case_to_answer").total["rate"] < 1:  # else there is no funnel
        charts.append(replace(draw_funnel(data, only["force"]), name=f"funnel_by_force.{slug(only['force'])}"))
    kind = where.get("complaint_type", "")
    if (
        kind
        and dismissal_rates(data, among="case_to_answer", where={"complaint_type": kind}).total["denominator"] >= FEW
    ):
        charts.append(replace(draw_attrition(data, kind), filter={"complaint_type": kind}))
    if len(own_rates(data, where)):
        charts.append(draw_own_rates(data, "dismissed_or_would_have_been", where))
    return charts


def sentences(data: Dataset, where: Mapping[str, str]) -> list[Sentence]:
    """One sentence a denominator about the people of a pack, with everybody for comparison where it is a part."""
    sources = data.sources_of(data["subjects"])
    source = f"{place_and_period(sources)} {source_line(sources)}"
    found = []
    for among in MAIN_AMONG:
        for chosen in (where, {}) if where else ({},):
            table = dismissal_rates(data, among=among, where=chosen)
            total = table.total
            text = f"{words.rate_sentence(total, table, _about(data, chosen))}."
            if total["denominator"] >= FEW:
                text += f" {rate_cell(total)}, 95% interval {interval_cell(total)}."
            if total["reliability"] == "u":
                few = few_words(total, table.counted, table.cases)
                text += f" {few[:1].upper()}{few[1:]}: not a rate to be quoted alone."
            found.append(Sentence(text, table.definition, source))
    return found


def _about(data: Dataset, where: Mapping[str, str]) -> str:
    everywhere = " and ".join(sorted(data["subjects"]["jurisdiction"].unique()))
    parts = [where.get("force", everywhere)]
    if "complaint_type" in where:
        parts.append(lower_first(vocabulary.label("complaint_type", where["complaint_type"])))
    return ", ".join(parts)


def sentences_text(found: list[Sentence], who: str = "people") -> str:
    """The sentences as plain text, each with its definition and source; who: what they count, in the plural."""
    parts = [f"{entry.text}\n    Meaning: {entry.definition}\n    {entry.source}" for entry in found]
    symbols = "; ".join(f"{symbol} {meaning}" for symbol, meaning in words.symbols(who).items())
    return "\n\n".join(["Sentences to quote, each with what it means.", *parts, f"Symbols: {symbols}."]) + "\n"


def licence_text(data: Dataset, where: Mapping[str, str]) -> str:
    """Who made the figures, how to cite them and under which licence."""
    sources = [*data.sources_of(data["subjects"]), *data.sources_of(data["published_rates"])]
    return "\n".join(
        [
            f"{words.PROJECT}, version {__version__}: {_about(data, where)}.",
            "",
            "Cite as:",
            f"    {words.PROJECT} (version {__version__}). {_about(data, where)}. {source_line(sources)}",
            "",
            *(f"{source.citation}: {source.licence['name']}, {source.licence['url']}" for source in sources),
            f"Charts and tables: {licence_line(sources)}. The program that made them: MIT.",
            "",
        ]
    )


def fact_sheet(data: Dataset, where: Mapping[str, str], charts: list[Chart]) -> tuple[bytes, bytes]:
    """The two-page fact sheet as a web page and as an accessible PDF."""
    sources = data.sources_of(data["subjects"])
    who = counted_in(sources)
    outcomes = words.counts_table(outcome_counts(data, where), f"{who.capitalize()} by complaint type and outcome", who)
    after = after_finding(data, where)
    table = dismissal_rates(data, among="case_to_answer", where=where)
    context = {
        "title": _about(data, where)[:1].upper() + _about(data, where)[1:],
        "few": "",
        "sentences": [entry.text for entry in sentences(data, where)],
        "definition": table.definition,
        "outcomes": {
            "headings": [*outcomes.headings],
            "caption": outcomes.caption,
            "rows": [[*row] for row in outcomes.rows],
        },
        "question": words.question(who),
        "counts_note": f"{words.counts_words(who)}.",
        "after": _after_words(after, who),
        "limits": [limit for source in sources for limit in source.known_limits],
        "source": f"{source_line(sources)} Licence: {licence_line(sources)}.",
        "symbols": [
            f"{symbol} {meaning}"
            for symbol, meaning in words.symbols(who).items()
            if symbol in ("[u]", "[z]") or (symbol == "[x]" and table.unavailable)
        ],
        "project": f"{words.PROJECT}, version {__version__}",
        "alts": [chart.alt_text for chart in charts[:1]],
    }
    total = table.total
    if table.unavailable:
        context["few"] = f"{table.among_label.capitalize()}: not available [x]: {table.unavailable}."
    elif total["denominator"] < SMALL:
        seen = words.people(total["denominator"], who)
        context["few"] = (
            f"{seen} with a case to answer and a known outcome, {words.in_cases(total['n_cases'], table.cases)}: too "
            f"few to say anything about a rate. The counts are facts about these {who}."
        )
    pictures = [Markup(chart.inline_svg()) for chart in charts[:1]]
    page = render("factsheet.html", "fact_sheet.html", pictures=pictures, **context)
    return page, _pdf(context, charts[:1])


def _after_words(after: pd.DataFrame, who: str) -> str:
    """What became of those found against, in one sentence."""
    total = after[after["complaint_type"] == ALL]
    if who != "people":
        return ""  # who left is said of people
    if total.empty:
        return "Of nobody in these data does the source state that misconduct was found."
    row = total.iloc[0]
    return (
        f"Of {words.people(row['found'])} found, as the source states it, to have committed misconduct, "
        f"{words.in_cases(row['investigations'])}: dismissed {row['dismissed']}, would have been "
        f"{row['would_have_been_dismissed']}, left first with another outcome {row['left']}, another outcome and "
        f"not said to have left {row['not_said_to_have_left']}, outcome not stated {row['not_stated']}. {CIRCULAR}"
    )


def _pdf(context: Mapping[str, object], charts: list[Chart]) -> bytes:
    """The PDF, tagged for screen readers. All text reaches it as data, so nothing in it is read as markup."""
    template = Path(__file__).parent / "templates" / "factsheet.typ"
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "factsheet.typ").write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(context), encoding="utf-8")
        for number, chart in enumerate(charts):
            (root / f"chart{number}.svg").write_bytes(chart.svg("wide"))
        return typst.compile(
            str(root / "factsheet.typ"),
            root=str(root),
            format="pdf",
            font_paths=[str(fonts)],
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
            timestamp=0,
        )


def pack_files(data: Dataset, force: str = "", complaint_type: str = "") -> dict[str, bytes]:
    """Every file of a pack by its name.

    force, complaint_type: codes of the vocabularies, or empty for all. MisconductError lists the known ones.
    """
    where: dict[str, str] = {}
    if force:
        where["force"] = require_known(force, vocabulary.codes("force"), "force")
    if complaint_type:
        types = vocabulary.codes("complaint_type")
        where["complaint_type"] = require_known(complaint_type, types, "complaint type")
    data = with_people(data)
    charts = pack_charts(data, where)
    page, pdf = fact_sheet(data, where, charts)
    files = {
        "fact_sheet.html": page,
        "fact_sheet.pdf": pdf,
        "sentences.txt": sentences_text(sentences(data, where), counted_in(data.sources_of(data["subjects"]))).encode(),
        "licence_and_citation.txt": licence_text(data, where).encode(),
        f"{pack_name(where)}.xlsx": workbook_bytes(data, where),
    }
    for chart in charts:
        files |= {f"charts/{name}": content for name, content in chart.contents().items()}
    return files


def pack_name(where: Mapping[str, str]) -> str:
    """The name of a pack, which says its filter: misconduct-outcomes.kent-police.sexual-misconduct."""
    return ".".join(["misconduct-outcomes", *(slug(value) for value in where.values())])


def write_pack(data: Dataset, folder: Path, force: str = "", complaint_type: str = "") -> Path:
    """Write a pack as one zip file; its path."""
    files = pack_files(data, force, complaint_type)
    where = {column: value for column, value in (("force", force), ("complaint_type", complaint_type)) if value}
    name = pack_name(where)
    target = folder / f"{name}.zip"
    if target.exists() and not target.is_file():
        raise MisconductError(f"{target} is not a file, so the pack cannot be written there.")
    write_files({target: zip_bytes({f"{name}/{file}": content for file, content in files.items()})})
    return target
