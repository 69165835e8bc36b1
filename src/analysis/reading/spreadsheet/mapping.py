"""The mapping: a YAML file that says what is what in a spreadsheet. docs/bring_your_own_data.md explains every key."""

from __future__ import annotations

import re
from collections.abc import Mapping as Dictionary
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from analysis import vocabulary
from analysis.checking.fields import Table
from analysis.checking.processed_tables import Allegations, PublishedFigures, Subjects
from analysis.csv_files import read_csv_text
from analysis.days import is_partial_date
from analysis.errors import DataError, Problem, nearest
from analysis.paths import PROCESSED, shown
from analysis.provenance.sources import source_ids
from analysis.reading.spreadsheet.dates import pattern_of
from analysis.reading.spreadsheet.decided import undecided
from analysis.yaml_files import NotYamlError, read_yaml

MADE = (  # columns that the importer fills in by itself
    *("source", "jurisdiction", "position"),
    *("source_id", "symbol", "low", "high", "workforce_basis"),
)


def _columns(model: type[Table], before: str, more: Dictionary[str, str]) -> dict[str, str]:
    """The columns that a mapping can have for a table, each with its vocabulary ("" without); `more` stand `before`."""
    known = {
        name: (column.metadata or {}).get("vocabulary", "")
        for name, column in model.to_schema().columns.items()
        if name not in MADE
    }
    place = [*known].index(before) if before else len(known)
    return {**dict([*known.items()][:place]), **more, **known}


_ALLEGED = _columns(Allegations, "", {})
PEOPLE = {**_columns(Subjects, "case_to_answer", _ALLEGED), "people": ""}  # in the order of the template
COUNTS = _columns(PublishedFigures, "period_start", {"period": ""})
COLUMNS = {"people": PEOPLE, "counts": COUNTS}
SEVERAL = ("complaint_type", "complaint_type_source", "sanction", "force")  # columns that may have several headings
JOINED = ("subject_id", "case_id")  # columns of which several together tell a person or a case apart
PLACES = ("columns", "constants", "ticks", "group_rows")  # the keys that say where a column comes from
NO_CONSTANTS = ("subject_id", "people", "figure_id", "value")  # columns that cannot be the same in every row


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Many = Annotated[list[str], BeforeValidator(_listed)]
Some = Annotated[list[str], BeforeValidator(_listed), Field(min_length=1)]
Number = Annotated[int, Field(ge=1, le=99_999_999)]
Numbers = Annotated[list[Number], BeforeValidator(_listed)]
Codes = str | dict[str, str]  # one code, or several: column -> code


class Part(BaseModel):
    """A part of a mapping; keys that do not exist are errors."""

    model_config = ConfigDict(extra="forbid")


# A name of a folder on every system: con and the like are devices of Windows.
ID = re.compile(r"^(?!(con|prn|aux|nul|com[0-9]|lpt[0-9])$)[a-z][a-z0-9_]{1,40}$")


class About(Part):
    """Where the file comes from."""

    id: str = Field(pattern=ID)
    title: str = Field(min_length=1)
    publisher: str = Field(min_length=1)
    url: str = Field(pattern=r"^https?://\S+$")
    published: str = ""
    data_origin: str = ""
    licence: str = Field(min_length=1)
    licence_url: str = ""
    fidelity: str = "official"
    jurisdiction: str = Field(min_length=1)
    coverage: str = Field(min_length=1)
    limits: Many = []


class Read(Part):
    """Which cells are the table, and how numbers and dates are written in it."""

    sheet: str | list[str] = ""
    encoding: str = ""
    delimiter: str = ""
    heading: Annotated[Numbers, Field(min_length=1, max_length=9)] = [1]
    last_row: Annotated[int, Field(ge=0, le=99_999_999)] = 0
    skip_rows: Numbers = []
    leave_out: dict[str, Many] = {}
    total_rows: Many = []
    fill_down: Many = []
    broken_lines: str = ""
    hidden: Literal["", "read", "leave_out"] = ""
    thousands: Literal["", ",", " ", "."] = ""
    marks: Many = []
    dates: Some = ["YYYY-MM-DD"]


