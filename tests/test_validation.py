"""Bad input: each kind gets a clear message, the exit status is 1 and nothing is written."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from commands import misconduct

from analysis import vocabulary
from analysis.build.tables import read_raw, write_tables
from analysis.checking.tables import PROCESSED_TABLES, TABLES
from analysis.checking.validation import validate_file
from analysis.csv_files import to_csv_bytes
from analysis.dataset import read_table
from analysis.errors import DataError
from analysis.paths import RAW

SUBJECTS = RAW / "iopc_investigations" / "subjects.csv"
INVESTIGATIONS = RAW / "iopc_investigations" / "investigations.csv"
RATES = RAW / "published_figures" / "published_rates.csv"
FIGURES = RAW / "published_figures" / "figures.csv"
TABLE_OF = {
    SUBJECTS: "iopc_investigations/subjects",
    INVESTIGATIONS: "iopc_investigations/investigations",
    RATES: "published_figures/published_rates",
    FIGURES: "published_figures/figures",
}


def problems_of(path: Path, table: str):
    with pytest.raises(DataError) as caught:
        validate_file(path, table)
    return caught.value.problems


def edited(source: Path, folder: Path, **cells: str) -> Path:
    """A copy of a raw file with some cells of its first row of data changed."""
    rows = list(csv.DictReader(io.StringIO(source.read_text(encoding="utf-8"))))
    assert set(cells) <= set(rows[0])
    rows[0].update(cells)
    return write(folder / source.name, rows)


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def subject_rows(count: int | None = None) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(SUBJECTS.read_text(encoding="utf-8"))))[:count]


SAMPLE = SUBJECTS.read_text(encoding="utf-8")
LINES = SAMPLE.splitlines(keepends=True)
BAD_FORMS = {  # what is wrong with the file as a whole -> its bytes (None: no file) and words of the message
    "missing file": (None, "no such file"),
    "empty file": (b"", "the file is empty"),
    "blank file": (b" \n\n", "the file is empty"),
    "semicolons": (SAMPLE.replace(",", ";").encode(), "separated by ';'"),
    "tabs": (SAMPLE.replace(",", "\t").encode(), "separated by tabs"),
    "windows-1252": (SAMPLE.replace("officer", "offic\u00e9r", 1).encode("cp1252"), "Windows-1252"),
    "utf-16": (SAMPLE.encode("utf-16"), "UTF-16"),
    "byte-order mark": (SAMPLE.encode("utf-8-sig"), "byte-order mark"),
    "duplicated header": (SAMPLE.replace(",rank,", ",person_type,", 1).encode(), "'person_type' occurs 2 times"),
    "missing column": (
        SAMPLE.replace(",rank,", ",ranks,", 1).encode(),
        "this column is missing. Is it the column 'ranks'",
    ),
    "extra column": (SAMPLE.replace(",rank,", ",ranks,", 1).encode(), "column ranks: this column is not expected"),
    "short row": ("".join([*LINES[:2], "only,three,values\n"]).encode(), "row 3: the row has 3 values"),
    "open quotation mark": ("".join([*LINES[:2], '"' + LINES[2]]).encode(), "quotation mark"),
}


@pytest.mark.parametrize("form", BAD_FORMS)
def test_bad_forms_of_a_file(tmp_path, form):
    content, words = BAD_FORMS[form]
    path = tmp_path / "subjects.csv"
    if content is not None:
        path.write_bytes(content)
    sentences = [problem.sentence() for problem in problems_of(path, "iopc_investigations/subjects")]
    assert any(words in sentence for sentence in sentences), sentences
    assert all("subjects.csv" in sentence for sentence in sentences)


BAD_CELLS = [  # file, changed cells of the first row, column of the problem, words of its sentence
    (SUBJECTS, {"sanction": "final_writen_warning"}, "sanction", "Did you mean 'final_written_warning'?"),
    (SUBJECTS, {"sanction": "None"}, "sanction", "'None' is not a known label"),
    (SUBJECTS, {"rank": "NA"}, "rank", "'NA' is not a known label"),
    (SUBJECTS, {"sanction": ""}, "sanction", "A value must be given"),
    (SUBJECTS, {"overturned_on_appeal": "no"}, "overturned_on_appeal", "Allowed: true or false"),
    (SUBJECTS, {"overturned_on_appeal": "False"}, "overturned_on_appeal", "Allowed: true or false"),
    (SUBJECTS, {"subject_id": ""}, "subject_id", "Allowed: an id of one word"),
    (SUBJECTS, {"complaint_type_2": "failure_to_respond"}, "complaint_type_2", "must differ"),
    (SUBJECTS, {"complaint_type_3": "driving"}, "complaint_type_2", "fill from the first on"),
    (SUBJECTS, {"discrimination_ground": "race"}, "discrimination_ground", "if and only if"),
    (SUBJECTS, {"rank": "staff"}, "rank", "if and only if person_type is staff"),
    (SUBJECTS, {"sanction": "dismissal"}, "sanction", "a misconduct meeting, or no proceedings, cannot give it"),
    (
        SUBJECTS,
        {"proceeding": "hearing", "sanction": "dismissal", "finding": "not_proven"},
        "finding",
        "misconduct found",
    ),
    (INVESTIGATIONS, {"published": "31/02/2019"}, "published", "a real date written like 2019-02-28"),
    (INVESTIGATIONS, {"published": "2019-02-31"}, "published", "a real date written like 2019-02-28"),
    (INVESTIGATIONS, {"published": "2047-01-01"}, "published", "not in the future"),
    (INVESTIGATIONS, {"n_no_case_to_answer": "-1"}, "n_no_case_to_answer", "a whole number, 0 or more"),
    (INVESTIGATIONS, {"n_no_case_to_answer": "1.5"}, "n_no_case_to_answer", "a whole number, 0 or more"),
    (INVESTIGATIONS, {"n_no_case_to_answer": "two"}, "n_no_case_to_answer", "a whole number, 0 or more"),
    (INVESTIGATIONS, {"force": "Total"}, "force", "A total must not stand among the rows"),
    (INVESTIGATIONS, {"force": "Kent Police; Essex Polise"}, "force", "Not known in it: 'Essex Polise'"),
    (INVESTIGATIONS, {"url": "www.example.org"}, "url", "Allowed: an https address"),
    (INVESTIGATIONS, {"coded_by": "A+B"}, "n_subjects", "a coded page needs n_subjects"),
    (RATES, {"numerator": "21"}, "numerator", "must not be larger than the denominator"),
    (RATES, {"denominator": "0"}, "denominator", "a whole number, 1 or more"),
    (RATES, {"force": "Avon & Somerset Constabulary"}, "force", "Did you mean 'Avon and Somerset Constabulary'?"),
    (FIGURES, {"value": "593.5"}, "value", "a count must be a whole number"),
    (FIGURES, {"value": "-3"}, "value", "a number, 0 or more"),
    (FIGURES, {"period_start": "2025-01-01"}, "period_end", "must not end before it starts"),
    (FIGURES, {"period_start": ""}, "period_note", "a missing date needs a period_note"),
]


@pytest.mark.parametrize(("source", "cells", "column", "words"), BAD_CELLS)
def test_bad_cells(tmp_path, source, cells, column, words):
    problems = problems_of(edited(source, tmp_path, **cells), TABLE_OF[source])
    found = [problem for problem in problems if problem.column == column]
    assert found and found[0].row == 2 and words in found[0].sentence(), [p.sentence() for p in problems]


def test_undamaged_files_have_no_problems():
    for path, table in TABLE_OF.items():
        assert len(validate_file(path, table))


def test_a_duplicated_id_names_both_rows(tmp_path):
    rows = subject_rows(3)
    rows[2]["subject_id"] = rows[0]["subject_id"]
    rows[2]["investigation_id"] = rows[0]["investigation_id"]
    found = problems_of(write(tmp_path / "subjects.csv", rows), "iopc_investigations/subjects")
    assert {(p.column, p.row) for p in found} >= {("subject_id", 4)}
    assert "occurs more than once" in found[0].sentence()


def damage(folder: Path, file: str, change) -> list:
    """Change the rows of one file of a source's copy and its checksum, and return the problems of the source."""
    import hashlib

    path = folder / file
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    write(path, change(rows) or rows)
    described = folder / "source.yml"
    described.write_text(described.read_text().replace(before, hashlib.sha256(path.read_bytes()).hexdigest()))
    with pytest.raises(DataError) as caught:
        read_raw(folder)
    return [problem.sentence() for problem in caught.value.problems]


