"""The gallery: a static site in build/site that needs no server, no program and nothing from outside.

Complete or absent: it is built beside the old one and then takes its place.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis import vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import EXHIBITS, draw_attrition
from analysis.charts.export import ALL_PICTURES
from analysis.charts.funnel import funnel_plot
from analysis.charts.text import slug
from analysis.checking.tables import PROCESSED_TABLES
from analysis.counting.funnel import Funnel, funnel
from analysis.counting.outcomes import CIRCULAR, ENDINGS, after_finding, outcome_counts
from analysis.counting.rate_table import COUNTS, MAIN_AMONG, RateTable
from analysis.counting.rate_words import FEW, FEW_CASES, SMALL, count_words
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import harmless, to_csv_bytes
from analysis.dataset import Dataset
from analysis.errors import MisconductError
from analysis.paths import BUILD, notebook_paths, replaced_folder
from analysis.provenance.sources import Source, source_line
from analysis.publishing import wording as words
from analysis.publishing.answers import answer_pages
from analysis.publishing.builder import FORCE_KINDS, builder_data, rates_json, safe_json
from analysis.publishing.findings import findings
from analysis.publishing.own_counts import own_page
from analysis.publishing.rendering import DOCUMENTS, document_html, notebook_html, render
from analysis.reading.spreadsheet.template import FILE as TEMPLATE
from analysis.reading.spreadsheet.template import people_sheet

SITE = BUILD / "site"
WAIT = 900.0  # seconds that a second build waits for a first one
MISSING = (  # what people ask for and will not find here, and why
    (
        "Cases that forces dealt with themselves",
        "The great majority. They are not published case by case; forces publish hearing outcomes for 28 days only.",
    ),
    (
        "The Home Office tables of police misconduct, by type and outcome",
        "They are open data, but could not be obtained for this edition: only those of their national counts that the "
        "publications here print. They have no cases.",
    ),
    ("The IOPC's annual tables of complaints", "Not obtained for this edition. They count complaints, not people."),
    (
        "Investigations after June 2021",
        "The coded summaries end there. Newer ones are published, and can be added in the same way.",
    ),
    (
        "A rate for most forces",
        "Most have fewer than ten people in published investigations: too few for any rate to mean something.",
    ),
    (
        "Names, and what happened in a case",
        "Only counts are shown. The publisher's own summary is the place to read about a case.",
    ),
)


def build_gallery(data: Dataset, folder: Path = SITE, workbook: Path | None = None, charts: Path | None = None) -> int:
    """Build the whole site into `folder`, in place of what was there; the number of files.

    data: a Dataset; workbook: offered for download when given; charts: the folder of exported charts,
    drawn again when not given. On any failure the previous site stays as it was; a second build waits for the first.
    """
    count = 0
    with replaced_folder(folder, seconds=WAIT) as fresh:
        for path, content in site_files(data, workbook, charts):
            target = (fresh / path).resolve()
            if not target.is_relative_to(fresh.resolve()) or target.exists():
                raise MisconductError(f"The site cannot have a file {path!r}: it is outside the folder or there twice.")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            count += 1
    return count


def site_files(data: Dataset, workbook: Path | None, charts: Path | None) -> Iterator[tuple[str, bytes]]:
    """Every file of the site: its path and bytes."""
    drawn = [(entry, entry.draw(data)) for entry in EXHIBITS]
    forces, types = _forces(data), _types(data)
    shared = _common(data)
    yield from _static()
    yield "index.html", render("index.html", "index.html", **shared, **_front(data, drawn, forces, types))
    for entry, chart in drawn:
        yield (
            f"charts/{entry.name}.html",
            render(
                "chart.html", f"charts/{entry.name}.html", **shared, entry=entry, chart=chart, **_chart_context(chart)
            ),
        )
        yield from _chart_downloads(chart, charts)
    yield "charts/index.html", render("charts.html", "charts/index.html", **shared, drawn=drawn, themes=_themes())
    yield "forces/index.html", render("forces.html", "forces/index.html", **shared, forces=forces)
    yield "types/index.html", render("types.html", "types/index.html", **shared, types=_defined(types))
    figures = _figures(data)
    yield from _in_parallel([(force_part, forces), (type_part, types)], figures)
    for notebook in notebook_paths():
        path = f"notebooks/{notebook.stem}.html"
        yield path, render("document.html", path, **shared, **notebook_html(notebook))
    for name in DOCUMENTS:
        yield f"{name}.html", render("document.html", f"{name}.html", **shared, **document_html(name))
    chosen = builder_data(data)
    yield "builder.html", render("builder.html", "builder.html", **shared, data=chosen, json=Markup(safe_json(chosen)))
    yield "own.html", own_page(shared)
    yield from answer_pages(data, shared)
    yield from _data_page(data, workbook, shared, rates_json(chosen))


def _common(data: Dataset) -> dict[str, Any]:
    """What every page shows."""
    return {"sources": [*data.sources.values()], "SMALL": SMALL, "FEW_CASES": FEW_CASES}


def _static() -> Iterator[tuple[str, bytes]]:
    folder = Path(__file__).parent / "static"
    for file in sorted(folder.iterdir()):
        yield f"static/{file.name}", file.read_bytes()


def _forces(data: Dataset) -> dict[str, str]:
    """Force -> address part, alphabetical, for every force and body; MisconductError when two would be the same."""
    named = [code for code in vocabulary.codes("force") if vocabulary.entry("force", code)["kind"] in FORCE_KINDS]
    return _addresses(sorted(named))


def _types(data: Dataset) -> dict[str, str]:
    """Complaint type -> address part, alphabetical by label, for every type that occurs in the cases."""
    labels = {code: vocabulary.label("complaint_type", code) for code in set(data["allegations"]["complaint_type"])}
    addresses = _addresses(sorted(labels.values()))
    return {code: addresses[label] for code, label in sorted(labels.items(), key=lambda pair: pair[1])}


def _defined(types: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Complaint type -> its address part and definition."""
    return {code: (place, vocabulary.entry("complaint_type", code)["definition"]) for code, place in types.items()}


