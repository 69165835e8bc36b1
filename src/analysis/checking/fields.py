"""The kinds of columns that the tables have: each with its type, meaning and what is allowed, said once.

Text columns hold "" where nothing is given; counts are nullable whole numbers (Int64); dates are ISO text (2019-02-28).
A rule over several columns is a dataframe check whose error reads `rule|column|sentence`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera import extensions

from analysis import vocabulary
from analysis.csv_files import in_arrow, letters_of
from analysis.days import is_date, is_partial_date

ID = r"[^\s,;\"]+"
DATE = "a real date written like 2019-02-28, since 1900 and not in the future"
PARTIAL_DATE = "a real year, year and month or date that has been, written like 2019, 2019-02 or 2019-02-28"


@extensions.register_check_method(statistics=["optional"])
def is_iso_date(column: pd.Series, *, optional: bool) -> pd.Series:
    """Every cell is a real date not in the future, or "" where optional."""
    return _by_text(column, lambda text: is_date(text) or (optional and text == ""))


@extensions.register_check_method(statistics=["optional"])
def is_partly_date(column: pd.Series, *, optional: bool) -> pd.Series:
    """Every cell is such a date, or "" where optional."""
    return _by_text(column, lambda text: is_partial_date(text) or (optional and text == ""))


@extensions.register_check_method(statistics=["first"])
def is_year(column: pd.Series, *, first: int) -> pd.Series:
    """Every year is from `first` to this one."""
    return column.between(first, datetime.date.today().year)


@extensions.register_check_method(statistics=["labels"])
def each_in(column: pd.Series, *, labels: Sequence[str]) -> pd.Series:
    """Every cell is "" or known labels joined by vocabulary.SEPARATOR."""
    known = {"", *labels}
    return _by_text(column, lambda cell: all(part in known for part in cell.split(vocabulary.SEPARATOR)))


@extensions.register_check_method(statistics=["pattern"])
def is_word(column: pd.Series, *, pattern: str) -> pd.Series:
    """Every cell is a word of letters as the pattern says; all letters are tried at once, and if not, each cell."""
    allowed = bytes(letter for letter in range(128) if re.fullmatch(pattern, chr(letter)))
    texts = column.cat.categories.to_series() if isinstance(column.dtype, pd.CategoricalDtype) else column
    if not bytes(letters_of(in_arrow(texts))).translate(None, allowed) and (texts != "").all():
        return pd.Series(True, index=column.index)
    return _by_text(column, lambda text: re.fullmatch(pattern, text) is not None)


def _by_text(column: pd.Series, test: Callable[[str], bool]) -> pd.Series:
    """Which cells pass a test, each different text tried once."""
    codes, texts = pd.factorize(column, use_na_sentinel=False)
    return pd.Series(np.array([test(text) for text in texts], dtype=bool)[codes], index=column.index)


def text(description: str, *, required: bool = False, allowed: str = "", **checks: Any) -> Any:
    """A column of free text."""
    least: dict[str, Any] = {"str_length": {"min_value": 1}} if required else {}
    allowed = allowed or ("any text, but not empty" if required else "any text")
    return pa.Field(description=description, metadata={"allowed": allowed}, **least, **checks)


def identifier(description: str, *, unique: bool = False) -> Any:
    """A column of ids: one word without commas or semicolons."""
    metadata = {"allowed": "an id of one word" + (", each only once" if unique else "")}
    return pa.Field(description=description, unique=unique, is_word={"pattern": ID}, metadata=metadata)


def date(description: str, *, optional: bool = False) -> Any:
    """A column of ISO dates."""
    metadata = {"allowed": DATE + (", or empty" if optional else "")}
    return pa.Field(description=description, is_iso_date={"optional": optional}, metadata=metadata)


def partial_date(description: str) -> Any:
    """A column of ISO dates of which only the year, or year and month, may be known."""
    pattern = r"^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$"  # what other programs are told
    checks: dict[str, Any] = {"str_matches": pattern, "is_partly_date": {"optional": True}}
    return pa.Field(description=description, metadata={"allowed": PARTIAL_DATE + ", or empty"}, **checks)


def number(description: str, *, nullable: bool = False, whole: bool = True, least: float = 0, **checks: Any) -> Any:
    """A column of numbers, none below `least` nor above `le` (no limit if left out)."""
    kind = "a whole number" if whole else "a number"
    span = f"{least:g} to {checks['le']:g}" if "le" in checks else f"{least:g} or more"
    metadata = {"allowed": f"{kind}, {span}" + (", or empty" if nullable else "")}
    return pa.Field(description=description, nullable=nullable, ge=least, metadata=metadata, **checks)


def year(description: str, *, first: int = 1900, **checks: Any) -> Any:
    """A column of years that have begun, none before `first`."""
    metadata = {"allowed": f"a year from {first} to this one" + (", or empty" if checks.get("nullable") else "")}
    return pa.Field(description=description, is_year={"first": first}, metadata=metadata, **checks)


def flag(description: str) -> Any:
    """A column of true or false (never coerced: the text "false" would become true)."""
    return pa.Field(description=description, metadata={"allowed": "true or false"})


def code(name: str, description: str, *, optional: bool = False, several: bool = False, source: str = "") -> Any:
    """A column of codes of the vocabulary `name`, or of the labels that `source`'s crosswalk knows for it."""
    known = list(vocabulary.crosswalk(source)[name]) if source else vocabulary.codes(name)
    metadata = {
        "vocabulary": name,
        "labels": known,
        "allowed": ", ".join(known) + (", or empty" if optional else ""),
    }
    checks = {"each_in": {"labels": known}} if several else {"isin": [*known, ""] if optional else known}
    return pa.Field(description=description, metadata=metadata, **checks)


def meaning(column: str) -> str:
    """What a column of tables for readers means, from the vocabulary `column`."""
    return str(vocabulary.entry("column", column)["definition"])


class Table(pa.DataFrameModel):
    """What all models share: exactly these columns."""

    class Config:
        """No column more or less."""

        strict = True
