"""What pytest says first when a notebook's output is no longer what is stored: which figures moved, and by how much."""

import re
from difflib import SequenceMatcher
from itertools import zip_longest

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
ACCEPT = (
    "If this is meant: make build stores the new output; git diff and misconduct diff HEAD show all that moved; "
    "say in CHANGELOG.md (Figures) which figure moved and why. If not, the code or the data have changed it."
)


def by_how_much(before, after):
    """The numbers of two lines that are alike but for numbers: "1 -> 2 (+1)"; "" for other lines."""
    if NUMBER.sub("", before) != NUMBER.sub("", after):
        return ""
    pairs = zip(NUMBER.findall(before), NUMBER.findall(after), strict=True)
    told = []
    for old, new in ((old, new) for old, new in pairs if old != new):
        step = float(new.replace(",", "")) - float(old.replace(",", ""))
        told.append(f"{old} -> {new} ({step:+.10g})")
    return ", ".join(told)


def moved(stored, now):
    """Sentences on every line that differs between two texts, with its numbers; then how to accept it."""
    before, after = stored.splitlines(), now.splitlines()
    told = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for old, new in zip_longest(before[start:end], after[new_start:new_end], fillvalue=""):
            numbers = by_how_much(old, new)
            told += [f"{'Figure' if numbers else 'Text'} moved{': ' * bool(numbers)}{numbers}"]
            told += [f"  stored: {old.strip() or '(nothing)'}", f"  now:    {new.strip() or '(nothing)'}"]
    return [*told, ACCEPT]


def pytest_assertrepr_compare(op, left, right):
    """Taken by nbval for two outputs of a cell; of a picture there is nothing to read but its text, which comes too."""
    if op == "==" and isinstance(left, str) and isinstance(right, str):
        return moved(left, right)
    return None
