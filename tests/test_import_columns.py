"""First mappings: which column is what, by content before heading; delimiters, dates, years, totals, symbols."""

import pytest
from imports import CASES, PEOPLE_MAP, changed, csv_file, first_mapping, imported, workbook

from analysis.errors import DataError
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.likely_cells import below, date_patterns, is_period, kind_of_years
from analysis.reading.spreadsheet.periods import parse_period


def people_columns(folder, heading: str, *cells: str) -> dict[str, str]:
    """Our columns of a sheet of people in which the last column has a heading and some cells."""
    rows = [f'{n},Driving,"{cell}"' for n, cell in enumerate(cells, 1)]
    return first_mapping(csv_file(folder / "a.csv", "\n".join([f"No,Allegation,{heading}", *rows]) + "\n"), "people")[
        "columns"
    ]


# --- headings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "heading"),
    [
        ("01_headings.csv", "disciplinary_outcome"),
        ("01b_disposition.csv", "Final disposition"),
        ("01c_penalty.csv", "Penalty imposed"),
        ("01d_dots.csv", "Action.taken.final"),
    ],
)
def test_the_outcome_is_found_within_joined_words(file, heading):
    columns = first_mapping(CASES / file)["columns"]
    assert columns["sanction"] == heading and {"complaint_type", "case_id"} <= set(columns)
    assert file != "01_headings.csv" or columns["finding"] == "investigative_findings"


@pytest.mark.parametrize(
    "heading",
    [
        *("ACTIONTAKEN", "ActionTaken", "Action.taken.OIPM", "FinalDisposition", "final_disposition", "Discipline"),
        *("OfficerDisciplineResults", "Resolution", "Sanction 1", "Result of hearing", "Measure", "Case outcome code"),
    ],
)
def test_words_of_the_outcome_column(heading, tmp_path):
    assert people_columns(tmp_path, heading, "Letter 3", "Talk", "Sacked")["sanction"] == heading


def test_a_proposed_outcome_gives_way_to_the_final_one(tmp_path):
    rows = "No,Allegation,Recommended discipline,Final discipline\n1,Driving,Dismissed,No action\n"
    assert first_mapping(csv_file(tmp_path / "a.csv", rows))["columns"]["sanction"] == "Final discipline"


@pytest.mark.parametrize("heading", ["Outcome date", "Date of outcome"])
def test_a_date_of_the_outcome_is_a_date(heading, tmp_path):
    columns = people_columns(tmp_path, heading, "03/04/2020", "17/05/2020")
    assert columns["date"] == heading and "sanction" not in columns


@pytest.mark.parametrize(
    ("heading", "cells", "ours"),
    [
        ("Use of force", ("Yes", "No", "No"), "force"),
        ("Excessive force cases", ("Punch", "Kick", "Kick"), "force"),
        ("Force used", ("Taser", "Baton", "Baton"), "force"),
        ("APU Case Status", ("Open", "Closed", "Closed", "Closed"), "case_id"),
        ("REASON", ("Arrest", "Other", "Call"), "complaint_type"),
        ("Referral", ("Yes", "No", "No"), "case_id"),
        ("Unit", ("Traffic", "CID", "CID"), "unit"),
        ("Years of service", ("3", "12", "7"), "year"),
    ],
)
def test_a_heading_with_a_word_of_ours_is_not_always_ours(heading, cells, ours, tmp_path):
    assert people_columns(tmp_path, heading, *cells).get(ours) != heading


def test_use_of_force_is_no_police_force():
    assert "force" not in first_mapping(CASES / "06_use_of_force_column.csv")["columns"]


# --- content ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "cells"),
    [
        ("force", ("Kent Police", "Essex", "Avon & Somerset", "Kent")),
        ("sanction", ("Dismissed", "Written warning", "No action", "Dismissed")),
        ("date", ("03/04/2020", "17/05/2020", "18/05/2020", "18/06/2020")),
    ],
)
@pytest.mark.parametrize("heading", ["item name", "Authority", "X1"])
def test_what_is_in_a_column_decides_whatever_its_heading(ours, cells, heading, tmp_path):
    assert people_columns(tmp_path, heading, *cells)[ours] == heading


@pytest.mark.parametrize(
    ("label", "force"),
    [
        ("Kent", "Kent Police"),
        ("Avon & Somerset", "Avon and Somerset Constabulary"),
        ("CUMBRIA POLICE", "Cumbria Constabulary"),
        ("Kent Constabulary", "Kent Police"),
        ("Other", "CHECK"),
    ],
)
def test_forces_by_their_short_names(label, force, tmp_path):
    rows = f"Force,2019,2020\n{label},1,2\nEssex Police,3,4\n"
    assert first_mapping(csv_file(tmp_path / "a.csv", rows))["labels"]["force"] == {label: force}


