"""What the import says: each problem once, with its rows; what to write; what is left to decide; the second look."""

import re

import openpyxl
import pytest
import yaml
from commands import misconduct
from imports import CASES, COUNT_MAP, COUNT_ROWS, PEOPLE_MAP, SOURCE, changed, csv_file, imported, workbook

from analysis.csv_files import read_csv_text
from analysis.errors import MOST, DataError, Problem, distinct
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file
from analysis.reading.spreadsheet.mapping import read_mapping


def refused(file, mapping, folder) -> list[Problem]:
    with pytest.raises(DataError) as error:
        imported(file, mapping, folder)
    return error.value.problems


def rows_of(folder, *labels: str, heading="Ref,Allegation,Outcome,Case to answer"):
    lines = [f"{n},Driving,{label},Gross" for n, label in enumerate(labels, 1)]
    return csv_file(folder / "a.csv", "\n".join([heading, *lines]) + "\n")


# --- one message a distinct problem -----------------------------------------------------------------------------------


def test_an_unknown_label_is_said_once_with_its_rows(tmp_path):
    file = rows_of(tmp_path, *["Zapped"] * 5, *["Vexed"] * 2, "Dismissed")
    zapped, vexed = refused(file, PEOPLE_MAP, tmp_path)
    assert (zapped.value, zapped.row, zapped.times) == ("Zapped", 2, 5)
    assert "'Zapped' is not a known label. (5 rows: 2, 3, 4, ...)" in zapped.sentence()
    assert "(2 rows: 7, 8)" in vexed.sentence()


def test_ten_thousand_rows_of_three_labels_are_three_problems_and_a_small_list(tmp_path):
    rows_of(tmp_path, *["Zapped", "Vexed", "Moved"] * 3500)
    (tmp_path / "m.yml").write_text(yaml.safe_dump(PEOPLE_MAP))
    answer = misconduct("import", "a.csv", "--map", "m.yml", cwd=tmp_path)
    assert "3 problems found" in answer.stderr and "(3,500 rows: 2, 5, 8, ...)" in answer.stderr
    assert read_csv_text(tmp_path / "bad_rows.csv")["times"].tolist() == ["3500"] * 3


def test_a_wrong_constant_is_said_once_and_with_what_to_write(tmp_path):
    (tmp_path / "m.yml").write_bytes((CASES / "28.map.yml").read_bytes())
    with pytest.raises(DataError) as error:
        import_file(CASES / "24_allegation_rows_no_id.csv", tmp_path / "m.yml", tmp_path / "out")
    [problem] = error.value.problems
    assert problem.column == "constants, force" and problem.row is None and "rows" not in problem.problem
    assert 'Outside the UK there is no code: write force: "" under constants' in problem.advice


def test_a_wrong_force_is_said_once_for_all_years(tmp_path):
    rows = [["Outcome", "Force", "2019", "2020"], ["Dismissed", "Gotham", 1, 2], ["Dismissed", "Gotham", 3, 4]]
    mapping = changed(COUNT_MAP, columns={"force": "Force"})
    mapping["constants"] = {key: value for key, value in COUNT_MAP["constants"].items() if key != "force"}
    [problem] = refused(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)
    assert problem.times == 2 and "force: Outside the UK" in problem.advice


def test_the_screen_names_the_labels_that_are_not_shown(tmp_path):
    with pytest.raises(DataError) as error:
        imported(rows_of(tmp_path, *(f"Zap {n}" for n in range(8))), PEOPLE_MAP, tmp_path)
    assert "... and 5 more of this kind in Outcome: 'Zap 3', 'Zap 4', 'Zap 5', 'Zap 6', 'Zap 7'" in str(error.value)


def test_a_list_of_problems_has_an_end():
    some = [Problem("f", row, "c", str(row), f"{row}: wrong.", rule="r") for row in range(2, MOST + 12)]
    found = distinct(some)
    assert len(found) == MOST + 1 and found[-1].problem == "10 more problems of this kind are not listed."


