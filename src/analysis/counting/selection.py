"""Choosing people: conditions on groups, from the library or the command line, and what they say in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.rate_words import NOT_STATED, heading
from analysis.errors import MisconductError, require_known
from analysis.provenance.sources import Source
from analysis.vocabulary import GROUPS


class People(Protocol):
    """What is counted: the tables Subjects and Allegations, and the sources of rows of theirs (a Dataset)."""

    @property
    def subjects(self) -> pd.DataFrame:
        """One row a person in a case."""

    @property
    def allegations(self) -> pd.DataFrame:
        """One row a complaint type of a person."""

    def sources_of(self, rows: pd.DataFrame) -> tuple[Source, ...]:
        """Where rows of these tables are from."""


@dataclass(frozen=True)
class Condition:
    """Which values of a group are kept: `kept` (all if empty), without `left_out`, from `low` to `high`.

    People without a value are kept only where NOT_STATED is among `kept`. Somebody with several values (complaint
    types, forces of a joint case) is kept for each of `kept`, and left out for any of `left_out`.
    """

    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """A range has its ends in order."""
        if self.low is not None and self.high is not None and self.low > self.high:
            raise MisconductError(f"A range needs its ends in order; not {self.low!r} to {self.high!r}.")

    @property
    def values(self) -> tuple[str, ...]:
        """Every value named."""
        return self.kept + self.left_out

    def keeps(self, values: pd.Series, person: pd.Series) -> np.ndarray:
        """Which rows stay: values, a text or category a row (NOT_STATED where there is none), of which person."""
        stays = values.isin(self.kept) if self.kept else values != NOT_STATED
        if self.low is not None or self.high is not None:
            number = pd.to_numeric(values.astype("str"), errors="coerce")
            stays &= number.between(
                -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
            )
        if self.left_out:
            stays &= ~person.isin(person[values.isin(self.left_out)])
        return stays.to_numpy()

    def words(self, column: str) -> str:
        """What is kept, for people: Kent Police or Sussex Police; not Driving; 2015 to 2019; 2015 or later."""

        def listed(codes: Sequence[str]) -> str:
            return " or ".join(vocabulary.label(column, code) for code in codes)

        parts = [listed(self.kept)] if self.kept else []
        parts += [f"not {listed(self.left_out)}"] if self.left_out else []
        low, high = (None if end is None else f"{end:g}" for end in (self.low, self.high))
        if low and high:
            parts.append(low if low == high else f"{low} to {high}")
        elif low or high:
            parts.append(f"{low} or later" if low else f"{high} or earlier")
        return ", ".join(parts)


Where = Mapping[str, "str | int | Iterable[str | int] | Condition"]


def between(low: float | None = None, high: float | None = None) -> Condition:
    """A range, as a condition of `where`; for groups that are numbers (year).

    Parameters
    ----------
    low, high
        Both are included; either may be left open.

    Returns
    -------
    Condition
        To be used as `where={"year": between(2015, 2019)}`.

    Raises
    ------
    MisconductError
        Without an end; where it is used, when the ends are not in order.
    """
    if low is None and high is None:
        raise MisconductError("A range needs a lower end, an upper end or both.")
    return Condition(low=low, high=high)


def excluding(*values: str | int) -> Condition:
    """A negation, as a condition of `where`: everybody with a value but those who have one of these.

    Parameters
    ----------
    values
        Codes of the group.

    Returns
    -------
    Condition
        To be used as `where={"complaint_type": excluding("driving")}`.
    """
    return Condition(left_out=tuple(map(str, values)))


def conditions(where: Where | None, subjects: pd.DataFrame) -> dict[str, Condition]:
    """`where` as a Condition a group; MisconductError for a group or value that is not known, naming the nearest.

    where: group -> one value, several, a Condition (between, excluding).
    """
    found = {}
    for column, wanted in (where or {}).items():
        require_known(column, GROUPS, "group")
        if isinstance(wanted, Condition):
            condition = wanted
        elif isinstance(wanted, str | int | np.integer):
            condition = Condition(kept=(str(wanted),))
        elif isinstance(wanted, Iterable):
            condition = Condition(kept=tuple(map(str, wanted)))
        else:
            raise MisconductError(f"{wanted!r} is no value of {column.replace('_', ' ')}, nor a list or range of them.")
        if condition == Condition():
            raise MisconductError(f"No value is given for {column.replace('_', ' ')}.")
        known = known_values(column, subjects)
        for value in condition.values:
            require_known(value, known, column.replace("_", " "), vocabulary.words(column))
        if (condition.low is not None or condition.high is not None) and not _is_number(subjects, column):
            raise MisconductError(f"{column.replace('_', ' ')} is not a number, so it has no range.")
        found[column] = condition
    return found


def _is_number(subjects: pd.DataFrame, column: str) -> bool:
    return column in subjects and pd.api.types.is_numeric_dtype(subjects[column])


def known_values(column: str, subjects: pd.DataFrame) -> list[str]:
    """What a group can be: the codes of its vocabulary, else the values in the data; and NOT_STATED."""
    if column in vocabulary.vocabularies():
        return [*vocabulary.codes(column), NOT_STATED]
    stated = set(subjects[column].dropna().astype("str")) if column in subjects else set()
    return [*sorted(stated - {""}), NOT_STATED]


SIGNS = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<)\s*(.*?)\s*", re.DOTALL)
FORM = '"year>=2015", "complaint_type!=driving" or "force=Kent Police,Sussex Police"'


def parse_conditions(texts: Sequence[str], option: str = "--where") -> dict[str, Condition]:
    """Conditions as the command line takes them; several on one group are taken together.

    Raises MisconductError naming `option` and the text that cannot be read.
    """
    found: dict[str, Condition] = {}
    for text in texts:
        match = SIGNS.fullmatch(text)
        if match is None or not match.group(3):
            raise MisconductError(f"{option} {text!r} is not a condition such as {FORM}.")
        column, sign, value = match.groups()
        condition, before = _parsed(text, sign, value, option), found.get(column, Condition())
        both = [n for n in ("kept", "left_out", "low", "high") if getattr(before, n) not in ((), None)]
        changed = {n: getattr(condition, n) for n in ("kept", "left_out", "low", "high")}
        changed = {name: new for name, new in changed.items() if new not in ((), None)}
        if set(both) & set(changed):
            raise MisconductError(f"{option} names {column} twice. Several values: {column}=ONE,TWO.")
        found[column] = replace(before, **changed)
    return found


def _parsed(text: str, sign: str, value: str, option: str) -> Condition:
    """The condition of one sign and value."""
    if sign in ("=", "!="):
        values = _values(value)
        return Condition(kept=values) if sign == "=" else Condition(left_out=values)
    if not re.fullmatch(r"-?\d+", value):
        raise MisconductError(f"{option} {text!r}: after {sign} there must be a whole number.")
    number = int(value)
    if sign.startswith(">"):
        return Condition(low=number + (sign == ">"))
    return Condition(high=number - (sign == "<"))


def _values(text: str) -> tuple[str, ...]:
    """Values separated by commas; a force whose name has commas stays one."""
    known = [code for code in vocabulary.codes("force") if "," in code]
    for name in known:
        text = text.replace(name, name.replace(",", "\0"))
    return tuple(part.strip().replace("\0", ",") for part in text.split(",") if part.strip())


def with_groups(
    subjects: pd.DataFrame, allegations: pd.DataFrame, columns: Sequence[str], primary_only: bool = False
) -> pd.DataFrame:
    """Subjects, repeated for each complaint type and each force of theirs where those are among `columns`.

    The columns become categories of text, NOT_STATED where nothing is given.
    """
    rows = subjects
    if "complaint_type" in columns:
        types = allegations[allegations["position"] == 1] if primary_only else allegations
        rows = rows.merge(types[["subject_id", "complaint_type"]], on="subject_id", how="left")
    if "force" in columns:
        rows = rows.assign(force=rows["force"].str.split(vocabulary.SEPARATOR)).explode("force")
    return rows.assign(**{column: _stated(rows[column]) for column in columns})


def _stated(column: pd.Series) -> pd.Series:
    """A group column as categories of text, what is empty or missing as NOT_STATED; each label is looked at once."""
    groups = column.astype("category").cat
    texts = [str(label) or NOT_STATED for label in groups.categories] + [NOT_STATED]  # the last for what is missing
    labels = sorted(set(texts))
    numbers = np.array([labels.index(text) for text in texts])
    return pd.Series(pd.Categorical.from_codes(numbers[groups.codes], labels), index=column.index)


def kept_rows(rows: pd.DataFrame, where: Mapping[str, Condition], person: str = "subject_id") -> pd.DataFrame:
    """The rows of `with_groups` that every condition keeps; person: the column that says whose row it is."""
    for column, condition in where.items():
        rows = rows[condition.keeps(rows[column], rows[person])]
    return rows


def without_value(rows: pd.DataFrame, where: Mapping[str, Condition], person: str = "subject_id") -> dict[str, int]:
    """For each condition that leaves them out, how many people have no value of its group."""
    found = {
        column: int(rows.loc[rows[column] == NOT_STATED, person].nunique())
        for column, condition in where.items()
        if NOT_STATED not in condition.kept
    }
    return {column: n for column, n in found.items() if n}


def select(data: People, where: Where | None) -> pd.DataFrame:
    """The people that `where` keeps, each once; all of them when it is empty."""
    subjects = data.subjects
    wanted = conditions(where, subjects)
    checked_columns(wanted, subjects)
    rows = kept_rows(with_groups(subjects, data.allegations, [*wanted]), wanted)
    return subjects[subjects["subject_id"].isin(rows["subject_id"])]


def only_words(
    where: Mapping[str, Condition], missing: Mapping[str, int] | None = None, counted: str = "people"
) -> str:
    """Who was kept, as a sentence for anybody: "Only people accused of driving; 2 people whose force is not stated are
    left out."; "" without a condition.

    missing: people left out because they have no value, by group; counted: what is counted, as in RateTable.
    """
    said = []
    for column, condition in where.items():
        kept = replace(condition, left_out=())
        said += [f"only {_kept_words(column, kept, counted)}"] if kept != Condition() else []
        left_out = Condition(kept=condition.left_out)
        said += [f"all but {_kept_words(column, left_out, counted)}"] if condition.left_out else []
    for column, n in (missing or {}).items():
        one = "person" if counted == "people" else counted.removesuffix("s")
        who = f"{n:,} {one if n == 1 else counted}"
        said.append(f"{who} whose {heading(column)} is not stated {'is' if n == 1 else 'are'} left out")
    sentence = "; ".join(said)
    return f"{sentence[:1].upper()}{sentence[1:]}." if said else ""


def _kept_words(column: str, condition: Condition, counted: str) -> str:
    """Those whom a condition keeps: Kent Police; people accused of driving; rank: Constable."""
    known = replace(condition, kept=tuple(code for code in condition.kept if code != NOT_STATED))
    said = [f"{counted} whose {heading(column)} is not stated"] if known != condition else []
    if known != Condition():
        words = known.words(column)
        if column == "complaint_type":
            kinds = " or ".join(f"{kind[:1].lower()}{kind[1:]}" for kind in words.split(" or "))
            words = f"{counted} {'accused ' if counted == 'people' else ''}of {kinds}"
        said = [words if column in ("complaint_type", "force") else f"{heading(column)}: {words}", *said]
    return " or ".join(said)


def as_texts(where: Mapping[str, Condition]) -> dict[str, str]:
    """Conditions as values for file names and columns of exports: codes joined by " or "."""
    return {column: _text(condition) for column, condition in where.items()}


def _text(condition: Condition) -> str:
    parts = [" or ".join(condition.kept)] if condition.kept else []
    parts += [f"not {' or '.join(condition.left_out)}"] if condition.left_out else []
    if condition.low is not None or condition.high is not None:
        parts.append(
            f"{'' if condition.low is None else f'{condition.low:g}'} to "
            f"{'' if condition.high is None else f'{condition.high:g}'}".strip()
        )
    return ", ".join(parts)


def checked_columns(columns: Iterable[str], subjects: pd.DataFrame) -> None:
    """MisconductError when one of these groups is unknown or not in the data."""
    for column in columns:
        require_known(column, GROUPS, "group")
        if column not in subjects and column != "complaint_type":
            raise MisconductError(f"These data have no {column.replace('_', ' ')}.")
