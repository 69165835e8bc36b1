"""What several columns of a stranger's file tell together, headings cut short, years that can mean two."""

from collections import Counter
from dataclasses import replace

import pytest
from imports import complete, csv_file, first_mapping

from analysis.checking.validation import validate_file
from analysis.errors import DataError
from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.guess import _lines
from analysis.reading.spreadsheet.importer import import_file
from analysis.reading.spreadsheet.likely import likely, reads_like_dismissal
from analysis.reading.spreadsheet.likely_columns import stem_of, words_of
from analysis.reading.spreadsheet.look import look_at
from analysis.reading.spreadsheet.questions import begun, questions
from analysis.reading.spreadsheet.sheet_rows import known_labels

DECIDED = {"Termination": "dismissed", "Suspension": "suspension", "Retraining": "other_than_dismissal"}


def people_of(folder, text, **labels):
    """The mapping of a file, and how it ended for how many people."""
    file = csv_file(folder / "a.csv", text)
    mapping = first_mapping(file)
    mapping["labels"] = {**mapping["labels"], **labels}
    target, _ = complete(folder, file, mapping)
    return mapping, validate_file(target / "subjects.csv", "subjects")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DISCIPLINE_1", "DISCIPLINE_2"),
        ("Sanction 1", "Sanction 2"),
        ("Outcome (1)", "Outcome (2)"),
        ("Action taken", "Action taken 2"),
        ("Discipline1", "Discipline2"),
        ("First outcome", "Second outcome"),
    ],
)
def test_numbered_columns_are_one_question_of_which_the_most_severe_counts(one, other, tmp_path):
    rows = "1,Driving,Termination,\n2,Driving,Suspension,Retraining\n3,Driving,Suspension,Termination\n"
    mapping, people = people_of(tmp_path, f"Case No,Allegation,{one},{other}\n{rows}", sanction=DECIDED)
    assert mapping["columns"]["sanction"] == [one, other]
    assert [*people["sanction"]] == ["dismissed", "suspension", "dismissed"]


@pytest.mark.parametrize(("more", "is_asked"), [("", False), ("3,,,Dismissed\n", True)])
def test_that_nothing_is_said_is_asked_where_none_of_the_columns_says_something(more, is_asked, tmp_path):
    text = f"Case No,Breach 1,Breach 2,Outcome\n1,Driving,Lateness,Dismissed\n2,Driving,,Dismissed\n{more}"
    labels = first_mapping(csv_file(tmp_path / "a.csv", text))["labels"]["complaint_type"]
    assert "Lateness" in labels and ("" in labels) is is_asked


@pytest.mark.parametrize(
    ("heading", "column"), [("Subject Officer", "subject_id"), ("Hearing ID", "case_id"), ("IA_NO", "case_id")]
)
def test_headings_of_numbers_of_people_and_cases(heading, column, tmp_path):
    text = f"{heading},Allegation,Hearing outcome\nX1,Driving,Dismissed\nX2,Driving,Dismissed\n"
    assert first_mapping(csv_file(tmp_path / "a.csv", text))["columns"][column] == heading


def test_years_and_other_things_are_no_numbers_of_columns():
    assert stem_of("Outcome 2021") != stem_of("Outcome 2022") and stem_of("Final action") != stem_of("Action 1")


RIVALS = "Log No,Allegation,Final Discipline,{}\n1,Driving,Suspension,{}\n2,Driving,Reprimand,{}\n"


@pytest.mark.parametrize(
    ("heading", "label", "other"),
    [("Employment Status", "Terminated", "Active"), ("Dismissed?", "Yes", "No"), ("Result2", "Dismissed", "")],
)
def test_an_unused_column_that_tells_of_dismissals_is_asked_about(heading, label, other, tmp_path):
    file = csv_file(tmp_path / "a.csv", RIVALS.format(heading, label, other))
    mapping = first_mapping(file)
    assert mapping["columns"]["sanction"] == "CHECK"
    with pytest.raises(DataError, match="columns: sanction still says CHECK"):
        complete(tmp_path, file, mapping)
    draft = begun(file)
    [asked] = [of for of in questions(draft) if of.place == ("columns", "sanction")]
    both = f"Final Discipline and {heading}"
    assert asked.default is None and both in asked.choices
    assert answered(draft, asked, "Final Discipline").said["columns"]["sanction"] == "Final Discipline"
    draft = answered(draft, asked, both)
    assert draft.said["columns"]["sanction"] == ["Final Discipline", heading]
    assert label == "Dismissed" or label in draft.said["labels"]["sanction"]


def test_a_dismissal_that_was_only_proposed_is_said_beside_the_final_outcome(tmp_path):
    draft = begun(csv_file(tmp_path / "a.csv", RIVALS.format("Recommended", "Termination", "")))
    entry = draft.entries["columns", "sanction"]
    assert entry.value == "Final Discipline" and entry.is_marked and '"Recommended" has "Termination"' in entry.reason
    [asked] = [of for of in questions(draft) if of.place == ("columns", "sanction")]
    assert asked.default == "Final Discipline"


