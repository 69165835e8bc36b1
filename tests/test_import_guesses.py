"""First mappings never turn a label round and leave nobody out."""

from collections.abc import Iterator
from random import Random

import pytest
from imports import CASES, complete, csv_file, first_mapping

import analysis as an
from analysis.errors import DataError
from analysis.reading.spreadsheet import likely_cells
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.likely import likely
from analysis.reading.spreadsheet.sheet_rows import known_labels

DECIDED = ("sanction", "finding", "left_service", "case_to_answer")


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
BEFORE += ("Withdrawn: ", "un-", "Not yet ", "Case dismissed, not ", "No longer ", "Nobody ", "Charges dismissed: ")
AFTER += (
    " - case dismissed",
    " (complaint dismissed)",
    ", charges dropped",
    " (suspended)",
    " / withdrawn",
    " rescinded",
)
AFTER += (" probation", " not upheld", ": never", " (case)", " = No", " quashed", " rejected", " / not accepted")


def negations(name: str, times: int) -> Iterator[tuple[str, str]]:
    """Known labels of a vocabulary that something negates, each with the code of the label; the same every time."""
    random, known = Random(name), sorted(known_labels(name).items())
    pairs = [(before, after) for before in ("", *BEFORE) for after in ("", *AFTER) if before or after]
    for _ in range(times):
        (label, code), (before, after) = random.choice(known), random.choice(pairs)
        yield f"{before}{random.choice([label, label.upper()])}{after}", code


NOT_SAID = "no_or_not_stated"


@pytest.mark.parametrize(
    "name", [*DECIDED, "proceeding", "criminal", "force_view", "published_outcome", "published_stage", "force"]
)
def test_a_negated_label_never_gets_the_code_that_it_negates(name):
    for label, negated in negations(name, 300):
        assert guess(label, name) != negated, label


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
        "Not sustained": "not_proven",
        "Misconduct not proven": "not_proven",
        "Proven": "CHECK",
        "Gross misconduct not found": "CHECK",
        "Unproven": "not_proven",
        "Sustained": "CHECK",
    }
    asked = ("Did not resign", "Resigned after hearing", "Yes", "Not retired")
    assert labels["left_service"] == {**dict.fromkeys(asked, "CHECK"), "No": NOT_SAID, "": NOT_SAID}


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
    file = csv_file(tmp_path / "a.csv", "Ref,Allegation,Outcome\n1,Driving,Not dismissed\n2,Driving,Dismised\n")
    columns = {"case_id": "Ref", "complaint_type": "Allegation", "sanction": "Outcome"}
    with pytest.raises(DataError) as refused:
        complete(tmp_path, file, {"table": "people", "columns": columns})
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
    folder, told = complete(tmp_path, file, mapping)
    total = an.dismissal_rates(an.load(folder), among="all_subjects").total
    assert (total["numerator"], total["denominator"]) == (1, 3) and not any("total row" in line for line in told)


def test_what_another_column_says_makes_no_total_of_a_person(tmp_path):
    file = CASES / "05_total_sentences.csv"
    mapping = first_mapping(file, "people")
    mapping["labels"]["complaint_type"] = dict.fromkeys(mapping["labels"]["complaint_type"], "other")
    mapping["read"]["total_rows"] = ["Total"]  # which only a remark says, in a column that is not used
    with pytest.raises(DataError, match="no row has 'Total'"):
        complete(tmp_path, file, mapping)


@pytest.mark.parametrize(
    "label", ["Total", "TOTAL", "Grand total", "All forces", "Overall", "Sub-total", "Total cases"]
)
def test_a_whole_label_that_says_total_is_a_total_row(label, tmp_path):
    file = tmp_path / "a.csv"
    counts = csv_file(file, f"Outcome,2019,2020\nDismissed,1,2\nNo action,3,4\n{label},4,6\n")
    assert first_mapping(counts)["read"]["total_rows"] == [label]
    rows = csv_file(file, f"Ref,Allegation,Outcome\n1,Driving,Dismissed\n2,Driving,No action\n{label},,1\n")
    mapping = first_mapping(rows, "people")
    assert mapping["read"]["total_rows"] == "CHECK" and f'["{label}"] leaves them out' in suggest(rows)
    with pytest.raises(DataError, match="read: total_rows still says CHECK"):
        complete(tmp_path, rows, mapping)


@pytest.mark.parametrize(("answer", "n"), [(["Total"], 2), ([], 3)])
@pytest.mark.parametrize("total", ["3,Driving,Total", "3,Total,No action", "Total,Driving,No action"])
def test_whether_a_person_that_says_total_is_one_is_asked(total, answer, n, tmp_path):
    """In whatever column that is used."""
    rows = csv_file(tmp_path / "a.csv", f"Case No,Allegation,Outcome\n1,Driving,Dismissed\n2,Driving,NFA\n{total}\n")
    mapping = first_mapping(rows, "people")
    assert mapping["read"]["total_rows"] == "CHECK"
    mapping["read"]["total_rows"] = answer
    mapping["labels"] = {"sanction": {"NFA": "no_action", "Total": "no_action"}, "complaint_type": {"Total": "other"}}
    folder, _ = complete(tmp_path, rows, mapping)
    assert len(an.load(folder).subjects) == n


@pytest.mark.parametrize("label", ["Total loss of equipment", "Overall lack of care", "Totally unfit to drive"])
def test_a_sentence_is_no_total_row_of_counts_either(label, tmp_path):
    counts = csv_file(tmp_path / "a.csv", f"Outcome,2019,2020\nDismissed,1,2\n{label},3,4\n")
    assert "total_rows" not in first_mapping(counts)["read"]


def test_a_total_in_a_column_that_is_not_used_is_not_proposed(tmp_path):
    rows = "Force,Outcome,Remark,2019,2020\nKent Police,Dismissed,Total,1,2\nKent Police,No action,,3,4\n"
    assert "total_rows" not in first_mapping(csv_file(tmp_path / "a.csv", rows))["read"]


def test_a_symbol_of_thousands_of_digits_stands_for_nothing():
    assert likely_cells.below("<" + "9" * 5000) is None
    assert likely_cells.below("<5") == (1, 4)
