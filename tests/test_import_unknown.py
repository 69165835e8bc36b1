"""A case to answer that a file does not state is given to nobody, and what is not known is never a rate."""

import json
import re

import pandas as pd
import pytest
import yaml
from commands import misconduct
from imports import CASES, complete, csv_file, first_mapping
from notebook_texts import texts_of
from people import of, people

import analysis as an
from analysis import vocabulary
from analysis.build.notebooks import find_notebook
from analysis.charts.catalogue import draw_chart, exhibit
from analysis.counting.denominators import unavailable
from analysis.errors import MisconductError
from analysis.paths import ROOT
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file

# --- a case to answer that nobody stated ------------------------------------------------------------------------------


@pytest.fixture
def silent(tmp_path):
    """Case 30 as an import: four people, and nothing on a case to answer."""
    file = CASES / "30_no_case_column.csv"
    mapping = first_mapping(file)
    mapping["labels"]["sanction"] |= {"Unfounded": "no_action", "Exonerated": "no_action"}
    folder, told = complete(tmp_path, file, mapping)
    assert any("Whether there was a case to answer is not said" in line for line in told)
    return folder


@pytest.fixture
def unstated(silent):
    return an.load(silent)


def partly(unknown: int) -> an.Dataset:
    """Twelve people, one a case and two of them dismissed; of the first `unknown` no case is said."""
    data = people(["D", "n"] * 2 + ["n"] * 8)
    codes = ["unknown"] * unknown + ["misconduct"] * (12 - unknown)
    return of(data.subjects.assign(case_to_answer=pd.Series(codes, dtype="str")), data.allegations)


def test_map_offers_that_the_file_does_not_say(silent):
    text = suggest(CASES / "30_no_case_column.csv")
    assert "  case_to_answer: unknown  #" in text and "case_to_answer: CHECK" not in text
    assert "not_stated (Case to answer, level not stated)" in text  # so that the code is not misread
    assert "not available [x]" in text


def test_without_a_word_on_a_case_to_answer_nobody_has_one(unstated):
    assert set(unstated.subjects["case_to_answer"]) == {"unknown"}