def test_a_subject_without_a_case(raw_copy):
    def orphan(rows):
        rows[0].update(subject_id="no-such-case#1", investigation_id="no-such-case")

    sentences = damage(raw_copy("iopc_investigations"), "subjects.csv", orphan)
    assert any("row 2, column investigation_id: there is no investigation 'no-such-case'" in s for s in sentences)
    assert any("column n_subjects" in s for s in sentences)


def test_a_subject_too_few(raw_copy):
    sentences = damage(raw_copy("iopc_investigations"), "subjects.csv", lambda rows: rows[1:])
    assert len(sentences) == 1 and "n_subjects is 1, but subjects.csv has 0" in sentences[0]


def test_a_published_rate_that_its_figures_do_not_add_up_to(raw_copy):
    def change(rows):
        rows[0]["numerator"] = "3"

    sentences = damage(raw_copy("published_figures"), "published_rates.csv", change)
    assert sentences == ["published_rates.csv, row 2, column numerator: its figures add up to 2, not 3."]


def test_a_figure_without_a_source(raw_copy):
    def change(rows):
        rows[0]["source_id"] = "nowhere"

    sentences = damage(raw_copy("published_figures"), "figures.csv", change)
    assert any("figures.csv, row 2, column source_id: there is no source 'nowhere'" in s for s in sentences)


