"""The chart builder's figures and words: every combination it offers, computed here, so that the page computes none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.charts.rate_dots import rate_marks, rate_notes
from analysis.charts.text import lower_first, slug
from analysis.counting.rate_table import ALL, RateTable, describe
from analysis.counting.rate_words import (
    FEW,
    FEW_CASES,
    NOT_STATED,
    SMALL,
    count_words,
    interval_cell,
    rate_cell,
    rate_in_words,
)
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Condition, where_words
from analysis.csv_files import to_csv_bytes
from analysis.dataset import Dataset
from analysis.provenance.sources import licence_line, place_and_period, source_line
from analysis.publishing import wording as words

EVERYWHERE = ""  # the choice of all forces


def combinations(data: Dataset) -> Iterator[RateTable]:
    """A RateTable by complaint type for every denominator, numerator and force (none, then each in the data).

    The same rows as dismissal_rates with that force as filter, from three counts instead of one a force.
    """
    for among in vocabulary.codes("denominator"):
        for count in vocabulary.codes("numerator"):
            question: dict[str, Any] = {"among": among, "count": count}
            yield dismissal_rates(data, by="complaint_type", **question)
            totals = dismissal_rates(data, by="force", **question)
            both = dismissal_rates(data, by=("force", "complaint_type"), **question)
            unnamed = _without_force(totals)
            for _, total in totals.groups.iterrows():
                force = str(total["force"])
                missing = {"force": unnamed} if unnamed and force != NOT_STATED else {}
                types = both.groups[both.groups["force"] == force].drop(columns="force")
                first = total.drop("force").to_frame().T.assign(complaint_type=ALL)
                where = {"force": Condition(kept=(force,))}
                yield replace(
                    both,
                    with_total=pd.concat([first, types], ignore_index=True)[types.columns].astype(types.dtypes),
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
    forces = sorted({_force(table) for table in found.values()})
    everybody = {force: found.get(f"all_subjects|dismissed|{force}") for force in forces}

    def choices(name: str) -> list[dict[str, str]]:
        entries = {code: vocabulary.entry(name, code) for code in vocabulary.codes(name)}
        return [{"code": code, **{key: str(entries[code][key]) for key in ("label", "definition")}} for code in entries]

    return {
        "denominators": choices("denominator"),
        "numerators": choices("numerator"),
        "forces": [
            {
                "code": force,
                "label": force or "All forces",
                "people": int(table.total["denominator"] + table.total["unknown_outcomes"]) if table else 0,
                "subtitle": f" Only {force}." if force else "",
                "slug": slug(force) if force else "all-forces",
            }
            for force, table in everybody.items()
        ],
        "types": _types(found),
        "questions": {
            f"{among}|{count}": {
                "several": f"{vocabulary.entry('numerator', count)['title']}, of "
                f"{vocabulary.label('denominator', among)}",
                "subtitle": f"Share {vocabulary.label('numerator', count)} among "
                f"{vocabulary.label('denominator', among)}, by complaint type.",
                "definition": describe(among, count, ("complaint_type",), False, {}),
            }
            for among in vocabulary.codes("denominator")
            for count in vocabulary.codes("numerator")
        },
        "place": " " + place_and_period(sources),
        "jurisdiction": "".join(f" {source.jurisdiction}." for source in sources),
        "sourceLine": source_line(sources),
        "source": f"{source_line(sources)} Licence: {licence_line(sources)}.",
        "interval": first.interval_method,
        "few": FEW,
        "small": SMALL,
        "fewCases": FEW_CASES,
        "notes": list(rate_notes(first)[:2]),
        "project": words.PROJECT,
        "columns": [*first.with_total.columns],
        "tables": {key: _entry(table) for key, table in found.items()},
    }


def _force(table: RateTable) -> str:
    return table.filter.get("force", EVERYWHERE)


def _types(found: dict[str, RateTable]) -> list[dict[str, str]]:
    codes = found[f"all_subjects|dismissed|{EVERYWHERE}"].groups["complaint_type"]
    named = ((code, vocabulary.label("complaint_type", code)) for code in codes)
    return [
        {"code": code, "label": label, "inside": lower_first(label), "slug": slug(code)}
        for code, label in sorted(named, key=lambda pair: pair[1])
    ]


def _entry(table: RateTable) -> dict[str, object]:
    """One combination: which force was kept, what is said where nobody is counted, what is unknown, its rows as drawn.

    A row: complaint type, what the page says of it after what it is about, the rate beside its dot, count and
    investigations in words, cells of rate and interval, and its line of the data file.
    """
    nobody = words.nobody_words(table)
    only = f" Only: {where_words(table.where, table.missing)}." if table.where else ""
    if not table.total["denominator"]:
        return {"only": only, "nobody": nobody, "unknown": "", "rows": []}
    lines = to_csv_bytes(table.with_total).decode().splitlines()[1:]
    csv = dict(zip(table.with_total["complaint_type"], lines, strict=True))
    rows = [
        [
            mark["complaint_type"],
            words.rate_sentence(mark, table),
            rate_in_words(mark),
            count_words(mark, table.cases),
            rate_cell(mark),
            interval_cell(mark),
            csv[mark["complaint_type"]],
        ]
        for _, mark in rate_marks(table).iterrows()
    ]
    return {"only": only, "nobody": nobody, "unknown": " ".join(rate_notes(table)[2:]), "rows": rows}


def safe_json(data: object) -> str:
    """JSON that can stand inside a script element: no label can end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def rates_json(data: dict[str, object]) -> bytes:
    """What builder_data returns as a file for other programs."""
    return (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
