"""The gallery: a static site in build/site that needs no server, no program and nothing from outside.

Complete or absent: it is built beside the old one and then takes its place.
"""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from markupsafe import Markup

from analysis import vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import EXHIBITS, Exhibit, published_charts, published_groups
from analysis.charts.text import slug
from analysis.charts.typeface import LICENCE, faces, font_rules
from analysis.checking.tables import PROCESSED_TABLES
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import count_words, share_words
from analysis.counting.rates import dismissal_rates
from analysis.csv_files import harmless, to_csv_bytes
from analysis.dataset import Dataset
from analysis.errors import MisconductError
from analysis.paths import BUILD, notebook_paths
from analysis.publishing import sharing
from analysis.publishing import wording as words
from analysis.publishing.answers import answer_pages
from analysis.publishing.builder import builder_data, rates_json, safe_json
from analysis.publishing.cards import card_of, chart_picture
from analysis.publishing.demands import demand_facts, demand_sentence
from analysis.publishing.findings import findings
from analysis.publishing.glossary import glossary
from analysis.publishing.group_pages import (
    FIRST,
    OFFERED,
    Figures,
    Files,
    chart_context,
    common,
    figures_of,
    file_names,
    force_part,
    front_card,
    pictures_of,
    topic_part,
    type_part,
)
from analysis.publishing.overseers import FORCE_KINDS, other_overseer
from analysis.publishing.own_counts import own_page
from analysis.publishing.released import descriptions
from analysis.publishing.rendering import DOCUMENTS, document_html, markdown, notebook_html, render
from analysis.publishing.search import search_entries, search_script, topics
from analysis.publishing.sharing import chart_code, described, embed_files
from analysis.publishing.workbook import FILE as WORKBOOK
from analysis.reading.spreadsheet.template import FILE as TEMPLATE
from analysis.reading.spreadsheet.template import people_sheet
from analysis.writing import fill_folder, replaced_folder

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

OTHER_FILES = {  # of the downloads, those that are no table of the data: what they are
    "people.csv": "One person in one investigation, with all that they are accused of in one cell, in plain words.",
    TEMPLATE.name: "An empty spreadsheet for a reply of a force, as the importer reads it.",
    "rates.json": "Every rate that the chart builder shows.",
    WORKBOOK.name: "The rates and counts as an accessible spreadsheet.",
}


def build_gallery(
    data: Dataset,
    folder: Path = SITE,
    workbook: Path | None = None,
    charts: Path | None = None,
    *,
    packs: bool = False,
) -> int:
    """Build the whole site into `folder`, in place of what was there; the number of files.

    data: a Dataset; workbook: offered for download when given; charts: the folder of exported charts,
    drawn again when not given; packs: with a pack for each force and complaint type. On any
    failure the previous site stays as it was; a second build waits for the first.
    """
    with replaced_folder(folder, seconds=WAIT) as fresh:
        return fill_folder(fresh, site_files(data, workbook, charts, packs=packs))


def site_files(
    data: Dataset, workbook: Path | None, charts: Path | None, *, packs: bool = False
) -> Iterator[tuple[str, bytes]]:
    """Every file of the site: its path and bytes; see build_gallery."""
    pages = []
    for path, content in _pages(data, workbook, charts, packs):
        pages += [path] if path.endswith(".html") else []
        yield path, content
    yield from sharing.site_files(pages, common(data))


def _pages(data: Dataset, workbook: Path | None, charts: Path | None, packs: bool) -> Iterator[tuple[str, bytes]]:
    """The pages, and the files that they show or offer."""
    drawn = [(entry, entry.draw(data)) for entry in EXHIBITS]
    forces, types = _forces(data), _types(data)
    shared, figures = common(data), _figures(data, packs)
    shared |= {"dataset": Markup(safe_json(described(data, [*_offered(workbook)])))}
    yield from _static()
    yield "static/search-entries.js", search_script(search_entries(data, forces, types))
    yield "index.html", render("index.html", "index.html", **shared, **_front(data, drawn, forces, _defined(types)))
    yield shared["front_picture"].path, front_card(data).png()
    yield from _demand_pages(data, shared)
    for entry, chart in drawn:
        path = f"charts/{entry.name}.html"
        told = {"picture": chart_picture(chart), "code": chart_code(entry.name, entry.question)}
        told["quote"] = chart.quote(path)
        yield path, render("chart.html", path, **shared, **told, entry=entry, **chart_context(chart))
        yield from embed_files(entry, chart, shared)
        yield from _chart_downloads(chart, charts)
    small = [(entry, Markup(chart.inline_svg("square"))) for entry, chart in drawn]
    yield "charts/index.html", render("charts.html", "charts/index.html", **shared, drawn=small, themes=_themes())
    yield from _lists(data, shared, figures, forces, types)
    yield from _in_parallel([(force_part, forces), (type_part, types), (topic_part, topics())], figures)
    yield from _plain_pages(shared, _drawings(data, drawn))
    chosen = builder_data(data)
    yield "builder.html", render("builder.html", "builder.html", **shared, data=chosen, json=Markup(safe_json(chosen)))
    yield "own.html", own_page(shared)
    yield from answer_pages(data, shared)
    yield from _data_page(data, workbook, shared, rates_json(chosen))