def test_semicolons_are_split_where_the_parts_are_labels(tmp_path):
    assert first_mapping(CASES / "02_semicolon.csv")["split"] == {"complaint_type": ";"}
    rows = "No,Allegation,Outcome\n1,Rude; and late,Dismissed\n2,Driving,No action\n"
    mapping = first_mapping(csv_file(tmp_path / "a.csv", rows))
    assert "split" not in mapping and mapping["labels"]["complaint_type"] == {"Rude; and late": "CHECK"}


def test_a_person_in_several_rows_makes_them_allegations(tmp_path):
    rows = "Case no,Officer ID,Allegation,Outcome\n1,a,Driving,Dismissed\n1,a,Use of force,Dismissed\n"
    assert first_mapping(csv_file(tmp_path / "a.csv", rows))["row"] == "allegation"


# --- delimiters, dates ------------------------------------------------------------------------------------------------


def test_empty_rows_do_not_change_the_delimiter():
    mapping = first_mapping(CASES / "03_empty_rows.csv")
    assert "delimiter" not in mapping["read"] and mapping["read"]["last_row"] == "3"
    assert mapping["columns"] == {"force": "Force"} and mapping["table"] == "counts"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_of_the_regular_table(delimiter, tmp_path):
    others = " ".join({",", ";", "|"} - {delimiter})
    rows = [["No", "Allegation", "Outcome"], ["1", f"Driving {others}", "Dismissed"], ["2", "Driving", "No action"]]
    file = csv_file(tmp_path / "a.csv", "\n".join(delimiter.join(row) for row in [*rows, ["", "", ""]]) + "\n")
    assert first_mapping(file)["read"].get("delimiter", ",") == delimiter


def test_dates_of_several_kinds_and_with_zones(tmp_path):
    assert date_patterns(["February 2016", "3 March 2016", "4 May 2017"]) == (["D Month YYYY", "Month YYYY"], False)
    assert first_mapping(CASES / "07_dates_offset.csv")["read"]["dates"] == "YYYY/MM/DD"


def test_a_person_is_known_by_both_names():
    mapping = first_mapping(CASES / "25_two_name_columns.csv")
    assert mapping["columns"]["subject_id"] == ["Surname", "First name"] and mapping["row"] == "allegation"


def test_31_as_the_middle_part_means_the_month_is_first():
    text = suggest(CASES / "08_dates_us.csv")
    assert '  dates: "MM/DD/YYYY"\n' in text


@pytest.mark.parametrize(
    ("texts", "pattern", "is_open"),
    [
        (["03/04/2020", "05/06/2020"], "DD/MM/YYYY", True),
        (["03/04/2020", "25/06/2020"], "DD/MM/YYYY", False),
        (["3/4/2020", "12/31/2020"], "M/D/YYYY", False),
        (["2020-04-03"], "YYYY-MM-DD", False),
        (["2020/04/03"], "YYYY/MM/DD", False),
        (["3 April 2020", "12 May 2020"], "D Month YYYY", False),
        (["03.04.2020", "31.12.2020"], "DD.MM.YYYY", False),
    ],
)
def test_how_dates_are_written_follows_from_all_of_them(texts, pattern, is_open):
    assert date_patterns(texts) == ([pattern], is_open)


def test_what_is_no_date_is_none():
    assert date_patterns(["Tuesday"]) == date_patterns([]) == ([], False)


# --- years and totals -------------------------------------------------------------------------------------------------


def test_years_beside_a_total_are_the_counts():
    mapping = first_mapping(CASES / "14_years_total.csv")
    assert mapping["across"] == {"columns": ["2018/19", "2019/20"], "are": "period"}
    assert "value" not in mapping["columns"] and mapping["columns"]["force"] == "Force"


def test_short_years_and_forces_under_another_heading():
    mapping = first_mapping(CASES / "15_short_years.csv")
    assert mapping["across"]["columns"] == ["18/19", "19/20"] and mapping["period"] == "financial_year"
    assert mapping["columns"] == {"force": "Authority"}
    assert mapping["labels"]["force"] == {"Avon & Somerset": "Avon and Somerset Constabulary", "Kent": "Kent Police"}


