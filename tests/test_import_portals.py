"""Tables as bodies of other countries, portals and PDFs have them: decisions that did not last, headings that are
broken over lines, percentages beside counts, several people in a row. Invented rows, real shapes."""

import pytest
from imports import PEOPLE_MAP, PERSON, complete, csv_file, first_mapping
from pydantic import ValidationError

from analysis.checking.validation import validate_file
from analysis.errors import DataError
from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.likely import likely, reads_like_leaving, reads_like_return
from analysis.reading.spreadsheet.mapping import Mapping
from analysis.reading.spreadsheet.questions import begun, questions
from analysis.reading.spreadsheet.sheet_rows import known_labels


def asked_of(draft, *place):
    return next((question for question in questions(draft) if question.place == place), None)


def people_of(folder, file, mapping):
    target, _ = complete(folder, file, mapping)
    return validate_file(target / "subjects.csv", "subjects")


ARBITRATED = """Badge,Incident,Discipline,{}
1,Driving,Termination,Upheld
2,Driving,Suspension,
3,Use of force,Termination,Reinstated by arbitrator
"""


@pytest.mark.parametrize("heading", ["Arbitration outcome", "Appeal", "Result of review"])
def test_a_column_that_undoes_dismissals_is_asked_about_and_undoes_them(heading, tmp_path):
    file = csv_file(tmp_path / "a.csv", ARBITRATED.format(heading))
    mapping = first_mapping(file)
    assert mapping["columns"]["sanction"] == "CHECK" and "undoes the dismissal" in suggest(file)
    draft = begun(file)
    both = f"Discipline and {heading}"
    assert "reinstated undoes" in asked_of(draft, "columns", "sanction").choices[both]
    mapping = answered(draft, asked_of(draft, "columns", "sanction"), both).said
    labels = {"Termination": "dismissed", "Upheld": "not_stated", "Reinstated by arbitrator": "reinstated"}
    mapping["labels"] = {"sanction": {**labels, "": "not_stated"}}
    mapping["constants"]["complaint_type"] = "all"
    mapping["columns"].pop("complaint_type", None)
    people = people_of(tmp_path, file, mapping)
    assert [*people["sanction"]] == ["dismissed", "suspension", "reinstated"]
    assert people["sanction_source"][2] == "Termination; Reinstated by arbitrator"


def test_who_was_reinstated_in_another_row_was_not_dismissed(tmp_path):
    rows = "1,7,Driving,Termination\n1,7,Use of force,Reinstated by arbitrator\n1,8,Driving,Termination\n"
    mapping = first_mapping(file := csv_file(tmp_path / "a.csv", "Case,Badge,Allegation,Discipline\n" + rows))
    mapping["labels"] = {"sanction": {"Termination": "dismissed", "Reinstated by arbitrator": "reinstated"}}
    people = people_of(tmp_path, file, {**mapping, "row": "allegation"})
    assert [*people["sanction"]] == ["reinstated", "dismissed"]
    assert [*people["sanction_source"]] == ["Reinstated by arbitrator", "Termination"]


@pytest.mark.parametrize(
    ("label", "is_so"),
    [
        ("Reinstated", True),
        ("Overturned", True),
        ("Decision reversed by panel", True),
        ("Not reinstated", False),
        ("Overturned a police vehicle", False),
        ("Reversed into a wall", False),
    ],
)
def test_what_reads_like_a_reinstatement(label, is_so):
    assert reads_like_return(label) is is_so


def test_what_was_only_recommended_is_not_how_it_ended(tmp_path):
    text = (
        "Complaint Id,Trial Recommended Penalty,Officer Penalty\n1,Termination,Forfeit 2 days\n"
        "2,Termination,Retired\n3,Suspension,Terminated\n"
    )
    assert first_mapping(csv_file(tmp_path / "a.csv", text))["columns"]["sanction"] == "Officer Penalty"


def test_who_was_dismissed_during_probation_is_not_among_all_others():
    assert reads_like_leaving("Employment terminated during probation") and not reads_like_leaving(
        "Dismissal probation"
    )
    assert likely("Dismissed during probationary period", known_labels("sanction"), "sanction")[1] == "dismissed"


def test_dates_of_which_both_orders_are_possible_are_asked_about(tmp_path):
    text = "Ref,Date,Allegation,Outcome\n1,06/07/2021,Driving,Dismissed\n2,08/09/2021,Driving,No action\n"
    draft = begun(csv_file(tmp_path / "a.csv", text))
    asked = asked_of(draft, "read", "dates")
    assert [*asked.choices] == ["DD/MM/YYYY", "MM/DD/YYYY"] and asked.default is None
    assert answered(draft, asked, "MM/DD/YYYY").said["read"]["dates"] == "MM/DD/YYYY"
    clear = begun(csv_file(tmp_path / "b.csv", text.replace("06/07", "31/07")))
    assert asked_of(clear, "read", "dates") is None