def test_a_formula_without_a_value_is_said_once(tmp_path):
    (tmp_path / "m.yml").write_bytes((CASES / "21.map.yml").read_bytes())
    with pytest.raises(DataError) as error:
        import_file(CASES / "21_formula_date_percent.xlsx", tmp_path / "m.yml", tmp_path / "out")
    assert sum(problem.rule == "formula" for problem in error.value.problems) == 1
    cells = [re.findall(r"cell [A-Z]+\d+", problem.problem)[0] for problem in error.value.problems]
    assert len(cells) == len(set(cells))


def test_a_total_of_a_stage_has_no_outcome_and_a_constant_can_say_so(tmp_path):
    mapping = changed(COUNT_MAP, columns={"force": "Force"}, constants={"outcome": ""})
    del mapping["columns"]["outcome"], mapping["constants"]["force"]
    rows = [["Force", "2019", "2020"], ["Kent Police", 10, 12]]
    figures = imported(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)[0]["published_figures"]
    assert figures["outcome"].tolist() == ["", ""]


# --- what is left to decide -------------------------------------------------------------------------------------------


def test_everything_that_still_says_check_is_named_at_once(tmp_path):
    asked = {"source": {"licence": "CHECK", "url": "CHECK"}, "constants": {"force": "CHECK"}, "confirmed": "no"}
    labels = {"sanction": {"Zapped": "CHECK", "Vexed": "CHECK", "NFA": "no_action"}}
    mapping = changed(PEOPLE_MAP, **asked, labels=labels)
    (tmp_path / "m.yml").write_text(yaml.safe_dump(mapping, sort_keys=False))
    with pytest.raises(DataError) as error:
        read_mapping(tmp_path / "m.yml")
    said = [problem.problem for problem in error.value.problems]
    assert "source: url, licence still say CHECK." in said and "constants: force still says CHECK." in said
    assert "labels, sanction: 'Zapped', 'Vexed' still say CHECK." in said


def test_a_label_that_is_called_check_is_no_question(tmp_path):
    mapping = {**PEOPLE_MAP, "labels": {**PEOPLE_MAP["labels"], "sanction": {"CHECK": "no_action"}}}
    assert len(imported(rows_of(tmp_path, "CHECK"), mapping, tmp_path)[0]["subjects"]) == 1


# --- a second look ----------------------------------------------------------------------------------------------------

STRANGE = "Ref,Allegation,Verdict of panel\n1,Driving,Zapped\n2,Driving,Dismised\n3,Driving,No action\n"


def second(folder, text: str, **decisions) -> dict:
    """A first mapping of a file, decided on, and looked at again."""
    file = csv_file(folder / "a.csv", text)
    first = yaml.load(suggest(file, "people"), yaml.BaseLoader)
    (folder / "m.yml").write_text(yaml.safe_dump(changed(first, **decisions), allow_unicode=True), encoding="utf-8")
    return yaml.load(suggest(file, map_file=folder / "m.yml"), yaml.BaseLoader)


def test_the_labels_of_a_column_that_was_named_are_listed(tmp_path):
    first = yaml.load(suggest(csv_file(tmp_path / "a.csv", STRANGE), "people"), yaml.BaseLoader)
    assert "sanction" not in first["columns"] and first["constants"]["sanction"] == "CHECK"
    found = second(tmp_path, STRANGE, columns={"sanction": "Verdict of panel"})
    assert found["labels"]["sanction"] == {"Zapped": "CHECK", "Dismised": "dismissed"}
    assert "sanction" not in found["constants"] and found["columns"]["sanction"] == "Verdict of panel"


def test_what_was_decided_stays(tmp_path):
    decided = {
        "columns": {"sanction": "Verdict of panel"},
        "source": {**SOURCE, "title": 'A "title": of 100% # it'},
        "constants": {"force": "", "case_to_answer": "misconduct"},
        "labels": {"sanction": {"Zapped": {"sanction": "not_stated", "left_service": "resigned"}}},
        "read": {"skip_rows": ["4"], "heading": ["1"]},
        "row": "subject",
        "something_new": {"a": ["b"]},
    }
    found = second(tmp_path, STRANGE, **decided)
    assert found["labels"]["sanction"].pop("Dismised") == "dismissed" and found["confirmed"] == "no"
    for key, value in decided.items():
        assert found[key] == value if key in ("something_new", "row") else value.items() <= found[key].items(), key


