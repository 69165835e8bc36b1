"""The workbook of all figures, one table a sheet, to the Government Analysis Function's rules for spreadsheets.

The rules: cover, contents and notes first; every sheet with title, scope, source and units; no empty cell.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import among_label
from analysis.counting.published_rates import forest_table, with_publishers
from analysis.counting.rate_table import ALL, MAIN_AMONG, RateTable
from analysis.counting.rate_words import FEW, FEW_CASES, SMALL, group_label, heading, marked_unavailable
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Condition, only_words
from analysis.csv_files import harmless
from analysis.dataset import Dataset
from analysis.edition import UPDATED, day
from analysis.paths import BUILD
from analysis.provenance.sources import Source, counted_in, licence_line, place_and_period, source_line
from analysis.publishing import wording as words
from analysis.publishing.findings import findings
from analysis.publishing.group_facts import Group
from analysis.writing import write_files

with warnings.catch_warnings():  # it leaves its theme's file open
    warnings.simplefilter("ignore", ResourceWarning)
    import gptables
    from gptables.core.api import produce_workbook

FILE = BUILD / "misconduct_outcomes.xlsx"
RATES = {  # sheet -> group, denominator
    "rates_type_case": ("complaint_type", "case_to_answer"),
    "rates_type_proceedings": ("complaint_type", "proceedings"),
    "rates_type_proven": ("complaint_type", "proven"),
    "rates_force": ("force", "case_to_answer"),
    "rates_year": ("year", "case_to_answer"),
    "rates_vawg": ("vawg", "case_to_answer"),
    "rates_vawg_flag": ("vawg_flag", "case_to_answer"),
    "rates_ground": ("discrimination_ground", "case_to_answer"),
    "rates_rank": ("rank", "case_to_answer"),
    "rates_person": ("person_type", "case_to_answer"),
}
ACCUSED = "accusations"  # what is counted where people, allegations and cases stand together
BOUNDS = ("rate_if_none_dismissed", "rate_if_all_dismissed")


@dataclass(frozen=True)
class Sheet:
    """One table with its words; shares: headings of the columns shown as percentages."""

    name: str
    title: str
    table: pd.DataFrame
    scope: str
    source: str
    subtitles: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()


def workbook_sheets(group: Group) -> list[Sheet]:
    """All sheets on a group."""
    data, where = group.data, group.codes
    scope, source = place_and_period(group.sources) + _only(where, group.who), source_line(group.sources)
    rates = [
        _rate_sheet(name, dismissal_rates(data, among=among, by=column, where=where), scope, source)
        for name, (column, among) in RATES.items()
        if column not in where
    ]
    counts_only = (f"{words.counts_words(group.who)}: rows do not add up.",)
    title = f"{group.who.capitalize()} by complaint type and outcome"
    counts = {"outcomes_type": (group.all_outcomes, title)}
    if group.who == "people":  # who left is said of people
        title = "What became of people found, as the source states it, to have committed misconduct, by complaint type"
        counts["after_finding"] = (group.all_after, title)
    counted = []
    for name, (table, title) in counts.items():
        shown = words.counts_table(table, title, group.who)
        frame = pd.DataFrame(shown.rows, columns=[*shown.headings])
        frame[frame.columns[1:]] = frame[frame.columns[1:]].astype(int)
        counted.append(Sheet(name, title + _suffix(where, group.who), frame, scope, source, counts_only))
    # findings are about the project's data
    found = [_findings_sheet(data, scope, source)] if not where and data.own is None else []
    sheets = [*([_quoted_sheet(group)] if where else []), *rates, *counted, *found, *_about_sheets(group)]
    return [sheet for sheet in sheets if len(sheet.table)]


def _suffix(where: Mapping[str, str], counted: str = ACCUSED) -> str:
    """What a title says of its filter."""
    said = _only(where, counted).strip().removesuffix(".")
    return f", {said[:1].lower()}{said[1:]}" if said else ""


def _rate_sheet(name: str, table: RateTable, scope: str, source: str) -> Sheet:
    column = table.by[0]
    cells, shares = _cells(table)
    groups = ["All" if code == ALL else group_label(column, code) for code in table.with_total[column]]
    cells.insert(0, words.column_entries([column])[column]["label"], groups)
    title = f"Dismissal rates by {heading(column)}, among {table.among_label}"
    return Sheet(name, title + _suffix(table.filter, table.counted), cells, scope, source, (table.definition,), shares)


def _cells(table: RateTable) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Every number of a RateTable as a sheet shows it, without its groups; the headings of shares."""
    rows = table.with_total
    entries = words.column_entries([name for name in rows if name not in {*words.HIDDEN, *table.by}])
    data = rows[[*entries]].astype(object)
    labels = [vocabulary.label("reliability", code) for code in rows["reliability"]]
    data["reliability"] = [
        label or f"{SMALL} {table.counted} and {FEW_CASES} {table.cases} or more" for label in labels
    ]
    data = data.where(data.notna(), "[z]")
    for share in (name for name, entry in entries.items() if entry["is_share"]):  # of so few only the counts are told
        n = rows["denominator"] + (rows["unknown_outcomes"] if share in BOUNDS else 0)
        data[share] = data[share].mask((n > 0) & (n < FEW), "[u]")
    data = marked_unavailable(data, rows, [*entries])
    headings = {name: entry["label"].replace("investigations", table.cases) for name, entry in entries.items()}
    return data.rename(columns=headings), _shares(entries)


