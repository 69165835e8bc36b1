"""Which of our columns the columns of a sheet probably are: what is in them decides before their headings do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from analysis import vocabulary
from analysis.reading.spreadsheet.cell_numbers import NUMBER, SHARE
from analysis.reading.spreadsheet.cells import Cell
from analysis.reading.spreadsheet.likely import (
    BETWEEN,
    force_of,
    likely,
    reads_like_dismissal,
    reads_like_return,
    tells,
)
from analysis.reading.spreadsheet.likely_cells import below, date_patterns, is_period, is_symbol
from analysis.reading.spreadsheet.sheet_rows import known_labels

OUTCOMES = (
    *("outcome", "sanction", "disposition", "penalty", "disciplin", "disposal", "action taken", "action"),
    *("resolution", "result", "measure"),
)
CHARGES = ("charge", "misconduct", "offence", "contravention", "violation", "standard")
NAMES = {  # our column -> words in headings, the more telling ones first; each also as the beginning of a longer word
    "case_to_answer": ("case to answer", "severity", "assessment"),
    "complaint_type": (
        "allegation type",
        "complaint type",
        "allegation",
        "category",
        "breach",
        "nature",
        *CHARGES,
    ),
    "sanction": OUTCOMES,
    "outcome": OUTCOMES,
    "discrimination_ground": ("discrimination", "protected characteristic"),
    "left_service": ("resigned", "retired", "left the force", "left service", "leaving"),
    "proceeding": ("proceeding", "hearing or meeting", "type of hearing"),
    "finding": ("finding", "decision", "proven"),
    "people": ("number of officers", "number of people", "officers", "subjects", "people", "persons", "individuals"),
    "subject_id": ("officer", "subject", "person", "pseudonym", "employee", "badge"),
    "case_id": (
        *("case", "reference", "file", "ref", "complaint", "incident", "tracking", "investigation", "log", "urn"),
        *("hearing", "ia"),
    ),
    "date": ("date",),
    "period": ("year", "period"),
    "year": ("year",),
    "person_type": ("officer or staff", "officer staff", "employee type", "person type", "staff type"),
    "rank": ("rank", "grade", "role"),
    "force": ("force", "police force", "force name", "name of force", "constabulary", "police service"),
    "unit": ("unit",),
    "stage": ("stage",),
    "value": ("number", "count", "value", "total", "n"),
    "note": ("note", "comment", "remark"),
}
FIRST = {name: name.split()[0] for names in NAMES.values() for name in names}
JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^\w]+|_+")
MEANT = {  # what headings have for longer words, also joined to each other: ALLEG_DESC, OFCRNAME, DISPOCD
    **dict.fromkeys(("alleg", "allegn", "allegtn", "allgtn", "allgn"), "allegation"),
    **dict.fromkeys(("desc", "descr", "descrip", "dscr"), "description"),
    **dict.fromkeys(("disp", "dispo", "dispn", "dispos"), "disposition"),
    **dict.fromkeys(("ofc", "ofcr", "offr"), "officer"),
    **dict.fromkeys(("disc", "discip", "displn", "discpl", "discipl"), "discipline"),
    **dict.fromkeys(("cmplt", "cmpl", "compl", "cmplnt"), "complaint"),
    **dict.fromkeys(("fy", "fye"), "financial year"),
    **{
        "cat": "category",
        "catg": "category",
        "typ": "type",
        "actn": "action",
        "sanc": "sanction",
        "findg": "finding",
        "pen": "penalty",
    },
    **{"cd": "code", "dt": "date", "dte": "date", "yr": "year", "yrs": "years", "fin": "financial", "rnk": "rank"},
    **{"nbr": "number", "emp": "employee", "inv": "investigation", "inc": "incident", "rslt": "result", "nm": "name"},
}
NUMBERED = re.compile(
    r"\d{1,2}(?:st|nd|rd|th)?|[a-d]|i{1,3}|iv|one|two|three|first|second|third|primary|secondary|additional"
)
PERSONS = {"officer", "officers", "subject", "person", "employee", "accused", "individual"}
PART = "|".join(sorted(MEANT, key=len, reverse=True))
SHORT = 5  # letters of a word of NAMES under which only the word itself is meant: no referral by ref
TAIL = {"final", "imposed", "given", "issued", "code", "description", "name", "text", "label", "in", "force"}
ID_WORDS = {"no", "nr", "number", "num", "id", "ids", "ref", "reference", "identifier", "code", "key", "file"}
SEVERAL = (["officers"], ["subjects"], ["people"], ["persons"])  # how headings of numbers of people end
WHOLE = ("force", "value", "case_id", "subject_id")  # whose heading says nothing else
UNLIKELY = {"recommended", "proposed", "initial", "preliminary", "previous", "original", "requested"}
UNLIKELY |= {"arbitration", "appeal", "code"}
OF_A_LIFE = {"hire", "hired", "birth", "dob", "joined", "joining", "appointed", "appointment"}  # dates of no case
OPEN = {"not stated", "not_stated", "unknown", "other", "all", "none", "no", "", "n/a"}  # labels that tell no column
BY_CONTENT = (
    "force",
    "sanction",
    "outcome",
    "complaint_type",
    "finding",
    "case_to_answer",
    "rank",
    "date",
    "period",
    "person_type",
)
ONLY_BY_CONTENT = ("unit", "stage")  # that are also the headings of something else
YES, NO = ("yes", "y", "true", "1", "x"), ("no", "n", "false", "0", "")
YES_NO = {*YES, *NO} - {""}
FLAG = re.compile(r"^(?:(?:was|is|officer|subject|person) )+|(?: (?:y|yes|n|no|flag|true|false))+$")
BETWEEN_DIGITS = re.compile(r",|[. ](?=\d{3}(?!\d))")  # of one number: 1,234 or 1.234 or 3,0
LABEL = 60  # letters of a label: a longer text tells a story
MANY = 60  # labels of a column that are looked at, the most frequent ones


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, and how often each cell is there under it."""

    heading: str
    cells: Counter[Cell]

    @cached_property
    def texts(self) -> Counter[str]:
        """How often each text is there, nothing aside."""
        found: Counter[str] = Counter()
        for cell, times in self.cells.items():
            if cell.text:
                found[cell.text] += times
        return found

    @cached_property
    def usual(self) -> dict[str, int]:
        """How often each of the most frequent texts is there."""
        return dict(self.texts.most_common(MANY))

    @cached_property
    def is_numeric(self) -> bool:
        """Whether most of the filled cells are numbers, or symbols in place of numbers where there are only those."""
        numbers = sum(times for cell, times in self.cells.items() if is_number(cell))
        if 2 * numbers >= (filled := self.texts.total()):
            return filled > 0
        if not numbers:
            is_each = all(map(is_symbol, self.texts))  # which ends at the first that is none
            return is_each and any(below(text) or not text.isalpha() for text in self.texts)
        symbols = sum(times for text, times in self.texts.items() if is_symbol(text))
        return numbers >= 0.5 * (filled - symbols)

    @cached_property
    def is_shares(self) -> bool:
        """Whether most of the numbers are percentages; by the heading where there is none."""
        shares = sum(times for cell, times in self.cells.items() if is_share(cell))
        counts = sum(times for cell, times in self.cells.items() if is_number(cell)) - shares
        return shares > counts or (not counts and "%" in self.heading)

    @cached_property
    def is_dates(self) -> bool:
        """Whether most of the filled cells are dates."""
        dates = sum(times for cell, times in self.cells.items() if cell.kind == "date")
        if dates >= 0.5 * max(1, self.texts.total()):
            return dates > 0
        long = sum(len(text) >= len("2019") for text in self.usual)  # no date is shorter
        return long >= 0.7 * len(self.usual) and bool(date_patterns([*self.usual], enough=0.7)[0])

    @cached_property
    def is_periods(self) -> bool:
        """Whether most of the filled cells are years."""
        times = sum(self.usual[text] for text in self.usual if is_period(text))
        return bool(self.texts) and times >= 0.5 * sum(self.usual.values())

    @cached_property
    def is_yes_or_no(self) -> bool:
        """Whether all of the filled cells are yes or no, in some form."""
        return bool(self.texts) and all(text.casefold() in YES_NO for text in self.texts)

    @cached_property
    def is_ids(self) -> bool:
        """Whether the filled cells tell cases or people apart: they have digits, or most are different."""
        with_digits = sum(self.usual[text] for text in self.usual if re.search(r"\d", text))
        return with_digits >= 0.5 * sum(self.usual.values()) or len(self.texts) > 0.5 * self.texts.total()

    @cached_property
    def is_phrases(self) -> bool:
        """Whether most of the filled cells have several words and no digit."""
        phrases = sum(self.usual[text] for text in self.usual if " " in text and not re.search(r"\d", text))
        return 2 * phrases > sum(self.usual.values())

    def says(self, name: str) -> float:
        """The share of the filled cells that are labels of the vocabulary `name`, those aside that every one has."""
        words, usual = known_labels(name), self.usual
        told = [text for text in usual if text.casefold() not in OPEN]
        if name == "finding" and any(tells("sanction", text) for text in told):
            return 0.0  # what was decided of both kinds: an outcome
        known = [
            text
            for text in told
            if text.casefold() in words or (name == "force" and _is_force(text)) or tells(name, text)
        ]
        return sum(usual[text] for text in known) / max(1, sum(usual.values()))


