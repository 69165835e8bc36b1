"""Your own imported data: where they lie, and that what is read of them is of one import."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from analysis.errors import MisconductError, require_known
from analysis.paths import imported_folder, shown
from analysis.writing import ASIDE, restore_folder

LOCAL = imported_folder()
CHECKSUMS = "checksums.txt"  # of the files of one import, as sha256sum writes them
Identity = tuple[bytes, int, int]  # the file CHECKSUMS, its number on the disk and when it was written


def imported() -> dict[str, Path]:
    """The imported data sets there are: id of the source -> folder."""
    names = {path.name.removesuffix(ASIDE) for path in LOCAL.iterdir()} if LOCAL.is_dir() else set()
    return {name: LOCAL / name for name in sorted(names) if "." not in name and _is_import(LOCAL / name)}


def find_own(data: str | Path) -> Path | None:
    """The folder of an imported data set: by the id of its source, or the folder itself; None for "".

    Raises MisconductError listing the imported data sets there are.
    """
    if not data:
        return None
    if _is_import(Path(data).absolute()):
        return Path(data).absolute()
    known = imported()
    if not known:
        raise MisconductError(f"{str(data)!r} is not known: nothing has been imported yet (misconduct import).")
    return known[require_known(str(data), known, "imported data set")]


def checksums(digests: Mapping[str, str]) -> bytes:
    """The file CHECKSUMS for the files of an import: name -> sha256."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in digests.items()).encode()


def _is_import(folder: Path) -> bool:
    """Whether an import wrote this folder; one that is just being replaced is waited for."""
    for _ in range(3):
        if (folder / "source.yml").is_file():
            return True
        restore_folder(folder)
    return (folder / "source.yml").is_file()


@contextmanager
def one_import(folder: Path, seen: Identity | None = None) -> Iterator[tuple[list[str], Identity]]:
    """Around the reading of an imported folder; yields the names of its files and which import they are of.

    MisconductError unless all that is read is of one import: its files are those that were written together, and of
    the import `seen` before, where one is given. A folder without checksums, of an earlier edition of this program, has
    whatever files there are.
    """
    names, found = _checked(folder)
    again = MisconductError(f"{shown(folder)} was imported again meanwhile. Start again, to see one import alone.")
    if seen is not None and seen != found:
        raise again
    try:
        yield names, found
    finally:
        if _checked(folder)[1] != found:  # also when a file was not there: another import explains it
            raise again


def _checked(folder: Path) -> tuple[list[str], Identity]:
    """The names of the files of an import, and which it is. MisconductError when they do not belong together."""
    restore_folder(folder)
    found = _identity(folder)
    content = found[0].decode(errors="replace")
    if not content:
        return sorted(file.name for file in folder.glob("*")), found
    names = [line.partition("  ")[2] for line in content.splitlines()]
    there = {}
    for name in names:
        with suppress(FileNotFoundError):
            there[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    if checksums(there) != found[0]:
        if _identity(folder) != found:
            return _checked(folder)
        raise MisconductError(
            f"{shown(folder)} is not as it was imported: its files do not belong together. Import it again."
        )
    return names, found


def _identity(folder: Path) -> Identity:
    """What one import differs by from every other, even of the same file; empty without checksums."""
    try:
        with (folder / CHECKSUMS).open("rb") as file:
            about = os.fstat(file.fileno())
            return file.read(), about.st_ino, about.st_mtime_ns
    except FileNotFoundError:
        return b"", 0, 0