@pytest.mark.parametrize(
    ("label", "is_so"),
    [
        ("Terminated", True),
        ("Dismissed without notice", True),
        ("Discharged", True),
        ("Resigned", False),
        ("Not dismissed", False),
        ("Case dismissed", False),
        ("Accidental discharge of a weapon", False),
        ("Removal of property", False),
    ],
)
def test_what_reads_like_a_dismissal(label, is_so):
    assert reads_like_dismissal(label) is is_so


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("ALLEG_DESC", "allegation description"),
        ("AllgtnTyp", "allegation type"),
        ("DISPOCD", "disposition code"),
        ("OFCR_ID", "officer id"),
        ("Fin Yr", "financial year"),
        ("FYE", "financial year"),
        ("off_duty", "off duty"),
        ("Dispatch", "dispatch"),
    ],
)
def test_words_that_a_heading_cuts_short(heading, words):
    assert " ".join(words_of(heading)) == words


def test_a_portal_that_abbreviates_its_headings(tmp_path):
    rows = "7,11,Courtesy,Termination,FY2023\n8,12,Driving,Suspension,FY2024\n9,13,Driving,Suspension,FY23/24\n"
    text = f"CMPLT_NO,OFCR_ID,ALLEG_DESC,DISCIP,FY\n{rows}"
    mapping, people = people_of(tmp_path, text, sanction=DECIDED, complaint_type={"*": "other"})
    wanted = {"case_id": "CMPLT_NO", "subject_id": "OFCR_ID", "complaint_type": "ALLEG_DESC", "sanction": "DISCIP"}
    assert mapping["columns"] == {**wanted, "year": "FY"}
    assert mapping["labels"]["year"] == {"FY2023": "2022/23", "FY2024": "2023/24"}
    assert [*people["year"]] == [2022, 2023, 2023]


@pytest.mark.parametrize("heading", ["FY", "Fin Yr", "Financial Year", "FYE", "Fiscal year"])
def test_a_column_of_financial_years(heading, tmp_path):
    file = csv_file(tmp_path / "a.csv", f"No,Allegation,Outcome,{heading}\n1,Driving,Dismissed,FY23/24\n")
    assert first_mapping(file)["columns"]["year"] == heading


def test_years_as_headings_that_can_mean_two_are_proposed_and_one_that_ends_is_read(tmp_path):
    file = csv_file(tmp_path / "a.csv", "Outcome,FY22,FY2023,FYE24\nDismissed,3,4,5\nWarning,10,9,12\n")
    mapping = first_mapping(file)
    assert mapping["across"]["columns"] == ["FY22", "FY2023", "FYE24"]
    assert mapping["labels"]["period"] == {"FY22": "2021/22", "FY2023": "2022/23"}
    mapping["constants"] |= {"force": "Kent Police", "complaint_type": "all", "unit": "individuals"}
    mapping["constants"] |= {"person_type": "officer"}
    mapping["labels"]["outcome"] = {"Warning": "written_warning"}
    target, _ = complete(tmp_path, file, mapping)
    figures = validate_file(target / "published_figures.csv", "published_figures")
    assert {*figures["period_start"]} == {"2021-04-01", "2022-04-01", "2023-04-01"}


def test_a_very_wide_sheet_is_looked_through_a_few_times_not_once_a_column(tmp_path):
    names = ",".join(f"Of group {n}" for n in range(300))
    file = csv_file(tmp_path / "a.csv", f"Outcome,Kent Police,Essex Police,{names}\nDismissed,1,2,{'x,' * 299}x\n")
    look = look_at(file, "counts")
    calls = Counter()

    class Counted(dict):
        def values(self):
            calls["values"] += 1
            return super().values()

    lines = [*_lines(replace(look, columns=Counted(look.columns)))]
    assert any("# Not used: Of group 0" in line for line in lines) and calls["values"] < 60


@pytest.mark.parametrize(
    "text",
    [
        "Force,Outcome,2021\nKent Police,Dismissed,3\nKent Police,No action,5\n,Kent Police total,8\n",
        "Year,Outcome,Type,Number\n2021,Dismissed,Driving,4\n2021,Warning,Driving,6\n,Dismissed - total,,4\n",
    ],
)
def test_what_only_totals_leave_empty_is_not_meant_for_rows_below(text, tmp_path):
    read = first_mapping(csv_file(tmp_path / "a.csv", text))["read"]
    assert read["total_rows"] and "fill_down" not in read


TICKED = """Case,Allegation,Dismissed,FWW,Reflective practice,Resigned,No case
1,Driving,x,,,,
2,Driving,,x,,,
3,Driving,,,x,,
4,Driving,x,,,x,
5,Driving,,,,,x
"""


