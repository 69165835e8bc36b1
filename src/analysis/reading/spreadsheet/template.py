"""Templates to fill in, and tables in the same form: what is exported so can be imported again."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from analysis import vocabulary
from analysis.paths import ROOT
from analysis.reading.spreadsheet.mapping import COUNTS, PEOPLE
from analysis.vocabulary import SEPARATOR
from analysis.writing import write_files
from analysis.zips import zip_bytes

FOLDER = ROOT / "docs" / "own_data"
FILE = FOLDER / "template.xlsx"
FILLED_IN = 1000  # rows with drop-down lists
SOURCES_WORDS = ("complaint_type_source", "sanction_source", "force_source", "outcome_source")
LEFT_OUT = ("people", "period", "figure_id", *SOURCES_WORDS)  # columns that nobody needs to fill in
NO_DATE = datetime.datetime(2026, 1, 1)  # the same input gives the same bytes


def people_sheet(subjects: pd.DataFrame, allegations: pd.DataFrame) -> pd.DataFrame:
    """One row a person: the columns of Subjects, and complaint_type with complaint_type_source joined by "; "."""
    ordered = allegations.sort_values(["subject_id", "position"])
    types = ordered.groupby("subject_id")[["complaint_type", "complaint_type_source"]].agg(SEPARATOR.join)
    return subjects.drop(columns=["source", "jurisdiction"]).join(types, on="subject_id")


def write_template() -> Path:
    """Write the template workbook: a sheet for people, one for counts, and the words to choose from."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = NO_DATE
    about = book.active
    about.title = "Read me"
    for line in (
        "Template for your own data",
        "Fill in the sheet People (one row a person in a case) or the sheet Counts (one row a number).",
        "Columns that you do not need can stay empty. The sheet Words lists what each column can say.",
        "Do not write names: a number or a letter is enough to tell people apart.",
        "Then: misconduct import template.xlsx --map template_people.yml (or template_counts.yml).",
    ):
        about.append([line])
    about["A1"].font = Font(bold=True, size=14)
    about.column_dimensions["A"].width = 100
    words = book.create_sheet("Words")
    places = _write_words(words)
    for title, columns in (("People", PEOPLE), ("Counts", COUNTS)):
        _write_sheet(book.create_sheet(title, index=1 if title == "People" else 2), columns, places)
    content = io.BytesIO()
    book.save(content)
    write_files({FILE: _undated(content.getvalue())})
    return FILE


def _write_words(sheet: Worksheet) -> dict[str, str]:
    """List every vocabulary, its codes under its name; where each lies, as lists of the other sheets need it."""
    places = {}
    for column, name in enumerate(sorted({name for name in (*PEOPLE.values(), *COUNTS.values()) if name}), 1):
        sheet.cell(1, column, name).font = Font(bold=True)
        codes = vocabulary.codes(name)
        for row, code in enumerate(codes, 2):
            sheet.cell(row, column, code)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 30
        places[name] = f"Words!${letter}$2:${letter}${len(codes) + 1}"
    sheet.freeze_panes = "A2"
    return places


def _write_sheet(
    sheet: openpyxl.worksheet.worksheet.Worksheet, columns: dict[str, str], places: dict[str, str]
) -> None:
    """One sheet of headings, with lists to choose from."""
    for number, (column, name) in enumerate(((c, n) for c, n in columns.items() if c not in LEFT_OUT), 1):
        heading = sheet.cell(1, number, column)
        heading.font, heading.alignment = Font(bold=True), Alignment(wrap_text=True)
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = 24
        if name:
            choice = DataValidation(type="list", formula1=places[name], allow_blank=True, showErrorMessage=False)
            choice.add(f"{letter}2:{letter}{FILLED_IN + 1}")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "A2"


def _undated(content: bytes) -> bytes:
    """The same archive with a fixed date for every file in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = files["docProps/core.xml"]
    start, end = about.index(b"<dcterms:modified"), about.index(b"</dcterms:modified>")
    date = f"{NO_DATE:%Y-%m-%dT%H:%M:%SZ}".encode()
    files["docProps/core.xml"] = about[: about.index(b">", start) + 1] + date + about[end:]
    return zip_bytes(files)
