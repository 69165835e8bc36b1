"""Files made to hang a reader or to stumble it: each is a sentence, soon, and nothing is written."""

import gzip
import io
import time
import zipfile

import pytest
import yaml
from attacked import MAP, SHEET, mapping_file, ods, outcome, replaced, rezipped, xlsx
from imports import FILES, PEOPLE_MAP, changed, csv_file, imported, people_text
from xlrd.compdoc import CompDoc

from analysis.checking.consistency import Check, evaluate
from analysis.checking.processed_tables import Subjects
from analysis.checking.validation import validate_file
from analysis.errors import DataError, MisconductError
from analysis.paths import PROCESSED
from analysis.provenance.corrections import read_corrections
from analysis.provenance.sources import read_source_now
from analysis.reading.spreadsheet import cells, grid, ods_cells, xlsx_cells
from analysis.reading.spreadsheet.dates import parse_date
from analysis.reading.spreadsheet.importer import import_file
from analysis.reading.spreadsheet.mapping import read_mapping
from analysis.yaml_files import MAX_ENTRIES, read_yaml

SOON = 5.0  # seconds of the processor, as long as a limit may take to be said


def table(rows: str) -> bytes:
    """A workbook with such XML in place of its rows."""
    begin = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    end = "" if "</sheetData>" in rows else "</sheetData>"
    text = f"{begin}{rows}{end}</worksheet>".encode()
    return rezipped(xlsx(), lambda name, old: (name, text if name == SHEET else old))


def wide_ods(repeats: int, rows: int, filled: str = "") -> bytes:
    cell = f'<table:covered-table-cell table:number-columns-repeated="{repeats}">{filled}</table:covered-table-cell>'
    return ods(rows=f"<table:table-row>{cell}</table:table-row>" * rows)