def _addresses(names: Sequence[str]) -> dict[str, str]:
    found = {name: slug(name) for name in names}
    if len(set(found.values())) != len(found):
        raise MisconductError(f"Two of these names give the same address: {', '.join(names)}.")
    return found


def _themes() -> list[str]:
    return list(dict.fromkeys(entry.theme for entry in EXHIBITS))


def _front(data: Dataset, drawn: list, forces: Mapping[str, str], types: Mapping[str, str]) -> dict[str, object]:
    found = findings(data)
    people = _people_by_force(data)
    return {
        "found": found[:5],
        "more": found[5:],
        "drawn": drawn,
        "themes": _themes(),
        "forces": {name: (address, people.get(name, 0)) for name, address in forces.items()},
        "types": types,
        "headline": drawn[0][1],
        "headline_svg": pictures_of(drawn[0][1]),
        "shares": (
            count_words(dismissal_rates(data, among="case_to_answer").total, who="people with a case to answer"),
            count_words(dismissal_rates(data, among="gross_misconduct_proven").total),
        ),
        "people": len(data["subjects"]),
        "cases": data["subjects"]["case_id"].nunique(),
    }


def _people_by_force(data: Dataset) -> dict[str, int]:
    forces = data["subjects"]["force"].str.split(vocabulary.SEPARATOR).explode()
    return {str(force): int(n) for force, n in forces.value_counts().items()}


def _chart_context(chart: Chart, pictures: Sequence[tuple[str, str]] = ALL_PICTURES) -> dict[str, object]:
    return {
        "svg": pictures_of(chart),
        "table": words.chart_table(chart),
        "citation": words.citation(chart),
        "files": _file_names(chart, pictures),
    }


def pictures_of(chart: Chart) -> Markup:
    """The chart for wide and for narrow screens; the style sheet shows one of them, also to a screen reader."""
    page, phone = chart.inline_svg("page"), chart.inline_svg("phone")
    return Markup(f'<div class="on-page">{page}</div><div class="on-phone">{phone}</div>')


PART = [("page", "png"), ("page", "svg"), ("square", "png")]  # pictures of the pages of forces and complaint types
SIZE_NAMES = {"page": "page", "wide": "16:9", "square": "square"}


