"""Spreadsheets as they come: every encoding and format is read, a malformed one is refused in plain words."""

import datetime
import gzip
import re
import zipfile
from pathlib import Path

import pytest
import yaml
from commands import misconduct
from imports import (
    COUNT_MAP,
    COUNT_ROWS,
    FILES,
    GOOD,
    HEADINGS,
    LONG_MAP,
    PEOPLE_MAP,
    bytes_file,
    changed,
    csv_file,
    hide,
    imported,
    people_text,
    workbook,
)

from analysis.csv_files import read_csv_text
from analysis.errors import DataError, MisconductError
from analysis.paths import PROCESSED
from analysis.reading.spreadsheet import grid
from analysis.reading.spreadsheet.cells import Cell
from analysis.reading.spreadsheet.importer import import_file


@pytest.mark.parametrize(
    ("encoding", "delimiter", "named"),
    [
        ("utf-8", ",", {}),
        ("utf-8-sig", ",", {}),
        ("windows-1252", ";", {"encoding": "windows-1252"}),
        ("utf-16", "\t", {}),
    ],
)
def test_csv_of_any_encoding_and_delimiter(encoding, delimiter, named, tmp_path):
    text = "Ref,Allegation,Outcome,Case to answer\nCafé–1,Driving,Dismissed,Gross\n".replace(",", delimiter)
    mapping = changed(PEOPLE_MAP, read={**named, "delimiter": delimiter})
    assert len(imported(csv_file(tmp_path / "a.csv", text, encoding), mapping, tmp_path)[0]["subjects"]) == 1


def test_gzip_is_unpacked(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"Ref,Allegation,Outcome,Case to answer\nA,Driving,NFA,Mis\n"))
    assert len(imported(tmp_path / "a.csv.gz", PEOPLE_MAP, tmp_path)[0]["subjects"]) == 1


@pytest.mark.parametrize("name", ["old.xls", "open.ods"])
def test_xls_and_ods_are_read_with_what_is_hidden_merged_or_wrong(name):
    shown, hidden = grid.read_sheets(FILES / name)
    assert [cell.text for cell in shown.rows[2]][:3] == ["Kent", "3", "<5"]
    assert shown.rows[2][3].text == "2020-01-02" and shown.rows[2][3].kind == "date"
    assert shown.rows[2][4] == Cell("25%", "percent")
    assert shown.rows[3][2].kind == "error" and shown.rows[4][2].kind == "error"
    assert hidden.is_hidden and shown.hidden_rows == {4} and shown.hidden_columns >= {4}
    assert set(shown.merged) == {(1, 2, 1, 3), (4, 1, 5, 1)}


def cell(place: str, value, number_format: str = ""):
    def change(book, sheet):
        sheet[place] = value
        if number_format:
            sheet[place].number_format = number_format

    return change


def error_cell(place: str, value: str):
    def change(book, sheet):
        sheet[place] = value
        sheet[place].data_type = "e"

    return change


def merge(area: str):
    return lambda book, sheet: sheet.merge_cells(area)


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(310):
                member.write(bytes(1_000_000))
    return path


