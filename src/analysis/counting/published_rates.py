"""Counting published rates: each rate of one source with its own interval, ready to be drawn beside others."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.counting.intervals import wilson_interval
from analysis.counting.rate_words import SMALL, rate_cell


def period_label(start: str, end: str) -> str:
    """A period as years: 2019, 2017 to 2021, or "period not stated"."""
    years = [date[:4] for date in (start, end) if date]
    return " to ".join(dict.fromkeys(years)) or "period not stated"


def forest_table(rates: pd.DataFrame) -> pd.DataFrame:
    """Published rates with their plain Wilson intervals, in the order in which a forest plot shows them.

    rates: rows of the table `published_rates`. Returns rate_id, label (force, person, period and, in brackets, unit),
    type (complaint type in words, with the source's own words where they are others), who (what the rate is a share of,
    in words), unit (what is counted, in words), counted (numerator in words), numerator, denominator, rate, low, high
    (95 %), quality, source_id, has_counts (false where only a percentage was published: no interval),
    is_unit_mixed and reliability ("u" out of fewer than 10, else "ok"); sorted by type, what it is a share of,
    quality and rate, those of low reliability last.
    """
    intervals = [
        (math.nan, math.nan) if row.unit == "percent" else wilson_interval(row.numerator, row.denominator)
        for row in rates.itertuples()
    ]
    people = {"officer": "", "staff": ", staff", "all": ""}
    units = [_unit(row.unit, row.denominator_stage) for row in rates.itertuples()]
    table = pd.DataFrame(
        {
            "rate_id": rates["rate_id"],
            "label": [
                f"{_place(row)}{people[row.person_type]}, {period_label(row.period_start, row.period_end)} ({unit})"
                for row, unit in zip(rates.itertuples(), units, strict=True)
            ],
            "type": [type_words(row.complaint_type, row.complaint_type_source) for row in rates.itertuples()],
            "who": [_who(row.unit, row.denominator_stage) for row in rates.itertuples()],
            "unit": units,
            "counted": rates["numerator_definition"].map(lambda code: vocabulary.label("numerator_definition", code)),
            "numerator": rates["numerator"],
            "denominator": rates["denominator"],
            "rate": (rates["numerator"] / rates["denominator"]).astype(float),
            "low": [low for low, _ in intervals],
            "high": [high for _, high in intervals],
            "quality": rates["quality"],
            "source_id": rates["source_id"],
            "has_counts": rates["unit"] != "percent",
            "is_unit_mixed": rates["is_unit_mixed"],
            "reliability": [published_reliability(row.unit, row.denominator) for row in rates.itertuples()],
        }
    )
    table = table.assign(code=rates["complaint_type"].map(_type_label))  # "ok" comes before "u"
    order = ["reliability", "code", "who", "quality", "rate", "rate_id"]
    table = table.sort_values(order, ascending=[True, True, True, True, False, True]).reset_index(drop=True)
    return table.drop(columns="code")


def published_reliability(unit: str, denominator: int) -> str:
    """The reliability of a published rate: "u" out of fewer than 10, else "ok"; of a percentage nobody knows."""
    return "u" if unit != "percent" and denominator < SMALL else "ok"


def with_publishers(rows: pd.DataFrame, publications: pd.DataFrame) -> pd.DataFrame:
    """Rows with a source_id of the table sources (publications), and who published each (publisher)."""
    return rows.assign(publisher=rows["source_id"].map(publications.set_index("source_id")["publisher"]))


def readable_rates(rates: pd.DataFrame, publications: pd.DataFrame) -> pd.DataFrame:
    """Published rates as people read them, in the order of forest_table.

    rates, publications: rows of the tables published_rates and sources. Returns force and period (with the unit),
    complaint type, counted, out of whom, counts ("44 of 84"; [x] of a percentage), share ([u] out of fewer than 10),
    quality and publisher.
    """
    rows = with_publishers(forest_table(rates), publications)
    return pd.DataFrame(
        {
            "force and period": rows["label"],
            "complaint type": rows["type"],
            "counted": rows["counted"],
            "out of whom": rows["who"],
            "counts": [f"{r.numerator} of {r.denominator:,}" if r.has_counts else "[x]" for r in rows.itertuples()],
            "share": [rate_cell(row) for _, row in rows.iterrows()],
            "quality": rows["quality"],
            "publisher": rows["publisher"],
        }
    )


def _type_label(code: str) -> str:
    return vocabulary.label("complaint_type", code)


def type_words(code: str, said: str) -> str:
    """A complaint type in words, and after a colon those of the source where they say something else."""
    label = _type_label(code)
    more = said.removeprefix(f"{label.lower()}: ")
    return label if said.casefold() == "all" or said.casefold() in label.casefold() else f"{label}: {more}"


def _place(row: Any) -> str:
    """Where a rate is from: the force, or the name that the source has for one outside the UK."""
    is_elsewhere = vocabulary.entry("force", row.force)["kind"] == "elsewhere"
    return str(row.force_source if is_elsewhere else row.force)


def _unit(unit: str, stage: str) -> str:
    """What a published rate counts, in words; of a percentage what its source says that it is a share of."""
    of = vocabulary.entry("denominator_stage", stage)["unit_in_label"]
    return vocabulary.label("published_unit", of if unit == "percent" and of else unit)


def _who(unit: str, stage: str) -> str:
    """What a published rate is a share of, in words."""
    of = vocabulary.entry("denominator_stage", stage)
    says_it = unit in ("percent", of["unit_in_label"]) or not of["step"]
    return of["label"] if says_it else f"{vocabulary.label('published_unit', unit)} {of['label']}"


def outcomes_by_complaint_type(figures: pd.DataFrame, publications: pd.DataFrame) -> pd.DataFrame:
    """How the matters of each reply to a freedom of information request ended, by complaint type.

    figures, publications: the processed tables published_figures and sources. One row a publication, complaint type
    and unit: force, complaint type, period, counted, published by, then one column an outcome with the published count,
    "[x]" where the source gives none. Only publications that give at least three different outcomes. Rows must not be
    added up: publications overlap.
    """
    replies = publications.loc[publications["is_foi_reply"], "source_id"]
    rows = figures[
        figures["source_id"].isin(replies)
        & (figures["stage"] == "outcome")
        & (figures["unit"] != "percent")
        & ~figures["outcome"].isin(["", "formal_action_unspecified"])
        & (figures["complaint_type"] != "all")
    ]
    rows = rows[rows.groupby("source_id")["outcome"].transform("nunique") >= 3]
    first, last = (rows.groupby("source_id")[f"period_{end}"] for end in ("start", "end"))
    named = pd.DataFrame(
        {
            "publication": rows["source_id"],
            "force": rows["force"],
            "complaint type": rows["complaint_type"].map(_type_label),
            "period": [
                period_label(start, end)
                for start, end in zip(first.transform("min"), last.transform("max"), strict=True)
            ],
            "counted": rows["unit"].map(lambda code: vocabulary.label("published_unit", code)),
            "outcome": rows["outcome"].map(_outcome_label),
            "value": rows["value"],
        }
    )
    keys = ["force", "complaint type", "period", "counted", "publication"]
    counts = named.pivot_table(index=keys, columns="outcome", values="value", aggfunc="sum")
    order = [label for label in map(_outcome_label, vocabulary.codes("published_outcome")) if label in counts]
    counts = counts[order]
    shown = counts.astype("Int64").astype(object).where(counts.notna(), "[x]").reset_index().rename_axis(columns=None)
    names = publications.set_index("source_id")["publisher"]
    return shown.assign(publication=shown["publication"].map(names)).rename(columns={"publication": "published by"})


def _outcome_label(code: str) -> str:
    return vocabulary.label("published_outcome", code)
