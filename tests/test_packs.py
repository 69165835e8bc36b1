"""Packs: complete, true to the rate tables, honest where there is too little, and unable to leave their folder."""

import io
import json
import re
import zipfile
from types import SimpleNamespace

import openpyxl
import pytest

from analysis.charts import Chart
from analysis.charts.export import ALL_PICTURES
from analysis.counting.rate_words import interval_cell, percent
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.publishing import packs
from analysis.publishing import wording as words
from analysis.publishing.answers import Answer
from analysis.publishing.fact_sheets import sheet
from analysis.publishing.group_facts import Group
from analysis.publishing.packs import pack_files, sentences, sentences_text, slim_pack, write_pack

MET, SEXUAL = "Metropolitan Police Service", "sexual_misconduct"
AMONG = ("case_to_answer", "proceedings", "proven")


@pytest.fixture(scope="module")
def files(data):
    """A whole pack, but for most of its pictures, which are tested where they are drawn."""
    return pack_files(data, MET, SEXUAL, [("square", "svg")])


def test_a_pack_has_everything(files):
    assert {"fact_sheet.html", "fact_sheet.pdf", "sentences.txt", "licence_and_citation.txt"} < set(files)
    assert "misconduct-outcomes.metropolitan-police-service.sexual-misconduct.xlsx" in files
    charts = {name.split("/")[1].split(".")[0] for name in files if name.startswith("charts/")}
    assert "funnel_by_force" in charts and "from_case_to_answer_to_dismissal" in charts and len(charts) == 5
    picture = re.search(r'<img src="([^"]+)\.png"', files["fact_sheet.html"].decode())[1]
    assert f"{picture}.svg" in files


def test_a_whole_pack_has_every_picture_of_each_chart(data, monkeypatch):
    for kind in ("svg", "_png", "_pdf"):
        monkeypatch.setattr(Chart, kind, lambda *_, drawn=b"<svg" if kind == "svg" else bytes: drawn)
    monkeypatch.setattr(Chart, "page", lambda *_: SimpleNamespace(left_out=()))
    monkeypatch.setattr(packs, "sheet_pdf", lambda *_: b"")
    monkeypatch.setattr(packs, "workbook_bytes", lambda *_: b"")
    files = pack_files(data, MET, SEXUAL)
    charts = {name.split("/")[1].split(".")[0] for name in files if name.startswith("charts/")}
    assert len(charts) == 5
    for chart in charts:
        its = [name for name in files if name.startswith(f"charts/{chart}.")]
        endings = {name.rsplit(".", 1)[1] for name in its}
        assert endings == {"svg", "png", "pdf", "csv", "txt", "json"} and len(its) == len(ALL_PICTURES) + 4


@pytest.fixture(scope="module")
def slim(data):
    """A small pack of a force: its name in the zip and the files in it."""
    group = Group(data, {"force": MET})
    drawn = {"a.png": b"page", "a.square.png": b"square", "a.csv": b"x", "a.json": b"{}"}
    with zipfile.ZipFile(io.BytesIO(slim_pack(group, b"%PDF", drawn))) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def test_a_slim_pack_has_sheet_workbook_pictures_and_sentences(slim):
    name = "misconduct-outcomes.metropolitan-police-service"
    words = {"sentences.txt", "licence_and_citation.txt"}
    assert set(slim) == {f"{name}.fact-sheet.pdf", f"{name}.xlsx", *words, "a.png", "a.square.png", "a.csv"}


def test_every_rate_that_a_pack_quotes_is_in_its_workbook(slim, files, data):
    """With its count, interval, marks and definition, in the small workbook and in the whole one."""
    of_both = {"force": MET, "complaint_type": SEXUAL}
    wider = [{"complaint_type": SEXUAL}, {}]
    for pack, wheres in ((slim, [{"force": MET}, {}]), (files, [of_both, *wider])):
        [content] = [content for name, content in pack.items() if name.endswith(".xlsx")]
        book = openpyxl.load_workbook(io.BytesIO(content))
        assert {"definitions", "known_problems", "rates_quoted"} < set(book.sheetnames)
        rows = [*book["rates_quoted"].iter_rows(values_only=True)]
        start = next(number for number, row in enumerate(rows) if row[0] == "about")
        told = [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 :]]
        assert len(told) == 3 * len(wheres)
        tables = [dismissal_rates(data, among=among, where=where) for among in AMONG for where in wheres]
        for row, table in zip(told, tables, strict=True):
            total = table.total
            assert (row["dismissed"], row["out of"]) == (total["numerator"], total["denominator"])
            assert row["rate"] == (pytest.approx(total["rate"]) if total["denominator"] >= 5 else "[u]")
            assert row["of whom"] == table.among_label and row["definition"] == table.definition


