"""Kinds of files that strangers send, each as small as its fault: what is guessed, and what cannot be read wrongly."""

import re

import pytest
import yaml
from imports import (
    COUNT_MAP,
    GOOD,
    LONG_MAP,
    PEOPLE_MAP,
    changed,
    complete,
    counted,
    csv_file,
    first_mapping,
    imported,
    people_text,
    workbook,
)

import analysis as an
from analysis.counting.published_rates import forest_table
from analysis.errors import DataError, MisconductError
from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.dates import parse_date
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.likely import left_by, likely, reads_like_leaving
from analysis.reading.spreadsheet.periods import parse_period
from analysis.reading.spreadsheet.questions import begun, questions
from analysis.reading.spreadsheet.sheet_rows import known_labels


@pytest.mark.parametrize(
    ("label", "is_so"),
    [
        ("Dismissed without notice by the panel", True),
        ("Dismissed, appeal pending", True),
        ("Resigned pending hearing", True),
        ("Not dismissed", False),
        ("Case dismissed", False),
        ("Case dismissed, appeal pending", False),
    ],
)
def test_the_label_for_all_others_does_not_decide_a_dismissal_without_notice(label, is_so, tmp_path):
    assert reads_like_leaving(label) is is_so and left_by(label) == ""
    mapping = changed(PEOPLE_MAP, labels={"sanction": {"*": "no_action"}})
    file = csv_file(tmp_path / "a.csv", people_text(f'A,Driving,"{label}",Gross', "B,Driving,NFA,Gross"))
    if is_so:
        with pytest.raises(DataError, match="its words may say something else"):
            imported(file, mapping, tmp_path)
    else:
        assert (imported(file, mapping, tmp_path)[0]["subjects"]["sanction"] == "no_action").all()


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("rank", "senior constable", "constable"),
        ("rank", "senior special", None),
        ("rank", "special constabel", "special_constable"),
        ("sanction", "resigned - would have been dismissed", "would_have_been_dismissed"),
        ("sanction", "would have been dismissed had he not resigned", "would_have_been_dismissed"),
        ("sanction", "resigned - would not have been dismissed", None),
        ("person_type", "officer used excessive force in an arrest", None),
        ("published_stage", "misconduct hearings", "hearing"),
    ],
)
def test_a_label_with_another_word_is_another_label(name, label, code):
    assert (likely(label, known_labels(name), name) or (None, None))[1] == code


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Monday 4th January 2021", "2021-01-04"),
        ("Tuesday 9 and Wednesday 10 March 2021", "2021-03-10"),
        ("12th-14th April 2021", "2021-04-14"),
        ("28 February - 2 March 2022", "2022-03-02"),
        ("the 3rd of May 2019", "2019-05-03"),
        ("29 and 30 February 2021", None),
        ("1, , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , ,x", None),
    ],
)
def test_days_of_a_hearing_in_words_are_its_last_one(text, day):
    assert parse_date(text, "text", "D Month YYYY") == day


@pytest.mark.parametrize("text", ["2021/22 / Q1", "Q1 / 2021/22"])
def test_a_quarter_under_its_year_is_a_period(text):
    assert parse_period(text, "financial_year")[:2] == ("2021-04-01", "2021-06-30")


def across(text, folder):
    mapping = first_mapping(csv_file(folder / "a.csv", text))
    return mapping["across"]["are"], mapping


def test_rows_of_headings_are_what_they_say(tmp_path):
    quarters = "x,2021/22,,2022/23,\n,Q1,Q2,Q1,Q2\nHearings,,,,\nDismissed,1,2,3,4\nMeetings,,,,\nNo action,1,1,1,1\n"
    are, mapping = across(quarters, tmp_path)
    assert are == "period" and "stage" in mapping["group_rows"]
    assert mapping["labels"]["stage"] == {"Hearings": "hearing", "Meetings": "meeting"}
    are, mapping = across(",Officers,,Police staff,\nOutcome,2020,2021,2020,2021\nDismissed,1,2,3,4\n", tmp_path)
    assert are == ["person_type", "period"] and "person_type" not in mapping["constants"]
    are, mapping = across(
        ",2020,,2021,\nForce,Dismissed,No action,Dismissed,No action\nKent Police,1,2,3,4\n", tmp_path
    )
    assert are == ["period", "outcome"] and mapping["period"] == "calendar_year"


