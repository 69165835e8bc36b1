"""A mapping that is being decided: its text, which of its lines still say CHECK, and the file that it is about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.guess import drafted
from analysis.reading.spreadsheet.look import Look, look_at
from analysis.reading.spreadsheet.mapping import read_entries
from analysis.reading.spreadsheet.second_look import ADDED, as_yaml

Place = tuple[str, ...]  # the keys that lead to a value: labels, sanction, Sacked
COMMENT = re.compile(r"[ \t]+#[^\r\n]*")
INTRODUCTION = re.compile(r" Written by `misconduct map`: a first guess\.\n# Check every line marked CHECK[^\n]*")
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the fast one, where there is one
WRITTEN = " Written by `misconduct import`, as its questions were answered."


@dataclass(frozen=True)
class Entry:
    """One value of a mapping's text: where it stands, and the comment beside it with the mark CHECK, if it has one."""

    value: Any
    start: int
    end: int
    after: int  # where the comment ends
    comment: str

    @property
    def is_marked(self) -> bool:
        """Whether it is a guess to look at."""
        return bool(re.match(r"\s*# CHECK\b", self.comment))

    @property
    def reason(self) -> str:
        """Why it is so, in words."""
        return re.sub(r"^\s*#\s*(CHECK(: )?)?", "", self.comment).strip()

    @property
    def is_open(self) -> bool:
        """Whether it is for a person to decide or to look at."""
        return self.is_marked or self.value in (UNDECIDED, [UNDECIDED])


@dataclass(frozen=True)
class Draft:
    """What is known so far: the file, what it looks like, the text of its mapping, and what has been asked."""

    file: Path
    look: Look
    text: str
    asked: frozenset[str] = frozenset()

    @property
    def entries(self) -> dict[Place, Entry]:
        """The values of the mapping by place, in their order."""
        return _parsed(self.text)[1]

    @property
    def said(self) -> dict[str, Any]:
        """The mapping as YAML has it, every scalar as text."""
        return _parsed(self.text)[0]

    @property
    def is_confirmed(self) -> bool:
        """Whether a person has said that it is right; what is marked in its comments is decided then."""
        return str(self.said.get("confirmed")).casefold() in ("yes", "true", "on", "1")

    def is_open(self, *place: str) -> bool:
        """Whether something there is left to decide."""
        return place in self.entries and self.entries[place].is_open

    def put(self, values: Mapping[Place, Any], reason: str = "") -> Draft:
        """The draft with other values where there are some already; they are decided then, and no longer marked.

        A reason stays where the value is the one that was proposed.
        """
        text, entries = self.text, self.entries
        for place in sorted(values.keys() & entries, key=lambda found: -entries[found].start):
            entry, value = entries[place], values[place]
            is_same = entry.value == value
            said = reason or (entry.reason if is_same or not entry.is_open else "")
            written = text[entry.start : entry.end] if is_same else as_yaml(value)
            comment = f"  # {said}" if said and _ends_line(text, entry.after) else ""
            text = text[: entry.start] + written + comment + text[entry.after :]
        return replace(self, text=text)

    def look_again(self, without: Collection[str] = (), **changes: Any) -> Draft:
        """The draft after another look at the file, with some parts of the mapping changed.

        What is open is guessed again, and the parts `without` too; what was decided stays, with its reason.
        """
        decided: dict[str, Any] = {}
        before = self.entries
        for place, entry in before.items():
            is_kept = (place[0] in ADDED or not entry.is_open) and entry.value != {}
            if is_kept and place[0] not in ("confirmed", *changes, *without):
                _put_in(decided, place, entry.value)
        text, look = drafted(self.file, "", {**decided, **changes})
        for place, new in sorted(_parsed(text)[1].items(), key=lambda item: -item[1].start):
            old = before.get(place)
            is_same = old is not None and old.value == new.value and not new.comment and _ends_line(text, new.end)
            if old and old.comment and is_same:
                text = text[: new.end] + old.comment + text[new.after :]
        return replace(self, look=look, text=text)

    def settled(self) -> Draft:
        """The draft confirmed: what was proposed and not asked is taken as it is, and its reason stays."""
        entries = self.entries
        marked = {place: entry.value for place, entry in entries.items() if entry.is_marked}
        draft = self.put({place: value for place, value in marked.items() if value != UNDECIDED})
        draft = draft.put({("confirmed",): "yes"})
        text = re.sub(r"(?m)^(\w+:)  # CHECK: [^\n]*$", r"\1", draft.text)
        return replace(self, text=INTRODUCTION.sub(WRITTEN, text))


def first_draft(file: Path, map_file: Path | None = None) -> Draft:
    """What a file looks like, with the mapping that somebody began, or with a first guess. Raises DataError."""
    if map_file is None:
        text, look = drafted(file, "", {})
        return Draft(file, look, text)
    decided = read_entries(map_file)
    draft = Draft(file, look_at(file, "", decided), map_file.read_text(encoding="utf-8-sig"))
    return draft.settled() if draft.is_confirmed else draft


def _ends_line(text: str, place: int) -> bool:
    """Whether nothing but the end of its line follows a place in a text: a comment can stand there."""
    end = text.find("\n", place)
    return not text[place : end if end >= 0 else None].strip()


def _put_in(parts: dict[str, Any], place: Place, value: Any) -> None:
    for key in place[:-1]:
        parts = parts.setdefault(key, {})
    parts[place[-1]] = value


@lru_cache(maxsize=4)
def _parsed(text: str) -> tuple[dict[str, Any], dict[Place, Entry]]:
    """What a mapping's text says, and its values by place; those of a block are each one of their own."""
    node = yaml.compose(text, LOADER)
    return (_value(node) if node else {}), dict(_walk(node, (), text))


def _walk(node: yaml.Node | None, place: Place, text: str) -> Iterator[tuple[Place, Entry]]:
    """The values under a node, each with its place."""
    if node is None:
        return
    if place and not (isinstance(node, yaml.MappingNode) and not node.flow_style):
        end = node.end_mark.index
        is_block = isinstance(node, yaml.SequenceNode) and not node.flow_style  # that ends where the next line begins
        comment = None if is_block else COMMENT.match(text, end)
        after, said = (comment.end(), comment.group()) if comment else (end, "")
        yield place, Entry(_value(node), node.start_mark.index, end, after, said)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _walk(value, (*place, key.value), text)


def _value(node: yaml.Node) -> Any:
    """What a node says, every scalar as text."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    return [*map(_value, node.value)] if isinstance(node, yaml.SequenceNode) else node.value