@lru_cache(maxsize=50_000)
def _is_force(text: str) -> bool:
    """Whether a text is the name of a known force, whatever it calls itself."""
    return force_of(text, known_labels("force")) is not None


def is_share(cell: Cell) -> bool:
    """Whether a cell holds a percentage."""
    return cell.kind == "percent" or (cell.text.endswith("%") and SHARE.fullmatch(cell.text) is not None)


def is_number(cell: Cell) -> bool:
    """Whether a cell holds a number, with or without signs between thousands or a decimal comma, or a percentage."""
    text = cell.text
    return cell.kind == "number" or (
        text[:1].isdecimal() and (bool(NUMBER.fullmatch(BETWEEN_DIGITS.sub("", text))) or is_share(cell))
    )


def flag_of(column: Column) -> str:
    """The dismissal that a column of yes and no is about, by its heading (Dismissed Y/N); "" where it is about none."""
    bare = FLAG.sub("", " ".join(words_of(column.heading)))
    found = likely(bare, known_labels("sanction"), "sanction") if column.is_yes_or_no else None
    is_one = found is not None and found[1] in vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been")
    return found[1] if found and is_one else ""


def last_part(heading: str) -> str:
    """The lowest of the headings that stand over each other."""
    return heading.rpartition(BETWEEN)[2]


