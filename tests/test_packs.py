"""Packs: complete, true to the rate tables, honest where there is too little, and unable to leave their folder."""

import io
import json
import re
import zipfile

import openpyxl
import pytest
from people import with_tables

from analysis.counting.rate_words import percent
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.publishing.packs import pack_files, sentences, write_pack

MET, SEXUAL = "Metropolitan Police Service", "sexual_misconduct"


@pytest.fixture(scope="module")
def files(data):
    return pack_files(data, MET, SEXUAL)


def test_a_pack_has_everything(files):
    assert {"fact_sheet.html", "fact_sheet.pdf", "sentences.txt", "licence_and_citation.txt"} < set(files)
    assert "misconduct-outcomes.metropolitan-police-service.sexual-misconduct.xlsx" in files
    charts = {name.split("/")[1].split(".")[0] for name in files if name.startswith("charts/")}
    assert "funnel_by_force" in charts and "from_case_to_answer_to_dismissal" in charts and len(charts) == 5
    for chart in charts:
        endings = {name.rsplit(".", 1)[1] for name in files if name.startswith(f"charts/{chart}.")}
        assert endings == {"svg", "png", "pdf", "csv", "txt", "json"}


def test_every_sentence_is_that_of_its_rate_table(data, files):
    text = files["sentences.txt"].decode()
    for among in ("case_to_answer", "proceedings", "proven"):
        for where in ({"force": MET, "complaint_type": SEXUAL}, {}):
            table = dismissal_rates(data, among=among, where=where)
            assert f"{table.total['numerator']} of {table.total['denominator']} {table.among_label}, in " in text
            assert f", in {table.total['n_cases_counted']} of {table.total['n_cases']} investigations, were" in text
            assert (percent(table.total["rate"]) in text) == (table.total["denominator"] >= 5)
            assert table.definition in text
    assert text.count("Meaning: ") == text.count("Source: ") == 6 == len(sentences(data, {"force": MET}))


def test_a_pack_about_one_person_has_no_share_and_no_chart_of_it(data):
    files = pack_files(data, "", "domestic_abuse")
    text, page = files["sentences.txt"].decode(), files["fact_sheet.html"].decode()
    said = "domestic abuse: 1 person with a case to answer, in 1 investigation: dismissed"
    assert said in text and said in page and "1 person with a case to answer and a known outcome" in page
    assert "100.0%" not in text + page.split("<svg")[0] and not re.search(r"\b1 people", text + page)
    assert (
        "Of 1 person found, as the source states it, to have committed misconduct, in 1 investigation: dismissed 1,"
        in page
    )
    assert not [name for name in files if "attrition" in name or "from_case_to_answer" in name]
    assert "most incidents are of 2013 to 2019" in text


def test_investigations_stand_beside_people(data):
    files = pack_files(data, "Leicestershire Police", "discriminatory_behaviour")
    text, page = files["sentences.txt"].decode(), files["fact_sheet.html"].decode()
    said = (
        "Leicestershire Police, discriminatory behaviour: 4 of 8 people with a case to answer, in 1 of 1 "
        "investigation, were dismissed or would have been; all are in one investigation."
    )
    assert said in text and said in page and '<th scope="col">investigations</th>' in page


def test_files_of_a_part_say_so(files):
    filtered = [name for name in files if name.startswith("charts/dismissal") and name.endswith(".json")]
    assert len(filtered) == 3
    for name in filtered:
        assert "force-metropolitan-police-service" in name and json.loads(files[name])["filter"] == {"force": MET}
    book = openpyxl.load_workbook(
        io.BytesIO(next(content for name, content in files.items() if name.endswith(".xlsx")))
    )
    assert "only Metropolitan Police Service, only Sexual misconduct" in book["Cover"]["A1"].value


def test_the_fact_sheet_has_two_pages_and_is_tagged_for_screen_readers(files):
    pdf = files["fact_sheet.pdf"]
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2
    assert b"/MarkInfo" in pdf and b"/Lang" in pdf and b"/StructTreeRoot" in pdf


@pytest.mark.parametrize("force", [MET, "Police Scotland", "Kent Police", "West Midlands Police"])
def test_a_fact_sheet_never_has_more_than_two_pages(data, force):
    from analysis.publishing.packs import fact_sheet, pack_charts

    where = {"force": force}
    page, pdf = fact_sheet(data, where, pack_charts(data, where))
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) in (1, 2) and force.encode() in page


def test_a_force_without_cases_gives_an_honest_pack(data):
    files = pack_files(data, "Police Scotland")
    assert not [name for name in files if name.startswith("charts/")]
    assert "Police Scotland: nobody in these data" in files["sentences.txt"].decode()
    assert "too few to say anything" in files["fact_sheet.html"].decode()


def test_unknown_names_list_the_known_ones(data):
    with pytest.raises(MisconductError, match="Kent Police"):
        pack_files(data, "Kent Polic")
    with pytest.raises(MisconductError, match="sexual_misconduct"):
        pack_files(data, "", "sexual")


def test_the_zip_is_the_same_each_time_and_stays_in_its_folder(data, tmp_path):
    first = write_pack(data, tmp_path / "a", "Police Scotland")
    second = write_pack(data, tmp_path / "b", "Police Scotland")
    assert first.read_bytes() == second.read_bytes() and first.name == "misconduct-outcomes.police-scotland.zip"
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        assert all(name.startswith("misconduct-outcomes.police-scotland/") for name in archive.namelist())
        assert not any(".." in name or name.startswith("/") for name in archive.namelist())


def test_markup_in_data_stays_text(data, monkeypatch):
    """A force whose name is markup, for the page and for the language of the PDF."""
    from analysis import vocabulary
    from analysis.publishing.packs import fact_sheet, pack_charts

    nasty = '<script>alert(1)</script> #panic("x") $x$'
    entry = {**vocabulary.entry("force", "Kent Police"), "label": nasty}
    known = {**vocabulary.vocabularies(), "force": {**vocabulary.vocabularies()["force"], nasty: entry}}
    monkeypatch.setattr(vocabulary, "vocabularies", lambda: known)
    subjects = data.subjects.assign(force=data.subjects["force"].replace(MET, nasty))
    where = {"force": nasty}
    damaged = with_tables(data, subjects=subjects)
    page, pdf = fact_sheet(damaged, where, pack_charts(damaged, where))
    assert b"<script>alert" not in page and b"&lt;script&gt;alert" in page and pdf.startswith(b"%PDF")
