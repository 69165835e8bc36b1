"""Doing only what is needed: a step of the build is left out while its inputs and its outputs are as they were.

What was done is remembered in build/steps.json, by checksum; times of files do not matter.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import analysis
from analysis.paths import BUILD, ROOT, files_of
from analysis.writing import Files, held, state_of, write_files

PACKAGE = Path(analysis.__file__).parent
MEMORY = BUILD / "steps.json"


def digest(paths: Iterable[Path], known: Files | None = None) -> str:
    """A checksum of the names and bytes of every file in `paths`, and of the version of Python.

    known: the bytes that count as a file's, whatever it holds now.
    """
    total = hashlib.sha256(sys.version.encode())
    for file in files_of(paths):
        name = file.relative_to(ROOT) if file.is_relative_to(ROOT) else file
        content = (known or {}).get(file)
        content = file.read_bytes() if content is None else content
        total.update(f"{name.as_posix()}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def code_of(*texts: str) -> tuple[Path, ...]:
    """The files of this package that some Python texts import, directly or through each other.

    So that a step runs again when code that it uses changed, and not when other code did.
    """
    found: set[Path] = set()
    waiting = [file for text in texts for file in _imported(text)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imports_of(file)
    return tuple(sorted(found))


@cache
def _imports_of(file: Path) -> tuple[Path, ...]:
    return tuple(_imported(file.read_text(encoding="utf-8")))


def _imported(text: str) -> Iterator[Path]:
    """The files of this package that one text names in its imports, at any depth of it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name == "analysis":  # the door opens onto all its rooms
                yield from (_file(f"analysis.{room}") for room in set(analysis._DOOR.values()))
            elif name.startswith("analysis."):
                parts = name.split(".")
                packages = (PACKAGE.joinpath(*parts[1:end], "__init__.py") for end in range(1, len(parts) + 1))
                yield from (file for file in (*packages, _file(name)) if file.is_file())


def _file(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


@dataclass(frozen=True)
class Step:
    """One part of the build: from which files and folders it makes which. An output may hold its own source."""

    name: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    memory: Path = MEMORY

    def is_done(self) -> bool:
        """Whether inputs and outputs are those of its last success."""
        state = [digest(self.inputs), digest(self.outputs)]
        return bool(files_of(self.outputs)) and self._states().get(self.name) == state

    def begin(self) -> str:
        """It must run again, whatever happens next; a checksum of the inputs that its work is about to read."""
        self._store({name: state for name, state in self._states().items() if name != self.name})
        return digest(self.inputs)

    def remember(self, begun: str, written: Files | None = None) -> None:
        """It succeeded just now. Not remembered if its inputs are no longer those that it `begun` with.

        written: the state of outputs as it left them, which somebody may have changed since.
        """
        made = digest(self.outputs, written)
        folders = {path: state for path, state in (written or {}).items() if path.is_dir()}
        if digest(self.inputs) == begun and all(state_of(path) == state for path, state in folders.items()):
            self._store({**self._states(), self.name: [begun, made]})

    def run(self, work: Callable[[], object]) -> bool:
        """Do the work unless it is done; whether it was needed. Work that fails is forgotten.

        What somebody changes in an output meanwhile stays: MisconductError before the work would write over it, and not
        called done after.
        """
        if self.is_done():
            return False
        begun = self.begin()
        with held(self.outputs) as left:
            work()
        self.remember(begun, left)
        return True

    def _states(self) -> dict[str, list[str]]:
        try:
            return dict(json.loads(self.memory.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def _store(self, states: dict[str, list[str]]) -> None:
        write_files({self.memory: (json.dumps(states, indent=1, sort_keys=True) + "\n").encode()})
