"""Where the project's folders are, and writing files and folders so that none is ever half-written or half-replaced."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

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


UNFINISHED = ".partial"  # what the name of a file that is being written ends with
ASIDE, FRESH = ".being-replaced", ".being-written-"  # names of folders, beside the one that is replaced
WAIT = 10.0  # seconds to wait for another process that is writing the same folder


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write each path's bytes to a new file on the disk, then rename all: a failure leaves every file as it was.

    Each file is whole at any moment, old or new. Files that belong together also when the computer stops between two
    renames are for `replaced_folder`.
    """
    ready: dict[Path, Path] = {}
    kept: dict[Path, Path | None] = {}  # what was there before, under another name, until all is done
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            ready[path] = _unfinished(path)
            _write_to_disk(ready[path], content)
        for path in contents:
            if len(contents) > 1:
                kept[path] = _second_name(path) if os.path.lexists(path) else None
            ready[path].replace(path)
            del ready[path]
    except BaseException:
        for path, old in kept.items():
            with suppress(OSError):  # then it stays under its other name
                _put_back(path, old, is_new=path not in ready)
        raise
    finally:
        for temporary in ready.values():
            temporary.unlink(missing_ok=True)
    for old in kept.values():
        if old is not None:
            old.unlink(missing_ok=True)


def _put_back(path: Path, old: Path | None, *, is_new: bool) -> None:
    """Make a path what it was: the file kept under the name `old`, or nothing."""
    if old is not None:
        old.replace(path)
        old.unlink(missing_ok=True)  # two names of one file both stay when one replaces the other
    elif is_new:
        path.unlink(missing_ok=True)


def write_beside(wanted: Path, content: bytes) -> Path:
    """Write a file that replaces nothing: `wanted`, or with a number if that name is taken; the path written."""
    if not wanted.name:
        raise MisconductError(f"{str(wanted)!r} is not the name of a file.")
    wanted.parent.mkdir(parents=True, exist_ok=True)
    path, number = wanted, 1
    while True:
        try:
            _write_to_disk(path, content)
        except FileExistsError:
            number += 1
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        else:
            return path


def _unfinished(path: Path) -> Path:
    """A name beside `path` that nobody can foresee."""
    return path.with_name(f".{os.urandom(8).hex()}{UNFINISHED}")


def _write_to_disk(path: Path, content: bytes) -> None:
    """Write a file that is not there yet (a symbolic link is not followed), down to the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _second_name(path: Path) -> Path:
    """Another name for the same file, or a copy where a disk has no second names."""
    other = _unfinished(path)
    try:
        os.link(path, other, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(path, other, follow_symlinks=False)
    return other


@contextmanager
def replaced_folder(folder: Path, seconds: float = WAIT) -> Iterator[Path]:
    """A new, empty folder to fill, which then takes the place of `folder`; on any failure the old one stays.

    Whoever stops at whatever moment, `folder` has all of the old files or all of the new, or is absent between two
    renames: `restore_folder` waits for the new one, or brings the old one back. One process at a time: another waits
    `seconds`, then MisconductError says which process it is.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder, seconds):
        _restore(folder)
        _clear(folder)  # what processes that were killed left
        fresh = folder.with_name(f"{folder.name}{FRESH}{os.urandom(8).hex()}")
        fresh.mkdir()
        try:
            yield fresh
            if folder.exists():
                folder.rename(_old(folder))
            fresh.rename(folder)
            _folder_to_disk(folder.parent)
        finally:
            _restore(folder)
            _clear(folder)


def restore_folder(folder: Path) -> None:
    """Bring back the folder that an interrupted replacement had moved aside, if any; one under way is waited for."""
    if not folder.exists() and _old(folder).is_dir():
        with _locked(folder, WAIT):
            _restore(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{ASIDE}")


def _restore(folder: Path) -> None:
    if not folder.exists() and _old(folder).is_dir():
        _old(folder).rename(folder)


def _clear(folder: Path) -> None:
    """Remove the old folder and unfinished ones; an old one is renamed first, so that no half of it is restored."""
    if _old(folder).is_dir():
        _old(folder).rename(folder.with_name(f"{folder.name}{FRESH}{os.urandom(8).hex()}"))
    for left in folder.parent.glob(f"{escape(folder.name)}{FRESH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _folder_to_disk(folder: Path) -> None:
    """The renames in a folder, down to the disk, where a system can do that."""
    if sys.platform != "win32":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def _locked(folder: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a folder, the file <folder>.lock; the system gives it free when its holder ends or dies."""
    path, end = folder.with_name(f"{folder.name}.lock"), time.monotonic() + seconds
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        if _take(number) and _is_file(number, path):
            break
        holder = os.read(number, 20).decode(errors="replace")
        os.close(number)
        if time.monotonic() > end:
            by = f"another process ({holder})" if holder else "another process"
            raise MisconductError(f"{shown(folder)} is being written by {by}. Wait until it has ended, then try again.")
        time.sleep(0.02)
    try:
        os.ftruncate(number, 0)
        os.write(number, str(os.getpid()).encode())
        yield
    finally:
        try:
            with suppress(OSError):  # some systems remove no open file; a lock file does no harm
                path.unlink()
        finally:
            os.close(number)


def _take(number: int) -> bool:
    """Lock an open file for this process alone, without waiting; whether it could be had."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(number, 1 << 20, os.SEEK_SET)  # bytes that are locked cannot be read by others
            try:
                msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(number, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_file(number: int, path: Path) -> bool:
    """Whether an open file still has its name: its last holder removes it."""
    try:
        return os.path.samestat(os.fstat(number), path.stat())
    except FileNotFoundError:
        return False


def shown(path: Path) -> str:
    """`path` as people should read it: relative to the project where it is inside it."""
    path = Path(path)
    return path.resolve().relative_to(ROOT).as_posix() if path.resolve().is_relative_to(ROOT) else str(path)
