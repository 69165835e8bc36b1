"""Tables and sentences about the data themselves (notebooks 08 and 09): files, readings, checks, what is unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.checking.consistency import Check, Result
from analysis.counting.intervals import wilson_interval
from analysis.counting.rate_table import UNSTATED
from analysis.counting.rate_words import percent, percent_range
from analysis.paths import RAW
from analysis.provenance.sources import Source, verify_checksums

CODED = "iopc_investigations"
NAMES = {"type1": "complaint type 1"}  # of a reading, as the other reading has them
UNKNOWN_FIELDS = ("sanction", "finding", "proceeding", "force_view", "person_type", "rank")


def files_table(sources: Iterable[Source]) -> pd.DataFrame:
    """One row a raw file: source, file, rows ([z] where it has none), the beginning of its checksum, licence."""
    return pd.DataFrame(
        [
            (source.title, name, described.get("rows", "[z]"), described["sha256"][:12], source.licence["name"])
            for source in sources
            for name, described in source.files.items()
        ],
        columns=["source", "file", "rows", "sha256 begins", "licence"],
    )


def read_agreement() -> dict[str, Any]:
    """agreement.json of the coded investigations: how alike their readings are. DataError when a file has changed."""
    verify_checksums(RAW / CODED)
    return dict(json.loads((RAW / CODED / "agreement.json").read_text(encoding="utf-8")))


def agreement_table(reading: Mapping[str, Any]) -> pd.DataFrame:
    """One row a field of a reading in read_agreement: agreement, kappa, and people where they are given."""
    fields = {NAMES.get(name, name.replace("_", " ")): row for name, row in reading["per_field"].items()}
    found = pd.DataFrame(
        {
            "field": [*fields],
            "agreement": [f"{row['percent_agreement']:.1f}%" for row in fields.values()],
            "kappa": [f"{row['cohens_kappa']:.3f}" for row in fields.values()],
        }
    )
    people = [row["n"] for row in fields.values() if "n" in row]
    return found.assign(people=people) if people else found


def totals_table(compared: Mapping[str, Any]) -> pd.DataFrame:
    """One row a measure of `bbc_totals` in read_agreement: both totals and how alike they are, a force."""
    measures = {name: row for name, row in compared.items() if isinstance(row, dict)}
    return pd.DataFrame(
        [
            (
                name.replace("_", " "),
                row["bbc_total"],
                row["final_total"],
                row["final_total"] - row["bbc_total"],
                f"{row['forces_exact']} of {row['forces']}",
                f"{row['forces_within_1']} of {row['forces']}",
                f"{row['pearson_r']:.3f}",
            )
            for name, row in measures.items()
        ],
        columns=["measure", "BBC", "ours", "difference", "same", "within one", "correlation"],
    )


def error_words(agreement: Mapping[str, Any]) -> str:
    """What the blind reading, the check for errors and the search for missed cases found, as a list in Markdown."""
    blind, sample = agreement["separate_blind_reading"], agreement["sample_check"]
    audit, wrong = agreement["missed_case_audit"], sum(sample["errors_by_field"].values())

    def share(k: int, n: int) -> tuple[str, str]:
        return percent(k / n), percent_range(*wilson_interval(k, n))

    error, errors = share(wrong, sample["person_field_values_checked"])
    missed, misses = share(audit["sample_with_an_includable_subject"], audit["sample"])
    return (
        f"- Blind reading: {blind['people_paired']} people on {blind['pages']} pages paired, "
        f"{blind['people_unpaired']} not.\n"
        f"- Error check: {wrong} of {sample['person_field_values_checked']} values of {sample['persons']} people were "
        f"wrong, {error} (95% interval {errors}), in {sample['persons_with_any_error']} people; they were put right. "
        f"{sample['caution'].capitalize()}.\n"
        f"- Missed cases: of {audit['sample']} pages drawn from the {audit['pool']} without anybody coded, "
        f"{audit['sample_with_an_includable_subject']} had somebody who belonged in ({missed}, 95% interval {misses}). "
        f"All {audit['pool']} were then searched: {audit['added_persons']} people in {audit['added_investigations']} "
        "investigations were added; they were coded once."
    )


def unknown_table(subjects: pd.DataFrame) -> pd.DataFrame:
    """One row a field: of how many people the source does not tell it."""
    unknown = {field: subjects[field].isin(UNSTATED) for field in UNKNOWN_FIELDS}
    return pd.DataFrame(
        [
            (field.replace("_", " "), f"{int(rows.sum())} of {len(rows)}", percent(rows.mean()))
            for field, rows in unknown.items()
        ],
        columns=["field", "not known", "share"],
    )


def failing_table(results: Sequence[tuple[Check, Result]]) -> pd.DataFrame:
    """One row a check of published figures that does not hold: both sides and why."""

    def side(value: float | list[str]) -> str:
        return ", ".join(value) or "none" if isinstance(value, list) else f"{value:g}"

    return pd.DataFrame(
        [
            (check.id, side(result.left), side(result.right), check.reason)
            for check, result in results
            if not result.holds
        ],
        columns=["check", "one side", "other side", "why"],
    )
