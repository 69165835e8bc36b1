"""The sheets of an .xlsx workbook."""

from __future__ import annotations

import io
import warnings
import zipfile
from pathlib import Path

import openpyxl

from analysis.reading.spreadsheet.cells import Cell, Sheet, cell_of, require_cells, tidy


def read_xlsx(path: Path, content: bytes, archive: zipfile.ZipFile) -> list[Sheet]:
    """Every sheet of an .xlsx file; `content` is its bytes, `archive` the same opened."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about formatting and validation that it does not keep
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        has_formulas = any(
            b"<f>" in (text := archive.read(name)) or b"<f " in text
            for name in archive.namelist()
            if name.startswith("xl/worksheets/sheet")
        )
        formulas = openpyxl.load_workbook(io.BytesIO(content)) if has_formulas else None
    sheets = []
    for sheet in book.worksheets:
        require_cells(path, sheet.title, sheet.max_row, sheet.max_column)
        rows = [
            [
                Cell(str(cell.value), "error") if cell.data_type == "e" else cell_of(cell.value, cell.number_format)
                for cell in row
            ]
            for row in sheet.iter_rows(1)
        ]
        if formulas is not None:
            for line in formulas[sheet.title].iter_rows(1):
                for cell in line:
                    stored = sheet.cell(cell.row, cell.column)
                    if cell.data_type == "f" and stored.value is None and stored.data_type == "n":
                        rows[cell.row - 1][cell.column - 1] = Cell(tidy(str(cell.value)), "formula")
        hidden_columns: set[int] = set()
        for dimension in sheet.column_dimensions.values():
            if dimension.hidden:
                hidden_columns |= set(range(dimension.min, dimension.max + 1))
        sheets.append(
            Sheet(
                sheet.title,
                rows,
                sheet.sheet_state != "visible",
                frozenset(number for number, row in sheet.row_dimensions.items() if row.hidden),
                frozenset(hidden_columns),
                tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges),
            )
        )
    return sheets
