"""How far a long command is, for people who wait at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def stages_shown(stages: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """A bar of how far a long command is, on a terminal alone and gone at its end; yields what begins a stage."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # only here: to load it takes as long as to import a small file
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(stages))
        yield lambda stage: bar.update(task, description=stage, completed=[*stages].index(stage))