def far(row: int, column: str) -> bytes:
    return table(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{column}{row}"><v>1</v></c></row>')


LARGE = {  # what would take minutes: name of the file, its bytes, what is said
    "commas in a gz": ("a.csv.gz", lambda: gzip.compress(b"," * 100_000_000, 1), "claims"),
    "a row of a million cells": ("a.csv", lambda: b"a," * 1_000_000, "columns"),
    "two columns of a million rows": ("a.xlsx", lambda: far(1_048_576, "B"), "claims 1,048,576 rows and 2 columns"),
    "a cell far to the right": ("a.xlsx", lambda: far(100, "XFD"), "claims"),
    "a column after the last": ("a.xlsx", lambda: far(1, "ZZZZ"), "damaged"),
    "a merged sheet": (
        "a.xlsx",
        lambda: table('</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        "has 17,179,869,",
    ),
    "covered cells without end": ("a.ods", lambda: wide_ods(16_384, 20_000, "<text:p>3</text:p>"), "claims"),
    "a row repeated without end": (
        "a.ods",
        lambda: ods(
            rows='<table:table-row table:number-rows-repeated="99999999999"><table:table-cell><text:p>3</text:p>'
            "</table:table-cell></table:table-row>"
        ),
        "claims",
    ),
    "columns repeated without end": ("a.ods", lambda: wide_ods(10**12, 3, "<text:p>3</text:p>"), "claims"),
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_too_large_is_said_soon(name, tmp_path):
    file, make, said = LARGE[name]
    (tmp_path / file).write_bytes(make())
    start = time.process_time()
    with pytest.raises(DataError, match=said):
        grid.read_sheets(tmp_path / file)
    assert time.process_time() - start < SOON


@pytest.mark.parametrize("content", [wide_ods(16_384, 2000), wide_ods(1000, 2000)])
def test_empty_cells_are_not_kept_however_often_they_are_repeated(content, tmp_path):
    assert outcome(tmp_path, content, "a.ods") == 3


def test_cells_are_counted_before_a_workbook_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx_cells, "MAX_BOOK_CELLS", 5)
    monkeypatch.setattr(xlsx_cells.openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it is read"))
    assert "the workbook has 6 cells" in outcome(tmp_path, xlsx())


def test_the_sheets_of_a_workbook_have_one_limit_together(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "MAX_BOOK_CELLS", 10)
    content = xlsx(3, lambda book, sheet: [book.copy_worksheet(sheet) for _ in range(2)])
    assert "together" in outcome(tmp_path, content)


def test_elements_of_ods_are_counted_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(ods_cells, "MOST", 10)
    assert "more than" in outcome(tmp_path, ods(), "a.ods")


def anchors(first: str, each: str, many: int) -> str:
    lines = [f"a0: &a0 {first}"]
    return "\n".join(lines + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, many)]) + each


PLAIN = yaml.safe_dump(MAP, sort_keys=False)
YAML = {  # text of a mapping, and what is said
    "aliases of aliases": (anchors("[x, x]", "\n", 10) + PLAIN, f"more than {MAX_ENTRIES:,}"),
    "an alias in itself": ("a: &a [*a]\n" + PLAIN, "stands for nothing"),
    "aliases under suppressed": (PLAIN + "\n" + anchors("[1, 2]", "", 9).replace("a0:", "x: &x 1\na0:"), "more than"),
    "a title without end": (changed(MAP, source={"title": "T" * 900_000}), "a text of 900,000 characters"),
    "ten megabytes": ("# " + "x" * 10_000_000 + "\n" + PLAIN, "10 MB"),
    "brackets": ("a: " + "[" * 100_000, "more than 20 deep"),
    "keys in keys": ("".join(" " * n + "a:\n" for n in range(100)), "more than 20 deep"),
    "a key twice": (PLAIN + "table: people\n", "'table' stands twice"),
    "escape in a title": (changed(MAP, source={"title": "T\x1b[1m"}), "is not seen"),
    "nothing in a title": (changed(MAP, source={"title": "T\0"}), "is not seen"),
    "a title turned about": (changed(MAP, source={"title": "T\u202etxt"}), "is not seen"),
    "an encoding with nothing in it": (changed(MAP, read={"encoding": "utf-8\0"}), "is not seen"),
    "month 13": (changed(MAP, source={"published": "2021-13-45"}), "published is '2021-13-45'"),
    "a day that is none": (changed(MAP, source={"published": "2021-02-30"}), "published is '2021-02-30'"),
    "a year to come": (changed(MAP, source={"published": "9999"}), "published is '9999'"),
    "no year": (changed(MAP, source={"published": "0000"}), "published is '0000'"),
    "a bound of 5,000 digits": (changed(MAP, suppressed={"x": [1, int("9" * 4000)]}), r"write \[lowest"),
    "a row of 5,000 digits": (PLAIN + f"read: {{last_row: {'9' * 5000}}}\n", "last_row"),
    "a heading of 20 digits": (changed(MAP, read={"heading": [10**19]}), "heading"),
    "bytes that are no text": (PLAIN.replace("Year", "J\udcff"), "UTF-8"),
}


@pytest.mark.parametrize("name", YAML)
def test_a_mapping_made_to_hang_or_stumble_is_a_sentence(name, tmp_path):
    text, said = YAML[name]
    text = text if isinstance(text, str) else yaml.safe_dump(text)
    (tmp_path / "m.yml").write_bytes(text.encode("utf-8", "surrogateescape"))
    start = time.process_time()
    with pytest.raises(DataError, match=said):
        read_mapping(tmp_path / "m.yml")
    assert time.process_time() - start < SOON


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(("a: 2019-02-29", "not valid YAML"), ("a: " + "9" * 5000, "not valid YAML"), ("a: " + "[" * 100_000, "deep")),
        *((anchors("[x]", "", 10), "more than"), ("a: 1\na: 2", "stands twice"), ("a: {b: 1, b: 2}", "stands twice")),
        *(("? [a]\n: 1", "no text|not a text"), ("a: &a {b: *a}", "stands for nothing"), ('a: "\\e"', "not seen")),
        *(("<<: &a {b: 1}\n<<: *a", "stands twice"), ("!!python/object:os.system a", "not valid YAML")),
    ],
)
def test_yaml_of_the_project_is_read_with_the_same_care(text, said, tmp_path):
    with pytest.raises(MisconductError, match=said):
        read_yaml(mapping_file(tmp_path, text))


