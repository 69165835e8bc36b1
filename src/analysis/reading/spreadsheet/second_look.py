"""A second look at a file: what somebody decided in its mapping stays, and what can be asked since then is added."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.labels import REST, own_meaning, rule_for

KEY = re.compile(r'( *)(?:\? )?("(?:[^"\\]|\\.)*"|\w+)(?:\n *)?:(?: |$)')
LONGEST = 1000  # signs of a key that YAML takes in one line with its value
ADDED = {"read": ("dates",), "columns": (), "across": (), "source": ()}  # what a second look adds to what was said


def put_in(lines: Sequence[str], decided: Mapping[str, Any]) -> list[str]:
    """The lines of a first mapping with what was decided in the place of what was guessed; the rest stays a guess.

    Columns are as they were decided. Labels, symbols and constants that nobody has decided are added.
    """
    result: list[str] = []
    guessed = _blocks(lines, "")
    for key, block in guessed.items():
        said = decided.get(key)
        if key.startswith("#") or key == "confirmed" or said in (None, UNDECIDED):
            result += block
        elif key == "labels" and isinstance(said, Mapping):
            kept = [*_labels(block[1:], said, _named(decided))]
            result += [block[0].replace("{}", ""), *kept] if kept else ["labels: {}"]
        elif isinstance(said, Mapping):
            head = block[0] if len(block) > 1 else f"{key}:"
            kept = [*_part(key, _blocks(block[1:], "  "), said, decided)]
            result += [head, *kept] if kept else [f"{key}: {{}}"]
        else:
            result.append(f"{key}: {as_yaml(said)}")
    return result + [f"{key}: {as_yaml(value)}" for key, value in decided.items() if key not in guessed]


def _blocks(lines: Sequence[str], indent: str) -> dict[str, list[str]]:
    """Lines by the key that they belong to; comments at its level are each a block of their own."""
    found: dict[str, list[str]] = {}
    key = ""
    for line in lines:
        match = KEY.match(line)
        if match and match.group(1) == indent:
            name = match.group(2)
            key = json.loads(name) if name.startswith('"') else name
            found[key] = [line]
        elif line.startswith(f"{indent}#"):
            found[f"# {len(found)}"] = [line]
        else:
            found[key].append(line)
    return found


def _part(
    key: str, guessed: Mapping[str, Sequence[str]], said: Mapping[str, Any], decided: Mapping[str, Any]
) -> Iterator[str]:
    """The lines of one part of a mapping."""
    for name, value in said.items():
        if value == UNDECIDED and key == "constants" and name in (decided.get("columns") or {}):
            continue  # its column has been named since
        if value == UNDECIDED and name in guessed:
            yield from guessed[name]
        else:
            yield entry("  ", _name(name, key), as_yaml(value))
    for name, lines in guessed.items():
        if name not in said and (name.startswith("#") or name in ADDED.get(key, guessed)):
            yield from lines


def _named(decided: Mapping[str, Any]) -> set[str]:
    """Our columns that a mapping says where to find."""
    are = (decided.get("across") or {}).get("are", ())
    return {
        *(decided.get("columns") or {}),
        *(decided.get("constants") or {}),
        *([are] if isinstance(are, str) else are),
    }


def _labels(lines: Sequence[str], said: Mapping[str, Any], named: Collection[str]) -> Iterator[str]:
    """The lines of the labels, by column; those that nobody decided only of columns that are named."""
    guessed = _blocks(lines, "  ")
    for column in dict.fromkeys([*said, *guessed]):
        known = {
            label: codes for label, codes in (said.get(column) or {}).items() if codes != UNDECIDED or column in named
        }
        if not known and column not in guessed:
            continue
        head, *rest = guessed.get(column, [f"  {column}:"])
        yield head
        open_labels = _blocks(rest, "    ")
        for label, codes in known.items():
            is_open = codes == UNDECIDED and label in open_labels
            if is_open and label == REST:
                yield from (line for line in rest if line.startswith("    #"))
            yield open_labels[label][0] if is_open else entry("    ", as_yaml(label), as_yaml(codes))
        for label, found in open_labels.items():
            is_said = REST in known or own_meaning(known, label, []) is not None or rule_for(known, label) is not None
            yield from () if is_said else found


def entry(indent: str, key: str, value: str) -> str:
    """A key and its value, as YAML has them; a long key stands in a line of its own over the value."""
    return f"{indent}{key}: {value}" if len(key) <= LONGEST else f"{indent}? {key}\n{indent}: {value}"


def _name(name: str, part: str) -> str:
    return as_yaml(name) if part == "suppressed" else name


def as_yaml(value: Any) -> str:
    """A value as YAML takes it, in one line; text without quotation marks where it is a word."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z_]\w*|\d+", value):
        return value
    if isinstance(value, list):
        return f"[{', '.join(map(as_yaml, value))}]"
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
