"""The words of a first mapping: labels, symbols, and what is the same for the whole file; as few questions as can be.

Every function here yields lines of YAML, as those of guess.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from analysis import vocabulary
from analysis.reading.spreadsheet.decided import NAMED, UNDECIDED
from analysis.reading.spreadsheet.labels import REST
from analysis.reading.spreadsheet.likely import SILENT, left_by, likely, reads_like_leaving, tells
from analysis.reading.spreadsheet.likely_cells import NOT_AVAILABLE, below, is_symbol
from analysis.reading.spreadsheet.likely_columns import NO, YES, flag_of, is_number, last_part, words_of
from analysis.reading.spreadsheet.look import Look
from analysis.reading.spreadsheet.mapping import COLUMNS
from analysis.reading.spreadsheet.periods import ending_in
from analysis.reading.spreadsheet.second_look import entry
from analysis.reading.spreadsheet.sheet_rows import MAY_BE_EMPTY, known_labels

FEW = 3  # labels of a column that are asked one by one; of more, one answer is asked for all that are alike
FEW_LEFT = 5  # the same of columns whose labels can say that somebody left
LEFT = ("sanction", "outcome", "left_service")  # columns whose labels can say that somebody left
FLAGS = {"sanction": "other_than_dismissal", "left_service": "no_or_not_stated"}  # columns of yes and no: what no is
SPLIT = ("complaint_type", "sanction", "force")  # columns of people whose cells may hold several labels
NEEDED = {
    "people": ("complaint_type", "sanction", "force"),
    "counts": ("force", "person_type", "unit", "stage", "complaint_type"),
}
UNITS = {  # what is counted, by the words over the counts
    "allegations": r"allegations?",
    "complaints": r"complaints?",
    "cases": r"cases|investigations",
    "individuals": r"officers?|individuals?|people|persons?|staff|specials?",
}
PERSONS = {"officer": r"officers?", "staff": r"staff", "special": r"specials?|special constables?"}


def quoted(text: str) -> str:
    """A text as YAML takes it, whatever is in it."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def listed(texts: Iterable[str]) -> str:
    """Texts as YAML takes a list."""
    return f"[{', '.join(map(quoted, texts))}]"


def constant_lines(look: Look) -> Iterator[str]:
    """Columns that must be said and that no heading seems to be."""
    found = {*look.found, *look.groups, *look.parts, *(["sanction"] if look.ticks else [])}
    needed = [*NEEDED[look.table], *(["outcome"] if look.table == "counts" and not look.is_ours else [])]
    missing = [column for column in needed if column not in found]
    is_silent = look.table == "people" and "case_to_answer" not in look.found
    yield "constants:  # what is the same for the whole file" if missing or is_silent else "constants: {}"
    for column in missing:
        guess, choice = _constant(look, column), _choice(COLUMNS[look.table][column], look)
        yield f"  {column}: {guess or UNDECIDED}  # {'CHECK: ' if guess else ''}{choice}"
    if is_silent:
        yield "  # No heading tells whether there was a case to answer. With unknown, a rate among people with a case"
        yield "  # to answer is not available [x]. Any other code but none says that everybody in the file had one."
        yield f"  case_to_answer: unknown  # {_choice('case_to_answer', look)}"


def _constant(look: Look, column: str) -> str:
    """What the words of a sheet of counts say of a column that it lacks; "" where they say nothing, or two things."""
    if look.table != "counts":
        return ""
    labels = [*look.labels("outcome"), *map(last_part, look.outcomes)]
    if column == "stage":
        name = "published_outcome"
        known = [text for text in labels if tells(name, text) or likely(text, known_labels(name), name)]
        return "outcome" if len(known) > len(labels) / 2 else ""
    above = [cell.text for row in look.reader.sheet.rows[: max(look.reader.mapping.read.heading)] for cell in row]
    text = " ".join([*above, *labels]).casefold()
    kinds: Mapping[str, str] = {"unit": UNITS, "person_type": PERSONS}.get(column, {})
    said = [code for code, words in kinds.items() if re.search(rf"\b({words})\b", text)]
    return said[0] if len(said) == 1 else ""


def _choice(name: str, look: Look) -> str:
    """What a column can say, in short."""
    codes = vocabulary.codes(name)
    if name == "case_to_answer":  # whose codes alone can be misread: not_stated is a case to answer
        codes = [f"{code} ({vocabulary.label(name, code)})" for code in codes]
    abroad = '"" outside the UK, or ' if look.table == "people" else "Outside the UK (its name as force_source), or "
    nothing = abroad if name == "force" else ""
    nothing = '"" where they are all, whatever became of them, or ' if name == "published_outcome" else nothing
    return f"{nothing}one of: {', '.join(codes[:30])}{', ... (docs/data_dictionary.md)' * (len(codes) > 30)}"


def is_split(look: Look, column: str) -> bool:
    """Whether cells with ";" hold several labels: most of their parts are labels that are known, or come again."""
    if column in look.per_person:
        return len(look.found[column]) == 1
    if look.is_ours or look.table == "counts" or column not in SPLIT:
        return look.is_ours and column in ("complaint_type", "force")
    texts = look.texts(column)
    parts = [part.strip() for text in texts if ";" in text for part in text.split(";") if part.strip()]
    words = known_labels(COLUMNS["people"][column])
    told = [part for part in parts if part.casefold() in words or part in texts or parts.count(part) > 1]
    return bool(parts) and len(told) >= 0.5 * len(parts)