def test_what_became_of_those_who_are_counted_is_asked_where_no_heading_says_it(tmp_path):
    text = 'Police force,2002-03,2003-04(1)\nKent,5,2\nSurrey,0,1\n"Total, England and Wales",5,3\n'
    mapping = first_mapping(csv_file(tmp_path / "a.csv", text))
    assert mapping["constants"]["outcome"] == "CHECK"
    assert mapping["read"]["marks"] == ["(1)"] and mapping["read"]["total_rows"] == ["Total, England and Wales"]


def test_a_total_beside_its_parts_is_the_number_where_the_parts_cannot_be_said(tmp_path):
    text = "Outcome,Male,Female,Total\nDismissed,1,2,3\nNo action,3,4,7\n"
    mapping = first_mapping(csv_file(tmp_path / "a.csv", text))
    assert mapping["columns"] == {"outcome": "Outcome", "value": "Total"} and "across" not in mapping


@pytest.mark.parametrize(("cell", "value"), [("3,0", 3), ("1.234,0", 1234), ("1.234", 1234)])
def test_a_decimal_comma_is_read_where_the_mapping_says_so(cell, value, tmp_path):
    rows = [["Outcome", "Year", "N"], ["Accused", "2019", "2000"], ["Dismissed", "2019", cell]]
    assert counted(rows, changed(LONG_MAP, read={"thousands": "."}), tmp_path) == [("2019", value, 2000)]


@pytest.mark.parametrize(
    ("cell", "thousands", "said"),
    [("1,00", "", "a decimal comma?"), ("1,00", ",", "a decimal comma?"), ("12,5", ".", "a count is a whole number")],
)
def test_a_count_cut_short_is_not_taken_for_a_decimal(cell, thousands, said, tmp_path):
    rows = [["Outcome", "Year", "N"], ["Accused", "2019", "2000"], ["Dismissed", "2019", cell]]
    with pytest.raises(DataError, match=re.escape(said)):
        counted(rows, changed(LONG_MAP, read={"thousands": thousands}), tmp_path)


def test_map_asks_whether_a_comma_is_a_decimal_one(tmp_path):
    file = csv_file(tmp_path / "a.csv", "Outcome;Year;N\nAccused;2019;20,0\nDismissed;2019;3,0\n")
    assert 'thousands: "."  # CHECK: the comma of 20,0 is a decimal comma' in suggest(file)


def test_a_column_that_says_only_whether_somebody_was_dismissed(tmp_path):
    text = "URN,Year,Breach,Hearing (Y/N),Dismissed (Y/N)\n1,2019,Driving,Y,Y\n2,2019,Driving,N,N\n3,2020,Driving,Y,N\n"
    mapping = first_mapping(file := csv_file(tmp_path / "a.csv", text))
    assert mapping["columns"]["sanction"] == "Dismissed (Y/N)"
    assert mapping["labels"]["sanction"] == {"Y": "dismissed", "N": "other_than_dismissal"}
    target, _ = complete(tmp_path, file, mapping)
    total = an.dismissal_rates(an.load(target), among="all_subjects").total
    assert (total["numerator"], total["denominator"]) == (1, 3)


PASTED = """Ref,Date,Allegation,Outcome
1,04/01/2022,Abuse of position for a,Dismissed
,,sexual purpose,
2,11/02/2022,Drink driving,Final written
,,,warning
3,15/03/2022,Data protection,Dismissed without
,,,notice
4,31/03/2022,Honesty,No further action
"""


