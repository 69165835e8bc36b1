"""What is known of tables that were validated when they were written, kept beside them so that nobody checks twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.errors import MisconductError
from analysis.paths import shown

STAMP = "tables.json"  # beside the tables: checksum, rows and types of each, as they were when they were validated


def stamps(folder: Path) -> dict[str, dict[str, Any]]:
    """What folder/tables.json says of each table: sha256, columns (name -> type) and, if it was written here, rows.

    Empty without it. Raises MisconductError when it says something else.
    """
    path = folder / STAMP
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_bytes())
        is_one = all(isinstance(of, dict) and {"sha256", "columns"} <= of.keys() for of in found.values())
    except (ValueError, RecursionError, AttributeError):
        is_one = False
    if not is_one:
        raise MisconductError(f"{shown(path)} is damaged. Remove it: the tables beside it are then checked again.")
    return dict(found)


def stamp_of(tables: Mapping[str, tuple[pd.DataFrame, str]]) -> bytes:
    """tables.json for tables that have just been validated, each with the sha256 of its CSV bytes."""
    found = {
        name: {
            "sha256": sha256,
            "rows": len(rows),
            "columns": {column: str(kind).replace("category", "str") for column, kind in rows.dtypes.items()},
        }
        for name, (rows, sha256) in tables.items()
    }
    return (json.dumps(found, indent=1) + "\n").encode()
