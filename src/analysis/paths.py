"""Where the project's folders are, and writing files so that none is ever half-written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
VOCABULARY = ROOT / "data" / "vocabulary"
CHECKS = ROOT / "data" / "checks"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build"


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write each path's bytes to a temporary name, then rename all: a failure leaves every old file as it was."""
    partial = {path: path.with_name(path.name + ".partial") for path in contents}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial[path].write_bytes(content)
        for path in contents:
            partial[path].replace(path)
    finally:
        for temporary in partial.values():
            temporary.unlink(missing_ok=True)


def shown(path: Path) -> str:
    """`path` as people should read it: relative to the project where it is inside it."""
    path = Path(path)
    return path.resolve().relative_to(ROOT).as_posix() if path.resolve().is_relative_to(ROOT) else str(path)
