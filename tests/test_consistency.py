"""The internal checks of the published figures: all hold but those known to fail, each with its reason."""

import re

import pytest
import yaml
from convert_checks import as_yaml, checks_of

from analysis.checking.consistency import FILE, FOLDER, Check, evaluate, load_checks, load_figures, read_checks
from analysis.errors import MisconductError

NOTES = (FOLDER / "NOTES.md").read_text(encoding="utf-8")
CHECKS, FIGURES = load_checks(), load_figures()
BY_ID = {check.id: check for check in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_check(check):
    """A changed figure shows even where a check fails anyway: both sides are as the notes print them."""
    result = evaluate(check, FIGURES)
    assert result.holds == (check.expected == "holds"), f"{check.id}: {result.found}"
    assert check.expected == "holds" or result.found == check.found


def test_all_checks_of_the_notes_are_here():
    assert FILE.read_text(encoding="utf-8") == as_yaml(checks_of(NOTES)), "see tests/convert_checks.py"
    listed = [line.split(" | ")[0] for line in NOTES.splitlines() if " | v(" in line or "bad_forces(" in line]
    assert set(listed) - {"def bad_forces(person, labels):"} <= set(BY_ID)
    total, passing, failing = map(int, re.search(r"(\d+) tests, (\d+) pass, (\d+) fail", NOTES).groups())
    assert (len(CHECKS), sum(check.expected == "fails" for check in CHECKS)) == (total, failing)
    assert sum(evaluate(check, FIGURES).holds for check in CHECKS) == passing


def test_one_changed_figure_is_noticed():
    check = BY_ID["VICE-SUBSTANTIATED"]
    mine = (FIGURES["source_id"] == "vice_met_sexassault") & (FIGURES["stage"] == "outcome")
    changed = FIGURES.copy()
    changed.loc[mine.idxmax(), "value"] += 1
    assert evaluate(check, FIGURES).holds and not evaluate(check, changed).holds


def test_one_changed_theme_is_named():
    mine = (FIGURES["source_id"] == "sdu_cases_derived") & (FIGURES["complaint_type_source"] != "all")
    changed = FIGURES.copy()
    changed.loc[mine.idxmax(), "value"] += 1
    result = evaluate(BY_ID["SDU-CASES-THEMES"], changed)
    assert result.left == [FIGURES.loc[mine.idxmax(), "complaint_type_source"]] and not result.holds


@pytest.mark.parametrize(
    ("kind", "left", "right", "holds"),
    [
        *(("equal", [{"plus": 1}], [{"plus": 1}], True), ("equal", [{"plus": 1}], [{"plus": 2}], False)),
        *(("at_most", [{"plus": 2}], [{"plus": 2}], True), ("at_most", [{"plus": 3}], [{"plus": 2}], False)),
        ("equal", [{"plus": 5}, {"minus": 3}], [{"plus": 1}, {"plus": 1}], True),
    ],
)
def test_kinds_and_signs(kind, left, right, holds):
    assert evaluate(Check("X", kind, left, right, "holds"), FIGURES).holds == holds


@pytest.mark.parametrize(
    ("what", "said"),
    [({"source_id": "no_such_source"}, "X: no published figure has source_id no_such"), ({"colour": "red"}, "colour")],
)
def test_a_figure_that_is_not_there_is_named(what, said):
    with pytest.raises(MisconductError, match=said):
        evaluate(Check("X", "equal", [{"plus": what}], [{"plus": 1}], "holds"), FIGURES)


GOOD = {"id": "X", "kind": "equal", "left": [{"plus": 1}], "right": [{"plus": 1}], "expected": "holds"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "!="}, "X: '!=' is not a known kind of check"),
        ({"kind": "less_than"}, "'less_than' is not a known kind of check"),
        ({"expected": "maybe"}, "'maybe' is not a known expectation"),
        ({"expected": "fails"}, "known to fail, and no other, has a reason"),
        ({"reason": "none"}, "known to fail, and no other, has a reason"),
        ({"because": "none"}, "'because' is not a known key of a check"),
        ({"left": ["__import__('os').getcwd()"]}, "a term is plus or minus"),
        ({"right": [{"times": 2}]}, "right: a term is plus or minus"),
        ({"left": None}, "left: a term is plus or minus"),
        ({"left": [{"plus": "9**9**9"}]}, "left: a term is plus or minus"),
    ],
)
def test_what_is_not_a_check_is_refused(tmp_path, change, said):
    """Every operator but <= was read as ==, and the text of the notes was run."""
    (tmp_path / "checks.yml").write_text(yaml.safe_dump([{**GOOD, **change}]))
    with pytest.raises(MisconductError) as error:
        read_checks(tmp_path / "checks.yml")
    assert said in str(error.value)


def test_two_checks_of_one_id_are_refused(tmp_path):
    (tmp_path / "checks.yml").write_text(yaml.safe_dump([GOOD, GOOD]))
    with pytest.raises(MisconductError, match="two checks"):
        read_checks(tmp_path / "checks.yml")


@pytest.mark.parametrize(
    "expression",
    [
        "1 != 1",
        "5 > 4",
        "9**9 == 1",
        "__import__('os').getcwd() == 1",
        "v.__class__ == 1",
        "1",
        "national('a', x) == 1",
    ],
)
def test_other_expressions_of_notes_are_not_converted(expression):
    notes = f"Pass:\n\n```\nX | {expression}\n```\n\nFail:\n\n```\nY | 1 == 2\n```\n\n| Y | 1 against 2 | why |\n"
    with pytest.raises(ValueError, match="is not"):
        checks_of(notes)


def test_a_failing_check_without_a_reason_is_named():
    with pytest.raises(ValueError, match="BBW-OUTCOMES"):
        checks_of(NOTES.replace("| BBW-OUTCOMES |", "| BBW-OTHER |"))
