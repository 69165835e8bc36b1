"""From a file and its mapping to validated tables in data/processed/local/<id>: all of them, or none."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import yaml

from analysis.checking.accused import check_allegations
from analysis.checking.stamps import STAMP, stamp_of
from analysis.checking.tables import TABLES
from analysis.checking.validation import typed, validate_frame
from analysis.csv_files import FIRST_ROW, to_csv_bytes
from analysis.errors import DataError, MisconductError, Problem, about, distinct
from analysis.provenance.own_data import CHECKSUMS, LOCAL, checksums
from analysis.reading.published_figures import is_foi_reply
from analysis.reading.spreadsheet.cells import without_collecting
from analysis.reading.spreadsheet.coded import Row
from analysis.reading.spreadsheet.counts import rates_of_counts, read_counts
from analysis.reading.spreadsheet.grid import choose_sheets, read_sheets
from analysis.reading.spreadsheet.mapping import Mapping, read_mapping
from analysis.reading.spreadsheet.people import read_people
from analysis.reading.spreadsheet.sheet_rows import Reader
from analysis.writing import fill_folder, replaced_folder

NO_FINDING = (
    "Correct the row; or say that such a finding is not stated (labels: finding), or take finding "
    "out of columns: it is then inferred from the outcome."
)
STAGES = ("Reading the file", "Looking at its rows", "Writing the tables")  # of an import, in this order


def import_file(
    file: Path, map_file: Path, folder: Path = LOCAL, begin: Callable[[str], object] = str
) -> tuple[Path, list[str]]:
    """Import a spreadsheet; the folder written and what people should be told of it.

    begin: is called with each of STAGES when it begins.

    Writes <folder>/<id of the source>/ with source.yml, tables.json and either subjects.csv and allegations.csv, or
    published_figures.csv, published_rates.csv and sources.csv; all at once, in place of an earlier import of that id,
    so that whatever interrupts it leaves the old data or the new; other files of that folder stay. Raises DataError
    with every problem of the mapping or of the file, and nothing is written then.
    """
    mapping, before = read_mapping(map_file), _checksum(file)
    reading, looking, writing = STAGES
    with without_collecting():
        begin(reading)
        reader = read_file(file, mapping)
        begin(looking)
        tables = make_tables(reader)
        if _checksum(file) != before:
            raise MisconductError(f"{file} was changed while it was read. Nothing was written; start again.")
        begin(writing)
        contents = {f"{table}.csv": to_csv_bytes(rows) for table, rows in tables.items()}
    target = folder / mapping.source.id
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    beside = {
        STAMP: stamp_of({table: (rows, digests[f"{table}.csv"]) for table, rows in tables.items()}),
        "source.yml": _source_yml(reader, tables, before),
    }
    digests |= {name: hashlib.sha256(content).hexdigest() for name, content in beside.items()}
    contents |= {**beside, CHECKSUMS: checksums(digests)}
    with replaced_folder(target) as fresh:
        _keep_others(target, fresh)
        fill_folder(fresh, contents.items())
    return target, [*reader.told, *(f"{table}: {len(rows):,} rows." for table, rows in tables.items())]


def _checksum(file: Path) -> str:
    with about(file):
        if not file.is_file():
            return ""
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()


def _keep_others(old: Path, new: Path) -> None:
    """Copy what somebody put beside an earlier import, all but the files of imports."""
    ours = {*(f"{table}.csv" for table in TABLES), "source.yml", STAMP, CHECKSUMS}
    for path in old.iterdir() if old.is_dir() else ():
        if path.is_dir():
            shutil.copytree(path, new / path.name, symlinks=True)
        elif path.name not in ours:
            shutil.copy2(path, new / path.name, follow_symlinks=False)


def read_file(file: Path, mapping: Mapping) -> Reader:
    """The sheet that a mapping is about, ready to be read."""
    sheets = read_sheets(file, mapping.read.encoding, mapping.read.delimiter)
    chosen = choose_sheets(file, sheets, mapping.read.sheet)
    reader = Reader(file, chosen[0], mapping, sheets=chosen)
    if mapping.read.broken_lines:
        reader = _with_whole_lines(reader)
    hidden = [other.name for other in sheets if other.is_hidden and all(other is not sheet for sheet in chosen)]
    if hidden:
        reader.told.append(f"{len(hidden)} hidden sheet{'s' * (len(hidden) > 1)} not read: {', '.join(hidden)}.")
    return reader


def _with_whole_lines(reader: Reader) -> Reader:
    """The same with the lines joined that were broken, of every sheet."""
    read, whole = reader.mapping.read, []
    for sheet in reader.sheets:
        reader.turn_to(sheet)
        column = reader.column_of(read.broken_lines)
        if not column:
            raise DataError(reader.problems)
        whole.append(sheet.joined(column, max(read.heading) + 1, read.last_row or len(sheet.rows)))
    return Reader(reader.file, whole[0], reader.mapping, sheets=tuple(whole))


def make_tables(reader: Reader) -> dict[str, pd.DataFrame]:
    """The validated tables of a sheet by name. DataError with every problem."""
    if reader.mapping.table == "people":
        subjects, allegations = read_people(reader)
        tables = {"subjects": subjects, "allegations": allegations}
    else:
        figures = read_counts(reader)
        rates = pd.DataFrame() if reader.problems else rates_of_counts(reader, figures)
        tables = {"sources": _publication(reader.mapping), "published_figures": figures, "published_rates": rates}
    if reader.problems:
        raise DataError(distinct(sorted(reader.problems, key=lambda problem: problem.row or 0)))
    tables = {table: _validated(reader, table, rows) for table, rows in tables.items()}
    if "subjects" in tables:
        check_allegations(tables["subjects"], tables["allegations"])
    return tables


def _validated(reader: Reader, table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a validated table; a problem names the row of the sheet that the row is from."""
    try:
        return validate_frame(typed(rows, table), table, reader.place)
    except DataError as error:
        known = reader.rows.get(table, [])
        placed = [
            _placed(reader, problem, known[problem.row - FIRST_ROW]) if known and problem.row else problem
            for problem in error.problems
        ]
        raise DataError(distinct(placed)) from error