def test_lines_that_were_broken_are_one_row(tmp_path):
    mapping = first_mapping(file := csv_file(tmp_path / "a.csv", PASTED))
    assert mapping["read"]["broken_lines"] == "Ref"
    mapping["labels"]["complaint_type"] = {"*": "other", "Abuse of position for a sexual purpose": "sexual_misconduct"}
    target, _ = complete(tmp_path, file, mapping)
    total = an.dismissal_rates(an.load(target), among="all_subjects").total
    assert (total["numerator"], total["denominator"]) == (2, 4)
    again = yaml.load(suggest(file, map_file=tmp_path / "m.yml"), yaml.BaseLoader)
    assert again["read"]["broken_lines"] == "Ref" and again["labels"].keys() == mapping["labels"].keys()


@pytest.mark.parametrize(
    "rest", [",,Honesty,Dismissed", ",,honesty,5", ",12/01/2022,driving,", "2,11/02/2022,,", ",,Honesty and,"]
)
def test_rows_of_their_own_are_no_broken_lines(rest, tmp_path):
    text = f"Ref,Date,Allegation,Outcome\n1,04/01/2022,Driving,Dismissed\n{rest}\n"
    assert "broken_lines" not in first_mapping(csv_file(tmp_path / "a.csv", text))["read"]


def test_ticks_for_several_outcomes_are_no_such_column(tmp_path):
    text = "URN,Date,Breach,Dismissed,Written warning\n1,2019-01-01,Driving,Y,\n2,2019-02-01,Driving,N,Y\n"
    mapping = first_mapping(csv_file(tmp_path / "a.csv", text))
    assert mapping["ticks"] == {"sanction": ["Dismissed", "Written warning"]} and "sanction" not in mapping["columns"]


TWO = "Outcome,2019,2020\nDismissed,3,5\n,,\nTable 2,,\nAllegation,{years}\nDriving,2,4\n"


def test_another_table_on_the_sheet_ends_the_first(tmp_path):
    mapping = first_mapping(csv_file(tmp_path / "a.csv", TWO.format(years="2019,2020")))
    assert mapping["read"]["last_row"] == "2" and not mapping["labels"] and "group_rows" not in mapping


@pytest.mark.parametrize("years", ["2019,2020", "2016,2017"])
def test_years_over_another_table_are_no_counts(years, tmp_path):
    mapping = changed(COUNT_MAP, labels={"outcome": {"*": "other", "Table 2": "other"}}, suppressed={"": "zero"})
    with pytest.raises(DataError, match="row 5: the row has headings again"):
        imported(csv_file(tmp_path / "a.csv", TWO.format(years=years)), mapping, tmp_path)


def test_headings_that_are_repeated_are_nobody(tmp_path):
    rows = people_text("A,Driving,NFA,Gross", "Ref,Allegation,Outcome,Case to answer", "B,Driving,Dismissed,Gross")
    own = {name: {"*": code} for name, code in {"sanction": "no_action", "case_to_answer": "misconduct"}.items()}
    mapping = changed(PEOPLE_MAP, labels={**own, "complaint_type": {"*": "other"}})
    with pytest.raises(DataError, match="row 3: the row has headings again"):
        imported(csv_file(tmp_path / "a.csv", rows), mapping, tmp_path)


def test_rows_without_a_case_are_told(tmp_path):
    told = imported(csv_file(tmp_path / "a.csv", people_text(GOOD, ",Driving,NFA,Gross")), PEOPLE_MAP, tmp_path)[1]
    assert any(line.startswith("1 row without Ref: each is counted as a case of its own.") for line in told)


def test_what_a_row_is_needs_an_answer_where_cases_come_again(tmp_path):
    rows = people_text(GOOD, "A,Driving,NFA,Gross", "B,Driving,NFA,Gross")
    draft = begun(csv_file(tmp_path / "a.csv", rows))
    asked = next(question for question in questions(draft) if question.place == ("row",))
    with pytest.raises(MisconductError, match="This needs an answer"):
        answered(draft, asked, None)


