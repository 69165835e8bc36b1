import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import misconduct

import analysis.__main__ as door
from analysis.__main__ import HELP
from analysis.checking.rate_columns import RateColumns
from analysis.counting.selection import between
from analysis.csv_files import read_csv_text, to_csv_bytes
from analysis.errors import MisconductError
from analysis.paths import ROOT


def process(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "analysis", *arguments], capture_output=True, text=True)


def test_a_process_answers_as_the_tests_here_do():
    for arguments in (["rates", "--among", "proven", "--format", "csv"], ["rates", "--among", "proved"]):
        theirs, ours = process(*arguments), misconduct(*arguments)
        assert (theirs.returncode, theirs.stdout, theirs.stderr) == (ours.returncode, ours.stdout, ours.stderr)


def test_the_stored_help_is_what_the_commands_say_of_themselves():
    """But for the first line, which names the program that runs."""
    stored = Path(HELP).read_text(encoding="utf-8")
    assert process("--help").stdout == process().stdout == stored
    assert stored.partition("\n")[2] == misconduct("--help").stdout.partition("\n")[2]


def test_no_garbage_is_looked_for_when_a_process_ends(monkeypatch):
    done = []
    monkeypatch.setattr(door.gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(door.gc, "set_threshold", done.append)
    monkeypatch.setattr(sys, "argv", ["misconduct", "map", "no such file"])
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with pytest.raises(SystemExit):
        door.main()
    assert done == [50_000, "freeze"]


def test_help_names_every_command_and_is_plain():
    result = misconduct("--help")
    assert result.returncode == 0
    for command in (
        "build",
        "validate",
        "rates",
        "chart",
        "cases",
        "run",
        "diff",
        "pack",
        "fetch",
        "map",
        "import",
        "lab",
        "stamp",
    ):
        assert command in result.stdout
    for word in ("Traceback", "pandas", "schema"):
        assert word not in result.stdout


def test_help_imports_nothing_heavy():
    """What makes help quick: none of the large libraries is imported for it."""
    code = (
        "import sys; sys.argv = ['misconduct', '--help']\n"
        "from analysis.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'pandera', 'scipy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_rates_as_csv(overall, frozen):
    result = misconduct("rates", "--by", "complaint_type", "--among", "case_to_answer", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == ["complaint_type", *RateColumns.to_schema().columns]
    assert rows[0]["complaint_type"] == "(all)"
    assert (int(rows[0]["numerator"]), int(rows[0]["denominator"])) == overall
    sexual = next(row for row in rows if row["complaint_type"] == "sexual_misconduct")
    frozen("rates as CSV, sexual misconduct", [sexual[column] for column in ("low", "high", "design_effect")])


def test_rates_as_json_carry_their_definition(subjects):
    result = misconduct("rates", "--among", "proven", "--count", "dismissed", "--format", "json")
    found = json.loads(result.stdout)
    is_stated = subjects["finding_basis"] == "stated"
    assert found["rows"][0]["numerator"] == ((subjects["sanction"] == "dismissed") & is_stated).sum()
    assert "Dismissed only" in found["definition"]
    assert found["sources"] == ["iopc_investigations"]


def test_rates_for_reading():
    result = misconduct(
        "rates", "--by", "complaint_type", "--among", "proven", "--where", "force=Metropolitan Police Service"
    )
    assert result.returncode == 0
    assert "Only Metropolitan Police Service." in result.stdout and "Source: IOPC" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rates", "--among", "proved"], "Did you mean 'proven'?"),
        (["rates", "--among", "proven", "--where", "force"], "is not a condition such as"),
        (["rates", "--among", "proven", "--where", "force=Met"], "is not a known force"),
        (["chart", "dismissal_rates", "--among", "proven"], "is not a known chart"),
        (["chart", "funnel_by_force"], "needs --among: out of whom? One of case_to_answer"),
        (["chart", "chicago_dismissal_rates", "--among", "proven"], "takes no --among"),
        (["validate", "nowhere.csv", "--as", "subjects"], "nowhere.csv: there is no such file."),
        (["validate", "nowhere.csv", "--as", "people"], "is not a known table"),
        (["validate", "nowhere.csv"], "Say which table it is"),
    ],
)
def test_errors_are_sentences_with_exit_status_1(tmp_path, arguments, message):
    result = misconduct(*arguments, cwd=tmp_path)
    assert result.returncode == 1 and message in result.stderr and "Traceback" not in result.stderr
    assert not [path for path in tmp_path.iterdir() if path.name != "bad_rows.csv"]


def test_debug_shows_the_traceback():
    assert "Traceback" in process("--debug", "rates", "--among", "proved").stderr


def test_debug_is_an_option_and_not_a_word_among_the_arguments():
    """It was looked for in all that was typed, so that a value of another option switched it on."""
    answer = misconduct("rates", "--among", "proven", "--where", "force=--debug")
    assert answer.returncode == 1 and "'--debug' is not a known force" in answer.stderr
    assert misconduct("rates", "--debug", "--among", "proven").returncode == 2  # of the program, not of a command
    with pytest.raises(MisconductError):
        misconduct("--debug", "rates", "--among", "proved")


def test_the_denominator_must_be_named():
    result = misconduct("rates", "--by", "complaint_type")
    assert result.returncode == 2 and "--among" in result.stderr


def test_chart_writes_its_files(tmp_path):
    result = misconduct("chart", "dismissal_rates_by_complaint_type", "--among", "proven", "--out", str(tmp_path))
    assert result.returncode == 0
    pictures = [f"{size}{kind}" for size in ("", ".wide", ".square") for kind in (".svg", ".png", ".pdf")]
    expected = {
        f"dismissal_rates_by_complaint_type{end}" for end in (*pictures, ".csv", ".txt", ".caption.txt", ".json")
    }
    assert {path.name for path in tmp_path.iterdir()} == expected
    assert result.stdout.count(str(tmp_path)) == len(expected) == 13


def test_chart_writes_one_picture_where_one_is_asked_for(tmp_path):
    name = "dismissal_rates_by_complaint_type"
    asked = ["--format", "svg", "--size", "page", "--out", str(tmp_path)]
    assert misconduct("chart", name, "--among", "proven", *asked).returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{name}{end}" for end in (".svg", ".csv", ".txt", ".caption.txt", ".json")
    }
    for wrong, said in ((["--format", "gif"], "svg, png, pdf"), (["--size", "poster"], "page, wide, square")):
        answer = misconduct("chart", name, "--among", "proven", *wrong, "--out", str(tmp_path / "none"))
        assert answer.returncode == 1 and said in answer.stderr and not (tmp_path / "none").exists()


