"""A file of each kind that strangers had: at most ten things to decide, and then it counts what is in it."""

import csv
import io

import pytest
from imports import SOURCE, complete, csv_file, first_mapping, workbook
from kinds import KINDS

import analysis as an
from analysis.checking.validation import validate_file
from analysis.errors import DataError
from analysis.reading.spreadsheet.guess import suggest

MOST = 10  # things to decide, of which two or three are where the file is from
ANSWERS = {
    "complaint_type": "other",
    "sanction": "no_action",
    "finding": "misconduct",
    "outcome": "other",
    "force": "",
    "person_type": "all",
    "unit": "complaints",
    "stage": "investigated",
    "row": "allegation",
}
FIGURES = {"counts_by_force": 8, "years_across_forces": 20, "outcomes_by_years": 15, "statistics_in_two_rows": 6}
LEFT = {"Terminated": "dismissed", "Resigned in lieu": "resigned_before_sanction", "resigned": "not_stated"}


def open_parts(mapping: dict, place: tuple = ()) -> list[tuple]:
    """Where a mapping still says CHECK or nothing that is needed."""
    found = []
    for key, value in mapping.items():
        found += open_parts(value, (*place, key)) if isinstance(value, dict) else []
        found += [(*place, key)] if value == "CHECK" else []
    return found


def answered(mapping: dict) -> dict:
    """A mapping in which somebody decided all that was asked."""
    answers = ANSWERS | ({"force": "England and Wales"} if mapping["table"] == "counts" else {})
    for place in open_parts(mapping):
        part = mapping
        for key in place[:-1]:
            part = part[key]
        column = place[1] if place[0] == "labels" else place[-1]
        part[place[-1]] = LEFT.get(place[-1]) or answers.get(column) or SOURCE.get(column, "")
    return mapping


