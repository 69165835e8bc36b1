"""What a first look at a file must not take for something else, and what the assistant asks of it."""

import pytest
import yaml
from imports import csv_file, first_mapping

from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.draft import Draft
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.likely import likely
from analysis.reading.spreadsheet.preview import preview
from analysis.reading.spreadsheet.questions import Question, begun, questions
from analysis.reading.spreadsheet.sheet_rows import known_labels

TEXTS = {"force": "Kent Police", "complaint_type": "driving", "url": "https://example.org/x", "jurisdiction": "Here"}
TEXTS |= {"row": "individuals", "person_type": "all"}


def told(draft: Draft, file, answers: dict | None = None) -> tuple[str, list[Question]]:
    """What an import comes to, and all that was asked; answers: by place; else the default."""
    asked = []
    while waiting := questions(draft):
        asked.append(question := waiting[0])
        name = question.place[-1]
        given = (answers or {}).get(question.place)
        if given is None and question.default is None:
            given = TEXTS.get(name, "2020")
        draft = answered(draft, question, given)
    return preview(draft.settled(), file.with_suffix(".yml"))[1], asked


PERSON_FIRST = "Ref,Outcome,,,\n1,Dismissed,a,b,c\n2,No action,,,\n3,No action,,,\n"
TWO_ROWS = "Ref,Outcome,,,\nR1,Dismissed,a,b,c\nR2,No action,,,\nR3,No action,,,\n"
AS_ROWS = {"row 1": (["1"], 3), "row 2": (["2"], 2), "rows 1 to 2": (["1", "2"], 2)}


def test_a_person_with_more_filled_cells_than_the_headings_is_a_row(tmp_path):
    file = csv_file(tmp_path / "a.csv", PERSON_FIRST)
    said, asked = told(begun(file), file)
    assert said == "1 of 3 people dismissed; 0 unknown."
    assert ("read", "heading") not in [question.place for question in asked]


@pytest.mark.parametrize("answer", AS_ROWS)
def test_several_rows_of_headings_are_asked(answer, tmp_path):
    rows, n = AS_ROWS[answer]
    draft = begun(csv_file(tmp_path / "a.csv", TWO_ROWS))
    question = questions(draft)[0]
    assert (question.place, question.default) == (("read", "heading"), "rows 1 to 2")
    assert question.choices["row 2"] == "R1, Dismissed, a, ..." and set(question.choices) == set(AS_ROWS)
    draft = answered(draft, question, answer)
    assert draft.said["read"]["heading"] == rows and not draft.is_open("read", "heading")
    assert ("read", "heading") not in [question.place for question in questions(draft)]
    second = {"row 1": "Outcome", "row 2": "Dismissed"}.get(answer, "Outcome / Dismissed")
    assert draft.look.reader.headings[2] == second
    assert next(iter(draft.look.columns.values())).texts.total() == n


@pytest.mark.parametrize("heading", ["Officers", "Subjects", "People"])
def test_a_number_of_people_is_no_person(heading, tmp_path):
    file = csv_file(tmp_path / "a.csv", f"Case,{heading},Outcome\nA,2,Dismissed\nB,0,No action\n")
    mapping = first_mapping(file)
    assert "subject_id" not in mapping["columns"]
    assert heading != "Officers" or (mapping["columns"]["people"] == "Officers" and mapping["row"] == "case")
    one = csv_file(tmp_path / "b.csv", "Officer,Allegation,Outcome\n12,Driving,Dismissed\n13,Driving,No action\n")
    assert first_mapping(one)["columns"]["subject_id"] == "Officer"


def test_a_number_of_officers_is_counted(tmp_path):
    file = csv_file(tmp_path / "a.csv", "Case,Officers,Outcome\nA,2,Dismissed\nB,1,No action\n")
    assert told(begun(file), file)[0] == "2 of 3 people dismissed; 0 unknown."


LONG = "Dismissed, it is said here at length: " + "so " * 400  # longer than a key of YAML may be in one line


@pytest.mark.parametrize(
    "text",
    [
        f'Ref,Allegation,Outcome\n1,Driving,"{LONG}"\n2,Driving,No action\n',
        f'Outcome,2019,2020\nDismissed,1,"{LONG}"\nNo action,3,4\n',
    ],
)
def test_a_label_of_any_length_is_a_key_of_the_mapping(text, tmp_path):
    file = csv_file(tmp_path / "a.csv", text)
    first = suggest(file)
    assert LONG.strip() in str(yaml.safe_load(first))
    (tmp_path / "m.yml").write_text(first, encoding="utf-8")
    assert LONG.strip() in str(yaml.safe_load(suggest(file, map_file=tmp_path / "m.yml")))
    assert any(place[-1] == LONG.strip() for place in begun(file).look_again().entries)


