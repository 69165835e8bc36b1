"""How far a long command is, for people who wait at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def stages_shown(stages: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """A bar of how far a long command is, on a terminal alone and gone at its end; yields what begins a stage."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(stages))
        yield lambda stage: bar.update(task, description=stage, completed=[*stages].index(stage))