def test_a_mapping_need_not_name_case_to_answer(tmp_path):
    file = CASES / "30_no_case_column.csv"
    mapping = yaml.load((CASES / "30.map.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    del mapping["constants"]["case_to_answer"]
    folder, _ = complete(tmp_path, file, mapping)
    assert "Everybody is taken" not in (folder / "source.yml").read_text(encoding="utf-8")
    assert (pd.read_csv(folder / "subjects.csv", dtype=str)["case_to_answer"] == "unknown").all()


def test_a_constant_that_gives_everybody_a_case_is_told(tmp_path):
    (tmp_path / "m.yml").write_bytes((CASES / "30.map.yml").read_bytes())
    _, told = import_file(CASES / "30_no_case_column.csv", tmp_path / "m.yml", tmp_path / "out")
    assert "Everybody is taken to have a case to answer, as the mapping says (case_to_answer: not_stated)." in told


@pytest.mark.parametrize("among", ["case_to_answer", "gross_misconduct_case_to_answer", "proceedings", "hearings"])
def test_a_denominator_that_the_source_does_not_give_is_x(among, unstated):
    table = an.dismissal_rates(unstated, among=among, by="complaint_type")
    assert table.total["reliability"] == "x" and table.groups.empty
    assert (table.total["numerator"], table.total["denominator"]) == (0, 0) and pd.isna(table.total["rate"])
    assert set(table.readable().iloc[0, 1:]) == {"[x]"}
    assert "Not available [x]: the source does not say whether" in table.definition
    with pytest.raises(MisconductError, match="the source does not say"):
        table.known_total  # noqa: B018


def test_rates_of_everybody_are_as_before(unstated):
    total = an.dismissal_rates(unstated, among="all_subjects").total
    assert (total["numerator"], total["denominator"], total["reliability"]) == (1, 4, "u")


@pytest.mark.parametrize("among", vocabulary.codes("denominator"))
def test_the_projects_people_are_known(among, subjects):
    assert unavailable(subjects, among) == ""


def test_where_some_are_unknown_they_are_outside_and_counted():
    table = an.dismissal_rates(partly(2), among="case_to_answer", by="complaint_type")
    assert (table.total["numerator"], table.total["denominator"], table.total["reliability"]) == (1, 10, "ok")
    said = "Also left out: 2 people of whom the source does not say whether there was a case to answer."
    assert said in table.definition and table.unstated == 2
    whole = an.dismissal_rates(partly(0), among="case_to_answer")
    assert "left out: " not in whole.definition and whole.unstated == 0
    assert "left out: " not in an.dismissal_rates(partly(2), among="proven").definition


def test_a_selection_of_unknown_people_is_x_and_the_count_is_its_own():
    data = partly(3)
    forces = pd.Series(["Essex Police"] * 2 + ["Kent Police"] * 10, dtype="str")
    data = of(data.subjects.assign(force=forces), data.allegations)
    table = an.dismissal_rates(data, among="case_to_answer", where={"force": "Essex Police"})
    assert table.total["reliability"] == "x"
    table = an.dismissal_rates(data, among="case_to_answer", where={"force": "Kent Police"})
    assert table.total["denominator"] == 9 and "Also left out: one person of whom" in table.definition


def test_a_chart_says_how_many_are_outside():
    table = an.dismissal_rates(partly(2), among="case_to_answer", by="complaint_type")
    assert any("2 people of whom the source does not say" in note for note in an.chart(table).notes)


def test_the_command_line_says_that_it_cannot_be_known(silent):
    shown = misconduct("rates", "--among", "case_to_answer", "--by", "complaint_type", "--data", str(silent))
    assert shown.returncode == 0 and "25.0%" not in shown.stdout and "[x]" in shown.stdout
    said = "the source does not say whether there was a case to answer, so this rate cannot be known"
    assert said in " ".join(shown.stdout.split())
    as_json = misconduct("rates", "--among", "case_to_answer", "--format", "json", "--data", str(silent))
    assert json.loads(as_json.stdout)["rows"][0]["reliability"] == "x"


@pytest.mark.parametrize(
    "name",
    ["dismissal_rates_by_complaint_type", "funnel_by_force", "bounds_leaving", "from_case_to_answer_to_dismissal"],
)
def test_no_chart_is_drawn_of_what_cannot_be_known(name, unstated):
    with pytest.raises(MisconductError, match="the source does not say whether there was a case to answer"):
        draw_chart(unstated, name, among="case_to_answer" if exhibit(name).by else "")


@pytest.mark.parametrize("kind", ["", "use_of_force"])
def test_a_pack_says_not_available_and_never_everybody(kind, unstated):
    from analysis.publishing.packs import pack_files

    files = pack_files(unstated, complaint_type=kind)
    sentences, page = files["sentences.txt"].decode(), files["fact_sheet.html"].decode()
    said = (
        "people with a case to answer: not available [x]: the source does not say whether there was a case to answer."
    )
    assert said in sentences and said in page
    for text in (sentences, page):
        assert "people with a case to answer: 1 of" not in text and "0 people with a case to answer" not in text
        assert "nobody in these data is among people with a case to answer" not in text


def test_the_workbook_says_x(unstated):
    from analysis.publishing.group_facts import Group
    from analysis.publishing.workbook import workbook_sheets

    sheets = {sheet.name: sheet.table for sheet in workbook_sheets(Group(unstated, {}))}
    assert set(sheets["rates_type_case"].iloc[0, 1:]) == {"[x]"}


def test_rows_of_one_person_of_which_one_says_more(tmp_path):
    rows = "C1,A,Driving,No action,Unknown\nC1,A,Use of force,No action,Gross\nC2,B,Driving,No action,\n"
    file = csv_file(tmp_path / "a.csv", "Ref,Officer id,Allegation,Outcome,Case to answer\n" + rows)
    mapping = first_mapping(file)
    assert mapping["labels"]["case_to_answer"] == {"Gross": "CHECK", "": "unknown"}
    mapping["labels"]["case_to_answer"]["Gross"] = "gross_misconduct"
    folder, told = complete(tmp_path, file, {**mapping, "row": "allegation"})
    assert pd.read_csv(folder / "subjects.csv")["case_to_answer"].tolist() == ["gross_misconduct", "unknown"]
    assert any("is not said of 1 of 2 people" in line for line in told)


# --- notebooks on other people's data ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["00", "01", "02", "06"])
def test_a_notebook_on_other_data_names_its_source_and_not_the_iopc(number, silent):
    words = "\n".join(texts_of(find_notebook(number), silent).values())
    words = re.sub(".*Published figures on UK police.*", "", words)  # a source of the project's, beside theirs
    assert "IOPC" not in words and "Independent Office" not in words
    assert "Of 0 people" not in words and "about 0 people" not in words
    if number == "01":
        assert "**Who.** t (p). c." in words


def test_no_text_of_the_first_notebooks_names_whose_data_they_are():
    for path in sorted((ROOT / "notebooks").glob("0[0-7]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        assert not any("IOPC" in text or "the summary does not say" in text for text in texts), path.name