@cache
def words_of(heading: str) -> list[str]:
    """The words of a heading, also of one that joins them or cuts them short: action, taken of ActnTaken."""
    words = [word.casefold() for word in JOINED.split(heading) if word]
    cut = [re.findall(PART, word) if re.fullmatch(f"(?:{PART})+", word) else [word] for word in words]
    return " ".join(MEANT.get(part, part) for parts in cut for part in parts).split()


def _apart(heading: str) -> list[str]:
    """The words of a heading, and numbers at their ends as words: discipline, 1 of Discipline1."""
    return re.sub(r"(?<=[a-z])(?=\d{1,2}(?!\d))", " ", " ".join(words_of(heading))).split()


def stem_of(heading: str) -> str:
    """A heading without what numbers it: action taken of Action taken 2, discipline of Discipline1."""
    return " ".join(word for word in _apart(heading) if not NUMBERED.fullmatch(word))


def of_several_people(headings: Iterable[str]) -> list[str]:
    """The headings that number people (Officer 1 outcome, Officer 2 outcome), where there are several of one stem."""
    found: dict[str, list[str]] = {}
    for heading in headings:
        words = _apart(heading)
        if any(NUMBERED.fullmatch(word) and PERSONS & {*words[max(0, n - 1) : n + 2]} for n, word in enumerate(words)):
            found.setdefault(stem_of(heading), []).append(heading)
    return [heading for several in found.values() if len(several) > 1 for heading in several]


def numbered(column: str, name: str, one: int, columns: Mapping[int, Column]) -> list[int]:
    """The columns that are numbered parts of one of ours, that which was found among them."""
    stem = stem_of(columns[one].heading)
    alike = [number for number, of in columns.items() if stem and stem_of(of.heading) == stem]
    return [number for number in alike if number == one or not _contradicts(column, name, columns[number])]


def tells_of_dismissals(of: Column) -> str:
    """A label of a column that seems to say that somebody was reinstated, or else dismissed; "" where none does."""
    is_flag = of.is_yes_or_no and reads_like_dismissal(" ".join(words_of(of.heading)))
    labels = [text for text in of.texts if len(text) <= LABEL]
    told = [text for text in labels if reads_like_return(text)]
    told += [text for text in labels if (text.casefold() in YES if is_flag else reads_like_dismissal(text))]
    return next(iter(told), "")


@cache
def _said_in(heading: str) -> set[str]:
    """The names of our columns that are in a heading."""
    words = words_of(heading)
    joined = " ".join(words)
    return {name for name, first in FIRST.items() if first in joined and _place(name, words) is not None}


