"""The chart builder's figures and words: every combination it offers, computed here, so that the page computes none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.characters import visible
from analysis.charts.rate_dots import COUNTS_ONLY, GOES_ON, HOLLOW, LAST, dot_notes, group_notes, rate_marks
from analysis.charts.text import lower_first, slug
from analysis.counting.apart import test_notes
from analysis.counting.rate_table import ALL, RateTable, describe
from analysis.counting.rate_words import (
    FEW,
    FEW_CASES,
    NOT_STATED,
    SMALL,
    count_words,
    interval_cell,
    rate_cell,
)
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Condition, only_words
from analysis.csv_files import to_csv_bytes
from analysis.dataset import Dataset
from analysis.edition import EDITION
from analysis.provenance.sources import licence_line, place_and_period, source_line
from analysis.publishing import wording as words
from analysis.publishing.overseers import FORCE_KINDS, other_overseer

EVERYWHERE = ""  # the choice of all forces
OUTSIDE = "; the IOPC, whose investigations these are, does not cover it"  # of a force that somebody else oversees


def combinations(data: Dataset) -> Iterator[RateTable]:
    """A RateTable by complaint type for every denominator, numerator and force (none, then each that is stated).

    The same rows as dismissal_rates with that force as filter, from three counts instead of one a force.
    """
    for among in vocabulary.codes("denominator"):
        for count in vocabulary.codes("numerator"):
            question: dict[str, Any] = {"among": among, "count": count}
            yield dismissal_rates(data, by="complaint_type", **question)
            totals = dismissal_rates(data, by="force", **question)
            both = dismissal_rates(data, by=("force", "complaint_type"), **question)
            unnamed = _without_force(totals)
            missing = {"force": unnamed} if unnamed else {}
            rows = pd.concat([totals.groups.assign(complaint_type=ALL), both.groups])[both.groups.columns]
            for force, found in rows[rows["force"] != NOT_STATED].groupby("force", sort=False):
                where = {"force": Condition(kept=(str(force),))}
                yield replace(
                    both,
                    with_total=found.drop(columns="force").reset_index(drop=True),
                    by=("complaint_type",),
                    where=where,
                    definition=describe(among, count, ("complaint_type",), False, where, missing=missing),
                    missing=missing,
                    outcomes=None,
                )


def _without_force(by_force: RateTable) -> int:
    """How many people of a denominator no force is stated of."""
    rows = by_force.groups[by_force.groups["force"] == NOT_STATED]
    return int((rows["denominator"] + rows["unknown_outcomes"]).sum())


def builder_data(data: Dataset) -> dict[str, object]:
    """All that the page needs: the choices, the words, and one entry a combination under "among|count|force"."""
    sources = data.sources_of(data["subjects"])
    found = {"|".join((table.among, table.count, _force(table))): table for table in combinations(data)}
    first = next(iter(found.values()))
    lines = _lines(found)

    def choices(name: str) -> list[dict[str, str]]:
        entries = {code: vocabulary.entry(name, code) for code in vocabulary.codes(name)}
        return [{"code": code, **{key: str(entries[code][key]) for key in ("label", "definition")}} for code in entries]

    return {
        "denominators": choices("denominator"),
        "numerators": choices("numerator"),
        "forces": _forces(data, found),
        "types": _types(found),
        "questions": {
            f"{among}|{count}": {
                "several": f"{vocabulary.entry('numerator', count)['title']}, of "
                f"{vocabulary.label('denominator', among)}",
                "subtitle": f"Share {vocabulary.label('numerator', count)} among "
                f"{vocabulary.label('denominator', among)}, by complaint type.",
                "definition": describe(among, count, ("complaint_type",), False, {}),
                "nobody": words.nobody_words(found[f"{among}|{count}|"]),
            }
            for among in vocabulary.codes("denominator")
            for count in vocabulary.codes("numerator")
        },
        "place": " " + place_and_period(sources),
        "jurisdiction": "".join(f" {source.jurisdiction}." for source in sources),
        **words.quote_parts(sources),
        "source": f"{source_line(sources)} Licence: {licence_line(sources)}.",
        "interval": first.interval_method,
        "few": FEW,
        "small": SMALL,
        "fewCases": FEW_CASES,
        "dots": dot_notes(first, rate_marks(first))[0],
        "hollow": HOLLOW.replace(GOES_ON, "").replace(LAST, ""),  # its axis ends where the longest interval does, and
        "countsOnly": COUNTS_ONLY.replace(LAST, ""),  # a single type stands first
        "project": EDITION,
        "columns": [*first.with_total.columns],
        "tables": {key: _entry(table, lines[key]) for key, table in found.items()},
    }


def _lines(found: Mapping[str, RateTable]) -> dict[str, list[str]]:
    """Each table's lines of its data file, all written at once: the same as of each alone, in a tenth of the time."""
    all_lines = iter(to_csv_bytes(pd.concat([table.with_total for table in found.values()])).decode().splitlines()[1:])
    return {key: [*islice(all_lines, len(table.with_total))] for key, table in found.items()}