def label_lines(look: Look) -> Iterator[str]:
    """Every label that is not one of ours, with the code it probably means; those of rows left out are not asked."""
    known, left_out = COLUMNS[look.table], set() if look.is_ours or look.keeps_totals else {*look.totals}
    wide = {**{part: look.heads(part) for part in look.parts}, "sanction": look.ticks}
    lines = []
    for column in dict.fromkeys([*look.found, *look.groups, *(name for name, headings in wide.items() if headings)]):
        if known.get(column):
            labels = [text for text in look.labels(column) if text not in left_out]
            lines += _labels_of(look, column, [*labels, *wide.get(column, ())])
    for label, code in look.headed.items():
        lines += [] if any(line.startswith("  outcome:") for line in lines) else ["  outcome:"]
        place = next(n for n, line in enumerate(lines, 1) if line.startswith("  outcome:"))
        said = f'{{outcome: "", complaint_type: {code}}}  # CHECK: the numbers of the whole group under it'
        lines.insert(place, entry("    ", quoted(label), said))
    lines += _times(look)
    yield from ["labels:  # label in the file: our code", *lines] if lines else ["labels: {}"]


def _times(look: Look) -> Iterator[str]:
    """What stands in place of a year or a date where there is none, and years that can mean two."""
    for column in ("year", "date", "period"):
        texts = [*filter(None, [*look.texts(column), *look.heads(column)])]
        meant = {text: '""  # CHECK: there is none' for text in texts if text.casefold() in (*NOT_AVAILABLE, *SILENT)}
        years = {text: year for text in texts if column != "date" and (year := ending_in(text))}
        meant |= {text: f"{quoted(year)}  # CHECK: or the year after" for text, year in years.items()}
        if meant:
            yield f"  {column}:"
            yield from (entry("    ", quoted(text), said) for text, said in meant.items())


def _labels_of(look: Look, column: str, labels: Iterable[str]) -> list[str]:
    """The lines of one column's unknown labels; nothing when all are known."""
    name, several = COLUMNS[look.table][column], is_split(look, column)
    words, lines = known_labels(name), []
    parts = dict.fromkeys(part.strip() for label in labels for part in (label.split(";") if several else [label]))
    asked: dict[str, str] = {}  # letter case aside
    flags = _flags(look, column)
    for label in parts:
        if label.casefold() in words or (not label and column in ("outcome", *MAY_BE_EMPTY)):
            continue
        guess = flags.get(label.casefold()) or likely(label, words, name)
        if guess is None:
            asked.setdefault(label.casefold(), label)
            continue
        lines.append(entry("    ", quoted(label), f"{guess[1]}  # CHECK"))
        lines[-1] += f": nearest known is {guess[0]!r}" if guess[0] in words else ""
    lines += _asked(column, [*asked.values()])
    return [f"  {column}:  # {_choice(name, look)}", *lines] if lines else []


def _flags(look: Look, column: str) -> dict[str, tuple[str, str]]:
    """What yes and no mean in a column that says whether somebody was dismissed, or left, and nothing else."""
    columns = look.under(look.found.get(column, ()))
    if column not in FLAGS or len(columns) != 1:
        return {}
    is_left = column == "left_service" and columns[0].is_yes_or_no
    code = left_by(" ".join(words_of(columns[0].heading))) if is_left else ""
    code = flag_of(columns[0]) if column == "sanction" else code
    said = {**dict.fromkeys(YES, code), **dict.fromkeys(filter(None, NO), FLAGS[column])}
    return {label: (label, meant) for label, meant in said.items()} if code else {}


def _asked(column: str, labels: list[str]) -> Iterator[str]:
    """The labels that a person decides: each of a few; of many those that read as if somebody left, and all others."""
    alone = labels
    if len(labels) > (FEW_LEFT if column in LEFT else FEW) and column != "force":
        leaving = [label for label in labels if column in LEFT and reads_like_leaving(label)]
        alone = [*([""] if "" in labels else []), *(leaving if len(leaving) <= FEW_LEFT else [])]
    for label in alone:
        yield entry("    ", quoted(label), f"{UNDECIDED}  # CHECK")
    rest = [label for label in labels if label not in alone]
    if rest:
        yield f"    # {quoted(REST)} is for {len(rest):,} labels; what is not as the others gets a line of its own:"
        for start in range(0, min(len(rest), NAMED), 4):
            yield f"    #   {', '.join(map(quoted, rest[start : start + 4]))}"
        yield from [f"    #   and {len(rest) - NAMED:,} more"] if len(rest) > NAMED else []
        yield f"    {quoted(REST)}: {UNDECIDED}  # CHECK"


def symbol_lines(look: Look) -> Iterator[str]:
    """Every cell among the counts that is not a number."""
    cells = [cell for of in look.counted for cell in of.cells if cell.kind == "text"]
    symbols = dict.fromkeys(cell.text for cell in cells if not is_number(cell))
    if look.groups and not look.is_sparse:
        symbols.pop("", None)
    if symbols:
        yield "suppressed:  # symbol: [lowest, highest], confidential, not_available or zero"
    for symbol in symbols:
        bounds = below(symbol)
        usual = "not_available" if symbol.casefold() in NOT_AVAILABLE else "confidential"
        usual = usual if is_symbol(symbol) else UNDECIDED
        yield entry("  ", quoted(symbol), f"{[*bounds] if bounds else usual}  # CHECK")
