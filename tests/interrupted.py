"""Being interrupted: the step at which a process ends or a disk is full, for tests that try every one."""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from analysis.errors import MisconductError
from analysis.reading.spreadsheet import importer
from analysis.reading.spreadsheet.mapping import read_mapping
from analysis.writing import replaced_folder

NEED_ROOM = ("open", "write", "sendfile", "link", "mkdir", "fsync", "close")
STEPS = (*NEED_ROOM[1:-1], "replace", "rename", "unlink", "rmdir", "ftruncate")
FILES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Killed(BaseException):
    """The process ends here; nothing it would do afterwards is done."""


FULL = OSError(errno.ENOSPC, "No space left on device")  # from here on: what needs no room goes on
FAILED = OSError(errno.EIO, "Input/output error")  # this once
WAYS = {"killed": Killed(), "failed": FAILED, "full": FULL}


class Steps:
    """Counts the steps of writing, and lets the step number `after` (0 is the first) fail."""

    def __init__(self, after: int, failure: BaseException) -> None:
        self.after, self.failure, self.done = after, failure, 0

    def step(self, name: str) -> bool:
        """One more step; whether it fails."""
        self.done += 1
        later = isinstance(self.failure, Killed) or (self.failure is FULL and name in NEED_ROOM)
        return self.done - 1 == self.after or (self.done > self.after and later)

    def guarded(self, step: Callable, name: str) -> Callable:
        def run(*arguments, **options):
            if name == "open" and not (len(arguments) > 1 and isinstance(arguments[1], int) and arguments[1] & FILES):
                return step(*arguments, **options)  # only to look
            if self.step(name):
                raise self.failure
            return step(*arguments, **options)

        return run

    def opened(self, opened: Callable) -> Callable:
        def run(file, mode="r", *arguments, **options):
            if not set(mode) & {*"wxa+"}:
                return opened(file, mode, *arguments, **options)
            if self.step("open"):
                raise self.failure
            return File(opened(file, mode, *arguments, **options), self)

        return run


class File:
    """A file whose writing can stop half-way."""

    def __init__(self, file, steps: Steps) -> None:
        self.file, self.steps = file, steps

    def __getattr__(self, name):
        return getattr(self.file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, content):
        if self.steps.step("write"):
            self.file.write(content[: len(content) // 2])
            self.file.flush()
            raise self.steps.failure
        return self.file.write(content)

    def close(self):
        self.file.close()
        if self.steps.step("close"):
            raise self.steps.failure


@contextmanager
def stopping(monkeypatch, after: int, failure: BaseException) -> Iterator[Steps]:
    """Let the step number `after` fail, whichever part of the system it asks for; yields how many were `done`."""
    steps = Steps(after, failure)
    with monkeypatch.context() as patch:
        for name in ("open", *STEPS):
            patch.setattr(os, name, steps.guarded(getattr(os, name), name))
        opened = steps.opened(io.open)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)
        yield steps


def every_step(monkeypatch, prepare: Callable, write: Callable, failure: BaseException) -> Iterator[object]:
    """Write after `prepare`, stopped at each step in turn and at last at none; yields what was prepared, each time."""
    for after in range(1000):
        prepared = prepare(after)
        with stopping(monkeypatch, after, failure) as steps, suppress(Killed, OSError, MisconductError):
            write(prepared)
        yield prepared
        if steps.done <= after:
            return


def fill(folder, text):
    with replaced_folder(folder) as fresh:
        (fresh / "a").write_text(text)


def read_once(file: Path, replace: Callable[[object, str, object], None] = setattr) -> None:
    """Let the importer read this file now and never again: what may be half-done is the writing."""
    reader = importer.read_file(file, read_mapping(file.with_suffix(".yml")))
    tables = importer.make_tables(reader)
    replace(importer, "read_file", lambda *_: reader)
    replace(importer, "make_tables", lambda _: tables)