def test_years_under_a_heading_over_them():
    mapping = first_mapping(CASES / "16_two_row_years.csv")
    assert mapping["read"]["heading"] == ["1", "2"] and mapping["read"]["marks"] == ["*"]
    assert mapping["across"]["columns"] == ["Financial year / 18/19", "Financial year / 19/20*"]
    assert mapping["across"]["are"] == "period" and mapping["columns"] == {"force": "Force"}


@pytest.mark.parametrize("text", ["2019", "2019/20", "04/05", "FY 2022-3", "Year ending March 2021", "2019 to 2020"])
def test_years_as_they_are_written(text):
    assert is_period(text)
    assert not isinstance(parse_period(text, kind_of_years([text])), str)


@pytest.mark.parametrize("text", ["12", "03/04/2020", "Case 2019", "18/20", "", "2019 dismissals"])
def test_what_is_no_year(text):
    assert not is_period(text)


def test_a_total_that_is_the_only_denominator_is_hinted_at(tmp_path):
    text = suggest(CASES / "23_total_needed.csv")
    assert 'labels: {outcome: {"Total": {outcome: "", stage: finalised}}}' in text
    accused = csv_file(tmp_path / "a.csv", "Outcome,2019,2020\nAccused,9,9\nDismissed,1,2\nTotal,1,2\n")
    assert "only row or column" not in suggest(accused)
    across = csv_file(tmp_path / "b.csv", "Force,Dismissed,No action,Total\nKent Police,1,2,3\nEssex Police,2,2,4\n")
    assert '"Total" is the only row or column' in suggest(across)


# --- symbols ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("<5", (1, 4)),
        ("< 5", (1, 4)),
        ("fewer than 5", (1, 4)),
        ("Fewer than five", (1, 4)),
        ("less than ten", (1, 9)),
        ("under 5", (1, 4)),
        ("5 or fewer", (1, 5)),
        ("five or less", (1, 5)),
        ("≤5", (1, 5)),
        ("<= 5", (1, 5)),
        ("1-4", (1, 4)),
        ("1 to 4", (1, 4)),
        ("0–5", (0, 5)),
        ("<2", (0, 1)),
        ("<1", None),
        ("5", None),
        ("over 5", None),
        ("not under 5", None),
    ],
)
def test_symbols_that_stand_for_a_range(text, bounds):
    assert below(text) == bounds


def test_columns_in_which_everything_is_suppressed_are_counts(tmp_path):
    rows = [["Outcome", "2019", "2020"], ["Dismissed", "<5", 3], ["No action", "5 or fewer", 4], ["Other", "*", 9]]
    mapping = first_mapping(workbook(tmp_path / "a.xlsx", rows))
    assert mapping["table"] == "counts" and mapping["across"]["columns"] == ["2019", "2020"]
    assert mapping["suppressed"] == {"<5": ["1", "4"], "5 or fewer": ["1", "5"], "*": "confidential"}


TWICE = "Ref,Allegation,Outcome,Case to answer,Outcome\n1,Driving,Upheld,Gross,Dismissed\n2,Driving,Upheld,Gross,NFA\n"


def test_of_two_columns_with_one_heading_the_one_with_outcomes_is_proposed_and_a_sentence_says_how_to_take_the_other(
    tmp_path,
):
    text = suggest(csv_file(tmp_path / "a.csv", TWICE))
    assert 'sanction: "Outcome (column E)"' in text.replace("'", '"')
    assert '# 2 columns have the heading "Outcome"' in text.replace("'", '"') and '"Outcome (column C)" or' in text


@pytest.mark.parametrize(
    ("column", "outcomes"), [("E", ["dismissed", "no_action"]), ("C", ["final_written_warning"] * 2)]
)
def test_each_of_two_columns_with_one_heading_can_be_said(tmp_path, column, outcomes):
    labels = {"sanction": {"NFA": "no_action", "Upheld": "final_written_warning"}}
    mapping = changed(PEOPLE_MAP, columns={"sanction": f"Outcome (column {column})"}, labels=labels)
    subjects = imported(csv_file(tmp_path / "a.csv", TWICE), mapping, tmp_path)[0]["subjects"]
    assert subjects["sanction"].tolist() == outcomes


def test_a_heading_of_two_columns_is_not_guessed_away(tmp_path):
    with pytest.raises(DataError, match=r"'Outcome \(column C\)' or 'Outcome \(column E\)', whichever is meant"):
        imported(csv_file(tmp_path / "a.csv", TWICE), PEOPLE_MAP, tmp_path)