def test_a_long_label_is_asked_and_read(tmp_path):
    file = csv_file(tmp_path / "a.csv", f'Ref,Allegation,Outcome\n1,Driving,"{LONG}"\n2,Driving,No action\n')
    said, _ = told(begun(file), file, {("labels", "sanction"): [LONG.strip()]})
    assert said == "1 of 2 people dismissed; 0 unknown."


@pytest.mark.parametrize(("answer", "said"), [("leave_out", "1 of 2 people"), ("keep", "1 of 3 people")])
def test_whether_people_that_say_total_are_totals_is_asked(answer, said, tmp_path):
    text = "Ref,Allegation,Outcome\n1,Driving,Dismissed\n2,Driving,NFA\nTotal,Driving,Total\n"
    file = csv_file(tmp_path / "a.csv", text)
    answers = {("read", "total_rows"): answer, ("labels", "sanction"): []}
    result, asked = told(begun(file), file, answers)
    [question] = [question for question in asked if question.place == ("read", "total_rows")]
    assert question.text == "Some rows say 'Total'. What of them?" and question.default is None
    assert result.startswith(f"{said} dismissed")
    meant = [label for question in asked for label in question.labels]
    assert ("Total" in meant) == (answer == "keep"), "what is kept is asked as any other label"


def test_only_totals_of_outcomes_are_offered_to_divide_by(tmp_path):
    rows = "Kent Police,Dismissed,1,2\nAll forces,Dismissed,3,4\n"
    file = csv_file(tmp_path / "a.csv", f"Force,Outcome,2019,2020\n{rows}")
    assert "rates" not in [question.place[0] for question in told(begun(file), file)[1]]
    assert "only row or column" not in suggest(file)
    both = csv_file(tmp_path / "b.csv", f"Force,Outcome,2019,2020\n{rows}Kent Police,Total,5,6\n")
    [question] = [question for question in told(begun(both), both)[1] if question.place == ("rates",)]
    assert [*question.choices] == ["Total", "no rate"]
    assert '# "Total" is the only row or column' in suggest(both)


COVERAGES = {
    "2021/22*,2020/21,2019/20": "2019/20 to 2021/22",
    "2020,2019": "2019 to 2020",
    "2019/20,2020/21": "2019/20 to 2020/21",
    "Year ending June 2021,Year ending March 2021": "Year ending March 2021 to Year ending June 2021",
    "2020": "2020",
}


@pytest.mark.parametrize("years", COVERAGES)
def test_the_coverage_is_from_the_first_year_to_the_last_without_marks(years, tmp_path):
    n = years.count(",") + 1
    file = csv_file(tmp_path / "a.csv", f"Outcome,{years}\nDismissed{',1' * n}\nNo action{',2' * n}\n")
    assert first_mapping(file)["source"]["coverage"] == COVERAGES[years]
    assert begun(file).said["source"]["coverage"] == COVERAGES[years]


def test_no_country_is_proposed_for_forces_of_another(tmp_path):
    defaults = {}
    for force in ("Police Scotland", "Kent Police"):
        file = csv_file(tmp_path / f"{force[:4]}.csv", f"Ref,Allegation,Outcome,Force\n1,Driving,Dismissed,{force}\n")
        asked = told(begun(file), file)[1]
        defaults[force] = [question.default for question in asked if question.place == ("source", "jurisdiction")]
    assert defaults == {"Police Scotland": [None], "Kent Police": []}


@pytest.mark.parametrize(
    ("name", "label", "code"),
    [
        ("published_person", "Officer or staff", None),
        ("published_person", "Specials and officers", None),
        ("person_type", "Officer or staff", None),
        ("person_type", "Staff officer", None),
        ("person_type", "Oficer", "officer"),
        ("rank", "Chief Constable", "inspector"),
        ("rank", "Deputy chief constable", "inspector"),
        ("rank", "Assistant Chief Constable", "inspector"),
        ("rank", "Constables", "constable"),
        ("rank", "Special constables (unpaid)", "special_constable"),
        ("complaint_type", "Driving and use of force", None),
        ("complaint_type", "Drivving", "driving"),
    ],
)
def test_a_guess_drops_no_half_of_a_label(name, label, code):
    found = likely(label, known_labels(name), name)
    assert (found[1] if found else None) == code


def test_each_of_two_columns_with_one_heading_is_offered_by_its_letter(tmp_path):
    file = csv_file(
        tmp_path / "a.csv", "Ref,Allegation,Result,Result,End\n1,Driving,a,b,Dismissed\n2,Driving,c,d,NFA\n"
    )
    draft = begun(file)
    choices = {choice for question in questions(draft) for choice in question.choices}
    assert "End" in choices or "column: End" in choices
    assert {"Result (column C)", "Result (column D)"} <= choices and "Result" not in choices
