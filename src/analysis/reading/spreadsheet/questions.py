"""What an assistant asks of a spreadsheet: every decision that is open, in plain words. `answered` takes answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis import vocabulary
from analysis.reading.spreadsheet.decided import UNDECIDED
from analysis.reading.spreadsheet.draft import Draft, Place, first_draft
from analysis.reading.spreadsheet.guess import coverage
from analysis.reading.spreadsheet.labels import NOT_GIVEN
from analysis.reading.spreadsheet.likely import LEFT, left_by, reads_like_leaving
from analysis.reading.spreadsheet.likely_cells import other_order
from analysis.reading.spreadsheet.look import Look
from analysis.reading.spreadsheet.mapping import COLUMNS, taken_ids
from analysis.reading.spreadsheet.sheet_rows import known_labels

NO_COLUMN = "no column"
NO_RATE = "no rate"
ADDED_UP = "added up: "
ABROAD = "outside the UK"
WHATEVER = "whatever became of them"
IN_COLUMN = "column: "
AND = " and "
TOTAL_OF = "total: "
CALLED = {  # stage of a total -> how a rate calls what it is divided by, where that is another word
    **{"allegations_received": "allegations_made", "complaints_received": "complaints_made"},
    **dict.fromkeys(("hearing", "meeting", "accelerated_hearing"), "proceedings"),
}
UNITS = {"individuals": "people", "allegations": "allegations", "cases": "cases"}  # what counts can be of
NOT_SAID = {**NOT_GIVEN, "sanction": "not_stated"}  # column -> the code for what a file does not say
OF_SOURCE = {  # key of a source -> the question
    "title": "What is the file called?",
    "publisher": "Who published it, or sent it to you?",
    "url": "Where can others find it? The address of its page, or of its publisher's:",
    "licence": "Under which licence?",
    "coverage": "Which period and which people does it cover?",
    "jurisdiction": "Of which country or city is it?",
}


@dataclass(frozen=True)
class Question:
    """One open decision.

    place: where in the mapping the answer goes; choices: allowed answer -> what it means; default: what no answer
    means, None where there must be one; labels: what is asked about -> how many rows have it. An answer is a text (one
    of the choices where there are any); with labels, a dict label -> choice; with labels and one choice alone, a list
    of the labels that mean it.
    """

    place: Place
    text: str
    choices: Mapping[str, str] = field(default_factory=dict)
    default: Any = None
    labels: Mapping[str, int] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name; that which of several labels have one meaning is another question than what they mean."""
        return ", ".join([*self.place, *(self.choices if self.is_of_some else ())])

    @property
    def is_of_some(self) -> bool:
        """Whether it asks which labels mean one thing."""
        return bool(self.labels) and len(self.choices) == 1


def begun(file: Path, map_file: Path | None = None) -> Draft:
    """A first draft in which all is put that needs no question. map_file: a mapping that somebody began.

    Raises DataError when a file cannot be read.
    """
    return with_what_is_sure(first_draft(file, map_file))


def with_what_is_sure(draft: Draft) -> Draft:
    """The draft with what the file itself says, and why."""
    years, own = coverage(draft.look), draft.entries.get(("source", "id"))
    if years and draft.is_open("source", "coverage"):
        draft = draft.put({("source", "coverage"): years}, "the years in the file")
    if draft.is_open("constants", "stage"):
        reason = "the numbers are outcomes; a label that is a total says of what"
        draft = draft.put({("constants", "stage"): "outcome"}, reason)
    if own and own.value in taken_ids():
        draft = draft.put({("source", "id"): f"own_{own.value}"[:40]}, "the project has a source of the other name")
    return draft


def questions(draft: Draft) -> list[Question]:
    """Every question that is open, in the order in which to ask them: an answer can close or open later ones."""
    makers = (_of_heading, _of_rows, _of_columns, _of_reading, _of_constants, _of_labels, _of_shares, _of_source)
    return [asked for make in makers for asked in make(draft) if asked.key not in draft.asked]


def runs_of(heading: Sequence[int]) -> dict[str, list[int]]:
    """What can be the rows of the headings, of some that were guessed: all, or some of them beside each other."""
    runs = [heading[start:end] for start in range(len(heading)) for end in range(start + 1, len(heading) + 1)]
    return {f"row {of[0]}" if len(of) == 1 else f"rows {of[0]} to {of[-1]}": [*of] for of in runs}


def _of_heading(draft: Draft) -> Iterator[Question]:
    """Which rows are headings where several seem to be: one of them may be a row of the table."""
    look = draft.look
    heading = look.reader.mapping.read.heading
    if len(heading) == 1 or not draft.is_open("read", "heading"):
        return
    runs = runs_of(heading)
    texts = {row: [cell.text for cell in look.reader.sheet.rows[row - 1] if cell.text] for row in heading}
    said = {row: ", ".join([*found[:3], *(["..."] if len(found) > 3 else [])]) for row, found in texts.items()}
    choices = {name: "; ".join(said[row] for row in rows) for name, rows in runs.items()}
    whole = next(name for name, rows in runs.items() if rows == [*heading])
    yield Question(("read", "heading"), "Which rows are the headings?", choices, whole)