WRAPPED = """Ref,Rank of,Type of,Outcome of,Date of
,officer,allegation,misconduct,outcome
,,,hearing,
1,PC,Discreditable,Dismissed without,04/02/2021
,,conduct,notice,
2,PS,Orders and,Final written,16/03/2021
,,instructions,warning,
3,PC,Honesty and,Retired prior to,25/06/2021
,,integrity,hearing,
"""


def test_headings_that_are_broken_over_lines_are_headings(tmp_path):
    mapping = first_mapping(csv_file(tmp_path / "a.csv", WRAPPED))
    assert mapping["read"]["heading"] == ["1", "2", "3"] and mapping["read"]["broken_lines"] == "Ref"
    wanted = {"sanction": "Outcome of / misconduct / hearing", "complaint_type": "Type of / allegation"}
    assert wanted.items() <= mapping["columns"].items()
    assert "Retired prior to hearing" in mapping["labels"]["sanction"]


def test_the_rest_of_the_last_line_is_of_the_table(tmp_path):
    text = WRAPPED.split("3,PC")[0] + "3,PC,Honesty and,Dismissed,25/06/2021\n,,integrity,(overturned),\n4,PC,Driving,"
    file = csv_file(
        tmp_path / "a.csv", text + "Dismissed,26/06/2021\n,,,without notice,\nNote: as at 1 July 2021,,,,\n"
    )
    mapping = first_mapping(file)
    assert mapping["read"]["last_row"] == "11"
    mapping["labels"] |= {"complaint_type": {"*": "other"}}
    mapping["labels"]["sanction"] |= {"Dismissed (overturned)": "reinstated"}
    wanted = ["dismissed", "final_written_warning", "reinstated", "dismissed"]
    assert [*people_of(tmp_path, file, mapping)["sanction"]] == wanted


def test_what_a_complaint_is_about_is_no_number_of_a_case(tmp_path):
    text = "Employee,Complaint,Action\nE1,Rude to member of public,Terminated\nE2,Use of force,None\nE3,Rudeness,None\n"
    columns = first_mapping(csv_file(tmp_path / "a.csv", text))["columns"]
    assert "case_id" not in columns


@pytest.mark.parametrize("rows", [",driving,dismissed\n2,driving,dismissed", ",driving,dismissed\n,lateness,no action"])
def test_a_row_in_small_letters_is_no_heading(rows, tmp_path):
    mapping = first_mapping(csv_file(tmp_path / "a.csv", f"Ref,Allegation,Outcome\n{rows}\n"))
    assert mapping["read"]["heading"] == ["1"]


PERCENT = """Force,Total officers,Dismissed n,Dismissed %,Written warning n,Written warning %
Kent Police,40,<5,*,6,15%
Essex Police,50,7,14%,8,16%
Surrey Police,c,c,c,5,:
"""


def test_percentages_beside_counts_are_none_also_where_most_are_suppressed(tmp_path):
    mapping = first_mapping(csv_file(tmp_path / "a.csv", PERCENT), "counts")
    assert mapping["across"]["columns"] == ["Dismissed n", "Written warning n"]
    assert mapping["labels"]["outcome"] == {"Dismissed n": "dismissed", "Written warning n": "written_warning"}


def test_all_districts_are_a_total(tmp_path):
    text = "District,Dismissed,Written warning\nNorthern,2,5\nCentral,1,3\nAll districts,3,8\n"
    file = csv_file(tmp_path / "a.csv", text)
    assert first_mapping(file)["read"]["total_rows"] == ["All districts"]


SEVERAL = """Case,{}
1,Driving,A1,Dismissed,A2,Written warning
2,Driving,A3,No action,,
3,Use of force,A4,Dismissed,A1,Dismissed
"""
NUMBERED = [
    "Allegation,OFFICER_1,OUTCOME_1,OFFICER_2,OUTCOME_2",
    "Allegation,Officer 1,Officer 1 Outcome,Officer 2,Officer 2 Outcome",
    "Allegation,officer1_id,Outcome 1,officer2_id,Outcome 2",
    "Allegation,First officer,First outcome,Second officer,Second outcome",
]
CELLS = """Case,Officers,Allegation,Outcomes
1,A1; A2,Driving,Dismissed; Written warning
2,A3,Driving,No action
3,A4; A1,Use of force,Dismissed; Dismissed
"""
FIVE = ["dismissed", "written_warning", "no_action", "dismissed", "dismissed"]


@pytest.mark.parametrize("text", [*(SEVERAL.format(heading) for heading in NUMBERED), CELLS])
def test_several_people_in_one_row_are_each_of_them(text, tmp_path):
    file = csv_file(tmp_path / "a.csv", text)
    mapping = first_mapping(file)
    assert mapping["per_person"] == ["subject_id", "sanction"] and mapping["row"] == "subject"
    people = people_of(tmp_path, file, mapping)
    assert [*people["sanction"]] == FIVE and people["case_id"].nunique() == 3 and people["subject_id"].is_unique
    again = suggest(file, map_file=tmp_path / "m.yml")
    assert "per_person: [subject_id, sanction]" in again and "outcome" in again.casefold()


