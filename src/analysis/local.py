"""Your own imported data: where they lie, and which of them stand in for the project's (`--data`).

The choice is an environment variable, so that notebooks and the processes that draw charts follow it.
"""

from __future__ import annotations

import os
from pathlib import Path

from analysis.errors import require_known
from analysis.paths import imported_folder

LOCAL = imported_folder()
VARIABLE = "MISCONDUCT_DATA"


def imported() -> dict[str, Path]:
    """The imported data sets there are: id of the source -> folder; a folder elsewhere that was chosen is one."""
    folders = [path.parent for path in sorted(LOCAL.glob("*/source.yml"))]
    elsewhere = Path(os.environ.get(VARIABLE, ""))
    if (elsewhere / "source.yml").is_file() and elsewhere != Path():
        folders.append(elsewhere)
    return {folder.name: folder for folder in folders}


def choose(data: str) -> None:
    """Let this process and all it starts use the imported data set `data`; "" for the project's data alone.

    data: the id of its source, or a folder that an import wrote. MisconductError lists the known ones.
    """
    if not data:
        os.environ.pop(VARIABLE, None)
    elif (Path(data) / "source.yml").is_file():
        os.environ[VARIABLE] = str(Path(data).resolve())
    else:
        os.environ[VARIABLE] = require_known(data, imported(), "imported data set")


def chosen() -> Path | None:
    """The folder of the chosen data set, or None. MisconductError when there is none of that name."""
    name = Path(os.environ.get(VARIABLE, "")).name
    return imported()[require_known(name, imported(), "imported data set")] if name else None
