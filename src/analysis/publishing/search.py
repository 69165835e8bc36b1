"""What the search box knows: every page of the site with the words that people type to find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import vocabulary
from analysis.charts.catalogue import EXHIBITS
from analysis.charts.text import lower_first, slug
from analysis.dataset import Dataset
from analysis.publishing.builder import safe_json, types_of_forces

DOCUMENTS = (  # page, what it is called, and words for it
    (
        "contact.html",
        "Report an error, or send an FOI reply",
        "contact; email; mistake; wrong; correction; report; FOI",
    ),
    (
        "contact.html#foi",
        "Send figures from a freedom of information reply",
        "FOI; freedom of information; upload; reply",
    ),
    ("own.html", "Make a chart of counts of your own", "own counts; FOI reply; my figures; my numbers; spreadsheet"),
    ("builder.html", "Make a chart of your own choice", "chart; slide; picture; own; custom; compare"),
    ("glossary.html", "What the words mean", "glossary; definition; meaning; jargon; tribunal"),
    ("data.html", "All data, to download", "CSV; Excel; spreadsheet; download; workbook"),
    ("changes.html", "What changed since the last edition", "changes; news; update; edition; new"),
    ("methodology.html", "How the figures are made", "method; how; statistics; confidence interval"),
    ("findings.html", "Every sentence and its figure", "findings; results; key figures; summary"),
    ("literature.html", "Reviews and studies, such as Casey's", "Casey; Angiolini; HMICFRS; review; report; study"),
    ("library.html", "The library for Python", "library; API; Python; code; pandas"),
    (
        "forces/index.html",
        "All forces in one table",
        "forces; list; table; compare; league; worst; fact sheet; factsheet; PDF; pack; packs; ZIP",
    ),
    (
        "types/index.html",
        "All complaint types",
        "types; complaints; list; fact sheet; factsheet; PDF; pack; packs; ZIP",
    ),
    ("charts/index.html", "All charts", "charts; graphs; pictures; slides; 16:9; embed; website"),
)
Entry = dict[str, Any]


def search_entries(data: Dataset, forces: Mapping[str, str], types: Mapping[str, str]) -> list[Entry]:
    """What can be found: title, address, kind, words (synonyms), and of a force the types that it has answers for.

    forces, types: name or code -> address part.
    """
    found = types_of_forces(data)
    entries: list[Entry] = [
        {"title": name, "url": f"forces/{address}.html", "kind": "Force", "words": _synonyms("force", name)}
        | {"types": found.get(name, [])}
        for name, address in forces.items()
    ]
    for vocabulary_name, addresses in (("topic", topics()), ("complaint_type", types)):
        entries += [
            {
                "title": vocabulary.label(vocabulary_name, code),
                "url": f"types/{address}.html",
                "kind": "Complaint type",
                "words": _synonyms(vocabulary_name, code),
            }
            | ({"code": code, "slug": slug(code)} if code in types else {})
            for code, address in addresses.items()
        ]
    entries += [
        {"title": vocabulary.label("demand", code), "url": f"demands/{slug(code)}.html", "kind": "Demand"}
        for code in vocabulary.codes("demand")
    ]
    entries += [{"title": one.question, "url": f"charts/{one.name}.html", "kind": "Chart"} for one in EXHIBITS]
    entries += [
        {
            "title": f"What it means: {lower_first(vocabulary.label('term', code))}",
            "url": f"glossary.html#{slug(code)}",
            "kind": "Word",
            "words": f"{vocabulary.entry('term', code)['also']}; {_synonyms('term', code)}",
        }
        for code in vocabulary.codes("term")
    ]
    entries += [{"title": title, "url": url, "kind": "Page", "words": words} for url, title, words in DOCUMENTS]
    return entries


def topics() -> dict[str, str]:
    """Topic -> address part."""
    return {code: slug(code) for code in vocabulary.codes("topic")}


def _synonyms(name: str, code: str) -> str:
    entry = vocabulary.entry(name, code)
    return str(entry["synonyms"])


def search_script(entries: Sequence[Entry]) -> bytes:
    """The entries as a script, since a page that is opened from a folder may load no other data."""
    return f"window.searchEntries = {safe_json(entries)};\n".encode()
