"""The assistant of `misconduct import`: few questions, in words; what it decided is in the mapping, byte for byte."""

import shutil
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
import yaml
from imports import CASES
from typer.testing import CliRunner

from analysis import cli, cli_spreadsheets
from analysis.errors import DataError
from analysis.reading.spreadsheet import importer
from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.preview import preview
from analysis.reading.spreadsheet.questions import Question, begun, questions

ABOUT = ("A force", "https://example.org/reply")  # publisher, address
PEOPLE = ("", "", "Kent", "", "1-2 = no_action", *ABOUT, "2020", "")
ALLEGATIONS = ("2", "", "Kent", *ABOUT, "2020", "")
COUNTS = ("4", "kent", "all", "driving", "1", *ABOUT, "")
SHAPES = {
    "30_no_case_column": (PEOPLE, "1 of 4 people dismissed; 0 unknown."),
    "24_allegation_rows_no_id": (ALLEGATIONS, "2 of 4 allegations dismissed; 0 unknown."),
    "23_total_needed": (COUNTS, "Dismissed: 2 of 5 in 2019, 1 of 5 in 2020."),
}


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Run `misconduct import FILE ...` as on a terminal, with these lines typed."""
    real = importer.import_file
    monkeypatch.setattr(importer, "import_file", lambda *a, **k: real(*a, tmp_path / "out", **k))
    monkeypatch.setattr(cli_spreadsheets, "can_ask", lambda: True)
    monkeypatch.chdir(tmp_path)

    def run(name, *lines, more=()):
        if not Path(name).exists():
            shutil.copy(CASES / name, name)
        typed = "".join(f"{line}\n" for line in lines)
        return CliRunner().invoke(cli.app, ["import", name, *more], input=typed, obj={})

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", SHAPES)
def test_at_most_ten_answers_import_a_file_and_its_mapping_gives_the_same_bytes(name, asked, tmp_path):
    lines, result = SHAPES[name]
    answer = asked(f"{name}.csv", *lines)
    assert answer.exit_code == 0, answer.output
    assert result in answer.output and len(lines) - 1 <= 10 and "11. " not in answer.output
    first = contents(tmp_path / "out")
    again = asked(f"{name}.csv", more=("--map", f"{name}.yml"))
    assert again.exit_code == 0 and "1. " not in again.output and first == contents(tmp_path / "out") != {}
    assert asked(f"{name}.csv").output == again.output, "a mapping that is complete is taken without a question"


def reply(question: Question):
    """The default, or the first that is allowed."""
    if question.labels or question.default is not None:
        open_labels = {} if question.is_of_some else question.labels.keys() - question.default
        return dict.fromkeys(open_labels, next(iter(question.choices))) if open_labels else None
    texts = {"force": "Kent Police", "url": "https://example.org/x"}
    return texts.get(question.place[-1]) or next(iter(question.choices), "2020")


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir() if path.suffix in (".csv", ".xlsx")))
def test_no_file_kind_has_more_than_ten_questions(name):
    draft, asked = begun(CASES / name), []
    while waiting := questions(draft):
        asked.append(waiting[0].text)
        draft = answered(draft, waiting[0], reply(waiting[0]))
    assert 4 <= len(asked) <= 10, asked
    assert draft.entries["source", "title"].value == Path(name).stem  # what nobody is asked


def test_who_left_first_is_proposed_as_that(asked, tmp_path):
    """Enter took a resignation, and what reads like a dismissal, for an outcome that nobody states."""
    rows = ("Resigned", "Retired before hearing", "Not resigned", "Dismissed and resigned", "No action")
    lines = [f"C{number},Driving,{outcome}" for number, outcome in enumerate(rows)]
    Path("left.csv").write_text("\n".join(["Ref,Allegation,Outcome", *lines]))
    answer = asked("left.csv", "", "", "Kent", "", "", "4 = dismissed", *ABOUT, "2020", "")
    assert answer.exit_code == 0, answer.output
    assert "'Dismissed and resigned'" in answer.output
    assert "2 people left first, with no sanction stated" in answer.output
    meant = yaml.safe_load(Path("left.yml").read_text())["labels"]["sanction"]
    left = [{"sanction": "not_stated", "left_service": code} for code in ("resigned", "retired")]
    assert [meant[label] for label in rows[:4]] == [*left, "not_stated", "dismissed"]


def test_wrong_answers_are_said_in_words_and_asked_again(asked):
    wrong = ("7", "a person", "Nothing", "", "Nowhere", "kent", "9", "", "1-2", "1 = sacked", "1-2 = no_action")
    answer = asked("30_no_case_column.csv", *wrong, "", "A force", "www", ABOUT[1], "2020", "")
    said = " ".join(answer.output.split())
    assert answer.exit_code == 0, answer.output
    for sentence in (
        "'7' is no answer to this. Allowed: subject, allegation, case",
        "'Nothing' is no answer to this. Allowed: Ref, Allegation, Result, no column.",
        "'Nowhere' is no answer to this.",
        "'9' is no number of the list. Write numbers from 1 to 3.",
        "'1-2' does not say which label means what.",
        "'sacked' is no answer to this.",
        "This needs an answer.",
        "url: 'www' is not allowed. Write an address",
    ):
        assert sentence in said, sentence


@pytest.mark.parametrize("lines", [(), PEOPLE[:3], PEOPLE[:-1]])
def test_what_ends_the_questions_leaves_nothing_written(lines, asked, tmp_path, monkeypatch):
    answer = asked("30_no_case_column.csv", *lines)
    assert answer.exit_code == 1 and str(answer.exception) == (
        "The answers ended before the questions did. Nothing was written."
    )
    given = iter(lines)

    def typed(*_, **__):
        try:
            return next(given)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("rich.console.Console.input", typed)
    assert asked("30_no_case_column.csv").exit_code == 130
    assert [path.name for path in tmp_path.iterdir()] == ["30_no_case_column.csv"]


@pytest.mark.parametrize("more", [("--no-input",), ()])
def test_nobody_is_asked_without_a_terminal_or_when_told_not_to(more, asked, monkeypatch):
    monkeypatch.setattr(cli_spreadsheets, "can_ask", lambda: bool(more))
    answer = asked("30_no_case_column.csv", more=more)
    assert answer.exit_code == 1 and answer.output == ""
    assert "needs a mapping" in str(answer.exception)
    assert "misconduct map 30_no_case_column.csv writes 30_no_case_column.yml" in str(answer.exception)


def test_a_mapping_that_somebody_began_is_taken_up(asked):
    began = suggest(CASES / "30_no_case_column.csv").replace(
        "row: subject  # CHECK", "row: allegation  # as they wrote"
    )
    began = began.replace("table: people  # CHECK", "table: people  # seen").replace(
        'publisher: "CHECK"', "publisher: Us"
    )
    Path("30_no_case_column.yml").write_text(began, encoding="utf-8")
    answer = asked("30_no_case_column.csv", "", "Kent", "", "1-2 = no_action", "https://example.org/x", "2020", "")
    assert answer.exit_code == 0, answer.output
    assert "What is one row?" not in answer.output and "Who published" not in answer.output
    assert "1 of 4 allegations dismissed; 0 unknown." in answer.output
    assert Path("30_no_case_column.yml").read_text(encoding="utf-8") == began
    written = Path("30_no_case_column-2.yml").read_text(encoding="utf-8")
    assert "row: allegation  # as they wrote" in written and "CHECK" not in written


def test_reasons_of_guesses_stay_in_the_mapping(asked):
    asked("30_no_case_column.csv", *PEOPLE)
    text = Path("30_no_case_column.yml").read_text(encoding="utf-8")
    assert "CHECK" not in text and "confirmed: yes" in text
    assert '"Dismissed from force": dismissed  # nearest known is' in text
    assert 'jurisdiction: "England and Wales"  # where the force is' in text


def test_an_answer_of_no_keeps_the_answers_and_imports_nothing(asked, tmp_path):
    answer = asked("30_no_case_column.csv", *PEOPLE[:-1], "n")
    assert answer.exit_code == 0 and not (tmp_path / "out").exists()
    assert "confirmed: no" in Path("30_no_case_column.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a.csv: the file is empty. Check that it was saved"),
        ("\n\n", "a.csv: the file is empty. Check that it was saved"),
        ("A,B\n", "a.csv, column read: there are no rows under that of the headings, row 1."),
        ("x\n1\n2\n", "a.csv: no row of the table is left. Check `read` and `columns` in the mapping."),
    ],
)
def test_a_file_with_nothing_to_guess_is_explained(text, said, asked):
    Path("a.csv").write_text(text)
    answer = asked("a.csv", "1", "no column", "other", "kent", *ABOUT, "2020", "")
    assert answer.exit_code == 1 and said in str(answer.exception)


def answers_to(question: Question) -> list:
    """Some allowed answers: the default, each choice, and for labels all of them alike."""
    if question.is_of_some:
        return [[], [*question.labels]]
    if question.labels:
        return [dict.fromkeys(question.labels, choice) for choice in question.choices]
    texts = ["https://example.org/x"] if question.place[-1] == "url" else ["Ünknown: 'x' # \"y\"", "no", "12"]
    return [*question.choices] or texts


@pytest.mark.parametrize("seed", range(15))
def test_every_allowed_answer_gives_a_mapping_that_is_read_or_explained(seed):
    choose = Random(seed).choice
    names = [*sorted(path.name for path in CASES.glob("*.csv")), "../../../docs/own_data/racist_behaviour.xlsx"]
    draft, asked = begun(CASES / choose(names)), 0
    while waiting := questions(draft):
        draft = answered(draft, waiting[0], choose(answers_to(waiting[0])))
        asked += 1
        assert asked < 20, "questions end"
    draft = draft.settled()
    assert "CHECK" not in draft.text.replace("misconduct", "")
    with suppress(DataError):
        preview(draft, Path("a.yml"))
