"""Tables as bodies of other countries, portals and PDFs have them: decisions that did not last, headings that are
broken over lines, percentages beside counts, several people in a row. Invented rows, real shapes."""

import pytest
from imports import complete, csv_file, first_mapping

from analysis.checking.validation import validate_file
from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.likely import likely, reads_like_leaving
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
    assert [*people_of(tmp_path, file, mapping)["sanction"]] == ["dismissed", "suspension", "reinstated"]


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