def _quoted_sheet(group: Group) -> Sheet:
    """Every rate that the sentences on a group quote, each with what it means."""
    parts = []
    for among in MAIN_AMONG:
        for told in (group, *group.wider):
            cells, shares = _cells(told.rates[among])
            cells.insert(0, "about", told.about)
            cells.insert(1, "of whom", among_label(among, group.who))
            parts.append(cells.assign(definition=told.rates[among].definition))
    title = "Rates that the sentences and the fact sheet quote" + _suffix(group.codes, group.who)
    scope = place_and_period(group.sources) + _only(group.codes, group.who)
    return Sheet(
        "rates_quoted", title, pd.concat(parts, ignore_index=True), scope, source_line(group.sources), (), shares
    )


def quoted_sheets(group: Group) -> list[Sheet]:
    """The sheets of a small workbook: the rates quoted, published ones, definitions and known problems."""
    return [_quoted_sheet(group), *_about_sheets(group)]


def _about_sheets(group: Group) -> list[Sheet]:
    """What others published on a group, what the words mean, and the known problems of all these data."""
    data, where = group.data, group.codes
    published = data.sources_of(data["published_rates"])
    chosen = data["published_rates"]
    for column in ("force", "complaint_type"):
        chosen = chosen[chosen[column] == where[column]] if column in where else chosen
    scope = place_and_period(published) + _only(where)
    beside = [_published_sheet(chosen, data, scope, source_line(published), where)] if len(chosen) else []
    definitions = _definitions_sheet(source_line(group.sources), group.who)
    return [*beside, definitions, _problems_sheet([*group.sources, *published])]


def _only(where: Mapping[str, str], counted: str = ACCUSED) -> str:
    """What a scope says of its filter; counted: as in RateTable."""
    said = only_words({column: Condition(kept=(value,)) for column, value in where.items()}, counted=counted)
    return f" {said}" if said else ""