def _of_rows(draft: Draft) -> Iterator[Question]:
    if not (draft.is_open("table") or draft.is_open("row")):
        return
    look = draft.look
    choices = {"subject": "a person", "allegation": "an allegation"}
    if {"case_id", "people"} & {*look.found}:
        choices["case"] = "a case"
    choices |= {unit: f"none of these: the file has numbers, of {words}" for unit, words in UNITS.items()}
    guess = draft.said.get("row") if look.table == "people" else None
    yield Question(("row",), "What is one row?", choices, guess if guess in choices else None)


def _headings(draft: Draft, is_numeric: bool = False) -> dict[str, str]:
    """The columns of the file by their headings, with what is under them."""
    return {
        of.heading: f"such as {', '.join([*of.usual][:3])}" if of.usual else "empty"
        for of in draft.look.columns.values()
        if of.is_numeric or not is_numeric
    }


def together(look: Look) -> dict[str, list[str]]:
    """What columns are called that may tell together how it ended: numbered ones, and those with dismissals too."""
    first = [*look.found.get("sanction", ())]
    return {AND.join(of): of for of in (first, [*first, *look.rivals]) if len(of) > 1 and not look.crowd}


def _of_columns(draft: Draft) -> Iterator[Question]:
    entries = draft.entries
    if draft.look.table == "people":
        is_named = draft.is_open("columns", "sanction")
        if is_named or draft.is_open("constants", "sanction"):
            is_guessed = is_named and entries["columns", "sanction"].value != UNDECIDED
            guess = AND.join(draft.look.found["sanction"]) if is_guessed else None
            most = "whichever of them is the most severe; reinstated undoes dismissed"
            most = "each of another person" if draft.look.per_person else most
            several = dict.fromkeys(together(draft.look), most)
            choices = {**_headings(draft), **several, NO_COLUMN: "the file does not say it"}
            guess = guess if guess in choices else None
            crowd = ", ".join(draft.look.crowd)
            advice = f"Several people stand in one row ({crowd}). Stop, and say in the mapping what is of each "
            advice += "(per_person), or give each a row of their own in the file first: one outcome a row is counted. "
            text = f"{advice if crowd else ''}Which column says how it ended?"
            yield Question(("columns", "sanction"), text, choices, guess)
    elif draft.is_open("columns", "value"):
        choices = _headings(draft, is_numeric=True) or _headings(draft)
        guess = entries["columns", "value"].value
        guess = guess if guess in choices else None
        yield Question(("columns", "value"), "Which column has the numbers?", choices, guess)


def _of_reading(draft: Draft) -> Iterator[Question]:
    """How dates are written where two ways are possible, and what of hidden rows and of people that say total."""
    entries = draft.entries
    dates = entries.get(("read", "dates"))
    if dates and dates.is_marked:
        ways = dates.value if isinstance(dates.value, list) else [dates.value, other_order(dates.value)]
        yield Question(("read", "dates"), "How are dates written?", {way: f"all of them so: {way}" for way in ways})
    hidden = entries.get(("read", "hidden"))
    if hidden and not hidden.value:
        choices = {"read": "read them too", "leave_out": "leave them out"}
        yield Question(("read", "hidden"), f"There are {hidden.reason.partition(';')[0]}. What of them?", choices)
    if draft.look.table == "people" and draft.is_open("read", "total_rows"):
        choices = {"leave_out": "leave them out: they are totals", "keep": "keep them: they are rows as the others"}
        said = " or ".join(map(repr, draft.look.totals))
        yield Question(("read", "total_rows"), f"Some rows say {said}. What of them?", choices)


def _of_constants(draft: Draft) -> Iterator[Question]:
    """What no heading seems to say: it is the same for the whole file, or in a column."""
    asked = {
        "complaint_type": "What were they accused of?",
        "force": "Which police force is it?",
        "person_type": "Who is counted?",
        "unit": "What are the numbers of?",
        "outcome": "What became of those who are counted?",
    }
    for place, entry in draft.entries.items():
        if place[0] == "constants" and entry.value == UNDECIDED and place[-1] in asked:
            name = COLUMNS[draft.look.table][place[-1]]
            choices = {ABROAD: "a force that has no code"} if name == "force" and draft.look.table == "people" else {}
            choices |= {WHATEVER: "all of them, whatever became of them"} if name == "published_outcome" else {}
            choices |= {f"{IN_COLUMN}{heading}": words for heading, words in _unused(draft).items()}
            choices |= {code: vocabulary.label(name, code) for code in vocabulary.codes(name)}
            yield Question(place, asked[place[-1]], choices)


def _unused(draft: Draft) -> dict[str, str]:
    unused = {*draft.look.unused}
    return {heading: words for heading, words in _headings(draft).items() if heading in unused}


