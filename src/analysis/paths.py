"""Where the project's folders are, and how a path is said to people."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from analysis.characters import visible
from analysis.errors import MisconductError

_BESIDE = Path(__file__).resolve().parents[2]
IS_CHECKOUT = (_BESIDE / "pyproject.toml").is_file() and (_BESIDE / "data").is_dir()
ROOT = _BESIDE if IS_CHECKOUT else Path(__file__).resolve().parent / "_project"  # the latter as hatch_build.py packs it
RAW = ROOT / "data" / "raw"
PROCESSED = ROOT / "data" / "processed"
VOCABULARY = ROOT / "data" / "vocabulary"
CHECKS = ROOT / "data" / "checks"
NOTEBOOKS = ROOT / "notebooks"
BUILD = ROOT / "build" if IS_CHECKOUT else Path("build")  # of the current folder where the package is installed


def notebook_paths() -> list[Path]:
    """The suite's notebooks in order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Every file that `paths` are or contain, in order.

    Left out in folders: caches, and what editors, systems and unfinished writings leave (.x.swp, .DS_Store, x~).
    """
    found = [path for path in paths if path.is_file()]
    for folder in paths:
        for place, folders, files in os.walk(folder):  # which passes over a folder that vanishes meanwhile
            folders[:] = [name for name in folders if not _is_passing(name)]
            found += [Path(place, name) for name in files if not _is_passing(name)]
    return sorted({file for file in found if file.is_file()})


def _is_passing(name: str) -> bool:
    return name.startswith((".", "~$")) or name.endswith(("~", "#", ".tmp", ".bak")) or name == "__pycache__"


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


def shown(path: Path) -> str:
    """`path` as people should read it: relative to the project where it is inside it."""
    real = Path(os.path.realpath(path))  # resolve() fails where links lead in a circle
    return visible(real.relative_to(ROOT).as_posix() if real.is_relative_to(ROOT) else str(path)).replace("\r", "")
