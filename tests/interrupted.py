"""Being interrupted: the step at which a process ends or a disk is full, for tests that try every one."""

import os
from contextlib import contextmanager

from analysis.paths import replaced_folder

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