class Across(Part):
    """Columns of counts whose headings are values: years, outcomes, or both in two rows of headings."""

    columns: Some
    are: Some


class RateOf(Part):
    """A rate to be made of the counts: which outcomes, out of which total.

    unit: where the file has several; add_up: several rows of the same are parts that do not overlap; of_outcome: of the
    total, or the outcomes that are added up to it.
    """

    numerator: Some
    numerator_stage: str = ""
    unit: str = ""
    add_up: bool = False
    denominator_stage: str
    of_stage: str
    of_outcome: Many = [""]
    quality: str = "A"


class Mapping(Part):
    """A whole mapping."""

    confirmed: bool
    table: Literal["people", "counts"]
    source: About
    read: Read = Read()
    columns: dict[str, Some]
    constants: dict[str, str] = {}
    labels: dict[str, dict[str, Codes]] = {}
    split: dict[str, str] = {}
    row: Literal["subject", "allegation", "case"] = "subject"
    per_person: Many = []
    keep_ids: bool = False
    duplicates: Literal["", "keep", "count once"] = ""
    ticks: dict[str, Some] = {}
    group_rows: dict[str, str] = {}
    across: Across | None = None
    period: Literal["", "calendar_year", "financial_year"] = ""
    suppressed: dict[str, Any] = {}
    rates: list[RateOf] = []

    @property
    def known(self) -> Dictionary[str, str]:
        """The columns of its table, each with its vocabulary."""
        return COLUMNS[self.table]

    @property
    def unit(self) -> str:
        """What one in the table of people is: people; allegations or cases where nobody is told apart."""
        is_person = self.row == "subject" or {"subject_id", "people"} & {*self.columns}
        return "people" if is_person else f"{self.row}s"

    def _wrong_codes(self, column: str, label: str, codes: Codes) -> list[str]:
        """What is wrong with the keys of a label that says several things."""
        if isinstance(codes, str) or not self.known.get(column):
            return [] if isinstance(codes, str) else [f"labels, {column}: {label!r} can only say one thing."]
        alone = self.table == "people" and column in ("complaint_type", "force")
        usable = [column] if alone else [name for name, words in self.known.items() if words]
        wrong = []
        for key in codes:
            if key not in usable:
                guess = nearest(key, usable)
                hint = f"Did you mean {guess!r}?" if guess else f"It can say: {', '.join(usable)}."
                wrong.append(f"labels, {column}: {label!r} cannot say {key!r}. {hint}")
        return wrong

    @model_validator(mode="after")
    def _consistent(self) -> Mapping:
        wrong = []
        for key in (*PLACES, "labels", "split"):
            for column in getattr(self, key):
                if column not in self.known:
                    guess = nearest(column, self.known)
                    hint = f" Did you mean {guess!r}?" if guess else f" Known: {', '.join(self.known)}."
                    wrong.append(f"{key}: {column!r} is not a column of {self.table}.{hint}")
        for column, labels in self.labels.items():
            wrong += [problem for label, codes in labels.items() for problem in self._wrong_codes(column, label, codes)]
        for column, headings in self.columns.items():
            if len(headings) > 1 and (self.table == "counts" or column not in (*SEVERAL, *JOINED, *self.per_person)):
                allowed = f" Only {', '.join((*SEVERAL, *JOINED))} of people can." if self.table == "people" else ""
                wrong.append(f"columns: {column!r} cannot have several headings.{allowed}")
        wrong += [
            f"constants: {column!r} cannot be the same in every row."
            for column in self.constants
            if column in NO_CONSTANTS
        ]
        for dates in self.read.dates:
            if pattern_of(dates) is None:
                problem = "is not how dates are written. Write it like DD/MM/YYYY, D Month YYYY, Month YYYY or serial."
                wrong.append(f"read: dates: {dates!r} {problem}")
        for column in self.known:
            places = [f"`{key}`" for key in PLACES if column in getattr(self, key)]
            if len(places) > 1:
                wrong.append(f"{column!r} is under {' and under '.join(places)}; it can be one of them.")
        if self.source.published and not is_partial_date(self.source.published):
            problem = "write a real day that has been, such as 2024-05-31, or 2024-05 or 2024."
            wrong.append(f"source: published is {self.source.published!r}; {problem}")
        for text, meaning in self.suppressed.items():
            try:
                bounds(meaning)
            except ValueError as error:
                wrong.append(f"suppressed: {text!r}: {error}")
        given = {*(self.across.are if self.across else []), *(name for key in PLACES for name in getattr(self, key))}
        for column in self.across.are if self.across else []:
            if column not in self.known:
                wrong.append(f"across: {column!r} is not a column of {self.table}.")
        wrong += _missing(self, given) + _of_several_people(self)
        if wrong:
            raise ValueError("\n".join(wrong))
        return self


