"""What tests of the importer share: mappings and files of a made-up force, and importing them into a folder."""

from pathlib import Path

import openpyxl
import pandas as pd
import yaml

from analysis.checking.validation import validate_file
from analysis.paths import ROOT
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file

FILES = ROOT / "tests" / "files"
CASES = FILES / "cases"
GOOD = "A,Driving,Dismissed,Gross"  # a row of PEOPLE_MAP
SOURCE = {
    "id": "test_source",
    "title": "A title",
    "publisher": "A force",
    "url": "https://example.org/reply",
    "licence": "not stated",
    "jurisdiction": "England and Wales",
    "coverage": "2020 to 2022",
}
PERSON = {"case_id": "Ref", "complaint_type": "Allegation", "sanction": "Outcome", "case_to_answer": "Case to answer"}
PEOPLE_MAP = {
    "confirmed": "yes",
    "table": "people",
    "source": SOURCE,
    "columns": PERSON,
    "constants": {"force": "Kent Police"},
    "labels": {
        "case_to_answer": {"Gross": "gross_misconduct", "Mis": "misconduct", "No": "none"},
        "sanction": {"NFA": "no_action", "Resigned": {"sanction": "not_stated", "left_service": "resigned"}},
    },
}
COUNT_MAP = {
    "confirmed": "yes",
    "table": "counts",
    "source": SOURCE,
    "columns": {"outcome": "Outcome"},
    "across": {"columns": ["2019", "2020"], "are": "period"},
    "period": "calendar_year",
    "constants": {
        "force": "Kent Police",
        "person_type": "officer",
        "unit": "individuals",
        "stage": "outcome",
        "complaint_type": "use_of_force",
    },
    "labels": {"outcome": {"Accused": {"outcome": "", "stage": "individuals_accused"}}},
}
HEADINGS = ["Ref", "Allegation", "Outcome", "Case to answer"]
COUNT_ROWS = [["Outcome", "2019", "2020"], ["Accused", 10, 12], ["Dismissed", 3, 4]]


RATE = {"numerator": "dismissed", "of_stage": "individuals_accused", "denominator_stage": "individuals_accused"}
LONG_MAP = {key: value for key, value in COUNT_MAP.items() if key != "across"}
LONG_MAP |= {"columns": {"outcome": "Outcome", "value": "N", "period": "Year"}, "rates": [RATE]}


def changed(mapping: dict, **changes) -> dict:
    """A mapping with some keys put in or, one level deep, added to."""
    result = {**mapping}
    for key, value in changes.items():
        old = result.get(key)
        result[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def workbook(path: Path, rows: list[list], change=None, title="Data") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(book, sheet)
    book.save(path)
    return path


def csv_file(path: Path, text: str, encoding="utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def imported(file: Path, mapping: dict, folder: Path) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Import, and read back what was written."""
    map_file = file.with_suffix(".yml")
    map_file.write_text(yaml.safe_dump(mapping), encoding="utf-8")
    target, told = import_file(file, map_file, folder)
    return {path.stem: validate_file(path, path.stem) for path in target.glob("*.csv")}, told


def counted(rows: list[list], mapping: dict, folder: Path) -> list[tuple]:
    """The rates of a sheet of counts as (year, numerator, denominator)."""
    rates = imported(workbook(folder / "a.xlsx", rows), mapping, folder)[0]["published_rates"]
    return [(row.period_start[:4], row.numerator, row.denominator) for row in rates.itertuples()]


def people_text(*rows: str, heading: str = "Ref,Allegation,Outcome,Case to answer") -> str:
    return "\n".join([heading, *rows]) + "\n"


def hide(row=0, column="", sheet_too=False):
    def change(book, sheet):
        if row:
            sheet.row_dimensions[row].hidden = True
        if column:
            sheet.column_dimensions[column].hidden = True
        if sheet_too:
            book.create_sheet("Shown").append(["x"])
            sheet.sheet_state = "hidden"

    return change


def bytes_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def first_mapping(file: Path, table: str = "") -> dict:
    return yaml.load(suggest(file, table), yaml.BaseLoader)


def complete(folder: Path, file: Path, mapping: dict) -> tuple[Path, list[str]]:
    """The file imported by a first mapping that somebody completed: source and force filled in, confirmed."""
    about = {"id": "own", "title": "t", "publisher": "p", "coverage": "c", "jurisdiction": "Elsewhere"}
    source = {**about, "url": "https://example.org/x", "licence": "none"}
    elsewhere = {*mapping["columns"], *mapping.get("group_rows", {})}
    elsewhere |= {"force"} if mapping.get("across", {}).get("are") == "force" else set()
    constants = {"force": "", **mapping.get("constants", {})}
    constants |= {"force": ""} if constants["force"] == "CHECK" else {}
    constants = {name: code for name, code in constants.items() if name not in elsewhere}
    done = {**mapping, "confirmed": "yes", "source": source, "constants": constants}
    (folder / "m.yml").write_text(yaml.safe_dump(done, allow_unicode=True), encoding="utf-8")
    return import_file(file, folder / "m.yml", folder / "out")