def test_a_column_that_is_no_longer_named_has_no_questions_left(tmp_path):
    text = "Ref,Allegation,Outcome,Finding\n1,Driving,Dismissed,Guilty\n"
    file = csv_file(tmp_path / "a.csv", text)
    first = yaml.load(suggest(file), yaml.BaseLoader)
    assert first["labels"]["finding"] == {"Guilty": "CHECK"}
    del first["columns"]["finding"]
    (tmp_path / "m.yml").write_text(yaml.safe_dump(first))
    assert "finding" not in yaml.load(suggest(file, map_file=tmp_path / "m.yml"), yaml.BaseLoader).get("labels", {})


def test_the_second_look_replaces_nothing(tmp_path):
    csv_file(tmp_path / "a.csv", STRANGE)
    assert misconduct("map", "a.csv", "--table", "people", cwd=tmp_path).returncode == 0
    before = (tmp_path / "a.yml").read_text(encoding="utf-8")
    answer = misconduct("map", "a.csv", "--map", "a.yml", cwd=tmp_path)
    assert answer.returncode == 0 and answer.stdout.startswith("a-2.yml")
    assert (tmp_path / "a.yml").read_text(encoding="utf-8") == before


def test_a_workbook_looked_at_again_keeps_its_sheet(tmp_path):
    def other(book: openpyxl.Workbook, sheet):
        book.create_sheet("Bigger").append(["a"] * 9)
        for _ in range(20):
            book["Bigger"].append(["b"] * 9)

    file = workbook(tmp_path / "a.xlsx", COUNT_ROWS, other)
    (tmp_path / "m.yml").write_text(yaml.safe_dump({"table": "counts", "read": {"sheet": "Data"}}))
    found = yaml.load(suggest(file, map_file=tmp_path / "m.yml"), yaml.BaseLoader)
    assert found["read"]["sheet"] == "Data" and found["across"]["columns"] == ["2019", "2020"]


SEVERAL = """Log No,Allegation,Final Discipline,Employment Status
1,Driving,Suspension,Terminated
2,Driving,Reprimand,Active
"""
CROWD = "Incident,Officer 1,Outcome,Officer 2,Other outcome,Breach\n1,A,Dismissed,B,Warning,Driving\n"
VALUE = "Force,Outcome,Remark\nKent Police,Dismissed,few\nKent Police,Written warning,some\n"
LABELS = "\n".join(["Ref,Allegation,Outcome", *(f"{c},Odd {c},Zapped {c}" for c in "abcdefghijkl")])


@pytest.mark.parametrize(("text", "table"), [(SEVERAL, ""), (CROWD, ""), (LABELS, ""), (VALUE, "counts")])
def test_a_check_that_stays_keeps_its_reason(text, table, tmp_path):
    file = csv_file(tmp_path / "a.csv", text)
    (tmp_path / "m.yml").write_text(first := suggest(file, table), encoding="utf-8")
    second = suggest(file, map_file=tmp_path / "m.yml")
    reasons = [line for line in first.split("\n") if ": CHECK  #" in line or line.startswith("    #")]
    assert len(reasons) > 1 and not {*reasons} - {*second.split("\n")}
    assert yaml.load(second, yaml.BaseLoader)["labels"] == yaml.load(first, yaml.BaseLoader)["labels"]


def test_a_column_that_was_named_since_is_no_rival(tmp_path):
    file = csv_file(tmp_path / "a.csv", SEVERAL)
    said = suggest(file).replace('sanction: CHECK  # "', 'left_service: Employment Status\n  sanction: CHECK  # "')
    (tmp_path / "m.yml").write_text(said, encoding="utf-8")
    columns = yaml.load(suggest(file, map_file=tmp_path / "m.yml"), yaml.BaseLoader)["columns"]
    assert (columns["sanction"], columns["left_service"]) == ("Final Discipline", "Employment Status")
