"""The processed tables: built from every raw source, written all or none, and read back validated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis.build.fetched_counts import aggregates
from analysis.checking.accused import check_allegations
from analysis.checking.stamps import STAMP, stamp_of
from analysis.checking.tables import CODED_TABLES, TABLES
from analysis.checking.validation import (
    accepted_rules,
    stale_acceptances,
    validate_frame,
    validate_processed,
    validate_text,
)
from analysis.csv_files import read_csv_text, to_csv_bytes
from analysis.errors import DataError, MisconductError, require_known
from analysis.paths import PROCESSED, RAW, shown
from analysis.provenance.corrections import correct, read_corrections
from analysis.provenance.sources import source_ids, verify_checksums
from analysis.reading import SOURCES
from analysis.writing import write_files


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


def build_tables() -> dict[str, pd.DataFrame]:
    """Every processed table from data/raw, validated; nothing is written."""
    parts: dict[str, list[pd.DataFrame]] = {table: [] for table in CODED_TABLES}
    accepted = accepted_rules()
    for source, module in SOURCES.items():
        for table, rows in module.ingest(read_raw(RAW / source)).items():
            parts[table].append(rows)
    tables = {table: pd.concat(rows, ignore_index=True) for table, rows in parts.items()}
    tables = {
        table: validate_frame(rows[[*TABLES[table].model.to_schema().columns]], table, table, accepted)
        for table, rows in tables.items()
    }
    check_allegations(tables["subjects"], tables["allegations"])
    counted = {table: validate_frame(rows, table, table) for table, rows in aggregates().items()}
    return {**tables, **counted}


def write_tables(tables: dict[str, pd.DataFrame], folder: Path = PROCESSED) -> None:
    """Write each table as folder/<table>.csv and their checksums and types beside them, all or none."""
    written = {table: (rows, to_csv_bytes(rows)) for table, rows in tables.items()}
    files = {folder / f"{table}.csv": content for table, (_, content) in written.items()}
    stamp = stamp_of({table: (rows, hashlib.sha256(content).hexdigest()) for table, (rows, content) in written.items()})
    write_files({**files, folder / STAMP: stamp})


def check_folder(folder: Path) -> Iterator[str]:
    """Check one source's folder, the rules between its files too; a line for people. DataError with every problem."""
    require_known(folder.resolve().name, SOURCES, "source")
    rows = ", ".join(f"{table} {len(found):,}" for table, found in read_raw(folder.resolve()).items())
    corrections, accepted = read_corrections(folder)
    yield f"{shown(folder)}: no problems (rows: {rows}); corrections {len(corrections)}, accepted {len(accepted)}"


def check_all() -> Iterator[str]:
    """Check every source, the processed tables, and that the latter are what the former give; a line for each.

    Raises DataError with every problem; MisconductError for a folder of data/raw that nothing reads.
    """
    fetched = {*source_ids(fetched=True)} - {*source_ids()}
    unread = {path.parent.name for path in RAW.glob("*/*")} - {*SOURCES, *fetched}
    if unread:
        names = ", ".join(f"data/raw/{name}" for name in sorted(unread))
        raise MisconductError(f"Nothing reads {names}. CONTRIBUTING.md says how to add a source.")
    for source in SOURCES:
        yield from check_folder(RAW / source)
    stale = []
    for table, rows in build_tables().items():
        path = PROCESSED / f"{table}.csv"
        found = validate_processed(path, table)
        if path.read_bytes() == to_csv_bytes(rows):
            yield f"data/processed/{table}.csv: no problems in {len(found):,} rows"
        else:
            stale.append(shown(path))
    if stale:
        raise MisconductError(f"{', '.join(stale)}: not what data/raw gives today. Make it again: misconduct build")