def rows_of(text: str) -> list[dict]:
    return [*csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_strangers_file_needs_at_most_ten_decisions_and_counts(kind, tmp_path):
    file = csv_file(tmp_path / "a.csv", KINDS[kind])
    mapping = first_mapping(file)
    assert len(open_parts(mapping)) <= MOST, open_parts(mapping)
    target, told = complete(tmp_path, file, answered(mapping))
    if mapping["table"] == "counts":
        figures = validate_file(target / "published_figures.csv", "published_figures")
        assert len(figures) == FIGURES[kind]
        assert len(figures) == len(figures[["force", "outcome_source", "period_start"]].drop_duplicates())
        return
    data, rows = an.load(target), rows_of(KINDS[kind])
    assert len(data.subjects) == len(rows), told
    column = mapping["columns"].get("sanction")
    ends = [row[column] for row in rows] if column else [row.get("dismissed", "") for row in rows]
    dismissed = sum(end in ("Terminated", "1") for end in ends)
    assert (data.subjects["sanction"] == "dismissed").sum() == dismissed


def test_what_is_not_asked_alone_is_named_in_the_mapping(tmp_path):
    text = suggest(csv_file(tmp_path / "a.csv", KINDS["actions_on_allegations"]))
    assert '# "*" is for 10 labels' in text and '"Charges dismissed"' in text and '"Dismissal probation"' in text


def test_a_dismissal_of_somebody_found_not_to_have_done_it_comes_with_advice(tmp_path):
    text = "Case No,Allegation,Outcome,Finding\n1,Driving,Dismissed,Exonerated\n2,Driving,No action,Exonerated\n"
    file = csv_file(tmp_path / "a.csv", text)
    with pytest.raises(DataError, match=r"needs misconduct or gross misconduct found\..*take finding out of columns"):
        complete(tmp_path, file, answered(first_mapping(file)))


def test_counts_are_not_offered_a_force_that_import_refuses(tmp_path):
    counts = csv_file(tmp_path / "a.csv", "Outcome,2019,2020\nDismissed,1,2\n")
    people = csv_file(tmp_path / "b.csv", "Case No,Allegation,Outcome\n1,Driving,Dismissed\n")
    assert '""  outside' not in suggest(counts) and "outside the UK" not in suggest(counts)
    assert 'force: CHECK  # "" outside the UK' in suggest(people)


SHEETS = {"2019": [["Dismissed", 1, 2], ["No action", 3, 4]], "2020": [["Dismissed", 5, 6], ["No action", 7, 8]]}
LAYOUTS = {  # how counts are laid out: the rows, and what must be guessed of them
    "a value for several rows": (
        [
            *(["Force", "Outcome", "2019"], ["Kent Police", "Dismissed", 1], ["", "No action", 2]),
            *(["Surrey Police", "Dismissed", 3], ["", "No action", 4]),
        ],
        {"read": {"heading": ["1"], "sheet": "Data", "fill_down": ["Force"]}},
    ),
    "headings of groups": (
        [["Outcome", "2019"], ["Driving", None], ["Dismissed", 1], ["Use of force", None], ["Dismissed", 2]],
        {"group_rows": {"complaint_type": "Outcome"}},
    ),
    "headings of groups with numbers": (
        [["Outcome", "2019"], ["Driving", 4], ["Dismissed", 1], ["Use of force", 5], ["Dismissed", 2]],
        {"group_rows": {"complaint_type": "Outcome"}},
    ),
    "groups that are forces": (
        [["Outcome", "2019"], ["Kent Police", None], ["Dismissed", 1], ["Surrey", None], ["Dismissed", 2]],
        {"group_rows": {"force": "Outcome"}},
    ),
    "forces across": (
        [["Outcome", "Kent Police", "Surrey"], ["Dismissed", 1, 2], ["No action", 3, 4]],
        {"across": {"columns": ["Kent Police", "Surrey"], "are": "force"}},
    ),
    "types across": (
        [["Year", "Driving", "Use of force"], [2019, 1, 2], [2020, 3, 4]],
        {"across": {"columns": ["Driving", "Use of force"], "are": "complaint_type"}},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_that_holds_of_the_whole_sheet_is_guessed_and_imports(layout, tmp_path):
    rows, expected = LAYOUTS[layout]
    file = workbook(tmp_path / "a.xlsx", rows)
    mapping = first_mapping(file)
    assert {key: mapping.get(key) for key in expected} == expected
    figures = validate_file(
        complete(tmp_path, file, answered(mapping))[0] / "published_figures.csv", "published_figures"
    )
    assert sorted(figures["value"]) == sorted(cell for row in rows[1:] for cell in row if cell and cell in range(1, 9))
    if layout.startswith("headings of groups"):
        assert set(figures.loc[figures["outcome"] == "dismissed", "complaint_type"]) == {"driving", "use_of_force"}
        totals = figures[figures["outcome"] == ""]
        assert totals["value"].tolist() == ([4, 5] if "numbers" in layout else [])


def test_a_cell_that_is_not_meant_for_those_under_it_stays_a_question(tmp_path):
    rows = "Force,Outcome,2019\nKent Police,Dismissed,1\n,Dismissed,2\nSurrey Police,No action,3\n"
    assert "fill_down" not in first_mapping(csv_file(tmp_path / "a.csv", rows))["read"]


def test_sheets_of_one_shape_are_read_together_and_their_names_are_years(tmp_path):
    def more(book, sheet):
        other = book.create_sheet("2020")
        for row in [["Outcome", "Kent Police", "Surrey"], *SHEETS["2020"]]:
            other.append(row)
        book.create_sheet("About").append(["A note"])

    file = workbook(tmp_path / "a.xlsx", [["Outcome", "Kent Police", "Surrey"], *SHEETS["2019"]], more, "2019")
    mapping = first_mapping(file)
    assert mapping["read"]["sheet"] == ["2019", "2020"] and mapping["columns"]["period"] == "(sheet)"
    target, _ = complete(tmp_path, file, answered(mapping))
    figures = validate_file(target / "published_figures.csv", "published_figures")
    assert figures.groupby(figures["period_start"].str[:4])["value"].sum().to_dict() == {"2019": 10, "2020": 26}


def test_a_second_table_under_the_first_is_no_row_of_counts(tmp_path):
    text = "Outcome,2019,2020\nDismissed,1,2\nNo action,3,4\n,,\nAllegation,2019,2020\nDriving,2,3\n"
    file = csv_file(tmp_path / "a.csv", text)
    mapping = answered(first_mapping(file))
    figures = validate_file(complete(tmp_path, file, mapping)[0] / "published_figures.csv", "published_figures")
    assert figures["value"].tolist() == [1, 2, 3, 4]
    del mapping["read"]["last_row"]
    with pytest.raises(DataError, match=r"row 5.*has headings again, as over another table\..*last_row: 4"):
        complete(tmp_path, file, mapping)


SHAPES = {  # what others might send: the text, and what must be guessed of it
    "shares beside counts": (
        "Outcome,2019 Number,2019 %,2020 Number,2020 %\nDismissed,2,20%,3,30%\nNo action,8,80%,7,70%\n",
        {"table": "counts", "across": {"columns": ["2019 Number", "2020 Number"], "are": "period"}},
    ),
    "a rate at the end": (
        "Force,Officers,Dismissed,Rate\nKent Police,100,3,3.0%\nSurrey,200,5,2.5%\n",
        {"table": "counts", "across": {"columns": ["Officers", "Dismissed"], "are": "outcome"}},
    ),
    "officers and staff in rows": (
        "Type,Outcome,2021,2022\nPolice Officer,Dismissed,3,4\nPolice Staff,Dismissed,1,0\n",
        {"columns": {"outcome": "Outcome", "person_type": "Type"}},
    ),
    "symbols of official statistics": (
        "Force,Year ending March 2022,Year ending March 2023\nKent,4,[c]\nSurrey,[x],7\n",
        {"suppressed": {"[c]": "confidential", "[x]": "not_available"}},
    ),
    "ticks": (
        "Case ref,Allegation,Dismissed,Written warning\nA1,Driving,x,\nA2,Use of force,,x\n",
        {"table": "people", "ticks": {"sanction": ["Dismissed", "Written warning"]}},
    ),
    "quarters": (
        "Quarter,Allegation type,Outcome,Number\nQ1 2022/23,Driving,Dismissed,3\nQ2 2022/23,Driving,Dismissed,<5\n",
        {"table": "counts", "suppressed": {"<5": ["1", "4"]}},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_that_others_might_send(shape, tmp_path):
    text, expected = SHAPES[shape]
    mapping = first_mapping(csv_file(tmp_path / "a.csv", text))
    assert {key: mapping.get(key) for key in expected} == expected
