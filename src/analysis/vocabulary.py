"""The project's words: codes with their labels, definitions and attributes, and each source's crosswalk to them.

Files: data/vocabulary/*.yml and data/vocabulary/crosswalks/<source>.yml, kept by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis.errors import MisconductError, require_known
from analysis.paths import VOCABULARY, shown

REQUIRED = ("label", "definition", "authority")
SEPARATOR = "; "  # between several values in one cell


def read_yaml(path: Path) -> Any:
    """Parse a YAML file; MisconductError names the file and line when it is not valid YAML."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise MisconductError(f"{shown(path)} is not valid YAML: {error}") from error


@cache
def vocabularies() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Every vocabulary by name: code -> its label, definition, authority and attributes.

    Raises MisconductError when a vocabulary stands in two files or a code lacks one of REQUIRED.
    """
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted(VOCABULARY.glob("*.yml")):
        for name, codes in read_yaml(path).items():
            if name in found:
                raise MisconductError(f"{shown(path)}: the vocabulary {name!r} is in another file already.")
            for code, entry in codes.items():
                missing = [key for key in REQUIRED if key not in entry]
                if missing:
                    raise MisconductError(f"{shown(path)}: {name}, {code}: there is no {' or '.join(missing)}.")
            found[name] = codes
    return found


def codes(vocabulary: str) -> list[str]:
    """All codes of a vocabulary, in the order of its file."""
    return list(vocabularies()[require_known(vocabulary, vocabularies(), "vocabulary")])


def entry(vocabulary: str, code: str) -> Mapping[str, Any]:
    """One code's label, definition, authority and attributes; MisconductError when the code is unknown."""
    require_known(code, codes(vocabulary), vocabulary.replace("_", " "))
    return vocabularies()[vocabulary][code]


def label(vocabulary: str, code: str) -> str:
    """What people read for `code`; a code or vocabulary without an entry is its own label."""
    return str(vocabularies().get(vocabulary, {}).get(code, {}).get("label", code))


def codes_with(vocabulary: str, attribute: str) -> list[str]:
    """The codes whose `attribute` is true, in the order of the file."""
    known = {key for entries in vocabularies()[vocabulary].values() for key in entries}
    require_known(attribute, sorted(known), f"attribute of {vocabulary}")
    return [code for code, entry in vocabularies()[vocabulary].items() if entry.get(attribute) is True]


@cache
def crosswalk(source: str) -> Mapping[str, Mapping[str, str]]:
    """For each vocabulary that `source` uses, its labels -> our codes.

    Raises MisconductError when a label leads to a code that does not exist.
    """
    path = VOCABULARY / "crosswalks" / f"{source}.yml"
    found: dict[str, dict[str, str]] = {}
    for name, labels in read_yaml(path).items():
        known = codes(name)
        found[name] = {code: code for code in known} if labels == "same" else dict(labels)
        for raw, code in found[name].items():
            require_known(code, known, f"code of {name} (for the label {raw!r} in {shown(path)})")
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
