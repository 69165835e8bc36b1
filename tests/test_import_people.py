"""Imported people: one of several rows, their findings and outcomes, and that no name is kept."""

from imports import PEOPLE_MAP, PERSON, changed, csv_file, imported, people_text


def test_a_person_of_several_allegations_is_one_person_also_without_cases(tmp_path):
    heading = "Allegation,Outcome,Case to answer,Officer"
    text = people_text("Driving,Dismissed,Gross,P1", "Use of force,NFA,Mis,P1", "Driving,NFA,No,P2", heading=heading)
    mapping = changed(PEOPLE_MAP, row="allegation")
    mapping["columns"] = {key: value for key, value in PERSON.items() if key != "case_id"} | {"subject_id": "Officer"}
    subjects = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)[0]["subjects"]
    assert subjects["sanction"].tolist() == ["dismissed", "no_action"] and subjects["case_id"].nunique() == 2


def test_types_and_flag_say_who_is_accused_of_violence_against_women_and_girls(tmp_path):
    """A mapped flag was taken for each person's own, and nobody was accused of it in a file without a flag."""
    rows = ("A,Sexual misconduct,NFA,Mis", "B,Driving,NFA,Mis")
    subjects = imported(csv_file(tmp_path / "a.csv", people_text(*rows)), PEOPLE_MAP, tmp_path)[0]["subjects"]
    assert subjects[["vawg_flag", "vawg"]].to_numpy().tolist() == [["", "perpetrated"], ["", ""]]
    mapping = changed(PEOPLE_MAP, constants={"vawg_flag": "response"})
    subjects = imported(csv_file(tmp_path / "b.csv", people_text(*rows)), mapping, tmp_path)[0]["subjects"]
    assert subjects[["vawg_flag", "vawg"]].to_numpy().tolist() == [["response", "perpetrated"], ["response"] * 2]


def test_what_a_label_says_of_the_finding_is_kept(tmp_path):
    labels = {
        "GM final": {"sanction": "final_written_warning", "finding": "gross_misconduct"},
        "Not proven": {"sanction": "no_action", "finding": "not_proven"},
    }
    mapping = changed(PEOPLE_MAP, labels={"sanction": labels})
    file = csv_file(tmp_path / "a.csv", people_text("A,Driving,GM final,Gross", "B,Driving,Not proven,Gross"))
    subjects = imported(file, mapping, tmp_path)[0]["subjects"]
    assert subjects[["finding", "finding_basis"]].to_numpy().tolist() == [
        ["gross_misconduct", "stated"],
        ["not_proven", "stated"],
    ]


def test_the_most_severe_of_several_outcomes_counts(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Allegation,Outcome,Case to answer\n"
        "A,Driving,No action and dismissed,Gross\n"
        "A,Use of force;Driving,written warning and final written warning,Mis\n",
    )
    tables, _ = imported(file, changed(PEOPLE_MAP, split={"sanction": " and ", "complaint_type": ";"}), tmp_path)
    assert tables["subjects"]["sanction"].tolist() == ["dismissed", "final_written_warning"]
    assert tables["subjects"]["case_id"].nunique() == 1
    assert tables["allegations"]["complaint_type"].tolist() == ["driving", "use_of_force", "driving"]
    assert tables["allegations"]["position"].tolist() == [1, 1, 2]


def test_rows_of_allegations_become_one_person(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Officer,Allegation,Outcome,Case to answer\nA,P1,Driving,No action,Mis\n"
        "A,P1,Use of force,Dismissed,Gross\nA,P2,Driving,NFA,No\nB,P1,Driving,NFA,No\n",
    )
    mapping = changed(PEOPLE_MAP, row="allegation", columns={"subject_id": "Officer"})
    subjects = imported(file, mapping, tmp_path)[0]["subjects"]
    assert subjects["sanction"].tolist() == ["dismissed", "no_action", "no_action"]
    assert subjects["case_to_answer"].tolist() == ["gross_misconduct", "none", "none"]
    assert subjects["subject_id"].tolist() == ["test_source-00001#1", "test_source-00001#2", "test_source-00002#1"]


def test_a_row_of_a_case_stands_for_its_people(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Allegation,Outcome,Case to answer,Officers\nA,Driving,NFA,Mis,3\nB,Driving,Dismissed,Gross,1\n",
    )
    subjects = imported(file, changed(PEOPLE_MAP, row="case", columns={"people": "Officers"}), tmp_path)[0]["subjects"]
    assert subjects["case_id"].value_counts().tolist() == [3, 1]


def test_names_are_not_kept(tmp_path):
    file = csv_file(
        tmp_path / "a.csv",
        "Ref,Officer,Allegation,Outcome,Case to answer\nCase Smith,Jane Smith,Driving,Resigned,Mis\n",
    )
    imported(file, changed(PEOPLE_MAP, columns={"subject_id": "Officer"}), tmp_path)
    written = b"".join(path.read_bytes() for path in (tmp_path / "test_source").iterdir())
    assert b"Smith" not in written and b"resigned" in written


def test_findings_are_inferred_only_from_formal_sanctions_and_said_so(tmp_path):
    outcomes = ["Dismissed", "Would have been dismissed", "Written warning", "NFA"]
    rows = [f"C{number},Driving,{outcome},Gross" for number, outcome in enumerate(outcomes)]
    subjects = imported(csv_file(tmp_path / "a.csv", people_text(*rows)), PEOPLE_MAP, tmp_path)[0]["subjects"]
    assert subjects[["finding", "finding_basis"]].to_numpy().tolist() == [
        ["gross_misconduct", "inferred_from_outcome"],
        ["gross_misconduct", "inferred_from_outcome"],
        ["misconduct", "inferred_from_outcome"],
        ["not_stated", "not_applicable"],
    ]