def _of_several_people(mapping: Mapping) -> list[str]:
    """What is wrong with what a mapping says of several people in one row."""
    each, split = mapping.per_person, mapping.split
    several = {name: 0 if name in split else len(mapping.columns.get(name, ())) for name in each}
    wrong = [f"per_person: {name!r} must be under `columns`." for name in each if name not in mapping.columns]
    if each and (mapping.table == "counts" or mapping.row == "case"):
        wrong.append("`per_person` is for table: people, with row: subject or row: allegation.")
    if len({*several.values()}) > 1 or {*several.values()} & {1}:
        said = ", ".join(f"{name} {len(mapping.columns.get(name, ()))}" for name in each)
        wrong.append(
            f"per_person: each must have as many headings as there can be people in a row, or a sign under `split`; "
            f"now they have: {said}."
        )
    wrong += [
        f"per_person: {name!r} can have several headings or be under `split`, not both."
        for name in each
        if name in split and len(mapping.columns.get(name, ())) > 1
    ]
    return wrong


def _missing(mapping: Mapping, given: set[str]) -> list[str]:
    """What a mapping must say and does not."""
    wrong = []
    if mapping.table == "counts":
        for column in ("force", "person_type", "complaint_type"):
            if column not in given:
                wrong.append(f"`{column}` must be under `columns` or `constants`.")
        if mapping.row != "subject" or mapping.split or "people" in given or mapping.ticks or mapping.duplicates:
            wrong.append("`row`, `split`, `people`, `ticks` and `duplicates` are for table: people.")
        if "value" in given and mapping.across is not None:
            wrong.append("the counts are under `columns`, value, or `across`; they can be in one place.")
        if "value" not in given and mapping.across is None:
            wrong.append("say where the counts are: `value` under `columns`, or `across`.")
        allowed = vocabulary.codes("denominator_stage")
        wrong += [
            f"rates: denominator_stage: {spec.denominator_stage!r} is not allowed. Write one of: {', '.join(allowed)}."
            for spec in mapping.rates
            if spec.denominator_stage not in (*allowed, "CHECK")
        ]
        if "period" in given and not mapping.period:
            wrong.append("`period` needs period: calendar_year or period: financial_year.")
        return wrong
    if mapping.across or mapping.suppressed or mapping.rates or mapping.period:
        wrong.append("`across`, `suppressed`, `rates` and `period` are for table: counts.")
    for column in ("complaint_type", "sanction"):
        if column not in given:
            wrong.append(f"`{column}` must be under `columns` or `constants`.")
    wrong += [f"ticks: {name!r} is a column without labels." for name in mapping.ticks if not mapping.known.get(name)]
    if mapping.row == "case" and not {"people", "case_id"} & {*mapping.columns}:
        wrong.append(
            "row: case needs `people` under `columns`: how many people had the outcome of the row; or `case_id`, to "
            "count cases."
        )
    if mapping.row != "case" and "people" in given:
        wrong.append("`people` is for row: case.")
    return wrong