def zipped(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return path


def cut(path: Path, keep: float) -> Path:
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    return path


def sheet_claiming_everything(book, sheet):
    sheet["XFD1048576"] = "x"


def deflate64(path: Path) -> Path:
    """The archive with a kind of compression that is named in it and that nobody reads."""
    content = bytearray(path.read_bytes())
    for found in re.finditer(b"PK\x01\x02", bytes(content)):
        content[found.start() + 10] = 9
    path.write_bytes(content)
    return path


def ods(path: Path, row: str, value: str | None) -> Path:
    """An OpenDocument file with one number in one row, or without a sheet."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for key, name in names.items())
    number = f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>5</text:p></table:table-cell>'
    table = f'<table:table table:name="A"><table:table-row {row}>{number}</table:table-row></table:table>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml", f"<office:document-content {spaces}>{table if value else ''}</office:document-content>"
        )
    return path


COUNT_SHEET = lambda change=None, rows=COUNT_ROWS: lambda folder: workbook(folder / "a.xlsx", rows, change)  # noqa: E731
PEOPLE_CSV = lambda *rows, **kw: lambda folder: csv_file(folder / "a.csv", people_text(*rows, **kw))  # noqa: E731
MALFORMED = {  # name: (file, mapping, what the message says)
    "missing file": (lambda f: f / "a.csv", PEOPLE_MAP, "no such file"),
    "empty file": (lambda f: bytes_file(f / "a.csv", b""), PEOPLE_MAP, "empty"),
    "only spaces": (lambda f: bytes_file(f / "a.csv", b"\n \r\n"), PEOPLE_MAP, "empty"),
    "protected workbook": (lambda f: FILES / "protected.xlsx", COUNT_MAP, "protected with a password"),
    "macro workbook": (lambda f: zipped(f / "a.xlsm", "xl/workbook.xml", "xl/vbaProject.bin"), COUNT_MAP, "macros"),
    "macro workbook named xlsx": (
        lambda f: zipped(f / "a.xlsx", "xl/workbook.xml", "xl/vbaProject.bin"),
        COUNT_MAP,
        "macros",
    ),
    "binary workbook": (lambda f: zipped(f / "a.xlsb", "xl/workbook.bin"), COUNT_MAP, "xlsb"),
    "a zip": (lambda f: zipped(f / "a.xlsx", "letter.txt"), COUNT_MAP, "not a spreadsheet"),
    "zip bomb": (lambda f: bomb(f / "a.xlsx"), COUNT_MAP, "unpacks to more than"),
    "gzip bomb": (
        lambda f: bytes_file(f / "a.csv.gz", gzip.compress(bytes(310_000_000), 1)),
        PEOPLE_MAP,
        "unpacks to more than",
    ),
    "truncated gz": (
        lambda f: bytes_file(f / "a.csv.gz", gzip.compress(b"Ref,Allegation\n" * 99)[:40]),
        PEOPLE_MAP,
        "cut off or damaged",
    ),
    "truncated xlsx": (lambda f: cut(workbook(f / "a.xlsx", COUNT_ROWS), 0.6), COUNT_MAP, "cut off or damaged"),
    "truncated xls": (
        lambda f: cut(bytes_file(f / "a.xls", (FILES / "old.xls").read_bytes()), 0.4),
        COUNT_MAP,
        "cannot be read|cut off",
    ),
    "text named xlsx": (lambda f: csv_file(f / "a.xlsx", people_text(GOOD)), PEOPLE_MAP, "not a .xlsx file"),
    "web page named xls": (
        lambda f: csv_file(f / "a.xls", "<html><table><tr><td>1</td></tr></table></html>"),
        COUNT_MAP,
        "web page",
    ),
    "pdf": (lambda f: bytes_file(f / "a.pdf", b"%PDF-1.7\n"), COUNT_MAP, "PDF"),
    "too large": (lambda f: bytes_file(f / "a.csv", b"x" * 60_000_000), PEOPLE_MAP, "60 MB"),
    "sheet with a cell at the far end": (COUNT_SHEET(sheet_claiming_everything), COUNT_MAP, "claims"),
    "formula error value": (COUNT_SHEET(error_cell("B3", "#VALUE!")), COUNT_MAP, r"cell B3: .*#VALUE!"),
    "formula error ref": (COUNT_SHEET(error_cell("C2", "#REF!")), COUNT_MAP, r"cell C2: .*#REF!"),
    "formula without its result": (COUNT_SHEET(cell("B3", "=1+2")), COUNT_MAP, "never stored"),
    "percent cell": (COUNT_SHEET(cell("B3", 0.25, "0%")), COUNT_MAP, r"cell B3: '25%': this is a percentage"),
    "percent text": (COUNT_SHEET(cell("B3", "25%")), COUNT_MAP, "this is a percentage"),
    "date among counts": (COUNT_SHEET(cell("B3", datetime.date(2024, 4, 3))), COUNT_MAP, "turned a number like 3-4"),
    "number with a comma": (COUNT_SHEET(cell("B3", "1,234")), COUNT_MAP, "between thousands"),
    "number with a space": (COUNT_SHEET(cell("B3", "1 234")), COUNT_MAP, "between thousands"),
    "number with a footnote mark": (COUNT_SHEET(cell("B3", "12*")), COUNT_MAP, "footnote mark"),
    "number with a raised mark": (COUNT_SHEET(cell("B3", "12²")), COUNT_MAP, "footnote mark"),
    "half a count": (COUNT_SHEET(cell("B3", 2.5)), COUNT_MAP, "whole number"),
    "negative count": (COUNT_SHEET(cell("B3", -2)), COUNT_MAP, "negative"),
    "words among counts": (COUNT_SHEET(cell("B3", "three")), COUNT_MAP, "not a count"),
    "unexplained symbol": (COUNT_SHEET(cell("B3", "<5")), COUNT_MAP, "`suppressed`"),
    "empty count": (COUNT_SHEET(cell("B3", None)), COUNT_MAP, "the cell is empty"),
    "hidden row": (COUNT_SHEET(hide(row=3)), COUNT_MAP, r"1 hidden row \(3\)"),
    "hidden column": (COUNT_SHEET(hide(column="C")), COUNT_MAP, "1 hidden column"),
    "hidden sheet": (
        COUNT_SHEET(hide(sheet_too=True)),
        changed(COUNT_MAP, read={"sheet": "Data"}),
        "sheet that is hidden",
    ),
    "merged cells": (COUNT_SHEET(merge("B2:B3")), COUNT_MAP, "B2:B3 are merged"),
    "two sheets": (
        COUNT_SHEET(lambda book, sheet: book.create_sheet("More").append(["x"])),
        COUNT_MAP,
        "2 visible sheets",
    ),
    "unknown sheet": (COUNT_SHEET(), changed(COUNT_MAP, read={"sheet": "Dada"}), "Did you mean 'Data'"),
    "trailing note": (
        COUNT_SHEET(rows=[*COUNT_ROWS, ["These figures are from a live system."]]),
        COUNT_MAP,
        "note under the table.*last_row: 3",
    ),
    "total row": (COUNT_SHEET(rows=[*COUNT_ROWS, ["Total", 13, 16]]), COUNT_MAP, "looks like a total.*total_rows"),
    "label with a footnote mark": (COUNT_SHEET(cell("A3", "Dismissed2")), COUNT_MAP, "footnote mark.*`marks`"),
    "unknown label": (COUNT_SHEET(cell("A3", "Dismised")), COUNT_MAP, "nearest known is 'dismissed'"),
    "two columns of one name": (COUNT_SHEET(cell("D1", "2019")), COUNT_MAP, "2 columns have the heading '2019'"),
    "missing column": (COUNT_SHEET(cell("C1", "2020/21")), COUNT_MAP, "no column with the heading '2020'"),
    "not that kind of year": (COUNT_SHEET(), changed(COUNT_MAP, period="financial_year"), "is not a financial year"),
    "no rows": (COUNT_SHEET(rows=COUNT_ROWS[:1]), COUNT_MAP, "no rows under that of the headings"),
    "last row outside": (COUNT_SHEET(), changed(COUNT_MAP, read={"last_row": 99}), "last_row: 99 is outside"),
    "not UTF-8": (
        lambda f: bytes_file(f / "a.csv", people_text("Caf\xe9,Driving,NFA,Mis").encode("cp1252")),
        PEOPLE_MAP,
        "line 2 is not UTF-8",
    ),
    "semicolons": (
        lambda f: csv_file(f / "a.csv", people_text(GOOD).replace(",", ";")),
        PEOPLE_MAP,
        "separated by ';'",
    ),
    "tabs": (lambda f: csv_file(f / "a.csv", people_text(GOOD).replace(",", "\t")), PEOPLE_MAP, "separated by tabs"),
    "open quotation mark": (PEOPLE_CSV('A,"Driving,NFA,Mis'), PEOPLE_MAP, "quotation mark"),
    "zero bytes": (lambda f: bytes_file(f / "a.csv", b"Ref,Alle\0gation\n1,2\n"), PEOPLE_MAP, "no text has"),
    "unknown encoding": (PEOPLE_CSV(GOOD), changed(PEOPLE_MAP, read={"encoding": "klingon"}), "not a known encoding"),
    "serial date": (
        PEOPLE_CSV(f"{GOOD},45000", heading="Ref,Allegation,Outcome,Case to answer,Date"),
        changed(PEOPLE_MAP, columns={"date": "Date"}, read={"dates": "DD/MM/YYYY"}),
        "'45000' is not such a date",
    ),
    "month before day": (
        PEOPLE_CSV(f"{GOOD},04/13/2022", heading="Ref,Allegation,Outcome,Case to answer,Date"),
        changed(PEOPLE_MAP, columns={"date": "Date"}, read={"dates": "DD/MM/YYYY"}),
        "is not such a date",
    ),
    "unknown allegation": (PEOPLE_CSV("A,Drivving,Dismissed,Gross"), PEOPLE_MAP, "nearest known is 'driving'"),
    "empty outcome": (PEOPLE_CSV("A,Driving,,Gross"), PEOPLE_MAP, "cell C2: the cell is empty"),
    "dismissed by a meeting": (
        PEOPLE_CSV(f"{GOOD},Misconduct meeting", heading="Ref,Allegation,Outcome,Case to answer,Held"),
        changed(PEOPLE_MAP, columns={"proceeding": "Held"}),
        "needs a hearing",
    ),
    "one person twice": (
        PEOPLE_CSV(f"{GOOD},P1", f"{GOOD},P1", heading="Ref,Allegation,Outcome,Case to answer,Officer"),
        changed(PEOPLE_MAP, columns={"subject_id": "Officer"}),
        "same person stands in row 2",
    ),
    "one person, two ranks": (
        PEOPLE_CSV(
            f"{GOOD},P1,constable", f"{GOOD},P1,sergeant", heading="Ref,Allegation,Outcome,Case to answer,Officer,Rank"
        ),
        changed(PEOPLE_MAP, columns={"subject_id": "Officer", "rank": "Rank"}, row="allegation"),
        "same person but differ",
    ),
    "no number of people": (
        PEOPLE_CSV(f"{GOOD},several", heading="Ref,Allegation,Outcome,Case to answer,People"),
        changed(PEOPLE_MAP, columns={"people": "People"}, row="case"),
        "not a number of people",
    ),
    "ragged csv": (
        lambda f: csv_file(f / "a.csv", "Outcome,2019,2020\nAccused,1,234,2,345\nDismissed,1,2\n"),
        COUNT_MAP,
        "row 2: the row has 5 cells, the heading has 3",
    ),
    "short csv row": (
        lambda f: csv_file(f / "a.csv", "Outcome,2019,2020\nAccused,10,12\nDismissed,3\n"),
        changed(COUNT_MAP, suppressed={"": "zero"}),
        "row 3: the row has 2 cells, the heading has 3",
    ),
    "only a byte-order mark": (lambda f: bytes_file(f / "a.csv", b"\xef\xbb\xbf"), COUNT_MAP, "empty"),
    "gz of nothing": (lambda f: bytes_file(f / "a.csv.gz", gzip.compress(b"")), COUNT_MAP, "empty"),
    "encoding of no file": (
        PEOPLE_CSV(GOOD),
        changed(PEOPLE_MAP, read={"encoding": "punycode"}),
        "not an encoding of files",
    ),
    "number shown as a symbol": (COUNT_SHEET(cell("B3", 3, '[<5]"<5";0')), COUNT_MAP, "'<5': .*say what it means"),
    "unknown compression": (lambda f: deflate64(workbook(f / "a.xlsx", COUNT_ROWS)), COUNT_MAP, "damaged"),
    "ods that repeats a row a thousand million times": (
        lambda f: ods(f / "a.ods", 'table:number-rows-repeated="1000000000" table:visibility="collapse"', "5"),
        COUNT_MAP,
        "claims 1,000,000,000 rows",
    ),
    "ods with an endless number": (lambda f: ods(f / "a.ods", "", "1e999"), COUNT_MAP, "damaged"),
    "ods without a sheet": (lambda f: ods(f / "a.ods", "", None), COUNT_MAP, "no sheet"),
    "no period": (
        COUNT_SHEET(rows=[["Outcome", "Year", "N"], ["Dismissed", "2019", 3], ["Dismissed", None, 3]]),
        {**LONG_MAP, "rates": []},
        "cell B3: the cell is empty.*fill_down",
    ),
    "no number of the case": (
        PEOPLE_CSV(f"{GOOD},P1", ",Driving,NFA,Mis,P1", heading="Ref,Allegation,Outcome,Case to answer,Officer"),
        changed(PEOPLE_MAP, columns={"subject_id": "Officer"}, row="allegation"),
        "nobody knows which rows are one case",
    ),
    "numerator larger than denominator": (
        COUNT_SHEET(rows=[COUNT_ROWS[0], ["Accused", 2, 12], ["Dismissed", 3, 4]]),
        changed(
            COUNT_MAP,
            rates=[
                {
                    "numerator": "dismissed",
                    "of_stage": "individuals_accused",
                    "denominator_stage": "individuals_accused",
                }
            ],
        ),
        "numerator is larger",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_in_plain_words_and_nothing_is_written(name, tmp_path):
    make, mapping, message = MALFORMED[name]
    file, map_file = make(tmp_path), tmp_path / "map.yml"
    map_file.write_text(yaml.safe_dump(mapping), encoding="utf-8")
    out = tmp_path / "out"
    with pytest.raises(MisconductError, match=message) as raised:
        import_file(file, map_file, out)
    assert not out.exists()
    assert "Nothing was written" in str(raised.value) or "Did you mean" in str(raised.value)
    for word in ("Traceback", "Error(", "pandas", "None"):
        assert word not in str(raised.value)


def test_a_rule_that_is_broken_names_the_row_of_the_file(tmp_path):
    text = people_text(
        "A,Driving,NFA,Mis,None", "Total,1,,,", "", f"{GOOD},Misconduct meeting", heading=",".join([*HEADINGS, "Held"])
    )
    mapping = changed(PEOPLE_MAP, columns={"proceeding": "Held"}, read={"total_rows": "Total"}, labels={})
    mapping["labels"] = {**PEOPLE_MAP["labels"], "proceeding": {"None": "none"}}
    with pytest.raises(DataError, match=r"a\.csv, row 5, column sanction: this sanction needs a hearing"):
        imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)


def test_there_are_at_least_forty_malformed_files():
    assert len(MALFORMED) >= 40


def test_the_command_line_writes_every_problem(tmp_path):
    file = csv_file(tmp_path / "a.csv", people_text("A,Driving,Sacked,Gross", "B,Speeding,NFA,Mis"))
    (tmp_path / "m.yml").write_text(yaml.safe_dump(PEOPLE_MAP), encoding="utf-8")
    result = misconduct("import", str(file), "--map", str(tmp_path / "m.yml"), cwd=tmp_path)
    assert result.returncode == 1 and "2 problems found. Nothing was written." in result.stderr
    assert len(read_csv_text(tmp_path / "bad_rows.csv")) == 2
    assert not (PROCESSED / "local" / "test_source").exists()
