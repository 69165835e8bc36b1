"""The reference of the library says what the docstrings say, and they say what everybody needs."""

import inspect

import pytest

import analysis as an
from analysis.paths import ROOT
from analysis.publishing.api_reference import FILE, SECTION, reference, signature
from analysis.publishing.group_pages import common
from analysis.publishing.rendering import document_html, render

FUNCTIONS = {name: getattr(an, name) for name in an._DOOR if inspect.isfunction(getattr(an, name))}
METHODS = [an.Dataset.cases, an.Dataset.sources_of, an.RateTable.labelled, an.RateTable.readable, an.RateTable.to_csv]


def test_the_reference_is_the_docstrings():
    assert FILE.read_text(encoding="utf-8") == reference()


def test_every_name_of_the_door_is_in_the_reference_and_no_path_of_a_machine():
    text = reference()
    assert [name for name in an._DOOR if f"\n## {name}\n" not in text] == []
    assert str(ROOT) not in text and 'data: str | Path = "", folder: Path = ...' in signature(an.load)


@pytest.mark.parametrize("function", [*FUNCTIONS.values(), *METHODS], ids=lambda function: function.__qualname__)
def test_parameters_and_what_is_returned_are_described(function):
    _, *found = SECTION.split(inspect.getdoc(function) or "")
    sections = dict(zip(found[::2], found[1::2], strict=True))
    described = {name.strip() for line in sections.get("Parameters", "").splitlines() for name in line.split(",")}
    assert "Returns" in sections
    assert {*inspect.signature(function).parameters} - {"self"} <= described


def test_the_gallery_has_the_reference():
    page = document_html("library")
    assert page["title"] == "The library" and "dismissal_rates" in str(page["body"])


def test_a_long_page_has_a_list_of_its_sections_to_jump_from(data):
    """On a phone the library was 19,000 pixels of one section after another."""
    for page, first in (("library", "chart"), ("data-dictionary", "iopc-investigations-investigations")):
        found = document_html(page)
        names = [name for name, _ in found["sections"]]
        assert names[0] == first and all(f'id="{name}"' in found["body"] for name in names)
    assert not document_html("findings")["sections"]  # short
    shown = render("document.html", "library.html", **document_html("library"), **common(data)).decode()
    assert shown.index("</h1>") < shown.index('<a href="#ratetable">RateTable</a>') < shown.index('id="ratetable"')