def test_what_is_ticked_between_and_beside_outcomes_is_one_too(tmp_path):
    meant = {"Reflective practice": "other_than_dismissal", "No case": "no_action"}
    left = {"sanction": "not_stated", "left_service": "resigned"}
    known = {"Dismissed": "dismissed", "FWW": "final_written_warning"}
    mapping, people = people_of(tmp_path, TICKED, sanction={**known, **meant, "Resigned": left})
    assert mapping["ticks"]["sanction"] == TICKED.split("\n")[0].split(",")[2:]
    assert "left_service" not in mapping["columns"]
    wanted = ["dismissed", "final_written_warning", "other_than_dismissal", "dismissed", "no_action"]
    assert [*people["sanction"]] == wanted
    assert people["left_service"].tolist().count("resigned") == 1


@pytest.mark.parametrize(("heading", "code"), [("Resigned?", "resigned"), ("Retired Y/N", "retired")])
def test_yes_under_a_heading_that_somebody_left_says_that(heading, code, tmp_path):
    text = f"Ref,Allegation,Outcome,{heading}\n1,Driving,No action,No\n2,Driving,Written warning,Yes\n"
    labels = first_mapping(csv_file(tmp_path / "a.csv", text))["labels"]["left_service"]
    assert labels == {"No": "no_or_not_stated", "Yes": code}


SCOTTISH = """Table 4.2: Outcome of proceedings against police officers,,,,
Division,Outcome,2021-22,2022-23,Total
North,Dismissal,2,1,3
,Written warning,4,5,9
,Total,6,6,12
West,Dismissal,1,4,5
,Written warning,5,4,9
,Total,6,8,14
Source: Professional Standards,,,,
"""
ANSWERS = {
    "row": "individuals",
    "constants, force": "Police Scotland",
    "constants, complaint_type": "all",
    "rates": "added up: Total",
    "source, publisher": "A force",
    "source, url": "https://example.org/reply",
    "source, jurisdiction": "Scotland",
}


def test_a_table_of_a_scottish_body_by_division_is_added_up_where_somebody_says_so(tmp_path):
    draft = begun(csv_file(tmp_path / "a.csv", SCOTTISH))
    while asked := questions(draft):
        draft = answered(draft, asked[0], ANSWERS.get(asked[0].key))
    assert len(draft.asked) <= 10
    (tmp_path / "m.yml").write_text(draft.settled().text, encoding="utf-8")
    target, _ = import_file(tmp_path / "a.csv", tmp_path / "m.yml", tmp_path / "out")
    rates = validate_file(target / "published_rates.csv", "published_rates")
    assert [*zip(rates["numerator"], rates["denominator"], strict=True)] == [(3, 12), (5, 14)]


@pytest.mark.parametrize(
    "heading",
    [
        "Incident,First officer,Outcome,Second officer,Other outcome,Allegation",
        "Incident,Officer 1 name,Officer 1 Outcome,Officer 2 name,Other outcome,Allegation",
    ],
)
def test_several_people_in_one_row_are_not_one_person(heading, tmp_path):
    text = (
        f"{heading}\n1,A1,Dismissed,A2,Warning,Driving\n2,A3,No action,A4,Dismissed,Driving\n3,A5,Dismissed,,,Driving\n"
    )
    file = csv_file(tmp_path / "a.csv", text)
    assert first_mapping(file)["columns"]["sanction"] == "CHECK"
    [asked] = [of for of in questions(begun(file)) if of.place == ("columns", "sanction")]
    assert "a row of their own" in asked.text and asked.default is None
    assert not any(" and " in choice for choice in asked.choices)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Officers dismissed", "dismissed"),
        ("Number of officers dismissed", "dismissed"),
        ("Officers not dismissed", None),
        ("Officers' complaints dismissed", None),
        ("Number of officers who would have been dismissed", None),
    ],
)
def test_a_heading_may_say_who_is_counted(label, code):
    found = likely(label, known_labels("published_outcome"), "published_outcome")
    assert (found[1] if found else None) == code


HEARINGS = "Force,Year,Officers at hearings,Dismissed\nKent Police,2022/23,12,5\nEssex Police,2022/23,20,11\n"


def test_a_total_of_hearings_can_be_divided_by(tmp_path):
    draft = begun(csv_file(tmp_path / "a.csv", HEARINGS))
    answers = {**ANSWERS, "rates": "Officers at hearings"}
    while asked := questions(draft):
        meant = dict.fromkeys(asked[0].labels, "total: hearing")
        draft = answered(draft, asked[0], meant or answers.get(asked[0].key))
    (tmp_path / "m.yml").write_text(draft.settled().text, encoding="utf-8")
    target, _ = import_file(tmp_path / "a.csv", tmp_path / "m.yml", tmp_path / "out")
    rates = validate_file(target / "published_rates.csv", "published_rates")
    assert {*rates["denominator_stage"]} == {"proceedings"} and [*rates["denominator"]] == [12, 20]
    (tmp_path / "m.yml").write_text(draft.settled().text.replace('e": "proceedings"', 'e": "hearing"'))
    with pytest.raises(DataError, match=r"'hearing' is not allowed. Write one of: .*proceedings"):
        import_file(tmp_path / "a.csv", tmp_path / "m.yml", tmp_path / "out")
