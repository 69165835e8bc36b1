"""What an answer to one of the `questions` of a spreadsheet must be, and what it does to the draft of the mapping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from analysis import vocabulary
from analysis.errors import MisconductError, nearest
from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.draft import Draft
from analysis.reading.spreadsheet.likely import force_of
from analysis.reading.spreadsheet.mapping import About, sentences
from analysis.reading.spreadsheet.questions import (
    ABROAD,
    ADDED_UP,
    CALLED,
    IN_COLUMN,
    LEFT,
    NO_COLUMN,
    NO_RATE,
    NOT_SAID,
    TOTAL_OF,
    UNITS,
    WHATEVER,
    Question,
    numerator,
    runs_of,
    together,
    totals,
    with_what_is_sure,
)
from analysis.reading.spreadsheet.second_look import as_yaml

SHORT = 25  # choices that are named in one sentence


def checked(question: Question, answer: Any) -> Any:
    """The answer as it is allowed, or the default where it is empty. MisconductError says what is allowed."""
    if question.is_of_some:
        return question.default if answer is None else [_one_of(label, question.labels) for label in answer]
    if question.labels:
        meant = {**question.default, **{label: _choice(question, code) for label, code in (answer or {}).items()}}
        left = [label for label in question.labels if label not in meant]
        if left:
            raise MisconductError(f"Not answered yet: {', '.join(map(repr, left[:10]))}." + _allowed(question))
        return meant
    if answer in (None, ""):
        if question.default is None:
            raise MisconductError("This needs an answer." + _allowed(question))
        return question.default
    if question.choices:
        return _choice(question, str(answer))
    return _text(question, str(answer).strip())


def _allowed(question: Question) -> str:
    """What can be answered, where that is a list one can read."""
    if len(question.choices) > SHORT:
        return " Write one of those that are listed."
    return f" Allowed: {', '.join(code or 'none' for code in question.choices)}." if question.choices else ""


def _one_of(label: str, labels: Mapping[str, int]) -> str:
    if label in labels:
        return label
    raise MisconductError(f"{label!r} is not one of these labels.")


def _choice(question: Question, answer: str) -> str:
    """The choice that an answer names: as it is, by its words, or a force whatever it calls itself."""
    choices, folded = question.choices, answer.strip().casefold()
    if answer in choices:
        return answer
    named = {
        **{words.casefold(): code for code, words in choices.items()},
        **{code.casefold(): code for code in choices},
    }
    found = named.get(folded) or named.get(f"{IN_COLUMN}{folded}".casefold())
    if found is None and question.place[-1] == "force":
        codes = {code.casefold(): code for code in vocabulary.codes("force")}
        found = codes.get(force_of(folded, codes) or "")
    if found is not None:
        return found
    begin = {code for name, code in named.items() if folded and name.startswith(folded)}
    if len(begin) == 1:
        return begin.pop()
    guess = nearest(answer, choices) or named.get(nearest(folded, named) or "")
    raise MisconductError(
        f"{answer!r} is no answer to this." + (f" Did you mean {guess!r}?" if guess else _allowed(question))
    )


def _text(question: Question, answer: str) -> str:
    """A text of the source, as the mapping allows it."""
    usable = {"id": "own", "title": "-", "publisher": "-", "url": "https://-", "licence": "-"}
    try:
        About.model_validate({**usable, "jurisdiction": "-", "coverage": "-", question.place[-1]: answer})
    except ValidationError as error:
        raise MisconductError(" ".join(line for found in error.errors() for line in sentences(found))) from error
    if answer == UNDECIDED:
        raise MisconductError(f"{UNDECIDED} stands for what is not decided. Write something else.")
    return answer


def answered(draft: Draft, question: Question, answer: Any) -> Draft:
    """The draft with the answer to a question in its place. MisconductError when it is not allowed."""
    found, place = checked(question, answer), question.place
    done = replace(draft, asked=draft.asked | {question.key})
    if place == ("read", "heading"):
        return _with_heading(done, found)
    if place == ("read", "total_rows"):
        left_out = [*done.look.totals] if found == "leave_out" else []
        return done.put({place: left_out}).look_again()
    if place == ("row",):
        return _with_row(done, found)
    if place[0] == "columns":
        return _with_column(done, place[1], found)
    if place[0] == "constants":
        return _with_constant(done, place[1], found)
    if place == ("rates",):
        return done if found == NO_RATE else _with_rate(done, found)
    if question.is_of_some:
        [code] = question.choices
        return done.put({(*place, label): code for label in found})
    if question.labels:
        entries = done.entries
        values = {(*place, label): _meant(place[1], choice) for label, choice in found.items()}
        return done.put({where: value for where, value in values.items() if where in entries})
    return done.put({place: found})


def _with_heading(draft: Draft, name: str) -> Draft:
    """Which rows are the headings; where they are others than was guessed, all else is looked at again."""
    guessed = draft.look.reader.mapping.read.heading
    rows = runs_of(guessed)[name]
    draft = draft.put({("read", "heading"): [*map(str, rows)]})
    if rows == [*guessed]:
        return draft
    others = [key for key in draft.said if key not in ("source", "read")]
    return with_what_is_sure(draft.look_again(others))


def _with_row(draft: Draft, row: str) -> Draft:
    """What is a row, and so which table it is."""
    table = "counts" if row in UNITS else "people"
    if draft.look.table != table:
        said = ("source", "read")
        draft = with_what_is_sure(draft.look_again([key for key in draft.said if key not in said], table=table))
    if row != "case" and table == "people" and "people" in draft.look.found:
        draft = draft.look_again(columns={name: [*of] for name, of in draft.look.found.items() if name != "people"})
    entries = draft.entries
    values = {("table",): table, ("row",): row, ("constants", "unit"): row}
    usable = (("table",), ("row",) if table == "people" else ("constants", "unit"))
    return draft.put({place: values[place] for place in usable if place in entries})


def _with_column(draft: Draft, column: str, heading: str) -> Draft:
    """Which column of the file is one of ours; another column that was thought to be it is none then."""
    found = {name: [*of] for name, of in draft.look.found.items()}
    several = together(draft.look).get(heading, [heading])
    if found.get(column) == several:
        return draft.put({("columns", column): several if len(several) > 1 else heading})
    found = {name: of for name, of in found.items() if name != column and not {*several} & {*of}}
    draft = draft.put({("per_person",): []}) if column in draft.look.per_person else draft  # it is of one person then
    if heading == NO_COLUMN:
        constants = {key: value for key, value in draft.said["constants"].items() if value != UNDECIDED}
        return draft.look_again(columns=found, constants={**constants, column: NOT_SAID[column]})
    return draft.look_again(columns={**found, column: several})


def _with_constant(draft: Draft, column: str, choice: str) -> Draft:
    """What is the same for the whole file, or the column that says it."""
    if choice.startswith(IN_COLUMN):
        return _with_column(draft, column, choice.removeprefix(IN_COLUMN))
    draft = draft.put({("constants", column): "" if choice in (ABROAD, WHATEVER) else choice})
    is_territorial = (
        column == "force" and choice != ABROAD and vocabulary.entry("force", choice)["kind"] == "territorial"
    )
    if is_territorial and draft.is_open("source", "jurisdiction"):
        draft = draft.put({("source", "jurisdiction"): "England and Wales"}, "where the force is")
    return draft


def _with_rate(draft: Draft, choice: str) -> Draft:
    """The draft with the rate of what is dismissed out of a total."""
    label = choice.removeprefix(ADDED_UP)
    stage, said = totals(draft)[label], draft.said
    rows = said["read"].get("total_rows", [])
    if label in rows:
        labels = said["labels"] | {
            "outcome": {**said["labels"].get("outcome", {}), label: _meant("outcome", f"{TOTAL_OF}{stage}")}
        }
        draft = draft.put({("read", "total_rows"): [row for row in rows if row != label]}).look_again(labels=labels)
    rate = {"numerator": numerator(draft), "of_stage": stage, "denominator_stage": CALLED.get(stage, stage)}
    rate |= {"add_up": "yes"} if label != choice else {}
    text = re.sub(r"(?m)^# rates:(.*\n)(#.*\n)*", "", draft.text)
    return replace(draft, text=f"{text}rates:\n  - {as_yaml(rate)}\n")


def _meant(column: str, choice: str) -> Any:
    """What the mapping says for a choice."""
    if column == "sanction" and choice in LEFT:
        return {"sanction": NOT_SAID["sanction"], "left_service": choice}
    if column == "outcome" and choice.startswith(TOTAL_OF):
        return {"outcome": "", "stage": choice.removeprefix(TOTAL_OF)}
    return choice
