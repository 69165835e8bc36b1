"""Being interrupted: the step at which a process ends or a disk is full, for tests that try every one."""

import os
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from analysis.reading.spreadsheet import importer
from analysis.reading.spreadsheet.mapping import read_mapping
from analysis.writing import replaced_folder

STEPS = [(os, name) for name in ("replace", "rename", "link", "unlink", "mkdir", "rmdir", "fsync")]


class Killed(BaseException):
    """The process ends here; nothing it would do afterwards is done."""


@contextmanager
def stopping(monkeypatch, after: int, failure: BaseException):
    """Let the step number `after` (0 is the first) fail; a Killed also fails every later one. Yields how many were."""
    done = []

    def guarded(step):
        def run(*arguments, **options):
            done.append(step.__name__)
            if len(done) - 1 == after or (len(done) > after and isinstance(failure, Killed)):
                raise failure
            return step(*arguments, **options)

        return run

    with monkeypatch.context() as patch:
        for module, name in STEPS:
            patch.setattr(module, name, guarded(getattr(module, name)))
        yield done


def fill(folder, text):
    with replaced_folder(folder) as fresh:
        (fresh / "a").write_text(text)


def read_once(file: Path, replace: Callable[[object, str, object], None] = setattr) -> None:
    """Let the importer read this file now and never again: what may be half-done is the writing."""
    reader = importer.read_file(file, read_mapping(file.with_suffix(".yml")))
    tables = importer.make_tables(reader)
    replace(importer, "read_file", lambda *_: reader)
    replace(importer, "make_tables", lambda _: tables)
