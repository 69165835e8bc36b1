"""What tests of attacked files share: a small sheet of counts as .xlsx and .ods, with whatever is wrong in one cell."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import yaml
from imports import changed, imported

from analysis.errors import DataError
from analysis.reading.spreadsheet import grid
from analysis.reading.spreadsheet.cells import Cell, Sheet

MAP = {
    "confirmed": "yes",
    "table": "counts",
    "source": {
        **{"id": "t_x", "title": "T", "publisher": "P", "url": "https://e.org/x", "published": "2021"},
        **{"licence": "none", "jurisdiction": "E", "coverage": "C"},
    },
    "columns": {"period": "Year", "value": "Dismissed"},
    "period": "calendar_year",
    "constants": {
        **{"force": "Kent Police", "person_type": "officer", "complaint_type": "sexual_misconduct"},
        **{"unit": "allegations", "stage": "outcome", "outcome": "dismissed"},
    },
    "suppressed": {"-": "not_available", "<5": [1, 4], "": "zero"},
}
NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
}
SHEET = "xl/worksheets/sheet1.xml"


def xlsx(value=3, change=None) -> bytes:
    """Year and Dismissed: 2019 with a value in B2, 2020 with 5; change(book, sheet) before it is saved."""
    book = openpyxl.Workbook()
    for row in (["Year", "Dismissed"], [2019, value], [2020, 5]):
        book.active.append(row)
    book.calculation.fullCalcOnLoad = None  # as a spreadsheet program saves it
    if change:
        change(book, book.active)
    book.save(file := io.BytesIO())
    return file.getvalue()


def rezipped(content: bytes, change=None, more=()) -> bytes:
    """A zip with each member as change(name, text) says (a new name and text), and some more at its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)) if change else (name, old.read(name)))
        for name, text in more:
            new.writestr(name, text)
    return out.getvalue()


def replaced(content: bytes, old: bytes, new: bytes, part: str = "") -> bytes:
    """A zip in which a text is another wherever it stands, or in one part."""
    return rezipped(content, lambda name, text: (name, text.replace(old, new) if part in ("", name) else text))


def ods(cell: str = "", *, styles: str = "", rows: str = "", columns: str = "") -> bytes:
    """The same sheet as .ods; cell: the XML of B2; rows: what follows the rows."""
    number = '<table:table-cell office:value-type="float" office:value="{0}"><text:p>{0}</text:p></table:table-cell>'
    heading = "".join(f"<table:table-cell><text:p>{name}</text:p></table:table-cell>" for name in ("Year", "Dismissed"))
    body = f"<table:table-row>{heading}</table:table-row>"
    body += f"<table:table-row>{number.format(2019)}{cell or number.format(3)}</table:table-row>"
    body += f"<table:table-row>{number.format(2020)}{number.format(5)}</table:table-row>{rows}"
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in NAMES.items())
    content = f"""<?xml version="1.0"?><office:document-content {spaces}><office:automatic-styles>{styles}\
</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="S">{columns}{body}</table:table>\
</office:spreadsheet></office:body></office:document-content>"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return out.getvalue()


def sheet_of(folder: Path, content: bytes, name: str) -> Sheet:
    """The only sheet of a file."""
    (folder / name).write_bytes(content)
    return grid.read_sheets(folder / name)[0]


def b2(folder: Path, content: bytes, name: str = "a.xlsx") -> Cell:
    """The cell with the value of 2019."""
    return sheet_of(folder, content, name).cell(2, 2)


def outcome(folder: Path, content: bytes, name: str = "a.xlsx", **changes) -> object:
    """What an import makes of the value of 2019: a number, a symbol, or what it says in refusing."""
    (folder / name).write_bytes(content)
    try:
        figures = imported(folder / name, changed(MAP, **changes), folder / "out")[0]["published_figures"]
    except DataError as error:
        return "\n".join(problem.sentence() for problem in error.problems)
    value = figures["value"].iloc[0]
    return figures["symbol"].iloc[0] if pd.isna(value) else value


def mapping_file(folder: Path, text: str | dict) -> Path:
    """A file of a mapping."""
    path = folder / "m.yml"
    path.write_text(text if isinstance(text, str) else yaml.safe_dump(text, sort_keys=False), encoding="utf-8")
    return path
