"""Packs: everything a campaigner needs on one force, one complaint type or both, in one zip file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis import vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import draw_funnel, draw_own_rates, draw_rates, own_rates
from analysis.charts.export import ALL_PICTURES
from analysis.charts.text import slug
from analysis.counting.denominators import among_label
from analysis.counting.rate_table import MAIN_AMONG
from analysis.counting.rate_words import FEW
from analysis.counting.rates import dismissal_rates
from analysis.dataset import PEOPLE_TABLES, Dataset, load
from analysis.edition import EDITION
from analysis.errors import MisconductError
from analysis.provenance.sources import licence_line, place_and_period, source_line
from analysis.publishing import wording as words
from analysis.publishing.fact_sheets import sheet, sheet_page, sheet_pdf
from analysis.publishing.group_facts import Group, whole_sentence
from analysis.publishing.workbook import quoted_sheets, workbook_bytes
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


def pack_charts(group: Group) -> list[Chart]:
    """The charts of a pack: of the force, of the complaint type, or of everybody where neither is named."""
    data, everybody = group.data, [group, *group.wider][-1]
    names: Sequence[str] = ("force", "complaint_type")
    force, kind = ({name: group.codes[name]} if name in group.codes else {} for name in names)
    by_type = group.chart if force else everybody.chart  # of a force the same, with and without a complaint type
    steps = (group.wider[0] if force else group).chart if kind else None
    tables = [dismissal_rates(data, among=among, by="complaint_type", where=force) for among in MAIN_AMONG[1:]]
    charts = [
        by_type,
        *(
            draw_rates(table, f"dismissal_rates_by_complaint_type_among_{table.among}")
            for table in tables
            if table.total["denominator"] >= FEW  # of fewer only the counts are told
        ),
    ]
    if force and by_type and 0 < everybody.first.total["rate"] < 1:  # else there is no funnel
        charts.append(replace(draw_funnel(data, force["force"]), name=f"funnel_by_force.{slug(force['force'])}"))
    charts = [*charts, steps] if force else [steps, *charts]
    if len(own_rates(data, group.codes)):
        charts.append(draw_own_rates(data, "dismissed_or_would_have_been", group.codes))
    return [chart for chart in charts if chart]


def sentences(data: Dataset, where: Mapping[str, str]) -> list[Sentence]:
    """One sentence a denominator about the people of a pack, with those they are part of for comparison."""
    return sentences_of(Group(data, where))


def sentences_of(group: Group) -> list[Sentence]:
    """The sentences of a group; see sentences."""
    source = f"{place_and_period(group.sources)} {source_line(group.sources)}"
    return [
        Sentence(
            whole_sentence(told.rates[among].total, told.rates[among], told.about), told.rates[among].definition, source
        )
        for among in MAIN_AMONG
        for told in (group, *group.wider)
    ]


def sentences_text(group: Group) -> str:
    """The sentences as plain text, with what each means, the source and the symbols, each once."""
    found = sentences_of(group)
    meanings = {among_label(among, group.who): group.rates[among].definition for among in MAIN_AMONG}
    symbols = "; ".join(f"{symbol} {meaning}" for symbol, meaning in words.symbols(group.who).items())
    parts = [
        "Sentences to quote.",
        *(entry.text for entry in found),
        "What they mean:",
        *(f"{who[:1].upper()}{who[1:]}. Meaning: {meaning}" for who, meaning in meanings.items()),
        found[0].source,
        f"Symbols: {symbols}.",
    ]
    return "\n\n".join(parts) + "\n"


def licence_text(group: Group) -> str:
    """Who made the figures, how to cite them and under which licence."""
    sources = [*group.sources, *group.data.sources_of(group.data["published_rates"])]
    return "\n".join(
        [
            f"{EDITION}: {group.about}.",
            "",
            "Cite as:",
            f"    {EDITION}. {group.about}. {source_line(sources)}",
            "",
            *(f"{source.citation}: {source.licence['name']}, {source.licence['url']}" for source in sources),
            f"Charts and tables: {licence_line(sources)}. The program that made them: MIT.",
            "",
        ]
    )


def chosen_people(force: str = "", complaint_type: str = "") -> dict[str, str]:
    """Whom a pack is about, as a filter; empty where all are meant. MisconductError lists the known codes."""
    asked = {"force": force, "complaint_type": complaint_type}
    return {column: vocabulary.require_code(column, code) for column, code in asked.items() if code}


def pack_files(
    data: Dataset, force: str = "", complaint_type: str = "", pictures: Sequence[tuple[str, str]] = ALL_PICTURES
) -> dict[str, bytes]:
    """Every file of the whole pack by its name.

    force, complaint_type: codes of the vocabularies, or empty for all; MisconductError lists the known ones. pictures:
    (size, format) of those of each chart.
    """
    group = Group(with_people(data), chosen_people(force, complaint_type))
    files = _files_of_words(group)
    for chart in pack_charts(group):
        files |= {f"charts/{name}": content for name, content in chart.contents(pictures).items()}
    return files


def _files_of_words(group: Group) -> dict[str, bytes]:
    """Every file of the whole pack but its charts."""
    said = sheet(group, group.wider)
    return {
        "fact_sheet.html": sheet_page(said, "fact_sheet.html", "charts", group.chart),
        "fact_sheet.pdf": sheet_pdf(said, group.chart),
        "sentences.txt": sentences_text(group).encode(),
        "licence_and_citation.txt": licence_text(group).encode(),
        f"{pack_name(group.codes)}.xlsx": workbook_bytes(group),
    }


def slim_pack(group: Group, pdf: bytes, drawn: Mapping[str, bytes]) -> bytes:
    """A small pack as one zip: the fact sheet as PDF, the rates quoted as a workbook, pictures, sentences, licence.

    drawn: the files of the group's chart by name, as Chart.contents gives them.
    """
    name = pack_name(group.codes)
    files = {
        f"{name}.fact-sheet.pdf": pdf,
        f"{name}.xlsx": workbook_bytes(group, quoted_sheets(group)),
        "sentences.txt": sentences_text(group).encode(),
        "licence_and_citation.txt": licence_text(group).encode(),
        **{file: content for file, content in drawn.items() if not file.endswith(".json")},
    }
    return zip_bytes({f"{name}/{file}": content for file, content in files.items()})


def pack_name(where: Mapping[str, str]) -> str:
    """The name of a pack, which says its filter: misconduct-outcomes.kent-police.sexual-misconduct."""
    return ".".join(["misconduct-outcomes", *(slug(value) for value in where.values())])


def write_pack(data: Dataset, folder: Path, force: str = "", complaint_type: str = "") -> Path:
    """Write a pack as one zip file; its path."""
    where = chosen_people(force, complaint_type)
    name = pack_name(where)
    target = folder / f"{name}.zip"
    if target.exists() and not target.is_file():
        raise MisconductError(f"{target} is not a file, so the pack cannot be written there.")
    files = pack_files(data, force, complaint_type)
    write_files({target: zip_bytes({f"{name}/{file}": content for file, content in files.items()})})
    return target