def test_aliases_within_the_limits_are_read(tmp_path):
    assert read_yaml(mapping_file(tmp_path, "a: &a [1, 2]\nb: [*a, *a]")) == {"a": [1, 2], "b": [[1, 2], [1, 2]]}


@pytest.mark.parametrize("key", ["published", "accessed"])
def test_a_source_has_real_days(key, tmp_path):
    folder = PROCESSED.parents[0] / "raw" / "published_figures"
    lines = (folder / "source.yml").read_text(encoding="utf-8").splitlines()
    said = [f'{key}: "2021-02-30"' if line.startswith(f"{key}:") else line for line in lines]
    (tmp_path / "source.yml").write_text("\n".join(said), encoding="utf-8")
    with pytest.raises(MisconductError, match=f"{key} is '2021-02-30'"):
        read_source_now(tmp_path)


def test_corrections_are_texts(tmp_path):
    entry = "{table: a, entity: b, field: c, old: 1, new: d, reason: e, evidence: f}"
    (tmp_path / "corrections.yml").write_text(f"corrections: [{entry}]\naccepted: []\n")
    with pytest.raises(MisconductError, match="1 must be text"):
        read_corrections(tmp_path)
    (tmp_path / "corrections.yml").write_text("corrections: [a]\naccepted: []\n")
    with pytest.raises(MisconductError, match="missing or unknown key"):
        read_corrections(tmp_path)


@pytest.mark.parametrize(
    "count", ["9" * 400, "9" * 5000, "9007199254740993", "1" * 16, "9,007,199,254,740,993", "1e400"]
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.ods"])
def test_a_number_that_is_not_kept_by_every_program_is_no_count(count, name, tmp_path):
    if name == "a.csv":
        content = f'Year,Dismissed\n2019,"{count}"\n2020,5\n'.encode()
    elif name == "a.ods":
        content = ods(
            f'<table:table-cell office:value-type="float" office:value="{count}"><text:p>{count}</text:p>'
            "</table:table-cell>"
        )
    else:
        content = replaced(xlsx(), b"<v>3</v>", f"<v>{count}</v>".encode())
    said = outcome(tmp_path, content, name, read={"thousands": ","})
    assert isinstance(said, str) and ("digits is no count" in said or "not a count" in said or "damaged" in said)


@pytest.mark.parametrize("text", ["9" * 19, "9" * 5000, "9007199254740993", "٣", "1e999"])
def test_a_number_of_a_table_that_is_too_long_is_a_sentence(text, tmp_path):
    column = "year"
    rows = (PROCESSED / "subjects.csv").read_text(encoding="utf-8").splitlines()[:3]
    names = [*Subjects.to_schema().columns]
    values = rows[1].split(",")
    values[names.index(column)] = text
    (tmp_path / "subjects.csv").write_text("\n".join([rows[0], ",".join(values)]), encoding="utf-8")
    with pytest.raises(DataError, match="year"):
        validate_file(tmp_path / "subjects.csv", "subjects")


@pytest.mark.parametrize("published", ["2021-13-45", "2021-02-30", "0001", "9999-01"])
def test_a_day_that_is_none_is_a_sentence_in_a_table(published, tmp_path):
    rows = (PROCESSED / "sources.csv").read_text(encoding="utf-8").splitlines()
    names = rows[0].split(",")
    row = ["x" if name not in ("url", "published") else "https://e.org" for name in names]
    row[names.index("published")] = published
    (tmp_path / "sources.csv").write_text("\n".join([rows[0], ",".join(row)]), encoding="utf-8")
    with pytest.raises(DataError, match=published):
        validate_file(tmp_path / "sources.csv", "sources")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        *(("2019-01-02 25:99", None), ("2019-01-02 23:59:59Z", "2019-01-02"), ("2019-01-02 10:00 +99", None)),
        *(("0001-01-01", None), ("1066-10-14", None), ("1900-01-01", "1900-01-01"), ("2019-01-02 12:60", None)),
    ],
)
def test_days_and_times_are_real(text, found):
    assert parse_date(text, "text", "YYYY-MM-DD") == found