def test_ten_thousand_bad_rows_are_few_lines_on_screen_and_all_in_the_csv(tmp_path):
    [first] = subject_rows(1)
    rows = [{**first, "subject_id": f"case#{n}", "investigation_id": "case"} for n in range(10_000)]
    path = write(tmp_path / "subjects.csv", [{**row, "sanction": "sacked"} for row in rows])
    out = tmp_path / "bad.csv"
    result = misconduct("validate", str(path), "--as", "iopc_investigations/subjects", "--bad-rows", str(out))
    message = result.stderr
    assert result.returncode == 1 and "Traceback" not in message
    assert "10,000 problems found" in message and "9,997 more" in message and len(message.splitlines()) < 10
    with out.open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == 10_000 and {row["value"] for row in listed} == {"sacked"}
    assert [int(row["row"]) for row in listed] == list(range(2, 10_002))


def test_all_problems_of_a_file_at_once(tmp_path):
    path = edited(SUBJECTS, tmp_path, sanction="sacked", rank="boss", overturned_on_appeal="maybe")
    assert {p.column for p in problems_of(path, TABLE_OF[SUBJECTS])} >= {"sanction", "rank", "overturned_on_appeal"}


def test_every_column_of_every_model_says_what_it_is_and_what_is_allowed():
    for name, spec in TABLES.items():
        for column, described in spec.model.to_schema().columns.items():
            assert described.description and described.metadata["allowed"], f"{name}: {column}"


def test_processed_tables_survive_writing_and_reading(built, tmp_path):
    write_tables(built, tmp_path)
    for table in PROCESSED_TABLES:
        pd.testing.assert_frame_equal(read_table(tmp_path, table), built[table])


def test_a_damaged_processed_table_is_refused(built, tmp_path):
    write_tables(built, tmp_path)
    path = tmp_path / "subjects.csv"
    path.write_text(path.read_text().replace(",dismissed,", ",sacked,", 1))
    with pytest.raises(DataError, match="'sacked' is not a known label"):
        read_table(tmp_path, "subjects")


def test_an_unknown_label_is_never_dropped_by_the_crosswalk():
    with pytest.raises(vocabulary.MisconductError, match="Did you mean 'dismissal'"):
        vocabulary.harmonise(pd.Series(["dismissall"]), "iopc_investigations", "sanction")


@pytest.mark.parametrize("table", PROCESSED_TABLES)
def test_no_two_rows_of_a_processed_table_have_the_same_key(data, tmp_path, table):
    spec = TABLES[table]
    rows = data[table]
    assert spec.key and not rows.duplicated([*spec.key]).any()
    twice = pd.concat([rows, rows.iloc[[0]]], ignore_index=True)
    found = problems_of(write_table(tmp_path, table, twice), table)
    last = len(twice) + 1
    assert {problem.row for problem in found if "occurs more than once" in problem.problem} == {2, last}


def write_table(folder: Path, table: str, rows: pd.DataFrame) -> Path:
    path = folder / f"{table}.csv"
    path.write_bytes(to_csv_bytes(rows))
    return path


def test_two_allegations_of_one_person_cannot_have_the_same_position(allegations, tmp_path):
    rows = allegations.assign(position=1)
    several = rows["subject_id"].duplicated(keep=False).sum()
    found = problems_of(write_table(tmp_path, "allegations", rows), "allegations")
    assert {problem.rule for problem in found} == {"position_once"} and len(found) == several > 100
    assert "a person has each position only once" in found[0].sentence() and found[0].entity == " ".join(
        rows.iloc[found[0].row - 2][["subject_id", "complaint_type"]]
    )


@pytest.mark.parametrize("year", ["2047", "1899"])
def test_a_year_that_has_not_begun_or_is_too_early_is_refused(year, tmp_path):
    [problem] = problems_of(edited(INVESTIGATIONS, tmp_path, incident_year=year), TABLE_OF[INVESTIGATIONS])
    assert problem.sentence().endswith(
        f"'{year}' is not allowed here. Allowed: a year from 1900 to this one, or empty."
    )
