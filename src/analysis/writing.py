"""The one way of writing: whatever stops it at whatever moment, what was there is whole, the old or the new.

What is new is written beside its place, under a name that nobody can foresee, and down to the disk; then one rename
makes it count. One process at a time writes a folder, or several files of one; the system frees the lock of one that
dies. docs/architecture.md says it at length.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from glob import escape
from pathlib import Path

from analysis.errors import MisconductError, about
from analysis.paths import files_of, shown

ASIDE, FRESH = ".being-replaced", ".being-written-"  # of folders beside the one, or in the one, that is written
TOGETHER = ".together"  # what files of a folder that are written together are called by those names and their lock
NEW = ".new.json"  # in their folder ASIDE: file name -> sha256 of what replaces it, whether there was one
WAIT = 10.0  # seconds to wait for another process that is writing the same
CHANGED = "was changed by somebody meanwhile. That is kept, and nothing was written; start again."
Files = Mapping[Path, bytes | None]  # their state: see `state_of`
_HELD: ContextVar[MutableMapping[Path, bytes | None]] = ContextVar("held")

# --- files ------------------------------------------------------------------------------------------------------------


def write_files(contents: Mapping[Path, bytes], instead_of: Files | None = None) -> None:
    """Write files of one folder, down to the disk, all or none.

    One file takes the place of the old by one rename. Of several, the old ones are kept aside until all new ones are in
    their places; the rename of that folder makes the new ones count, and until then `put_back` undoes them.
    instead_of: what files must hold still (`held` files: what they held); MisconductError, and nothing written, when
    somebody changed one.
    """
    [folder] = {path.parent for path in contents}
    kept = _HELD.get({})
    instead_of = {**{path: kept[path] for path in contents if path in kept}, **(instead_of or {})}
    with _together(folder) as fresh:
        if len(contents) == 1 and not instead_of:
            [(path, content)] = contents.items()
            _require_no_folder(path)
            _write_to_disk(fresh / path.name, content)
            (fresh / path.name).replace(path)
        else:
            _replace_files(folder, fresh, {path.name: content for path, content in contents.items()}, instead_of)
    kept.update({path: content for path, content in contents.items() if path in kept})


def state_of(path: Path) -> bytes | None:
    """What a file holds; of a folder a checksum of its files' names, sizes and times; None where there is neither."""
    if not path.is_dir():
        return path.read_bytes() if path.is_file() else None
    files = ((file.relative_to(path).as_posix(), file.stat()) for file in files_of([path]))
    return hashlib.sha256(repr([(name, now.st_size, now.st_mtime_ns) for name, now in files]).encode()).digest()


@contextmanager
def held(paths: Iterable[Path]) -> Iterator[Files]:
    """Around work that writes files and folders: none that somebody changes, or makes, from now on is replaced.

    Yields the state of what was written, as soon as it is; what an interrupted writing left is put back first.
    """
    before = {}
    for path in paths:
        put_back(path.parent)
        restore_folder(path)
        before[path] = state_of(path)
    now = ChainMap[Path, bytes | None]({}, before)  # written over before
    outer = _HELD.set(now)
    try:
        yield now.maps[0]
    finally:
        _HELD.reset(outer)


@contextmanager
def _together(folder: Path) -> Iterator[Path]:
    """Around the writing of files of a folder, under its lock: yields a new, empty folder in it to write them to first.

    What an interrupted writing left is undone or removed.
    """
    with about(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / TOGETHER, folder):
            _undo(folder)
            _clear(folder / TOGETHER)
            try:
                yield _fresh(folder / TOGETHER)
                _folder_to_disk(folder)
            finally:
                _clear(folder / TOGETHER)


def _replace_files(folder: Path, fresh: Path, contents: Mapping[str, bytes], instead_of: Files) -> None:
    """`write_files` for several."""
    together = folder / TOGETHER
    kept, new = _fresh(together), {}
    try:
        for name, content in contents.items():
            _require_no_folder(folder / name)
            _write_to_disk(fresh / name, content)
            new[name] = (hashlib.sha256(content).hexdigest(), os.path.lexists(folder / name))
            if new[name][1]:
                _second_name(folder / name, kept / name)
        _write_to_disk(kept / NEW, json.dumps(new).encode())
        _require_unchanged(folder, instead_of)
        kept.rename(_old(together))
        for name in contents:
            (fresh / name).replace(folder / name)
        _folder_to_disk(folder)
        _require_unchanged(_old(together), instead_of)
        _old(together).rename(fresh / ASIDE)
    except BaseException:
        with suppress(OSError):  # then it stays aside, and whoever comes next does it
            _undo(folder)
        raise


def _require_no_folder(path: Path) -> None:
    if path.is_dir():
        raise MisconductError(f"{shown(path)} is a folder, so no file can be written there. Rename or remove it.")


def _require_unchanged(folder: Path, instead_of: Files) -> None:
    """MisconductError when a file, in its place or kept aside, is not what it has to be."""
    for path, content in instead_of.items():
        if state_of(folder / path.name) != content:
            raise MisconductError(f"{shown(path)} {CHANGED}")


def put_back(folder: Path) -> None:
    """Undo a writing of several files of a folder that was interrupted, if any; one under way is waited for."""
    if _old(folder / TOGETHER).is_dir():
        with locked(folder / TOGETHER, folder):
            _undo(folder)
            _clear(folder / TOGETHER)


def _undo(folder: Path) -> None:
    """Put back every file that was replaced, and take away every one that was added; what somebody changed stays."""
    kept = _old(folder / TOGETHER)
    if not kept.is_dir():
        return
    for name, (new, was_there) in json.loads((kept / NEW).read_bytes()).items():
        path = folder / name
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() != new:
            continue
        if not was_there:
            path.unlink(missing_ok=True)
        elif os.path.lexists(kept / name):
            (kept / name).replace(path)
    _folder_to_disk(folder)
    kept.rename(_fresh(folder / TOGETHER) / ASIDE)