def test_people_of_a_row_without_a_number_are_of_one_case(tmp_path):
    text = SEVERAL.format(NUMBERED[0]).replace("Case,", "Town,").replace("\n1,", "\nAyton,").replace("\n2,", "\nAyton,")
    mapping = first_mapping(file := csv_file(tmp_path / "a.csv", text.replace("\n3,", "\nAyton,")))
    assert "case_id" not in mapping["columns"]
    target, told = complete(tmp_path, file, mapping)
    people = validate_file(target / "subjects.csv", "subjects")
    assert people["case_id"].nunique() == 3 and len(people) == 5
    assert "No case numbers: each row is taken as a case of its own, so intervals may be too narrow." in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SEVERAL.format(NUMBERED[0]).replace("No action,,", "No action,,Dismissed"), "1 in subject_id, 2 in sanction"),
        (SEVERAL.format(NUMBERED[0]).replace("A3,No action,,", ",,,"), "0 in subject_id, 0 in sanction"),
        (SEVERAL.format(NUMBERED[0]).replace("No action,,", "No action,A9,"), "the cell is empty"),
        (CELLS.replace("A3", "A3; A9"), "2 in subject_id, 1 in sanction"),
        (CELLS.replace("No action", "No action; Dismissed"), "1 in subject_id, 2 in sanction"),
        (
            CELLS.replace("A3", "A3" + "; A3" * 100).replace("No action", "Dismissed" + "; Dismissed" * 100),
            "at most 100",
        ),
    ],
)
def test_people_of_whom_it_is_not_clear_how_it_ended_stop_the_import(text, said, tmp_path):
    file = csv_file(tmp_path / "a.csv", text)
    mapping = first_mapping(csv_file(tmp_path / "b.csv", CELLS if "Officers" in text else SEVERAL.format(NUMBERED[0])))
    with pytest.raises(DataError, match=f"row 3.*{said}"):
        complete(tmp_path, file, mapping)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": {**PERSON, "sanction": ["A", "B"]}, "per_person": ["sanction", "rank"]}, "'rank' must be under"),
        ({"columns": {**PERSON, "rank": ["A", "B"]}, "per_person": ["sanction", "rank"]}, "sanction 1, rank 2"),
        ({"columns": PERSON, "per_person": ["sanction"]}, "sanction 1"),
        (
            {"columns": {**PERSON, "rank": ["A", "B"]}, "per_person": ["rank"], "split": {"rank": ";"}},
            "'rank' can have several headings or be under `split`, not both",
        ),
        ({"columns": {**PERSON, "rank": ["A", "B"]}, "per_person": ["rank"], "row": "case"}, "with row: subject or"),
    ],
)
def test_what_a_mapping_says_of_several_people_must_fit(changes, said):
    with pytest.raises(ValidationError, match=said):
        Mapping.model_validate({**PEOPLE_MAP, **changes})


def test_whoever_says_that_one_column_alone_says_it_has_one_person_a_row(tmp_path):
    draft = begun(csv_file(tmp_path / "a.csv", SEVERAL.format(NUMBERED[0])))
    asked = asked_of(draft, "columns", "sanction")
    assert asked.choices["OUTCOME_1 and OUTCOME_2"] == "each of another person"
    said = answered(draft, asked, "OUTCOME_1").said
    assert said["columns"]["sanction"] == ["OUTCOME_1"] and not said.get("per_person")


def test_what_is_of_each_of_several_people_can_be_written_as_the_message_says(tmp_path):
    text = SEVERAL.format("Allegation,First officer,Outcome,Second officer,Other outcome")
    mapping = first_mapping(file := csv_file(tmp_path / "a.csv", text))
    assert "per_person: [subject_id, sanction]" in suggest(file) and "per_person" not in mapping
    mapping["columns"] |= {"subject_id": ["First officer", "Second officer"], "sanction": ["Outcome", "Other outcome"]}
    people = people_of(tmp_path, file, {**mapping, "per_person": ["subject_id", "sanction"], "row": "subject"})
    assert [*people["sanction"]] == FIVE


def test_one_allegation_is_one(tmp_path):
    text = "Case,Allegation,Outcome\n1,Driving,Dismissed\n1,Use of force,Dismissed\n2,Driving,Resigned\n"
    mapping = first_mapping(file := csv_file(tmp_path / "a.csv", text))
    left = {"Resigned": {"sanction": "not_stated", "left_service": "resigned"}}
    told = complete(tmp_path, file, {**mapping, "row": "allegation", "labels": {"sanction": left}})[1]
    assert any(line.startswith("1 allegation left first") for line in told)