def test_cases_are_those_of_the_library(data):
    where = ["--where", "complaint_type=sexual_misconduct", "--where", "year>=2016"]
    found = data.cases({"complaint_type": "sexual_misconduct", "year": between(2016)}, labels=False)
    assert misconduct("cases", *where, "--format", "csv").stdout.encode() == to_csv_bytes(found)
    listed = json.loads(misconduct("cases", *where, "--format", "json").stdout)
    assert [case["url"] for case in listed] == found["url"].tolist()
    said = misconduct("cases", *where).stdout
    assert said.endswith(f"\n{len(found)} investigations.\n") and all(url in said for url in found["url"])
    assert "Sexual misconduct" in said and "sexual_misconduct" not in said


def test_cases_of_nobody():
    answer = misconduct("cases", "--where", "force=Police Scotland")
    assert (answer.returncode, answer.stdout) == (0, "0 investigations.\n")


def test_validate_everything(subjects):
    result = misconduct("validate")
    assert result.returncode == 0, result.stderr
    assert "data/raw/iopc_investigations: no problems" in result.stdout
    assert f"data/processed/subjects.csv: no problems in {len(subjects):,} rows" in result.stdout


def test_validate_writes_the_bad_rows_and_nothing_else(tmp_path):
    (tmp_path / "mine.csv").write_text("subject_id,sanction\na#1,sacked\n")
    result = misconduct("validate", "mine.csv", "--as", "subjects", cwd=tmp_path)
    assert result.returncode == 1 and "this column is missing" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"mine.csv", "bad_rows.csv"}


PROBLEM = "subject_id,sanction\n=cmd|' /C calc'!A0,+sacked\n"


