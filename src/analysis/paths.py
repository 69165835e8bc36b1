"""Where the project's folders are, and writing files so that none is ever half-written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from analysis.errors import MisconductError

_BESIDE = Path(__file__).resolve().parents[2]
IS_CHECKOUT = (_BESIDE / "pyproject.toml").is_file() and (_BESIDE / "data").is_dir()
ROOT = _BESIDE if IS_CHECKOUT else Path(__file__).resolve().parent / "_project"  # the latter as hatch_build.py packs it
RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
VOCABULARY = ROOT / "data" / "vocabulary"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build" if IS_CHECKOUT else Path("build")  # of the current folder where the package is installed


def imported_folder() -> Path:
    """Where imported data are kept: in the checkout (git leaves them out), else in the user's place for data."""
    if IS_CHECKOUT:
        return PROCESSED / "local"
    from platformdirs import user_data_path

    return user_data_path("police-misconduct-outcomes", appauthor=False) / "imported"


def require_checkout(what: str) -> None:
    """MisconductError when `what` (a command as people type it) is asked of an installed package."""
    if not IS_CHECKOUT:
        raise MisconductError(
            f"`{what}` needs a checkout of the project (git clone its repository, then: make setup), because it works "
            "on the raw data, notebooks or documents, and the installed package holds only the finished tables."
        )


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