def _shares(entries: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The headings of the columns that hold shares."""
    return tuple(entry["label"] for entry in entries.values() if entry["is_share"])


def _findings_sheet(data: Dataset, scope: str, source: str) -> Sheet:
    found = findings(data)
    frame = pd.DataFrame(
        [[entry.sentence, entry.figure, entry.definition, entry.notebook] for entry in found],
        columns=["sentence", "figure", "definition", "notebook"],
    )
    return Sheet("findings", "Sentences this project stands behind", frame, scope, source)


def _published_sheet(chosen: pd.DataFrame, data: Dataset, scope: str, source: str, where: Mapping[str, str]) -> Sheet:
    rows = with_publishers(forest_table(chosen), data["sources"])
    publications = data["sources"].set_index("source_id")
    shown = ["label", "type", "who", "counted", "numerator", "denominator", "rate", "low", "high", "quality"]
    entries = words.column_entries(shown)
    frame = rows[shown].astype(object).where(rows[shown].notna(), "[x]")
    frame.loc[~rows["has_counts"], ["numerator", "denominator"]] = "[x]"
    frame = frame.rename(columns={name: entry["label"] for name, entry in entries.items()})
    frame["publisher"] = rows["publisher"]
    frame["address"] = [publications.loc[source_id, "url"] for source_id in rows["source_id"]]
    note = ("Each rate is one source's own, of the group it names. Sources overlap: never add rows up.",)
    shares = _shares(entries)
    title = "Dismissal rates that others published" + _suffix(where)
    return Sheet("published_rates", title, frame, scope, source, note, shares)


def _definitions_sheet(source: str, who: str) -> Sheet:
    entries = [
        (
            kind,
            among_label(code, who) if name == "denominator" else entry["label"],
            entry["definition"],
            entry["authority"],
        )
        for name, kind in (("numerator", "counted"), ("denominator", "out of"), ("complaint_type", "complaint type"))
        for code in vocabulary.codes(name)
        for entry in (vocabulary.entry(name, code),)
    ]
    frame = pd.DataFrame(entries, columns=["kind", "name", "definition", "authority"])
    return Sheet("definitions", "What the words mean", frame, "Words of this project", source)


def _problems_sheet(sources: Sequence[Source]) -> Sheet:
    entries = [(source.title, limit) for source in sources for limit in source.known_limits]
    frame = pd.DataFrame(entries, columns=["data", "known problem"])
    return Sheet("known_problems", "Known problems of the data", frame, "All data of this project", "This project.")


def workbook_bytes(group: Group, sheets: Sequence[Sheet] | None = None) -> bytes:
    """The workbook on a group as bytes, the same for the same input; sheets: all of them where not given."""
    data, sheets = group.data, workbook_sheets(group) if sheets is None else sheets
    sources = [*data.sources_of(data["subjects"]), *data.sources_of(data["published_rates"])]
    only, symbols = _suffix(group.codes).removeprefix(", "), words.symbols(counted_in(sources))
    title, licence = words.PROJECT + (f" ({only})" if only else ""), f"Licence: {licence_line(sources)}."
    cover = gptables.Cover(
        title=title,
        width=150,  # so that no line of it wraps
        intro=[
            "How often police officers accused of misconduct are dismissed, by what they are accused of.",
            *([f"This workbook holds a part of the data: {only}."] if only else []),
            "Each number comes with its definition, its count, its uncertainty and its source.",
        ],
        about=[
            f"Edition of {day(UPDATED)}.",
            *(_unmarked(told) for told in (*(source_line([source]) for source in sources), licence)),
            *(f"{symbol}: {meaning}." for symbol, meaning in symbols.items()),
        ],
    )
    notes = pd.DataFrame(
        [(symbol.strip("[]"), f"{symbol}: {meaning}") for symbol, meaning in symbols.items()],
        columns=["Note reference", "Note text"],
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of gptables itself: its pandas, and notes that cells do not refer to
        file = Path(folder) / "workbook.xlsx"
        book = produce_workbook(
            str(file),
            sheets={sheet.name: _gptable(sheet, symbols) for sheet in sheets},
            cover=cover,
            contentsheet_options={"column_names": ["Sheet", "Table"]},
            notes_table=notes,
            notesheet_options={"title": "Symbols", "instructions": "What the symbols in the tables mean."},
            auto_width=False,
            workbook_options={"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
        )
        book.set_properties(_properties(title, sources))
        book.set_custom_property("Language", "en-GB")
        for written, widths in zip(book.worksheets()[1:3], ((26, 100), (16, 70)), strict=True):  # contents, notes
            for place, width in enumerate(widths):
                written.set_column(place, place, width)
        for sheet, written in zip(sheets, book.worksheets()[3:], strict=True):
            _widen(written, sheet.table)
        book.close()
        return file.read_bytes()


def _unmarked(text: Any) -> Any:
    """A text in which gptables finds no markup of its own, [shown](address) or $$note$$: all our text is data."""
    return text.replace("](", "] (").replace("$$", "$ $") if isinstance(text, str) else text


def _properties(title: str, sources: Sequence[Source]) -> dict[str, object]:
    """What a workbook says of itself, with a date that does not depend on when it is made."""
    return {
        "title": title,
        "author": words.PROJECT,
        "subject": "; ".join(source_line([source]) for source in sources),
        "comments": f"Edition of {day(UPDATED)}. Licence: {licence_line(sources)}.",
        "created": datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    }


def _gptable(sheet: Sheet, symbols: Mapping[str, str]) -> gptables.GPTable:
    places = [place for place, heading in enumerate(sheet.table) if heading in sheet.shares]
    formatting: list[dict[str, Any]] = [
        {"column": {"columns": places, "format": {"num_format": "0.0%"}, "include_names": False}}
    ]
    return gptables.GPTable(
        table=harmless(sheet.table.astype(object)).map(_unmarked),
        table_name=sheet.name,
        title=_unmarked(sheet.title),
        subtitles=[*map(_unmarked, sheet.subtitles)],
        scope=_unmarked(sheet.scope),
        source=_unmarked(sheet.source),
        instructions="This worksheet contains one table. Symbols are explained on the notes worksheet.",
        legend=[f"{symbol} {meaning}" for symbol, meaning in symbols.items()],
        index_columns={},
        additional_formatting=formatting if places else [],
    )


def _widen(written: Any, table: pd.DataFrame) -> None:
    """Columns as wide as their words need, within reason; the rest wraps."""
    for place, name in enumerate(table):
        longest = max(len(str(cell)) for cell in [name, *table[name]] if not isinstance(cell, float))
        written.set_column(place, place, min(60, max(12, longest + 2)))
    written.freeze_panes(0, 1)  # the names of rows stay in sight


def write_workbook(data: Dataset, file: Path = FILE) -> None:
    """Write the workbook of everything."""
    write_files({file: workbook_bytes(Group(data, {}))})