def _file_names(chart: Chart, pictures: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """(what it is, file name) of a chart's downloads."""
    drawn = [(f"{kind.upper()}, {SIZE_NAMES[size]}", chart.picture_name(size, kind)) for size, kind in pictures]
    others = [("data, CSV", "csv"), ("alt text", "txt"), ("caption", "caption.txt"), ("about it, JSON", "json")]
    return [*drawn, *((what, f"{chart.file_name}.{ending}") for what, ending in others)]


def _chart_downloads(chart: Chart, charts: Path | None) -> Iterator[tuple[str, bytes]]:
    """The files of a chart, from the folder of exported charts where they are there, else drawn now."""
    files = [charts / name for _, name in _file_names(chart, ALL_PICTURES)] if charts else []
    there = bool(files) and all(file.is_file() for file in files)
    contents = {file.name: file.read_bytes() for file in files} if there else chart.contents()
    yield from ((f"downloads/charts/{name}", content) for name, content in contents.items())


def _part_downloads(chart: Chart) -> Files:
    return [(f"downloads/charts/{name}", content) for name, content in chart.contents(PART).items()]


@dataclass(frozen=True)
class Figures:
    """What the pages of forces and complaint types show, counted once: the tables and their rates by denominator."""

    data: Dataset
    by_force: Mapping[str, RateTable]
    by_type: Mapping[str, RateTable]

    @cached_property
    def funnel(self) -> Funnel:
        """Where each force lies among all."""
        return funnel(self.by_force["case_to_answer"])


def _figures(data: Dataset) -> Figures:
    by_force, by_type = (
        {among: dismissal_rates(data, among=among, by=column) for among in MAIN_AMONG}
        for column in ("force", "complaint_type")
    )
    return Figures(data, by_force, by_type)


Files = list[tuple[str, bytes]]  # path in the site, bytes
_shared: list[Figures] = []


def _in_parallel(
    parts: Sequence[tuple[Callable[[str, str, Figures], Files], Mapping[str, str]]], figures: Figures
) -> Iterator[tuple[str, bytes]]:
    """The files of several kinds of pages (how one is made; name -> address), as many at a time as there are cores."""
    jobs = [(make, name, address) for make, pages in parts for name, address in pages.items()]
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=get_context("spawn"), initializer=_share, initargs=(figures,)
    ) as pool:
        for files in pool.map(_in_worker, jobs, chunksize=4):
            yield from files


def _share(figures: Figures) -> None:
    _shared.append(figures)


def _in_worker(job: tuple[Callable[[str, str, Figures], Files], str, str]) -> Files:
    make, name, address = job
    return make(name, address, _shared[0])


def force_part(force: str, address: str, figures: Figures) -> Files:
    """A force's page and the files it offers."""
    path = f"forces/{address}.html"
    where = {"force": force}
    data = figures.data
    published = data["published_rates"]
    outcomes = outcome_counts(data, where)
    context: dict[str, Any] = {
        "force": force,
        "outcomes": words.counts_table(outcomes, f"{force}: people by complaint type and outcome"),
        "after": words.counts_table(
            after_finding(data, where),
            f"{force}: what became of people found, as the source states it, to have committed misconduct",
            keep=ENDINGS[:-1],
        ),
        **_implied(data, where),
        "published": words.published_list(published[published["force"] == force], data["sources"]),
        "is_in_data": len(outcomes) > 0,
        "chart": None,
    }
    if not context["is_in_data"]:
        return [(path, render("force.html", path, **_common(data), **context))]
    rows = {among: _row_of(table, force) for among, table in figures.by_force.items()}
    context |= _told(rows, figures.by_force, force, outcomes.iloc[0], data.sources_of(data.subjects))
    if context["n"] < FEW:
        return [(path, render("force.html", path, **_common(data), **context))]
    chart = replace(
        funnel_plot(figures.by_force["case_to_answer"], figures.funnel, force), name=f"funnel_by_force.{slug(force)}"
    )
    context |= {"chart": chart, **_chart_context(chart, PART), "citation": context["citation"]}
    return [(path, render("force.html", path, **_common(data), **context)), *_part_downloads(chart)]


def _row_of(table: RateTable, code: str) -> pd.Series:
    """The row of a group of a RateTable by one column, empty where nobody is in the group."""
    rows = table.groups[table.groups[table.by[0]] == code]
    nobody = dict.fromkeys((*COUNTS, "unknown_outcomes"), 0) | {"reliability": "z"}
    return rows.iloc[0] if len(rows) else pd.Series(nobody, dtype=object)