def bounds(meaning: Any) -> tuple[str, int | None, int | None]:
    """What a symbol in place of a count means: its table symbol and its bounds.

    [1, 4] (between 1 and 4, so suppressed: "c"), "not_available" ("x"), "zero" (a true zero, symbol ""). ValueError
    otherwise.
    """
    if meaning == "not_available":
        return "x", None, None
    if meaning == "confidential":
        return "c", None, None
    if meaning == "zero":
        return "", 0, 0
    if (
        isinstance(meaning, list)
        and len(meaning) == 2
        and all(re.fullmatch(r"\d{1,15}", str(part)) for part in meaning)
    ):
        low, high = int(meaning[0]), int(meaning[1])
        if low < high:
            return "c", low, high
    raise ValueError("write [lowest, highest] such as [1, 4], confidential, not_available or zero.")


def taken_ids() -> set[str]:
    """The ids that are no file's of one's own: the project's sources and the publications of its figures."""
    return {*source_ids(fetched=True), *read_csv_text(PROCESSED / "sources.csv")["source_id"]}


def read_entries(path: Path) -> dict[str, Any]:
    """What a mapping's file says, every scalar as text, checked for its form alone. DataError when it is no mapping."""
    if not path.is_file():
        raise _refused(path, ["there is no such file. `misconduct map FILE` writes a first one."])
    try:
        entries = read_yaml(path, as_text=True)
    except NotYamlError as error:
        advice = " A value with * - : # or < in it needs quotation marks." * ("not valid" in error.problem)
        raise _refused(path, [error.problem + advice]) from error
    if not isinstance(entries, dict):
        raise _refused(path, ["it holds no keys. `misconduct map FILE` writes a first one."])
    return entries


def _refused(path: Path, problems: list[str]) -> DataError:
    return DataError([Problem.of_file(shown(path), problem, rule=problem) for problem in problems])


def read_mapping(path: Path) -> Mapping:
    """A mapping from its file. DataError with every problem of it; nothing of it has been used then."""
    return mapping_of(read_entries(path), path)


def mapping_of(entries: dict[str, Any], path: Path) -> Mapping:
    """`read_mapping` of what the file `path` says, or will say."""
    left = undecided(entries)
    try:
        mapping = Mapping.model_validate(entries)
    except ValidationError as problems:
        found = [line for problem in problems.errors() for line in sentences(problem)]
        raise _refused(path, [*dict.fromkeys([*left, *found])]) from problems
    if not mapping.confirmed:
        left.append("it still says confirmed: no. Check every line marked CHECK, then write confirmed: yes.")
    if left:
        raise _refused(path, left)
    if mapping.source.id in taken_ids():
        raise _refused(path, [f"source: the id {mapping.source.id!r} is taken by the project. Choose another."])
    return mapping


def sentences(found: Any) -> list[str]:
    """One error of pydantic in plain words."""
    place = ", ".join(str(part) for part in found["loc"])
    if found["type"] == "value_error":
        return str(found["ctx"]["error"]).split("\n")
    if found["type"] == "missing":
        return [f"{place}: this is missing."]
    if found["type"] == "extra_forbidden":
        part: Any = Mapping
        for name in found["loc"][:-1]:
            annotation = {"source": About, "read": Read, "across": Across, "rates": RateOf}.get(str(name))
            part = annotation or part
        guess = nearest(str(found["loc"][-1]), part.model_fields)
        return [f"{place}: there is no such key." + (f" Did you mean {guess!r}?" if guess else "")]
    if found["type"] == "string_pattern_mismatch":
        wanted = {
            "id": "small letters, digits and _, such as kent_foi_2024; not con or nul",
            "url": "an address, https://...",
        }
        return [f"{place}: {found['input']!r} is not allowed. Write {wanted[str(found['loc'][-1])]}."]
    return [f"{place}: {found['input']!r} is not allowed ({found['msg']})."]