def _placed(reader: Reader, problem: Problem, row: Row) -> Problem:
    """A problem of a table at the row of the sheet that it comes from."""
    reader.turn_to(row.sheet)
    advice = problem.advice or (NO_FINDING if problem.column == "finding" else "")
    return replace(problem, row=row.number, file=reader.place, advice=advice)


def _publication(mapping: Mapping) -> pd.DataFrame:
    """The one row of Sources."""
    about = mapping.source
    return pd.DataFrame(
        [
            {
                "source_id": about.id,
                "publisher": about.publisher,
                "title": about.title,
                "url": about.url,
                "published": about.published,
                "data_origin": about.data_origin or about.publisher,
                "licence": about.licence,
                "fidelity": about.fidelity,
                "is_foi_reply": is_foi_reply(about.data_origin or about.publisher),
            }
        ]
    )


def _source_yml(reader: Reader, tables: dict[str, pd.DataFrame], checksum: str) -> bytes:
    """source.yml of an imported file, as every source has one."""
    about, rows = reader.mapping.source, next(iter(tables.values()))
    year = about.published[:4] or "undated"
    described = {
        "id": about.id,
        "title": about.title,
        "publisher": about.publisher,
        "citation": f"{about.publisher} ({year}), {about.title}",
        "urls": [about.url],
        "licence": {"name": about.licence, "url": about.licence_url},
        "published": about.published,
        "accessed": datetime.date.today().isoformat(),
        "jurisdiction": about.jurisdiction,
        "coverage": about.coverage,
        "unit": reader.mapping.unit if reader.mapping.table == "people" else "counts",
        "how_made": "Imported from a spreadsheet with a mapping of its columns and labels (misconduct import).",
        "known_limits": [*about.limits, *reader.told],
        "files": {
            reader.file.name: {
                "sha256": checksum,
                "rows": len(tables.get("published_figures", rows)),
            }
        },
    }
    return yaml.safe_dump(described, sort_keys=False, allow_unicode=True).encode()