def _told(
    rows: Mapping[str, pd.Series],
    by_group: Mapping[str, RateTable],
    about: str,
    outcomes: pd.Series,
    sources: Sequence[Source],
) -> dict[str, Any]:
    """What a page says of its group: every rate, the sentence to quote and its citation.

    rows: denominator -> the group's row of by_group; outcomes: the group's row of outcome_counts, which is quoted
    instead of a rate where one or two people are all there are.
    """
    said = {
        vocabulary.label("denominator", among): words.said(row, by_group[among], about, sources)
        for among, row in rows.items()
    }
    first, n = next(iter(said.values())), int(rows["case_to_answer"]["denominator"])
    sentence = first.sentence
    if outcomes["people"] <= 2:
        sentence = f"{about}: {words.outcome_words(outcomes)}"
    return {
        "n": n,
        "few": f"{words.people(n)} with a case to answer and a known outcome, "
        f"{words.in_cases(rows['case_to_answer']['n_cases'])}: too few to say anything about",
        "rates": said,
        "quote": words.quoted(sentence, sources),
        "citation": words.cited(sentence, sources),
        "about": sources,
        "source_line": source_line(sources),
    }


def _implied(data: Dataset, where: Mapping[str, str]) -> dict[str, str]:
    """Why findings that only a sanction implies are left out, and how many were dismissed with them."""
    table = dismissal_rates(data, among="proven_or_implied", where=where)
    return {"circular": CIRCULAR, "with_implied": words.rate_sentence(table.total, table)}


def type_part(kind: str, address: str, figures: Figures) -> Files:
    """A complaint type's page and the files it offers."""
    path = f"types/{address}.html"
    data = figures.data
    published = data["published_rates"]
    where, name = {"complaint_type": kind}, vocabulary.label("complaint_type", kind)

    def of_type(counts: pd.DataFrame) -> pd.DataFrame:
        return counts[counts["complaint_type"] == kind]

    outcomes = of_type(outcome_counts(data, where))
    context: dict[str, Any] = {
        "kind": kind,
        "entry": vocabulary.entry("complaint_type", kind),
        "everybody": {
            vocabulary.label("denominator", among): words.rate_words(table.total)
            for among, table in figures.by_type.items()
        },
        "outcomes": words.counts_table(outcomes, f"{name}: people by outcome"),
        "after": words.counts_table(
            of_type(after_finding(data, where)),
            f"{name}: what became of people found, as the source states it, to have committed misconduct",
            keep=ENDINGS[:-1],
        ),
        **_implied(data, where),
        "published": words.published_list(published[published["complaint_type"] == kind], data["sources"]),
        "chart": None,
    }
    rows = {among: _row_of(table, kind) for among, table in figures.by_type.items()}
    context |= _told(rows, figures.by_type, name, outcomes.iloc[0], data.sources_of(data.subjects))
    if context["n"] < FEW:
        return [(path, render("type.html", path, **_common(data), **context))]
    chart = replace(draw_attrition(data, kind), filter=where)
    context |= {"chart": chart, **_chart_context(chart, PART), "citation": context["citation"]}
    return [(path, render("type.html", path, **_common(data), **context)), *_part_downloads(chart)]


def _data_page(
    data: Dataset, workbook: Path | None, shared: Mapping[str, Any], rates: bytes
) -> Iterator[tuple[str, bytes]]:
    """The page of downloads, and the downloads."""
    kept = {name: data[name] for name in PROCESSED_TABLES}
    kept["people"] = people_sheet(data["subjects"], data["allegations"])
    files = {f"{name}.csv": to_csv_bytes(harmless(rows)) for name, rows in kept.items()}
    files[TEMPLATE.name] = TEMPLATE.read_bytes()
    files["rates.json"] = rates
    if workbook is not None and workbook.is_file():
        files[workbook.name] = workbook.read_bytes()
    listed = [
        {
            "name": name,
            "rows": f"{len(kept[Path(name).stem]):,} rows" if name.endswith(".csv") else "",
            "bytes": f"{len(content) / 1024:,.0f} kB",
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in files.items()
    ]
    yield "data.html", render("data.html", "data.html", **shared, files=listed, missing=MISSING)
    yield from ((f"downloads/{name}", content) for name, content in files.items())