def test_a_part_of_a_workbook_that_is_there_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = rezipped(xlsx(), more=[(SHEET, zipfile.ZipFile(io.BytesIO(xlsx(99))).read(SHEET))])
    assert "twice" in outcome(tmp_path, content)


def test_parts_of_xls_in_a_circle_are_refused(tmp_path):
    content = bytearray((FILES / "old.xls").read_bytes())
    [first] = [entry.first_SID for entry in CompDoc(bytes(content)).dirlist if entry.name == "Workbook"]
    table = 512 + 512 * int.from_bytes(content[60:64], "little")  # which part follows which
    content[table + 4 * first : table + 4 * first + 4] = first.to_bytes(4, "little")
    assert "lead back to themselves" in outcome(tmp_path, bytes(content), "a.xls")


def test_entities_are_refused_in_every_spelling(tmp_path):
    assert "entities" in outcome(tmp_path, replaced(xlsx(), b"<worksheet", b"<!DOCTYPE a><worksheet", SHEET))
    utf16 = rezipped(
        ods(),
        lambda name, text: (
            name,
            text.decode().replace("?><", '?><!DOCTYPE a [<!ENTITY b "c">]><', 1).encode("utf-16")
            if name == "content.xml"
            else text,
        ),
    )
    assert "entities" in outcome(tmp_path, utf16, "a.ods")


def test_rows_that_are_skipped_must_be_there(tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text("A,Driving,NFA,Mis", "B,Driving,NFA,Mis"))
    with pytest.raises(DataError, match="there is no row 99 to skip; the last one is 3"):
        imported(file, changed(PEOPLE_MAP, read={"skip_rows": [99]}), tmp_path)


def test_every_row_is_read_or_said_to_be_left_out(tmp_path):
    rows = ["A,Driving,NFA,Mis,", "B,Driving,NFA,Mis,", ",,,,a note", "C,Driving,NFA,Mis,", "Notes,,,,", "More,,,,"]
    file = csv_file(tmp_path / "a.csv", people_text(*rows, heading="Ref,Allegation,Outcome,Case to answer,Other"))
    told = imported(file, changed(PEOPLE_MAP, read={"skip_rows": [2], "last_row": 5}), tmp_path)[1]
    for said in (
        "2 rows read",
        "1 row not read (skip_rows)",
        "2 rows not read (under row 5: last_row)",
        "1 row left out",
    ):
        assert any(said in line for line in told)


def test_labels_of_a_column_without_a_vocabulary_are_used(tmp_path):
    content = b"Year,Dismissed\nfirst,3\n2020,5\n"
    assert outcome(tmp_path, content, "a.csv", labels={"period": {"first": "2019"}}) == 3


@pytest.mark.parametrize("kind", ["!=", ">", "<", "==", "9**9**9"])
def test_a_check_compares_as_it_says_or_not_at_all(kind):
    side = [{"plus": 1}]
    with pytest.raises((KeyError, MisconductError)):
        evaluate(Check("a", kind, side, side, "holds"), None)  # type: ignore[arg-type]


def test_nothing_of_a_refused_file_is_written(tmp_path):
    (tmp_path / "a.csv").write_text("Year,Dismissed\n2019," + "9" * 400 + "\n")
    with pytest.raises(DataError):
        import_file(tmp_path / "a.csv", mapping_file(tmp_path, MAP), tmp_path / "out")
    assert not (tmp_path / "out").exists()