def test_numbers_of_officers_are_none_where_rows_are_said_to_be_people(tmp_path):
    text = ",Officers,\nOutcome,Male,Total\nDismissed,1,2\nNo action,3,4\n"
    draft = begun(csv_file(tmp_path / "a.csv", text))
    asked = next(question for question in questions(draft) if question.place == ("row",))
    assert "people" not in answered(draft, asked, "subject").said["columns"]


def test_an_empty_row_is_no_label(tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text(GOOD, ",,,", "B,Driving,Zapped,Gross"))
    assert "" not in first_mapping(file)["labels"]["sanction"]


ABROAD = {"force": "Outside the UK"}


def test_counts_of_a_body_outside_the_uk_have_its_name(tmp_path):
    mapping = changed(LONG_MAP, constants=ABROAD | {"force_source": "An Garda Síochána"})
    rows = [["Outcome", "Year", "N"], ["Accused", "2019", 20], ["Dismissed", "2019", 3]]
    tables = imported(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)[0]
    [label] = forest_table(tables["published_rates"])["label"]
    assert label.startswith("An Garda Síochána, officer") or label.startswith("An Garda Síochána, 2019")
    unnamed = changed(LONG_MAP, constants=ABROAD, source={"jurisdiction": "Ireland"})
    tables = imported(workbook(tmp_path / "b.xlsx", rows), unnamed, tmp_path)[0]
    assert {*tables["published_figures"]["force_source"]} == {"Ireland"}


def test_counts_of_several_bodies_outside_the_uk_are_not_taken_as_one(tmp_path):
    constants = {name: code for name, code in LONG_MAP["constants"].items() if name != "force"}
    mapping = changed(LONG_MAP, columns={"force": "Body"}, labels={"force": {"*": "Outside the UK"}})
    rows = [["Body", "Outcome", "Year", "N"], ["Garda", "Dismissed", "2019", 3], ["NYPD", "Dismissed", "2019", 4]]
    with pytest.raises(DataError, match="several bodies outside the UK: Garda, NYPD"):
        imported(workbook(tmp_path / "a.xlsx", rows), {**mapping, "constants": constants, "rates": []}, tmp_path)


def test_another_table_beside_has_labels_of_its_own(tmp_path):
    text = "Officers,,,Staff,,\nOutcome,2019,2020,Outcome,2019,2020\nDismissed,1,2,{},3,4\nNo action,5,6,{},7,8\n"
    same, other = text.format("Dismissed", "No action"), text.format("No action", "Dismissed")
    for words, columns in ((same, 4), (other, 2)):
        mapping = first_mapping(file := csv_file(tmp_path / "a.csv", words))
        assert len(mapping["across"]["columns"]) == columns
    across = {"columns": ["Officers / 2019", "Staff / 2020"], "are": ["period_note", "period"]}
    mapping = changed(COUNT_MAP, read={"heading": [1, 2]}, columns={"outcome": "Officers / Outcome"}, across=across)
    with pytest.raises(DataError, match="another table stands beside"):
        imported(file, mapping, tmp_path)


@pytest.mark.parametrize("label", ["Required to resign", "Direction to resign within 14 days", "Compulsory retirement"])
def test_who_was_made_to_leave_is_not_taken_for_one_who_left_first(label):
    assert left_by(label) == "" and reads_like_leaving(label)


TEXAS = """Officer ID,Hire Date,Hearing date,Allegation,Discipline,Arbitration Result,Discipline code
1,1/31/2005,5/20/2015,Courtesy,Reprimand,,R
2,2/28/2006,6/30/2015,Force,Termination,15 day suspension,T
3,3/31/2007,7/20/2015,Force,None,,N
"""


def test_what_is_not_of_the_case_or_not_its_end_is_not_taken_for_it(tmp_path):
    columns = first_mapping(csv_file(tmp_path / "a.csv", TEXAS))["columns"]
    assert (columns["date"], columns["sanction"]) == ("Hearing date", "Discipline")
    text = TEXAS.replace("Hearing date", "Date of birth")
    assert "date" not in first_mapping(csv_file(tmp_path / "b.csv", text))["columns"]