def _forces(data: Dataset, found: Mapping[str, RateTable]) -> list[dict[str, object]]:
    """All forces together, then each and each body, also those that nobody is of; and of whom they have a page."""
    types = types_of_forces(data)
    named = [code for code in vocabulary.codes("force") if vocabulary.entry("force", code)["kind"] in FORCE_KINDS]
    tables = {force: found.get(f"all_subjects|dismissed|{force}") for force in (EVERYWHERE, *sorted(named))}
    return [
        {
            "code": force,
            "label": force or "All forces",
            "kind": vocabulary.entry("force", force)["kind"] if force else "",
            "people": int(table.total["denominator"] + table.total["unknown_outcomes"]) if table else 0,
            "subtitle": f" {only_words({'force': Condition(kept=(force,))})}" if force else "",
            "slug": slug(force) if force else "all-forces",
            "outside": OUTSIDE if other_overseer(force) else "",
            "types": types.get(force, []),
        }
        for force, table in tables.items()
    ]


def types_of_forces(data: Dataset) -> dict[str, list[str]]:
    """Force, and EVERYWHERE for all of them -> the complaint types that anybody is accused of there, as codes."""
    people = data["subjects"][["subject_id", "force"]]
    people = people.assign(force=people["force"].str.split(vocabulary.SEPARATOR)).explode("force")
    pairs = data["allegations"].merge(people, on="subject_id")[["force", "complaint_type"]].drop_duplicates()
    found = {str(force): sorted(kinds) for force, kinds in pairs.groupby("force")["complaint_type"] if force}
    return {EVERYWHERE: sorted(set(pairs["complaint_type"])), **found}


def _force(table: RateTable) -> str:
    return table.filter.get("force", EVERYWHERE)


def _types(found: dict[str, RateTable]) -> list[dict[str, str]]:
    codes = found[f"all_subjects|dismissed|{EVERYWHERE}"].groups["complaint_type"]
    named = ((code, vocabulary.label("complaint_type", code)) for code in codes)
    return [
        {"code": code, "label": label, "inside": lower_first(label), "slug": slug(code), "page": slug(label)}
        for code, label in sorted(named, key=lambda pair: pair[1])
    ]


def _entry(table: RateTable, lines: list[str]) -> dict[str, object]:
    """One combination: which force was kept, what is unknown, its rows as drawn.

    A row: complaint type, what the page says of it after what it is about, count and investigations in words, cells of
    rate and interval, and its line of the data file.
    """
    only = f" {only_words(table.where, table.missing)}" if table.where else ""
    if not table.total["denominator"]:
        return {"only": only, "unknown": "", "rows": []}
    csv = dict(zip(table.with_total["complaint_type"], lines, strict=True))
    rows = [
        [
            mark["complaint_type"],
            words.rate_sentence(mark, table),
            count_words(mark, table.cases),
            rate_cell(mark),
            interval_cell(mark),
            csv[mark["complaint_type"]],
        ]
        for _, mark in rate_marks(table).iterrows()
    ]
    notes = [note for note in group_notes(table) if note not in test_notes(table)]  # its title ranks nothing
    unknown = " ".join(notes).replace("Left out", "Of all complaint types together, left out", 1)
    return {"only": only, "unknown": unknown, "rows": rows}


def safe_json(data: object) -> str:
    """JSON that can stand inside a script element: no label can end it."""
    text = visible(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def rates_json(data: dict[str, object]) -> bytes:
    """What builder_data returns as a file for other programs."""
    return (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
