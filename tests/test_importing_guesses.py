"""First mappings never turn a label round, leave nobody out, and never give anybody a case to answer."""

import json
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
import pytest
import yaml
from commands import misconduct
from hypothesis import given, settings
from people import people

from analysis import vocabulary
from analysis.build.tables import load_table
from analysis.counting.denominators import unavailable
from analysis.counting.rates import dismissal_rates
from analysis.errors import DataError, MisconductError
from analysis.paths import ROOT
from analysis.provenance import own_data as local
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file
from analysis.reading.spreadsheet.likely import likely
from analysis.reading.spreadsheet.sheet_rows import known_labels

CASES = ROOT / "tests" / "files" / "cases"
DECIDED = ("sanction", "finding", "left_service", "case_to_answer")
FILLED_IN = {
    "title": "t",
    "publisher": "p",
    "url": "https://example.org/x",
    "licence": "none",
    "jurisdiction": "Elsewhere",
    "coverage": "c",
}


def first_mapping(file: Path, table: str = "") -> dict:
    return yaml.load(suggest(file, table), yaml.BaseLoader)


def written(folder: Path, text: str) -> Path:
    file = folder / "a.csv"
    file.write_text(text, encoding="utf-8")
    return file


def imported(folder: Path, file: Path, mapping: dict) -> tuple[Path, list[str]]:
    """The file imported by a mapping that somebody completed: source and force filled in, confirmed."""
    done = {**mapping, "confirmed": "yes", "source": {"id": "own", **FILLED_IN}}
    done["constants"] = {**mapping.get("constants", {}), "force": ""}
    (folder / "m.yml").write_text(yaml.safe_dump(done, allow_unicode=True), encoding="utf-8")
    return import_file(file, folder / "m.yml", folder / "out")


def guess(label: str, name: str) -> str | None:
    """The code that `map` writes for a label that is not known; a known one needs no line."""
    words = known_labels(name)
    if label.casefold() in words:
        return None
    found = likely(label, words, name)
    return found[1] if found else None


# --- the opposite is never proposed -----------------------------------------------------------------------------------

BEFORE = ("Not ", "not ", "No ", "Never ", "Non-", "Un", "Was not ", "Did not get: ", "Case ", "Charges ", "Complaint ")
BEFORE += ("Without ", "Neither ", "Appeal ", "Suspended ", "Not found: ", "Allegation ", "Recommended, not ", "✗ ")
AFTER = (" - charges not proven", " (complaint)", " - not found", " withdrawn", " overturned on appeal", " - no", "?")
AFTER += (" probation", " not upheld", ": never", " (case)", " = No", " quashed", " rejected", " / not accepted")


def negations(name: str) -> st.SearchStrategy[tuple[str, str]]:
    """Known labels of a vocabulary that something negates, each with the code of the label."""
    known = st.sampled_from(sorted(known_labels(name).items()))
    turned = st.tuples(known, st.sampled_from(["", *BEFORE]), st.sampled_from(["", *AFTER]), st.booleans())
    return turned.filter(lambda parts: parts[1] or parts[2]).map(
        lambda parts: (f"{parts[1]}{parts[0][0].upper() if parts[3] else parts[0][0]}{parts[2]}", parts[0][1])
    )


@pytest.mark.parametrize("name", [*DECIDED, "proceeding", "criminal", "force_view", "published_outcome"])
@settings(derandomize=True, max_examples=300)
@given(data=st.data())
def test_a_negated_label_never_gets_the_code_that_it_negates(name, data):
    label, negated = data.draw(negations(name))
    assert guess(label, name) != negated


@pytest.mark.parametrize("name", DECIDED)
def test_a_label_without_its_negation_never_gets_the_code_of_the_negated_one(name):
    for known, code in known_labels(name).items():
        bare = " ".join(word for word in known.replace("_", " ").split() if word not in ("not", "no", "none", "never"))
        if bare != known.replace("_", " "):
            assert guess(bare, name) != code, bare