def test_how_many_a_row_stands_for_is_seen(tmp_path):
    text = "Ref,Allegation,Disposal,No of subjects\n1,Driving,Dismissed,1\n2,Driving,No action,2\n"
    mapping = first_mapping(csv_file(tmp_path / "a.csv", text))
    assert (mapping["columns"]["people"], mapping["row"]) == ("No of subjects", "case")
    text = "Ref,Allegation,Outcome,Number of officers dismissed\n1,Driving,Upheld,1\n2,Driving,Not upheld,0\n"
    assert "people" not in first_mapping(csv_file(tmp_path / "b.csv", text))["columns"]


def test_outcomes_over_years_and_beside_their_total_are_outcomes(tmp_path):
    text = "Force,Cases,,Dismissals,\n,2021/22,2022/23,2021/22,2022/23\nKent,10,12,2,3\nEssex,8,9,1,1\n"
    are, mapping = across(text, tmp_path)
    assert are == ["outcome", "period"] and "outcome" not in mapping["constants"]
    are, mapping = across("Type,Number of officers,Number dismissed\nSexual,12,3\nRacist,6,0\n", tmp_path)
    assert mapping["across"]["columns"] == ["Number of officers", "Number dismissed"] and are == "outcome"
    are, mapping = across("Year,Dismissed,FWW,WW,NFA\n2019/20,5,3,1,1\n", tmp_path)
    codes = {"FWW": "final_written_warning", "WW": "written_warning", "NFA": "no_action"}
    assert mapping["labels"]["outcome"] == codes


@pytest.mark.parametrize("total", ["Kent Police total", "Total for Kent Police", "Sub-total: Kent Police", "VIP total"])
def test_the_total_of_a_group_is_one_where_the_group_is_a_label_too(total, tmp_path):
    rows = ["Kent Police,Driving,3,5", "Kent Police,Use of force,1,9", f"{total},,4,14", "Essex Police,Driving,2,2"]
    file = csv_file(tmp_path / "a.csv", "\n".join(["Force,Allegation type,Dismissed,NFA", *rows]))
    listed = yaml.safe_load(suggest(file, "counts"))["read"].get("total_rows", [])
    assert listed == ([] if total == "VIP total" else [total])


@pytest.mark.parametrize(
    "label",
    [
        "Dismissed - reinstated at PAT",
        "Terminated (overturned on appeal)",
        "Termination reduced to 30 day suspension",
        "Dismissal vacated",
        "Dismissal held in abeyance",
        "Resigned in lieu of termination",
        "Proposed termination",
    ],
)
def test_a_dismissal_that_did_not_last_is_dismissed_by_no_rule(label, tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text(f"A,Driving,{label},Gross", "B,Driving,Dismissed,Gross"))
    stem = re.search("dismiss|terminat", label.casefold()).group()
    for rule, code in ((f"contains: {stem}", "dismissed"), ("*", "dismissed"), ("*", "no_action")):
        with pytest.raises(DataError, match="its words may say something else"):
            imported(file, changed(PEOPLE_MAP, labels={"sanction": {rule: code}}), tmp_path)
    people = imported(file, changed(PEOPLE_MAP, labels={"sanction": {label: "reinstated"}}), tmp_path)[0]["subjects"]
    assert [*people["sanction"]] == ["reinstated", "dismissed"]


def test_a_resignation_that_did_not_last_is_asked_about():
    assert left_by("Resigned, later reinstated") == "" and left_by("Resigned") == "resigned"


@pytest.mark.parametrize("label", ["Congédiement", "Destitution", "Licencié", "Révocation", "Démission"])
def test_who_left_is_read_in_french_too(label):
    assert reads_like_leaving(label) and not reads_like_leaving(f"Pas de {label}")
