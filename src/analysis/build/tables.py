"""The processed tables: built from every raw source, written all or none, and read back validated."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.build.fetched_counts import aggregates
from analysis.errors import DataError, Problem
from analysis.csv_files import FIRST_ROW, read_csv_text, to_csv_bytes
from analysis.reading import SOURCES
from analysis.provenance.own_data import chosen, one_import
from analysis.paths import PROCESSED, RAW, shown, write_files
from analysis.checking.schemas import TABLES
from analysis.provenance.sources import correct, read_corrections, verify_checksums
from analysis.checking.validation import stale_acceptances, validate_file, validate_frame, validate_text

CODED_TABLES = ("subjects", "allegations", "sources", "published_figures", "published_rates", "claims")
COUNTED_TABLES = (  # of the fetched sources
    *("chicago_rates", "chicago_outcomes", "chicago_officers", "chicago_years"),
    "met_complaints",
)
PROCESSED_TABLES = (*CODED_TABLES, *COUNTED_TABLES)


def read_raw(folder: Path) -> dict[str, pd.DataFrame]:
    """Validate a source's folder against checksums, models, corrections and cross-table rules; its typed tables.

    Raises DataError with the problems of all its files.
    """
    verify_checksums(folder)
    module = SOURCES[folder.name]
    corrections, accepted = read_corrections(folder)
    raw, problems = {}, []
    for table, file in module.FILES.items():
        path, name = folder / file, f"{folder.name}/{table}"
        try:
            text = read_csv_text(path)
            mine = [entry for entry in corrections if entry.table == table]
            text = correct(text, TABLES[name].key, mine, shown(path))
            rules = [(entry.rule, entry.entity) for entry in accepted if entry.table == table]
            raw[table] = validate_text(text, name, shown(path), rules)
            problems += stale_acceptances(raw[table], name, shown(path), rules)
        except DataError as error:
            problems += error.problems
    problems = problems or module.check(raw)
    if problems:
        raise DataError(problems)
    return raw


def check_allegations(subjects: pd.DataFrame, allegations: pd.DataFrame) -> None:
    """DataError when an allegation has no subject or a subject has no allegation."""
    known = set(subjects["subject_id"])
    problems = [
        Problem("allegations", row, "subject_id", subject, f"there is no subject {subject!r}.", rule="no subject")
        for row, subject in enumerate(allegations["subject_id"], FIRST_ROW)
        if subject not in known
    ]
    accused = set(allegations["subject_id"])
    problems += [
        Problem("subjects", row, "subject_id", subject, "the subject has no allegation.", rule="no allegation")
        for row, subject in enumerate(subjects["subject_id"], FIRST_ROW)
        if subject not in accused
    ]
    if problems:
        raise DataError(problems)


def build_tables() -> dict[str, pd.DataFrame]:
    """Every processed table from data/raw, validated; nothing is written."""
    parts: dict[str, list[pd.DataFrame]] = {table: [] for table in CODED_TABLES}
    accepted = []
    for source, module in SOURCES.items():
        accepted += [(entry.rule, entry.entity) for entry in read_corrections(RAW / source)[1]]
        for table, rows in module.ingest(read_raw(RAW / source)).items():
            parts[table].append(rows)
    tables = {table: pd.concat(rows, ignore_index=True) for table, rows in parts.items()}
    tables = {
        table: validate_frame(rows[[*TABLES[table].model.to_schema().columns]], table, table, accepted)
        for table, rows in tables.items()
    }
    check_allegations(tables["subjects"], tables["allegations"])
    counted = {table: validate_frame(rows, table, table) for table, rows in aggregates(load_table).items()}
    return {**tables, **counted}


def write_tables(tables: dict[str, pd.DataFrame], folder: Path = PROCESSED) -> None:
    """Write each table as folder/<table>.csv, all or none."""
    write_files({folder / f"{table}.csv": to_csv_bytes(rows) for table, rows in tables.items()})


PEOPLE_TABLES = ("subjects", "allegations")


def load_table(table: str, folder: Path = PROCESSED) -> pd.DataFrame:
    """One processed table, typed and validated; DataError when it is missing or wrong.

    With imported data chosen (analysis.provenance.own_data), its people stand instead of the project's, and its figures, each of its
    own source, come before them.
    """
    own = chosen() if folder == PROCESSED else None
    if own is None:
        return _load(table, folder)
    wanted = PEOPLE_TABLES if table in PEOPLE_TABLES else (table,)
    with one_import(own) as files:
        imported = {name: _load(name, own) for name in wanted if f"{table}.csv" in files}
    if not imported:
        return _load(table, folder)
    if table in PEOPLE_TABLES:
        check_allegations(imported["subjects"], imported["allegations"])
        return imported[table]
    return pd.concat([imported[table], _load(table, folder)], ignore_index=True)


def _load(table: str, folder: Path) -> pd.DataFrame:
    accepted = [(entry.rule, entry.entity) for source in SOURCES for entry in read_corrections(RAW / source)[1]]
    return validate_file(folder / f"{table}.csv", table, accepted)