def test_opposites_get_no_code_or_the_right_one():
    labels = first_mapping(CASES / "04_opposites.csv")["labels"]
    assert labels["sanction"] == {
        "Dismissed - charges not proven": "CHECK",
        "Case dismissed": "CHECK",
        "Not dismissed": "CHECK",
        "Dismissal probation": "CHECK",
        "Dismissed (complaint)": "CHECK",
        "No further action": "no_action",
    }
    assert labels["finding"] == {
        "Not sustained": "CHECK",
        "Misconduct not proven": "not_proven",
        "Proven": "CHECK",
        "Gross misconduct not found": "CHECK",
        "Unproven": "not_proven",
        "Sustained": "CHECK",
    }
    assert set(labels["left_service"].values()) == {"CHECK"}


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("sanction", "Dismisssed", "dismissed"),
        ("sanction", "Dismissal", "dismissed"),
        ("sanction", "Dismissed without notice", "dismissed"),
        ("sanction", "Dismissed from the police force", "dismissed"),
        ("sanction", "Final written warning - 18 months", "final_written_warning"),
        ("sanction", "Suspended dismissal", None),
        ("sanction", "Dismissal (suspended)", None),
        ("sanction", "Appeal / Dismissed", None),
        ("finding", "Gross misconduct not proven", "not_proven"),
        ("finding", "Gross misconduct not proven, misconduct proven", None),
        ("finding", "Misconduct, gross misconduct not proven", None),
        ("left_service", "Not retired", None),
        ("left_service", "Rehired", None),
        ("case_to_answer", "No case to answer", "none"),
        ("case_to_answer", "Case to answer - gross misconduct", "gross_misconduct"),
        ("case_to_answer", "Not stated", "unknown"),
        ("case_to_answer", "Unknown to the force", None),
        ("force_view", "Agreed by force", None),
        ("criminal", "Not convicted", None),
        ("published_outcome", "Gross misconduct / Dismissed", "dismissed"),  # the end of a heading of two rows
        ("published_outcome", "Complaints / Dismissed", None),
        ("complaint_type", "Drivving", "driving"),
        ("complaint_type", "No driving", None),
        ("force", "Kent Polise", "Kent Police"),
    ],
)
def test_what_is_proposed_for_a_label(name, label, code):
    assert guess(label, name) == code


def test_the_import_does_not_advise_the_opposite_either(tmp_path):
    file = written(tmp_path, "Ref,Allegation,Outcome\n1,Driving,Not dismissed\n2,Driving,Dismised\n")
    columns = {"case_id": "Ref", "complaint_type": "Allegation", "sanction": "Outcome"}
    with pytest.raises(DataError) as refused:
        imported(tmp_path, file, {"table": "people", "columns": columns})
    wrong, misspelt = (problem.sentence() for problem in refused.value.problems)
    assert "'Not dismissed' is not a known label" in wrong and "nearest known" not in wrong
    assert "nearest known is 'dismissed'" in misspelt


# --- total rows -------------------------------------------------------------------------------------------------------


def test_a_sentence_that_begins_with_total_leaves_nobody_out(tmp_path):
    file = CASES / "05_total_sentences.csv"
    mapping = first_mapping(file, "people")
    assert "total_rows" not in mapping["read"]
    labels = mapping["labels"]["complaint_type"]
    assert {"Total loss of a prisoner's property", "Overall lack of care"} <= set(labels)
    mapping["labels"]["complaint_type"] = dict.fromkeys(labels, "other")
    folder, told = imported(tmp_path, file, mapping)
    local.choose(str(folder))
    total = dismissal_rates(load_table("subjects"), load_table("allegations"), among="all_subjects").total
    assert (total["numerator"], total["denominator"]) == (1, 3) and not any("total row" in line for line in told)


def test_what_another_column_says_makes_no_total_of_a_person(tmp_path):
    file = CASES / "05_total_sentences.csv"
    mapping = first_mapping(file, "people")
    mapping["labels"]["complaint_type"] = dict.fromkeys(mapping["labels"]["complaint_type"], "other")
    mapping["read"]["total_rows"] = ["Total"]  # which only a remark says, in a column that is not used
    with pytest.raises(DataError, match="no row has 'Total'"):
        imported(tmp_path, file, mapping)


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL", "Grand total", "All forces", "Overall", "Sub-total", "Total cases"]
)
def test_a_whole_label_that_says_total_is_a_total_row(label, tmp_path):
    counts = written(tmp_path, f"Outcome,2019,2020\nDismissed,1,2\nNo action,3,4\n{label},4,6\n")
    assert first_mapping(counts)["read"]["total_rows"] == [label]
    rows = written(tmp_path, f"Ref,Allegation,Outcome\n1,Driving,Dismissed\n2,Driving,No action\n{label},,1\n")
    assert first_mapping(rows, "people")["read"]["total_rows"] == [label]


@pytest.mark.parametrize("label", ["Total loss of equipment", "Overall lack of care", "Totally unfit to drive"])
def test_a_sentence_is_no_total_row_of_counts_either(label, tmp_path):
    counts = written(tmp_path, f"Outcome,2019,2020\nDismissed,1,2\n{label},3,4\n")
    assert "total_rows" not in first_mapping(counts)["read"]