def _of_labels(draft: Draft) -> Iterator[Question]:
    """What the labels mean that are not known; first which of them mean dismissed."""
    open_labels: dict[str, dict[str, Any]] = {}
    for place, entry in draft.entries.items():
        is_label = place[0] == "labels" and len(place) == 3 and entry.is_open
        if is_label and COLUMNS[draft.look.table][place[1]]:  # of a year or a date the mapping says what it means
            open_labels.setdefault(place[1], {})[place[2]] = entry.value
    for column, guesses in open_labels.items():
        texts = draft.look.texts(column)
        labels = {label: texts[label] for label in sorted(guesses, key=lambda label: -texts[label])}
        choices = meanings(draft.look.table, column)
        heading = ", ".join(draft.look.found.get(column, ())) or column
        if column == "sanction":
            [code] = vocabulary.codes_with("sanction", "is_dismissal")
            question = f"Which of these in {heading!r} mean that somebody was dismissed?"
            is_so = [label for label in labels if guesses[label] == code]
            yield Question(("labels", column), question, {code: choices[code]}, is_so, labels)
        default = {label: _proposed(column, label) if code == UNDECIDED else code for label, code in guesses.items()}
        told = {label: code for label, code in default.items() if isinstance(code, str) and code in choices}
        yield Question(("labels", column), f"What do these in {heading!r} mean?", choices, told, labels)


def _proposed(column: str, label: str) -> str:
    """What an open label is proposed to mean: that the file does not say, or that somebody left first; nothing of one
    that reads like a dismissal, which a person has to decide."""
    is_leaving = column == "sanction" and reads_like_leaving(label)
    return left_by(label) or UNDECIDED if is_leaving else _unsaid(column)


def _unsaid(column: str) -> str:
    """The code for what the file does not say; CHECK where there is none."""
    return NOT_SAID.get(column, UNDECIDED)


def meanings(table: str, column: str) -> dict[str, str]:
    """What a label of a column can mean, in the words of the vocabulary."""
    name = COLUMNS[table][column]
    choices = {code: vocabulary.label(name, code) for code in vocabulary.codes(name)}
    if column == "sanction":
        choices |= {code: f"{vocabulary.label('left_service', code)}; no sanction stated" for code in LEFT}
    if column == "outcome":
        stages = vocabulary.codes("published_stage")
        choices |= {f"{TOTAL_OF}{code}": f"all {vocabulary.label('published_stage', code)}" for code in stages}
    if _unsaid(column) == "":
        choices[""] = "none, or not stated"
    return choices


def _of_shares(draft: Draft) -> Iterator[Question]:
    """What dismissals are divided by, where the file has a total of something."""
    found = totals(draft)
    if "rates" in draft.said or not found or not numerator(draft):
        return
    choices = {
        label: f"a share of this ({vocabulary.label('published_stage', stage)})" for label, stage in found.items()
    }
    if {*draft.look.found} == {"outcome"} and not draft.look.groups:  # nothing that is ours tells rows apart
        times = {label: draft.look.texts("outcome")[label] for label in found}
        said = "a share of these added up, where nobody is in two of the {} rows"
        choices |= {f"{ADDED_UP}{label}": said.format(n) for label, n in times.items() if n > 1}
    choices[NO_RATE] = "figures alone"
    yield Question(("rates",), "What are the dismissals a share of?", choices, NO_RATE)


def totals(draft: Draft) -> dict[str, str]:
    """The labels that are totals, each with its stage; a row of totals is one of all that is finalised."""
    said = draft.said
    labels = (said.get("labels") or {}).get("outcome") or {}
    found = {label: codes["stage"] for label, codes in labels.items() if isinstance(codes, dict) and codes.get("stage")}
    rows = (said.get("read") or {}).get("total_rows") or []
    is_timed, outcomes = "period" in [*draft.look.parts, *draft.look.found], draft.look.texts("outcome")
    usable = {*CALLED, *vocabulary.codes("denominator_stage")}
    found = {label: stage for label, stage in found.items() if stage in usable}
    return found | {label: "finalised" for label in rows if is_timed and label in outcomes}


def numerator(draft: Draft) -> str:
    """The outcome of the file that a rate of dismissals counts; nothing where it has none."""
    said = (draft.said.get("labels") or {}).get("outcome") or {}
    known = known_labels("published_outcome")
    labels = [*draft.look.labels("outcome"), *draft.look.heads("outcome")]
    codes = [*said.values(), *(known.get(label.casefold()) for label in labels)]
    return next((code for code in ("dismissed", "dismissed_or_would_have_been") if code in codes), "")


def _of_source(draft: Draft) -> Iterator[Question]:
    """Where the file is from, which only a person knows."""
    defaults = {"title": draft.file.stem, "licence": "not stated"}
    for name, text in OF_SOURCE.items():
        if draft.is_open("source", name):
            yield Question(("source", name), text, default=defaults.get(name))
