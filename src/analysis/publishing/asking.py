"""The assistant on a terminal: it asks what is open of a spreadsheet, shows what comes of it, writes the mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.prompt import Confirm, InvalidResponse, PromptBase
from rich.table import Table
from rich.text import Text

from analysis.errors import DataError, MisconductError
from analysis.reading.spreadsheet.answering import answered, checked
from analysis.reading.spreadsheet.preview import preview
from analysis.reading.spreadsheet.questions import Question, begun, questions
from analysis.writing import write_beside

MANY = 30  # choices or labels that are listed, one a line
OTHERS = "others"  # in an answer: all labels that it does not name


def ask(file: Path) -> tuple[Path, bool]:
    """Ask every open question about a file on a terminal; the mapping written, and whether to import by it.

    A mapping FILE.yml that is there is taken up and stays as it is. Where the file cannot be read by the answers, the
    import is to say why. Raises DataError when nothing can be asked.
    """
    console, there = Console(highlight=False), file.with_suffix(".yml")
    draft = begun(file, there if there.exists() else None)
    waiting = questions(draft)
    if draft.is_confirmed and not waiting:
        return there, True
    console.print("A few questions. Enter takes what stands in brackets; Ctrl-C stops, and nothing is written then.")
    number = 0
    while waiting:
        number += 1
        draft = answered(draft, waiting[0], _asked(console, waiting[0], number))
        waiting = questions(draft)
    draft, is_right = draft.settled(), True
    try:
        rows, result = preview(draft, there)
    except DataError:
        console.print("The file cannot be read by these answers; what is wrong follows.")
        told = "Correct it, then"
    else:
        console.print(_table(rows), Text(result), sep="\n")
        is_right = Confirm.ask("Is this right?", console=console, default=True)
        told = "The same again, without a question" if is_right else "Correct it, write confirmed: yes, then"
    draft = draft if is_right else draft.put({("confirmed",): "no"})
    written = write_beside(there, draft.text.encode())
    console.print(
        Text(f"Your answers are in {written}. {told}: misconduct import {file} --map {written}"), soft_wrap=True
    )
    return written, is_right


def _table(rows: Any) -> Table:
    """The first rows as they are read."""
    drawn = Table(title="The first rows, as they are read", box=None, title_justify="left")
    for column in rows:
        drawn.add_column(column, overflow="fold")
    for row in rows.itertuples(index=False):
        drawn.add_row(*map(Text, row))
    return drawn


def _asked(console: Console, question: Question, number: int) -> Any:
    """The answer to one question, asked until it is allowed."""

    class Asked(PromptBase[Any]):
        """A prompt that says in words what is wrong with an answer."""

        prompt_suffix = " "

        def process_response(self, value: str) -> Any:
            """The answer as the question has it."""
            try:
                return checked(question, understood(question, value.strip()))
            except MisconductError as error:
                raise InvalidResponse(Text(str(error))) from error

    console.print(Text(f"\n{number}. {question.text}", style="bold"), *map(Text, _lines(question)), sep="\n")
    return Asked.ask(Text(f"   {_how(question)}>"), console=console)


def _lines(question: Question) -> Iterator[str]:
    """What there is to choose from, and what it is chosen for."""
    for place, (label, rows) in enumerate([*question.labels.items()][:MANY], 1):
        proposed = (question.default or {}).get(label) if not question.is_of_some else None
        times = f" ({rows:,} rows)" if rows > 1 else ""
        yield f"  {place:>2}  {label or '(empty)'}{times}" + (
            f" [{proposed or 'none'}]" if proposed is not None else ""
        )
    if len(question.labels) > MANY:
        yield f"      and {len(question.labels) - MANY:,} rarer ones"
    if question.is_of_some:
        return
    if question.labels or len(question.choices) > MANY:
        if question.choices:
            yield f"   Allowed: {', '.join(code or 'none' for code in question.choices)}"
        return
    for place, (code, words) in enumerate(question.choices.items(), 1):
        yield f"  {place:>2}  {words if question.place == ('row',) else f'{code}: {words}'}"


def _how(question: Question) -> str:
    """How to answer, and what Enter means."""
    if question.is_of_some:
        some = [str(place) for place, label in enumerate(question.labels, 1) if label in question.default]
        return f"Numbers, such as 1, 3-4 [{', '.join(some) or 'none'}] "
    if question.labels:
        first = next(iter(question.choices))
        enter = " [as proposed]" if len(question.default) == len(question.labels) else ""
        return f"Such as 1, 3-4 = {first}; {OTHERS} = ...{enter} "
    default = question.choices.get(question.default) if question.place == ("row",) else question.default
    return f"[{default}] " if default else ""


def understood(question: Question, typed: str) -> Any:
    """What somebody typed, as an answer; numbers are those of the list. MisconductError where it is none."""
    if not typed:
        return None
    if question.is_of_some:
        return [] if typed.casefold() in ("none", "no", "0") else _numbered(question, typed)
    if question.labels:
        return _meanings(question, typed)
    if typed.isdecimal() and 0 < int(typed) <= len(question.choices) <= MANY:
        return [*question.choices][int(typed) - 1]
    return typed


def _meanings(question: Question, typed: str) -> dict[str, str]:
    """The labels with their meanings, of 1, 3-4 = dismissed; others = no_action."""
    meant: dict[str, str] = {}
    for part in filter(None, map(str.strip, typed.split(";"))):
        labels, equals, code = (text.strip() for text in part.rpartition("="))
        code = "" if code.casefold() == "none" and "" in question.choices else code
        if equals and labels.casefold() == OTHERS:
            meant = {**dict.fromkeys(question.labels, code), **meant}
        elif equals:
            meant |= dict.fromkeys(_numbered(question, labels), code)
        elif len(question.labels) == 1:
            meant = dict.fromkeys(question.labels, code)
        else:
            raise MisconductError(f"{part!r} does not say which label means what. Write 1 = ..., 2-3 = ...")
    return meant


def _numbered(question: Question, typed: str) -> list[str]:
    """The labels with these numbers: 1, 3-4."""
    labels, found = [*question.labels], []
    for part in filter(None, re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", typed))):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= len(labels):
            raise MisconductError(f"{part!r} is no number of the list. Write numbers from 1 to {len(labels)}.")
        found += labels[first - 1 : last]
    return found