def test_a_total_in_a_column_that_is_not_used_is_not_proposed(tmp_path):
    counts = written(
        tmp_path, "Force,Outcome,Remark,2019,2020\nKent Police,Dismissed,Total,1,2\nKent Police,No action,,3,4\n"
    )
    assert "total_rows" not in first_mapping(counts)["read"]


# --- a case to answer that nobody stated ------------------------------------------------------------------------------


@pytest.fixture
def silent(tmp_path):
    """Case 30 as an import: four people, and nothing on a case to answer. Chosen until the test ends."""
    file = CASES / "30_no_case_column.csv"
    mapping = first_mapping(file)
    mapping["labels"]["sanction"] |= {"Unfounded": "no_action", "Exonerated": "no_action"}
    folder, told = imported(tmp_path, file, mapping)
    assert any("Whether there was a case to answer is not said" in line for line in told)
    local.choose(str(folder))
    return folder


def partly(unknown: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Twelve people, one a case and two of them dismissed; of the first `unknown` no case is said."""
    subjects, allegations = people(["D", "n"] * 2 + ["n"] * 8)
    codes = ["unknown"] * unknown + ["misconduct"] * (12 - unknown)
    return subjects.assign(case_to_answer=pd.Series(codes, dtype="str")), allegations


def test_map_offers_that_the_file_does_not_say(silent):
    text = suggest(CASES / "30_no_case_column.csv")
    assert "  case_to_answer: unknown  #" in text and "case_to_answer: CHECK" not in text
    assert "not_stated (Case to answer, level not stated)" in text  # so that the code is not misread
    assert "not available [x]" in text


def test_without_a_word_on_a_case_to_answer_nobody_has_one(silent):
    assert set(load_table("subjects")["case_to_answer"]) == {"unknown"}


def test_a_mapping_need_not_name_case_to_answer(tmp_path):
    file = CASES / "30_no_case_column.csv"
    mapping = yaml.load((CASES / "30.map.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    del mapping["constants"]["case_to_answer"]
    folder, _ = imported(tmp_path, file, mapping)
    assert "Everybody is taken" not in (folder / "source.yml").read_text(encoding="utf-8")
    assert (pd.read_csv(folder / "subjects.csv", dtype=str)["case_to_answer"] == "unknown").all()


def test_a_constant_that_gives_everybody_a_case_is_told(tmp_path):
    (tmp_path / "m.yml").write_bytes((CASES / "30.map.yml").read_bytes())
    _, told = import_file(CASES / "30_no_case_column.csv", tmp_path / "m.yml", tmp_path / "out")
    assert "Everybody is taken to have a case to answer, as the mapping says (case_to_answer: not_stated)." in told


@pytest.mark.parametrize("among", ["case_to_answer", "gross_misconduct_case_to_answer", "proceedings", "hearings"])
def test_a_denominator_that_the_source_does_not_give_is_x(among, silent):
    table = dismissal_rates(load_table("subjects"), load_table("allegations"), among=among, by="complaint_type")
    assert table.total["reliability"] == "x" and table.groups.empty
    assert (table.total["numerator"], table.total["denominator"]) == (0, 0) and pd.isna(table.total["rate"])
    assert set(table.readable().iloc[0, 1:]) == {"[x]"}
    assert "Not available [x]: the source does not say whether" in table.definition
    with pytest.raises(MisconductError, match="the source does not say"):
        table.known_total  # noqa: B018


def test_rates_of_everybody_are_as_before(silent):
    total = dismissal_rates(load_table("subjects"), load_table("allegations"), among="all_subjects").total
    assert (total["numerator"], total["denominator"], total["reliability"]) == (1, 4, "u")


@pytest.mark.parametrize("among", vocabulary.codes("denominator"))
def test_the_projects_people_are_known(among, subjects):
    assert unavailable(subjects, among) == ""


def test_where_some_are_unknown_they_are_outside_and_counted():
    table = dismissal_rates(*partly(2), among="case_to_answer", by="complaint_type")
    assert (table.total["numerator"], table.total["denominator"], table.total["reliability"]) == (1, 10, "ok")
    said = "Also left out: 2 people of whom the source does not say whether there was a case to answer."
    assert said in table.definition and table.unstated == 2
    whole = dismissal_rates(*partly(0), among="case_to_answer")
    assert "left out: " not in whole.definition and whole.unstated == 0
    assert "left out: " not in dismissal_rates(*partly(2), among="proven").definition


def test_a_selection_of_unknown_people_is_x_and_the_count_is_its_own():
    subjects, allegations = partly(3)
    subjects.loc[:1, "force"] = "Essex Police"
    table = dismissal_rates(subjects, allegations, among="case_to_answer", where={"force": "Essex Police"})
    assert table.total["reliability"] == "x"
    table = dismissal_rates(subjects, allegations, among="case_to_answer", where={"force": "Kent Police"})
    assert table.total["denominator"] == 9 and "Also left out: one person of whom" in table.definition


def test_a_chart_says_how_many_are_outside(own_sources):
    from analysis import charts

    table = dismissal_rates(*partly(2), among="case_to_answer", by="complaint_type")
    chart = charts.dismissal_rates_by(table, own_sources)
    assert any("2 people of whom the source does not say" in note for note in chart.notes)


@pytest.fixture
def own_sources():
    from analysis.provenance.sources import load_sources

    return load_sources(["iopc_investigations"])


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
def test_no_chart_is_drawn_of_what_cannot_be_known(name, silent):
    from analysis.build.everything import CHARTS
    from analysis.charts.catalogue import draw_chart

    with pytest.raises(MisconductError, match="the source does not say whether there was a case to answer"):
        draw_chart(name, **({"among": "case_to_answer"} if name in CHARTS else {}))


@pytest.mark.parametrize("kind", ["", "use_of_force"])
def test_a_pack_says_not_available_and_never_everybody(kind, silent):
    from analysis.build.everything import load_tables
    from analysis.publishing.packs import pack_files

    files = pack_files(load_tables(), complaint_type=kind)
    sentences, page = files["sentences.txt"].decode(), files["fact_sheet.html"].decode()
    said = (
        "people with a case to answer: not available [x]: the source does not say whether there was a case to answer."
    )
    assert said in sentences and said in page
    for text in (sentences, page):
        assert "people with a case to answer: 1 of" not in text and "0 people with a case to answer" not in text
        assert "nobody in these data is among people with a case to answer" not in text


def test_the_workbook_says_x(silent):
    from analysis.build.everything import load_tables
    from analysis.publishing.workbook import workbook_sheets

    sheets = {sheet.name: sheet.table for sheet in workbook_sheets(load_tables())}
    assert set(sheets["rates_type_case"].iloc[0, 1:]) == {"[x]"}


def test_rows_of_one_person_of_which_one_says_more(tmp_path):
    rows = "C1,A,Driving,No action,Unknown\nC1,A,Use of force,No action,Gross\nC2,B,Driving,No action,\n"
    file = written(tmp_path, "Ref,Officer id,Allegation,Outcome,Case to answer\n" + rows)
    mapping = first_mapping(file)
    assert mapping["labels"]["case_to_answer"] == {"Gross": "CHECK", "": "unknown"}
    mapping["labels"]["case_to_answer"]["Gross"] = "gross_misconduct"
    folder, told = imported(tmp_path, file, {**mapping, "row": "allegation"})
    assert pd.read_csv(folder / "subjects.csv")["case_to_answer"].tolist() == ["gross_misconduct", "unknown"]
    assert any("is not said of 1 of 2 people" in line for line in told)


# --- notebooks on other people's data ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["00", "01", "02", "06"])
def test_a_notebook_on_other_data_names_its_source_and_not_the_iopc(number, silent, tmp_path):
    assert misconduct("run", number, "--data", str(silent), "--out", str(tmp_path / "runs")).returncode == 0
    [file] = (tmp_path / "runs").glob("*.ipynb")
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    said = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    shown = [output for cell in cells for output in cell.get("outputs", [])]
    words = [
        "".join(output.get("text") or output["data"].get("text/markdown") or output["data"].get("text/plain", ""))
        for output in shown
    ]
    published = [text for text in words if "Published figures on UK police" in text or "Forest plot" in text]
    people_words = "\n".join([*said, *(text for text in words if text not in published)])
    assert "IOPC" not in people_words and "Independent Office" not in people_words
    assert "Outcomes of published IOPC investigations" not in "\n".join(words)
    assert "Of 0 people" not in people_words and "about 0 people" not in people_words
    if number == "01":
        assert "**Who.** t (p). c." in people_words


def test_no_text_of_the_first_notebooks_names_whose_data_they_are():
    for path in sorted((ROOT / "notebooks").glob("0[0-7]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        assert not any("IOPC" in text or "the summary does not say" in text for text in texts), path.name
