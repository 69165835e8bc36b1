"""The project's words: codes with their labels, definitions and attributes, and each source's crosswalk to them.

Files: data/vocabulary/*.yml and data/vocabulary/crosswalks/<source>.yml, kept by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from analysis.errors import MisconductError, require_known
from analysis.paths import VOCABULARY, shown
from analysis.yaml_files import read_yaml

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("label", "definition", "authority")
KINDS = {str: "text", bool: "true or false", int: "a whole number"}  # what an attribute can be
SEPARATOR = "; "  # between several values in one cell
# What can be asked of a rate, spelt out so that help and completion list it; tests hold it to the vocabulary.
Among = Literal[
    "case_to_answer",
    "gross_misconduct_case_to_answer",
    "proceedings",
    "hearings",
    "proven",
    "gross_misconduct_proven",
    "proven_or_implied",
    "gross_misconduct_proven_or_implied",
    "all_subjects",
]
Count = Literal["dismissed_or_would_have_been", "dismissed"]
Group = Literal[
    "complaint_type",
    "complaint_category",
    "allegation_rule",
    "force",
    "year",
    "person_type",
    "rank",
    "vawg",
    "vawg_flag",
    "discrimination_ground",
    "case_to_answer",
    "force_view",
    "proceeding",
    "finding",
    "left_service",
    "criminal",
    "confidence",
    "jurisdiction",
    "source",
]
GROUPS: tuple[str, ...] = get_args(Group)


def _usual(values: list[Any]) -> Any:
    """The most frequent of some values."""
    return Counter(values).most_common(1)[0][0]


def _faults(codes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong with the codes of one vocabulary, which must all have the same attributes of the same types."""
    usual = {*_usual([frozenset(entry) for entry in codes.values()]), *REQUIRED}
    types = {
        key: str if key in REQUIRED else _usual([type(entry[key]) for entry in codes.values() if key in entry])
        for key in usual
    }
    found = []
    for code, entry in codes.items():
        found += [f"{code}: there is no {key}" for key in sorted(usual - entry.keys())]
        found += [f"{code}: {key} is not an attribute of the other codes" for key in sorted(entry.keys() - usual)]
        for key in sorted(usual & entry.keys()):
            if type(entry[key]) is not types[key] or types[key] not in KINDS:
                wanted = KINDS.get(types[key], " or ".join(KINDS.values()))
                found.append(f"{code}: {key} is {entry[key]!r} and must be {wanted}")
    return found


def check_codes(file: str, vocabulary: str, codes: Any) -> None:
    """MisconductError naming file, vocabulary, code and attribute of everything wrong with one vocabulary."""
    entries = codes.values() if isinstance(codes, dict) else [None]
    if not codes or not all(isinstance(entry, dict) for entry in entries):
        raise MisconductError(f"{file}: {vocabulary} is not a list of codes with their attributes.")
    faults = [f"the code {code!r} must be text: put it in quotation marks" for code in codes if type(code) is not str]
    faults = faults or _faults(codes)
    if faults:
        raise MisconductError("\n".join(f"{file}: {vocabulary}, {fault}." for fault in faults))


@cache
def vocabularies() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Every vocabulary by name: code -> its label, definition, authority and attributes.

    A definition that names another vocabulary in braces has what the codes of that one mean in its place.

    Raises MisconductError when a vocabulary stands in two files, a code lacks one of REQUIRED, or the codes of a
    vocabulary differ in their attributes or the types of them.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted(VOCABULARY.glob("*.yml")):
        for name, codes in (read_yaml(path) or {}).items():
            if name in found:
                raise MisconductError(f"{shown(path)}: the vocabulary {name!r} is in another file already.")
            check_codes(shown(path), name, codes)
            found[name] = codes
    for entry in (entry for codes in found.values() for entry in codes.values()):
        entry["definition"] = re.sub(r"\{(\w+)\}", lambda named: _meanings(found[named[1]]), entry["definition"])
    return found


