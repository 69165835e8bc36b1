"""Totals of the data as they were at the last edition, in expected.yml: a figure that moves unasked fails a test.

A test says `frozen("people", len(subjects))`. A new edition moves totals on purpose:
`python -m pytest --update-expected` counts all of them again, and the difference of expected.yml is there to be read.
"""

import math
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("expected.yml")
HEADING = "# Totals that tests compare with, written by python -m pytest --update-expected. Read what it changes.\n"
DIGITS = 6  # that floats are kept with


class Frozen:
    """Compares values with those of the file; or, `update`, takes them in their place."""

    def __init__(self, file: Path = FILE, *, update: bool = False) -> None:
        self.file, self.update, self.found = file, update, {}
        self.stored = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}

    def __call__(self, name: str, value: object) -> None:
        value = plain(value)
        if self.found.setdefault(name, value) != value:
            raise AssertionError(f"Two tests count {name} and disagree: {self.found[name]} and {value}.")
        if not self.update:
            assert name in self.stored, f"{name} is not in {self.file.name}: python -m pytest --update-expected"
            assert value == self.stored[name], f"{name} is {value}, at the last edition it was {self.stored[name]}"

    def write(self, *, all_counted: bool) -> None:
        """Write what was found; what was not found stays, unless everything was counted."""
        kept = {} if all_counted else self.stored
        text = yaml.safe_dump({**kept, **self.found}, default_flow_style=None, width=110, allow_unicode=True)
        if not self.file.is_file() or self.file.read_text(encoding="utf-8") != HEADING + text:
            self.file.write_text(HEADING + text, encoding="utf-8", newline="\n")


def plain(value: object) -> object:
    """A value as YAML can hold it: numpy's scalars and tuples are Python's, floats have DIGITS digits."""
    if isinstance(value, dict):
        return {plain(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, DIGITS)
    return value