def write_beside(wanted: Path, content: bytes) -> Path:
    """Write a file that replaces nothing: `wanted`, or with a number if that name is taken; the path written."""
    if not wanted.name:
        raise MisconductError(f"{str(wanted)!r} is not the name of a file.")
    path, number = wanted, 1
    with _together(wanted.parent) as fresh:
        _write_to_disk(fresh / wanted.name, content)
        while not _take_name(fresh / wanted.name, path):
            number += 1
            path = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
    return path


def _take_name(ready: Path, path: Path) -> bool:
    """Give a finished file a name, unless that is taken; whether it was free."""
    try:
        os.link(ready, path)
    except FileExistsError:
        return False
    except OSError:  # a disk without second names: the name is taken by an empty file first
        with suppress(FileExistsError), path.open("xb"):
            ready.replace(path)
            return True
        return False
    return True


def _write_to_disk(path: Path, content: bytes) -> None:
    """Write a file that is not there yet (a symbolic link is not followed), down to the disk."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _second_name(path: Path, other: Path) -> None:
    """Another name for the same file, or a copy where a disk has no second names."""
    try:
        os.link(path, other, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(path, other, follow_symlinks=False)


# --- folders ----------------------------------------------------------------------------------------------------------


@contextmanager
def replaced_folder(folder: Path, seconds: float = WAIT) -> Iterator[Path]:
    """A new, empty folder to fill, which then takes the place of `folder`; on any failure the old one stays.

    Whoever stops at whatever moment, `folder` has all of the old files or all of the new, or is absent between two
    renames: `restore_folder` waits for the new one, or brings the old one back. One process at a time: another waits
    `seconds`, then MisconductError says which process it is; so it does of a file in that place, which stays, and of
    an old folder that somebody changed from now on (or, if it is `held`, from then on).
    """
    kept = _HELD.get({})
    with locked(folder, folder, seconds):
        if folder.exists() and not folder.is_dir():
            raise MisconductError(f"{shown(folder)} is a file, so no folder can be written there. Move or remove it.")
        _restore(folder)
        _clear(folder)  # what processes that were killed left
        fresh, before = _fresh(folder), kept[folder] if folder in kept else state_of(folder)
        try:
            yield fresh
            _all_to_disk(fresh)
            if folder.exists():
                folder.rename(_old(folder))
                if state_of(_old(folder)) != before:
                    raise MisconductError(f"{shown(folder)} {CHANGED}")
            new = state_of(fresh)
            fresh.rename(folder)
            kept.update({folder: new} if folder in kept else {})
            _folder_to_disk(folder.parent)
        finally:
            _restore(folder)
            _clear(folder)


def fill_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files, by their paths in it, into a folder of `replaced_folder`; how many.

    Raises MisconductError for a path that leads out of the folder or is there twice.
    """
    count = 0
    for path, content in files:
        target = (folder / path).resolve()
        if not target.is_relative_to(folder.resolve()) or target.exists():
            raise MisconductError(f"There cannot be a file {path!r}: it is outside the folder or there twice.")
        with about(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        count += 1
    return count


def restore_folder(folder: Path) -> None:
    """Bring back the folder that an interrupted replacement had moved aside, if any; one under way is waited for."""
    if not folder.exists() and _old(folder).is_dir():
        with locked(folder, folder):
            _restore(folder)


def _old(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{ASIDE}")


def _fresh(folder: Path) -> Path:
    """A new folder beside `folder`, with a name that nobody can foresee."""
    fresh = folder.with_name(f"{folder.name}{FRESH}{os.urandom(8).hex()}")
    fresh.mkdir()
    return fresh


def _restore(folder: Path) -> None:
    if not folder.exists() and _old(folder).is_dir():
        _old(folder).rename(folder)


def _clear(folder: Path) -> None:
    """Remove unfinished folders, and an old one if the new one is in its place.

    That one is renamed first, so that no half of it is restored; what is kept for `_undo` is not touched.
    """
    if folder.name != TOGETHER and folder.exists() and _old(folder).is_dir():
        _old(folder).rename(folder.with_name(f"{folder.name}{FRESH}{os.urandom(8).hex()}"))
    for left in folder.parent.glob(f"{escape(folder.name)}{FRESH}*"):
        shutil.rmtree(left, ignore_errors=True)


def _all_to_disk(folder: Path) -> None:
    """All files under a folder, down to the disk."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir() and not path.is_symlink():
            _folder_to_disk(path)
        elif path.is_file() and not path.is_symlink():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def _folder_to_disk(folder: Path) -> None:
    """The names in a folder, down to the disk, where a system can do that."""
    if sys.platform != "win32":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


# --- one at a time ----------------------------------------------------------------------------------------------------


@contextmanager
def locked(path: Path, what: Path, seconds: float = WAIT) -> Iterator[None]:
    """Hold the lock <path>.lock of `what`; the system frees it when its holder ends or dies.

    Another waits `seconds`, then MisconductError says which process holds it.
    """
    path, end = path.with_name(f"{path.name}.lock"), time.monotonic() + seconds
    while True:
        with about(what):
            path.parent.mkdir(parents=True, exist_ok=True)
            number = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        if _take(number) and _is_file(number, path):
            break
        holder = os.read(number, 20).decode(errors="replace")
        os.close(number)
        if time.monotonic() > end:
            by = f"another process ({holder})" if holder else "another process"
            raise MisconductError(f"{shown(what)} is being written by {by}. Wait until it has ended, then try again.")
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