def checked(command: str, folder: Path, *arguments: str):
    """Validate or import a file that is wrong."""
    (folder / "mine.csv").write_text(PROBLEM)
    if command == "validate":
        return misconduct("validate", "mine.csv", "--as", "subjects", *arguments, cwd=folder)
    (folder / "m.yml").write_text("confirmed: yes")
    return misconduct("import", "mine.csv", "--map", "m.yml", *arguments, cwd=folder)


@pytest.mark.parametrize("command", ["validate", "import"])
def test_the_list_of_problems_replaces_nothing(tmp_path, command):
    (tmp_path / "bad_rows.csv").write_text("the only copy")
    answer = checked(command, tmp_path)
    assert answer.returncode == 1 and (tmp_path / "bad_rows.csv").read_text() == "the only copy"
    assert "Every problem is in bad_rows-2.csv. (bad_rows.csv was there already and is left as it is.)" in answer.stderr
    assert "bad_rows-3.csv" in checked(command, tmp_path).stderr
    asked = checked(command, tmp_path, "--bad-rows", "mine.csv")
    assert "mine-2.csv" in asked.stderr and (tmp_path / "mine.csv").read_text() == PROBLEM
    assert (tmp_path / "mine-2.csv").read_bytes() == (tmp_path / "bad_rows-2.csv").read_bytes()


def test_the_list_of_problems_holds_no_formula(subjects, tmp_path):
    rows = subjects.iloc[:1].assign(subject_id="=1+1", sanction="+sacked")
    (tmp_path / "mine.csv").write_bytes(to_csv_bytes(rows.assign(rank="@x")))
    misconduct("validate", "mine.csv", "--as", "subjects", cwd=tmp_path)
    listed = read_csv_text(tmp_path / "bad_rows.csv")
    assert {"'+sacked", "'@x"} <= set(listed["value"]) and not listed.stack().str.startswith(("=", "+", "@")).any()


def test_a_list_that_cannot_be_written_does_not_hide_the_problems(tmp_path):
    (tmp_path / "file").write_text("no folder")
    answer = checked("validate", tmp_path, "--bad-rows", "file/x.csv")
    assert answer.returncode == 1 and "this column is missing" in answer.stderr
    assert "could not be written to file/x.csv" in answer.stderr and "Traceback" not in answer.stderr


def test_lists_of_problems_are_not_committed():
    assert "bad_rows*.csv" in (ROOT / ".gitignore").read_text().splitlines()


def test_run_writes_a_copy_with_other_parameters(tmp_path):
    result = misconduct("run", "04", "-p", "force=West Midlands Police", "--out", str(tmp_path))
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "04_forces.html").read_text()
    assert "West Midlands Police: 2 of 42 people, in 2 of 23 investigations, were dismissed" in page
    assert re.search(r'<img [^>]*alt="Funnel plot[^"]*West Midlands Police: \d+ of \d+[^"]*Source: ', page)
    assert (
        page.count("<img ") == len(re.findall(r'<img [^>]*alt="[^"]*Source: ', page)) and "No description" not in page
    )
    assert {path.name for path in tmp_path.iterdir()} == {"04_forces.html", "04_forces.ipynb"}


def test_run_for_a_force_without_cases_is_honest(tmp_path):
    result = misconduct("run", "04", "-p", "force=Police Scotland", "--out", str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "Police Scotland: 0 people with a known outcome" in (tmp_path / "04_forces.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["04", "-p", "force=Met"], "'Met' is not a known force"),
        (["02", "-p", "complaint_type=racism"], "'racism' is not a known complaint type"),
        (["04", "-p", "colour=red"], "'colour' is not a known parameter of 04_forces.ipynb"),
        (["44"], "'44' is not a known notebook"),
    ],
)
def test_run_explains_what_is_not_known(tmp_path, arguments, message):
    result = misconduct("run", *arguments, "--out", str(tmp_path))
    assert result.returncode == 1 and message in result.stderr and not list(tmp_path.iterdir())


def test_diff_of_an_edition_with_itself():
    from analysis.paths import ROOT

    result = misconduct("diff", str(ROOT), str(ROOT))
    assert result.returncode == 0 and "Nothing changed." in result.stdout


def test_version():
    from analysis import __version__

    assert misconduct("--version").stdout.strip() == __version__