def meanings(vocabulary: str) -> str:
    """What each code of a vocabulary means, in sentences: A is an official pair of counts. B is ..."""
    return _meanings(vocabularies()[require_known(vocabulary, vocabularies(), "vocabulary")])


def _meanings(codes: Mapping[str, Mapping[str, Any]]) -> str:
    said = ((entry["label"], entry["definition"]) for entry in codes.values())
    return " ".join(f"{label} is {meaning[:1].lower()}{meaning[1:]}" for label, meaning in said)


def codes(vocabulary: str) -> list[str]:
    """All codes of a vocabulary, in the order of its file."""
    return list(vocabularies()[require_known(vocabulary, vocabularies(), "vocabulary")])


def entry(vocabulary: str, code: str) -> Mapping[str, Any]:
    """One code's label, definition, authority and attributes; MisconductError when the code is unknown."""
    return vocabularies()[vocabulary][require_code(vocabulary, code)]


def label(vocabulary: str, code: str) -> str:
    """What people read for `code`; a code or vocabulary without an entry is its own label."""
    return str(vocabularies().get(vocabulary, {}).get(code, {}).get("label", code))


def require_code(vocabulary: str, code: str) -> str:
    """`code` when it is one of a vocabulary; else MisconductError, naming what may be meant and all codes."""
    return require_known(code, codes(vocabulary), vocabulary.replace("_", " "), words(vocabulary))


def words(vocabulary: str) -> dict[str, str]:
    """What people call each code, joined by "; ": its label and synonyms. Nothing where there is no such vocabulary."""
    return {
        code: f"{entry['label']}; {entry.get('synonyms', '')}"
        for code, entry in vocabularies().get(vocabulary, {}).items()
    }


def codes_with(vocabulary: str, attribute: str) -> list[str]:
    """The codes whose `attribute` is true, in the order of the file."""
    entries = vocabularies()[vocabulary]
    found = [code for code, entry in entries.items() if entry.get(attribute) is True]
    if not found:
        known = {key for entry in entries.values() for key in entry}
        require_known(attribute, sorted(known), f"attribute of {vocabulary}")
    return found


def ordered_vocabularies() -> tuple[str, ...]:
    """The vocabularies whose codes have a severity, by name."""
    return tuple(sorted(name for name, codes in vocabularies().items() if "severity" in next(iter(codes.values()))))


def by_severity(vocabulary: str) -> list[str]:
    """The codes of one of ordered_vocabularies, least severe first; as severe ones in the order of the file."""
    require_known(vocabulary, ordered_vocabularies(), "vocabulary with a severity")
    return sorted(codes(vocabulary), key=lambda code: vocabularies()[vocabulary][code]["severity"])


@cache
def crosswalk(source: str) -> Mapping[str, Mapping[str, str]]:
    """For each vocabulary that `source` uses, its labels -> our codes.

    Raises MisconductError when a label leads to a code that does not exist.
    """
    path = VOCABULARY / "crosswalks" / f"{source}.yml"
    found: dict[str, dict[str, str]] = {}
    file = shown(path)
    for name, labels in read_yaml(path).items():
        known = codes(name)
        found[name] = {code: code for code in known} if labels == "same" else dict(labels)
        for raw, code in found[name].items():
            require_known(code, known, f"code of {name} (for the label {raw!r} in {file})")
    return found


def harmonise(labels: pd.Series, source: str, vocabulary: str) -> pd.Series:
    """Map a column of raw labels of `source` to codes; several in one cell (SEPARATOR) keep their order; "" stays "".

    Raises MisconductError naming the label and the nearest known one when the crosswalk does not know it.
    """
    known = crosswalk(source)[vocabulary]

    def to_codes(cell: str) -> str:
        parts = cell.split(SEPARATOR) if cell else []
        return SEPARATOR.join(known[require_known(part, known, f"label of {vocabulary}")] for part in parts)

    mapping = {cell: to_codes(cell) for cell in labels.unique()}
    return labels.map(mapping).astype("str")
