"""Your own imported data: where they lie, and which of them stand in for the project's (`--data`).

The choice is an environment variable, so that notebooks and the processes that draw charts follow it. What is read of
a data set in one process is of one import: `one_import`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from analysis.errors import MisconductError, require_known
from analysis.paths import ASIDE, imported_folder, restore_folder, shown

LOCAL = imported_folder()
VARIABLE = "MISCONDUCT_DATA"
CHECKSUMS = "checksums.txt"  # of the files of one import, as sha256sum writes them
Identity = tuple[bytes, int, int]  # the file CHECKSUMS, its number on the disk and when it was written
_read: dict[Path, Identity] = {}  # folder -> the import that this process reads


def imported() -> dict[str, Path]:
    """The imported data sets there are: id of the source -> folder; a folder elsewhere that was chosen is one."""
    names = {path.name.removesuffix(ASIDE) for path in LOCAL.iterdir()} if LOCAL.is_dir() else set()
    folders = [LOCAL / name for name in sorted(names) if "." not in name and _is_import(LOCAL / name)]
    elsewhere = Path(os.environ.get(VARIABLE, ""))
    if elsewhere != Path() and _is_import(elsewhere.absolute()):
        folders.append(elsewhere)
    return {folder.name: folder for folder in folders}


def choose(data: str) -> None:
    """Let this process and all it starts use the imported data set `data`; "" for the project's data alone.

    data: the id of its source, or a folder that an import wrote. MisconductError lists the known ones.
    """
    _read.clear()
    if not data:
        os.environ.pop(VARIABLE, None)
    elif _is_import(Path(data).absolute()):
        os.environ[VARIABLE] = str(Path(data).resolve())
    else:
        os.environ[VARIABLE] = require_known(data, imported(), "imported data set")


def chosen() -> Path | None:
    """The folder of the chosen data set, or None. MisconductError when there is none of that name."""
    name = Path(os.environ.get(VARIABLE, "")).name
    return imported()[require_known(name, imported(), "imported data set")] if name else None


def checksums(contents: Mapping[str, bytes]) -> bytes:
    """The file CHECKSUMS for the files of an import: name -> bytes."""
    return "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in contents.items()).encode()


def _is_import(folder: Path) -> bool:
    """Whether an import wrote this folder; one that is just being replaced is waited for."""
    for _ in range(3):
        if (folder / "source.yml").is_file():
            return True
        restore_folder(folder)
    return (folder / "source.yml").is_file()


@contextmanager
def one_import(folder: Path) -> Iterator[list[str]]:
    """Around the reading of an imported folder; yields the names of its files.

    MisconductError unless all that is read is of one import: its files are those that were written together, and the
    same as when this process first read the folder. A folder without checksums, of an earlier edition of this program,
    has whatever files there are.
    """
    names = _checked(folder)
    try:
        yield names
    finally:
        _checked(folder)  # also when a file was not there: another import explains it


def _checked(folder: Path) -> list[str]:
    """The names of the files of an import. MisconductError when they do not belong together or are of another one."""
    restore_folder(folder)
    found = _identity(folder)
    if _read.setdefault(folder, found) != found:
        raise MisconductError(f"{shown(folder)} was imported again meanwhile. Start again, to see one import alone.")
    content = found[0].decode(errors="replace")
    if not content:
        return sorted(file.name for file in folder.glob("*"))
    names = [line.partition("  ")[2] for line in content.splitlines()]
    there = {}
    for name in names:
        with suppress(FileNotFoundError):
            there[name] = (folder / name).read_bytes()
    if checksums(there) != found[0]:
        if _identity(folder) != found:
            return _checked(folder)
        raise MisconductError(
            f"{shown(folder)} is not as it was imported: its files do not belong together. Import it again."
        )
    return names


def _identity(folder: Path) -> Identity:
    """What one import differs by from every other, even of the same file; empty without checksums."""
    try:
        with (folder / CHECKSUMS).open("rb") as file:
            about = os.fstat(file.fileno())
            return file.read(), about.st_ino, about.st_mtime_ns
    except FileNotFoundError:
        return b"", 0, 0
