"""docs/literature.md is a register: each row can be looked up, and names only what is here."""

import calendar
import csv
import re
from collections import Counter

import pytest

from analysis.paths import RAW, ROOT, notebook_paths
from analysis.publishing.rendering import document_html

HEADS = ["Author or body", "Year", "Title", "What it measured", "Here", "Figures", "Seen"]
NOTEBOOK_NUMBERS = {path.name[:2] for path in notebook_paths()}


def cells(line):
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def read(text):
    """The rows of all the tables, by heading."""
    tables = [cells(line) for line in text.splitlines() if line.startswith("|") and not line.startswith("|-")]
    assert [row for row in tables if len(row) != len(HEADS)] == []
    return [dict(zip(HEADS, row, strict=True)) for row in tables if row != HEADS]


WORKS = read((ROOT / "docs" / "literature.md").read_text(encoding="utf-8"))
with (RAW / "published_figures" / "sources.csv").open(newline="", encoding="utf-8") as file:
    SOURCES = {row["source_id"]: row for row in csv.DictReader(file)}


def address(work):
    return re.fullmatch(r"\[(?P<title>.+)\]\((?P<address>https?://[^ )]+)\)", work["Title"])["address"]


def ids(work):
    return re.findall(r"`(\w+)`", work["Figures"])


@pytest.mark.parametrize("work", WORKS, ids=lambda work: f"{work['Author or body']} {work['Year']}")
def test_a_work_can_be_looked_up_and_says_what_it_measured(work):
    assert work["Author or body"]
    assert re.fullmatch(r"(19|20)\d\d", work["Year"])
    assert address(work)
    assert 5 <= len(work["What it measured"].split()) <= 35
    assert work["Seen"] in {"publisher", "copy", "reference"}
    places = work["Here"].split(", ")
    assert places and set(places) <= {*NOTEBOOK_NUMBERS, "method"}


def test_no_address_and_no_work_is_there_twice():
    for listed in (map(address, WORKS), ((work["Author or body"], work["Year"], work["Title"]) for work in WORKS)):
        assert [what for what, n in Counter(listed).items() if n > 1] == []


@pytest.mark.parametrize("work", [work for work in WORKS if work["Figures"]], ids=lambda work: work["Figures"])
def test_figures_named_are_those_of_the_source_register(work):
    assert ids(work) and set(ids(work)) <= set(SOURCES)
    if not work["Figures"].startswith("via "):
        (source,) = (SOURCES[name] for name in ids(work))
        assert (address(work), work["Year"]) == (source["url"], source["published"][:4])


def test_a_page_of_the_source_register_is_listed_under_its_id():
    """So that a work and its figures are never two things."""
    known = {source["url"]: name for name, source in SOURCES.items()}
    assert [address(work) for work in WORKS if address(work) in known and not work["Figures"]] == []


@pytest.mark.parametrize("place", ["docs", "src/analysis/counting", "src/analysis/charts"])
def test_works_that_the_method_cites_are_listed(place):
    files = [ROOT / "docs" / "methodology.md"] if place == "docs" else sorted((ROOT / place).glob("*.py"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    named = {*re.findall(r"\b([A-Z][a-z]+)(?: and [A-Z][a-z]+| and others| et al\.)? \(?((?:19|20)\d\d)[),;]", text)}
    cited = {(name, year) for name, year in named if name not in calendar.month_name}
    assert cited and cited <= {(re.split(r"[ ,]", work["Author or body"])[0], work["Year"]) for work in WORKS}


def test_the_site_has_the_page_and_methodology_leads_to_it():
    assert 'href="literature.html"' in str(document_html("methodology")["body"])
    body = str(document_html("literature")["body"])
    assert all(address(work).replace("&", "&amp;") in body for work in WORKS)