def test_every_sentence_is_that_of_its_rate_table(data, files):
    text = files["sentences.txt"].decode()
    for among in AMONG:
        for where in ({"force": MET, "complaint_type": SEXUAL}, {"complaint_type": SEXUAL}, {}):
            table = dismissal_rates(data, among=among, where=where)
            assert f"{table.total['numerator']} of {table.total['denominator']} {table.among_label}, in " in text
            assert f", in {table.total['n_cases_counted']} of {table.total['n_cases']} investigations, were" in text
            assert (percent(table.total["rate"]) in text) == (table.total["denominator"] >= 5)
            assert table.definition in text or len(where) == 1  # of the pack's own people, once
    assert text.count("Meaning: ") == 3 and text.count("Source: ") == 1  # each once
    assert len(sentences(data, {"force": MET})) == 6


def with_unknown(data):
    """The first force some of whose people have a known outcome and some have none, and its row."""
    rows = dismissal_rates(data, among="case_to_answer", by="force").groups
    row = rows[(rows["unknown_outcomes"] > 1) & (rows["denominator"] > 4)].iloc[0]
    return row["force"], row


def test_people_of_unknown_outcome_are_counted_beside_every_rate(data, site):
    """In the lead, the sentences, the fact sheet and the card: the sentence to quote alone may leave them out."""
    force, row = with_unknown(data)
    group, more = Group(data, {"force": force}), f"utcome not known for {row['unknown_outcomes']:,} more"
    assert f"{interval_cell(row)}. O{more}." in group.lead
    told = sheet(group, group.wider)["figures"]["rows"]
    tables = [group.rates, *(wider.rates for wider in group.wider)]
    for among, cells in zip(AMONG, told, strict=True):
        for rates, cell in zip(tables, cells[1:], strict=True):
            many = rates[among].total["unknown_outcomes"]
            said = f"; outcome not known for {many:,} more"
            assert cell["text"].endswith(said) if many else "not known" not in cell["text"]
            assert not many or f" O{said.removeprefix('; o')}." in sentences_text(group)
    page = (site / Answer(force).path).read_text(encoding="utf-8")
    picture = dict(re.findall(r'<meta property="([^"]+)" content="([^"]*)">', page))
    assert f"<p>O{more}.</p>" in page and f" O{more}." in picture["og:image:alt"]


def test_no_outcome_is_unknown_without_words(data):
    rows = dismissal_rates(data, among="case_to_answer", by="force").groups
    row = rows[rows["unknown_outcomes"] == 0].iloc[0]
    assert words.more_words(row) == ""
    four = {**row, "unknown_outcomes": 4}
    assert words.more_words(four, "allegations") == "outcome not known for 4 more allegations"
    assert words.more_words({**four, "reliability": "x"}) == ""


def test_a_pack_about_one_person_has_no_share_and_no_chart_of_it(data):
    files = pack_files(data, "", "domestic_abuse", [("page", "svg")])
    text, page = files["sentences.txt"].decode(), files["fact_sheet.html"].decode()
    said = "domestic abuse: 1 person with a case to answer, in 1 investigation: dismissed"
    assert said in text and said in page and "How it ended: dismissed." in page
    assert "1 person with a case to answer and a known outcome" in page
    assert "100.0%" not in text + page.split("Published by others")[0] and not re.search(r"\b1 people", text + page)
    assert (
        "Of 1 person found, as the source states it, to have committed misconduct, in 1 investigation: 1 dismissed."
        in page
    )
    assert not [name for name in files if "attrition" in name or "from_case_to_answer" in name]
    assert "most incidents are of 2013 to 2019" in text


def test_investigations_stand_beside_people(data):
    files = pack_files(data, "Leicestershire Police", "discriminatory_behaviour", [("page", "svg")])
    text, page = files["sentences.txt"].decode(), files["fact_sheet.html"].decode()
    said = (
        "Leicestershire Police, discriminatory behaviour: 4 of 8 people with a case to answer, in 1 of 1 "
        "investigation, were dismissed or would have been; all are in one investigation."
    )
    assert said in text and said in page and re.search(r'<th scope="col"[^>]*>investigations</th>', page)


def test_files_of_a_part_say_so(files):
    filtered = [name for name in files if name.startswith("charts/dismissal") and name.endswith(".json")]
    assert len(filtered) == 3
    for name in filtered:
        assert "force-metropolitan-police-service" in name and json.loads(files[name])["filter"] == {"force": MET}
    book = openpyxl.load_workbook(
        io.BytesIO(next(content for name, content in files.items() if name.endswith(".xlsx")))
    )
    assert "only Metropolitan Police Service; only accusations of sexual misconduct" in book["Cover"]["A1"].value


def test_a_force_without_cases_gives_an_honest_pack(data):
    files = pack_files(data, "Police Scotland")
    assert not [name for name in files if name.startswith("charts/")]
    assert "Police Scotland: nobody in these data" in files["sentences.txt"].decode()
    assert "Police Scotland: nobody in these data" in files["fact_sheet.html"].decode()


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