def _lists(
    data: Dataset, shared: Mapping[str, Any], figures: Figures, forces: Mapping[str, str], types: Mapping[str, str]
) -> Iterator[tuple[str, bytes]]:
    """The pages that lead to those of forces, complaint types and topics."""
    rows = _forces_table(data, forces, figures.by_force[FIRST])
    yield "forces/index.html", render("forces.html", "forces/index.html", **shared, rows=rows)
    listed = {"types": _defined(types), "topics": topics()}
    yield "types/index.html", render("types.html", "types/index.html", **shared, **listed)


def _drawings(data: Dataset, drawn: Sequence[tuple[Exhibit, Chart]]) -> dict[str, str]:
    """What pages show of the charts of notebooks, by their alt texts: of exhibits and of published rates."""
    groups = published_groups(data).items()
    others = [chart for name, types in groups for chart in published_charts(data, f"published_rates_{name}", types)]
    shown = [*((chart, []) for chart in others), *((chart, OFFERED) for _, chart in drawn)]  # an exhibit has files too
    return {chart.description(): pictures_of(chart, pictures) for chart, pictures in shown}


def _plain_pages(shared: Mapping[str, Any], drawings: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Notebooks (`drawings` as in notebook_html), documents, the glossary and how to write to the project."""
    for notebook in notebook_paths():
        path, (context, pictures) = f"notebooks/{notebook.stem}.html", notebook_html(notebook, drawings)
        yield path, render("document.html", path, **shared, **context)
        yield from ((f"notebooks/{name}", content) for name, content in pictures.items())
    charts = {entry.name: entry.question for entry in EXHIBITS}
    for name in DOCUMENTS:
        yield f"{name}.html", render("document.html", f"{name}.html", **shared, **document_html(name, charts))
    yield "glossary.html", render("glossary.html", "glossary.html", **shared, terms=glossary())
    yield "contact.html", render("contact.html", "contact.html", **shared)


def _static() -> Iterator[tuple[str, bytes]]:
    folder = Path(__file__).parent / "static"
    for file in sorted(folder.iterdir()):
        yield f"static/{file.name}", file.read_bytes()
    for name, face in {**faces(), f"{LICENCE.name}.txt": LICENCE.read_bytes()}.items():
        yield f"static/{name}", face
    yield "static/typeface.js", f'window.TYPEFACE = "{font_rules()}";\n'.encode()


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


def _front(
    data: Dataset, drawn: list, forces: Mapping[str, str], types: Mapping[str, tuple[str, str]]
) -> dict[str, object]:
    people = _people_by_force(data)
    return {
        "demands": demand_cards(data),
        "found": findings(data),
        "drawn": drawn,
        "themes": _themes(),
        "forces": {
            name: (address, people.get(name, 0), other_overseer(name))
            for name, address in forces.items()
            if vocabulary.entry("force", name)["kind"] != "body"
        },
        "types": types,
        "topics": topics(),
        "shares": (
            count_words(dismissal_rates(data, among="case_to_answer").total, who="people with a case to answer"),
            count_words(dismissal_rates(data, among="gross_misconduct_proven").total),
        ),
        "people": len(data["subjects"]),
        "cases": data["subjects"]["case_id"].nunique(),
    }


def demand_cards(data: Dataset) -> list[dict[str, Any]]:
    """Each demand with the one sentence that is said first, to read and to copy, and the address of its page."""
    cards = []
    for code in vocabulary.codes("demand"):
        sentence, sources, row = demand_sentence(data, code)
        page, label = f"demands/{slug(code)}.html", vocabulary.label("demand", code)
        cards.append(
            {
                **{"code": code, "label": label, "page": page, "sentence": sentence},
                "share": "" if row is None else share_words(row),
                "quote": words.quoted(sentence, sources, page, row),
                "card": card_of(page, f"{sentence}.", sources, row),
            }
        )
    return cards


def _demand_pages(data: Dataset, shared: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """A page for each demand: its sentence, then all that bears on it."""
    for card in demand_cards(data):
        facts = demand_facts(data, card["code"])
        lists = {
            "Claims, counted again": [Markup(markdown(line, "../")) for line in facts.claims],
            "Other published counts": [Markup(markdown(line, "../")) for line in facts.counts],
            "What nobody publishes, as far as was found": facts.unpublished,
        }
        lead = vocabulary.entry("demand", card["code"])["definition"]
        told = {**card, "picture": card["card"].picture, "lead": lead, "facts": facts, "lists": lists}
        yield card["page"], render("demand.html", card["page"], **shared, **told)
        yield card["card"].picture.path, card["card"].png()


def _forces_table(data: Dataset, forces: Mapping[str, str], by_force: RateTable) -> list[dict[str, Any]]:
    """A row a force or body: people, investigations, people with a case to answer, dismissed, and in how many
    investigations that was, where these are fewer; no rate to rank by. None of these of a force that somebody else
    oversees: nobody in these data says nothing of it."""
    subjects = data.subjects.assign(force=data.subjects["force"].str.split(vocabulary.SEPARATOR)).explode("force")
    all_of = subjects.groupby("force")["case_id"].agg(["size", "nunique"])
    counts = by_force.groups.set_index("force")[["denominator", "numerator"]]
    cases = by_force.groups.set_index("force")["n_cases_counted"]
    rows = []
    for name, address in forces.items():
        numbers = [int(n) for table in (all_of, counts) for n in (table.loc[name] if name in table.index else (0, 0))]
        body = vocabulary.entry("force", name)["kind"] == "body"
        fewer = int(cases[name]) if name in cases and cases[name] < numbers[-1] else 0
        outside = not any(numbers) and bool(other_overseer(name))
        row = {"name": name, "address": address, "numbers": numbers, "fewer": fewer, "body": body}
        rows.append({**row, "outside": outside})
    return rows


def _people_by_force(data: Dataset) -> dict[str, int]:
    forces = data["subjects"]["force"].str.split(vocabulary.SEPARATOR).explode()
    return {str(force): int(n) for force, n in forces.value_counts().items()}


def _chart_downloads(chart: Chart, charts: Path | None) -> Iterator[tuple[str, bytes]]:
    """The files of a chart, from the folder of exported charts where they are there, else drawn now."""
    files = [charts / name for _, name in file_names(chart, OFFERED)] if charts else []
    there = bool(files) and all(file.is_file() for file in files)
    contents = {file.name: file.read_bytes() for file in files} if there else chart.contents(OFFERED)
    yield from ((f"downloads/charts/{name}", content) for name, content in contents.items())


def _figures(data: Dataset, packs: bool = False) -> Figures:
    return figures_of(data, {**_forces(data), **_types(data)}, packs)


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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits
    _shared.append(figures)


def _in_worker(job: tuple[Callable[[str, str, Figures], Files], str, str]) -> Files:
    make, name, address = job
    return make(name, address, _shared[0])


def _offered(workbook: Path | None) -> Iterator[str]:
    """The names of downloads that a release has as well."""
    yield from (f"{name}.csv" for name in PROCESSED_TABLES)
    if workbook is not None and workbook.is_file():
        yield workbook.name


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
    about = {f"{name}.csv": said for name, said in descriptions().items()} | OTHER_FILES
    listed = [
        {
            "name": name,
            "about": about[name],
            "rows": f"{len(kept[Path(name).stem]):,}" if name.endswith(".csv") else "",
            "bytes": f"{max(1, round(len(content) / 1024)):,}\u00a0kB",
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        for name, content in files.items()
    ]
    yield "data.html", render("data.html", "data.html", **shared, files=listed, missing=MISSING)
    yield from ((f"downloads/{name}", content) for name, content in files.items())
