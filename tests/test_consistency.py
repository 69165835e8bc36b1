"""The internal checks of the published figures: most hold, some are known to fail, each with its reason."""

import re

import pytest

from analysis.consistency import FOLDER, Check, evaluate, load_checks, load_figures, read_checks
from analysis.errors import MisconductError

NOTES = (FOLDER / "NOTES.md").read_text(encoding="utf-8")
CHECKS, FIGURES = load_checks(), load_figures()
KNOWN_TO_FAIL = [check for check in CHECKS if check.reason]


def marked(check: Check):
    marks = [pytest.mark.xfail(strict=True, reason=check.reason, raises=AssertionError)] if check.reason else []
    return pytest.param(check, id=check.name, marks=marks)


@pytest.mark.parametrize("check", [marked(check) for check in CHECKS])
def test_check(check):
    result = evaluate(check, FIGURES)
    assert result.holds, f"{check.name}: {result.left} against {result.right} ({check.expression})"


def test_all_checks_of_the_notes_are_here(frozen):
    assert len(CHECKS) == len({check.name for check in CHECKS})
    frozen("consistency checks", len(CHECKS))
    frozen("consistency checks known to fail", len(KNOWN_TO_FAIL))


@pytest.mark.parametrize("check", KNOWN_TO_FAIL, ids=lambda check: check.name)
def test_a_known_failure_fails_by_what_the_notes_say(check):
    """The two sides as the notes print them: a changed figure shows even where the check fails anyway."""
    said = re.search(rf"^\| {check.name} \| (.+?) \| ", NOTES, re.MULTILINE).group(1)
    result = evaluate(check, FIGURES)

    def words(side):
        return f"[{', '.join(side)}]" if isinstance(side, list) else f"{side:g}"

    assert f"{words(result.left)} against {words(result.right)}" == said


def test_one_changed_figure_is_noticed():
    check = next(check for check in CHECKS if check.name == "VICE-SUBSTANTIATED")
    mine = (FIGURES["source_id"] == "vice_met_sexassault") & (FIGURES["stage"] == "outcome")
    changed = FIGURES.copy()
    changed.loc[mine.idxmax(), "value"] += 1
    assert evaluate(check, FIGURES).holds and not evaluate(check, changed).holds


def test_a_figure_that_is_not_there_is_named():
    with pytest.raises(MisconductError, match="no_such_source"):
        evaluate(Check("X", "v('no_such_source') == 1"), FIGURES)


@pytest.mark.parametrize("expression", ["__import__('os').getcwd() == 1", "open('x') == 1", "1", "v.__class__ == 1"])
def test_an_expression_can_use_nothing_else(expression):
    with pytest.raises((MisconductError, NameError)):
        evaluate(Check("X", expression), FIGURES)


def test_a_failing_check_without_a_reason_is_named():
    with pytest.raises(MisconductError, match="BBW-OUTCOMES"):
        read_checks(NOTES.replace("| BBW-OUTCOMES |", "| BBW-OTHER |"))