def _match(heading: str, column: str) -> float:
    """How well a heading fits one of our columns: 0 not at all; the telling and the last words fit best."""
    words, said = words_of(heading), _said_in(heading)
    if heading == column or "_".join(words) == column:
        return 5.0
    if not said:
        return 0.0  # of most, in a very wide sheet
    head = re.split(r" (?:of|by|in|for|to|at|on) ", f"{' '.join(words)} ")[0].split()
    while len(head) > 1 and (head[-1] in TAIL or head[-1].isdigit()):
        head = head[:-1]
    bare = [word for word in head if word not in ID_WORDS] if column in ("case_id", "subject_id") else head
    best = 0.0
    for rank, name in enumerate(NAMES.get(column, ())):
        if name not in said or (column in WHOLE and not _is_whole(column, name, bare or head, words)):
            continue
        is_last = _place(name, bare or head) == len(bare or head)
        best = max(best, 1 + 0.1 * len(name.split()) - 0.04 * rank + 0.3 * is_last)
    return best if not best or is_final(heading) else max(0.1, best - 0.5)


def is_final(heading: str) -> bool:
    """Whether a heading does not say that it is of something before the decision or after it."""
    return not UNLIKELY & {*words_of(heading)}


def _is_whole(column: str, name: str, head: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a heading says nothing beside the name: "use of force" is no force, "case status" no case."""
    if column == "force":
        return " ".join(words) in (name, f"{name}s") or name in ("constabulary", "police service")
    if column == "value":
        return _place(name, head) == len(head)
    bare = {word for word in words if not NUMBERED.fullmatch(word)}
    is_id = bool(ID_WORDS & {*words}) or bare <= {*NAMES[column]} or len(bare) == 1
    return is_id and (_place(name, head) == len(head) or (name in words and words[-1] in ID_WORDS))


def _place(name: str, words: Sequence[str]) -> int | None:
    """After how many words a name ends among `words`; None where it is not there. Also within a word that joins it."""
    parts = name.split()
    for start in range(len(words) - len(parts) + 1):
        if all(map(_begins, words[start : start + len(parts)], parts)):
            return start + len(parts)
    joined = "".join(parts)
    places = [n for n, word in enumerate(words, 1) if len(joined) > SHORT and joined in word]
    return places[-1] if places else None


def _begins(word: str, part: str) -> bool:
    return word in (part, f"{part}s", f"{part}es") or (len(part) >= SHORT and word.startswith(part))


def _contradicts(column: str, name: str, of: Column) -> bool:
    """Whether what is in a column cannot be meant for ours. name: its vocabulary, if it has one."""
    if not of.texts:
        return False
    if column in ("value", "people"):
        return not of.is_numeric or (column == "people" and tells("sanction", of.heading))
    if column in ("period", "year"):
        return not of.is_periods
    if column in ("case_id", "subject_id"):
        return (
            of.is_dates
            or (of.is_yes_or_no and len(of.texts) > 1)
            or not (of.is_ids or ID_WORDS & {*words_of(of.heading)})
            or (column == "case_id" and of.is_phrases)
            or (column == "subject_id" and of.is_numeric and words_of(of.heading)[-1:] in SEVERAL)
        )
    if column == "date":
        return of.is_yes_or_no or bool(OF_A_LIFE & {*words_of(of.heading)})
    if name:
        ticks = column in ("force", "complaint_type", "sanction", "outcome") and of.is_yes_or_no
        return of.is_numeric or of.is_dates or ticks
    return False


def _score(column: str, name: str, of: Column) -> float:
    """How probably a column is ours; 0 where it is not."""
    heading = _match(of.heading, column)
    if heading == 5.0:
        return heading
    if column == "sanction" and flag_of(of):
        return 1.0
    if _contradicts(column, name, of):
        return 0.0
    content = 0.0
    if column in BY_CONTENT and of.texts:
        plain = {"date": of.is_dates, "period": of.is_periods}
        content = float(plain[column]) if column in plain else of.says(name)
    if column in ONLY_BY_CONTENT and of.says(name) < 0.3:
        return 0.0
    return heading + 2 * content if content >= 0.6 and is_final(of.heading) else heading


def likely_columns(columns: Mapping[int, Column], known: Mapping[str, str]) -> dict[str, int]:
    """Our column -> the number of the column that it probably is; each is used once.

    known: our columns, each with its vocabulary ("" without). The likeliest pairs are taken first.
    """
    order = [column for column in known if column not in NAMES]
    order = [*NAMES, *order]
    scores = [
        (-_score(column, known[column], of), order.index(column), number)
        for column in order
        if column in known
        for number, of in columns.items()
    ]
    found: dict[str, int] = {}
    for score, place, number in sorted(scores):
        column = order[place]
        if score < 0 and column not in found and number not in found.values():
            found[column] = number
    return {column: found[column] for column in order if column in found}
