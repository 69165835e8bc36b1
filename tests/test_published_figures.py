"""Our coded outcomes against totals that others counted and published."""

import json

import pandas as pd
import pytest

from analysis import vocabulary
from analysis.ingest.iopc_investigations import SOURCE
from analysis.paths import RAW
from analysis.tables import load_table

# The BBC Shared Data Unit's totals for 179 of the investigations, by human coders; what we count for the same pages is
# described in NOTES.md of the source. Both are in agreement.json, which the counts below are recomputed against.
BBC = json.loads((RAW / SOURCE / "agreement.json").read_text())["bbc_totals"]


@pytest.fixture(scope="module")
def figures() -> pd.DataFrame:
    return load_table("published_figures")


def bbc(figures: pd.DataFrame, person: tuple[str, ...], *labels: str) -> float:
    rows = figures[
        (figures["source_id"] == "sdu_force_pages")
        & (figures["force"] != "England and Wales")
        & figures["person_type"].isin(person)
        & (figures["complaint_type_source"] == "all")
        & figures["outcome_source"].isin(labels)
    ]
    assert len(rows)
    return rows["value"].sum()


@pytest.mark.parametrize(
    ("measure", "person", "labels"),
    [
        ("people_with_a_case_to_answer", ("officer", "staff"), ["case to answer for misconduct"]),
        ("officers", ("officer",), ["case to answer for misconduct"]),
        ("staff", ("staff",), ["case to answer for misconduct"]),
        ("dismissed_incl_would_have_been", ("officer", "staff"), ["dismissed"]),
        ("written_warning_incl_final", ("officer", "staff"), ["written warning"]),
        ("no_further_action", ("officer", "staff"), ["faced no further action"]),
        ("management_action_advice_or_performance", ("officer", "staff"), ["management action"]),
    ],
)
def test_the_published_totals_are_those_the_comparison_used(figures, measure, person, labels):
    assert bbc(figures, person, *labels) == BBC[measure]["bbc_total"]


def test_we_count_no_fewer_dismissals_than_the_bbc_and_no_more_than_our_whole(subjects):
    dismissals = subjects["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been")).sum()
    compared = BBC["dismissed_incl_would_have_been"]
    assert compared["bbc_total"] <= compared["final_total"] <= dismissals == 21


def test_counts_of_the_tables_are_those_of_their_notes(figures):
    assert len(figures) == 1636
    rates, claims, sources = load_table("published_rates"), load_table("claims"), load_table("sources")
    assert (len(rates), len(claims), len(sources)) == (161, 34, 105)
    assert rates["quality"].value_counts().to_dict() == {"B": 91, "C": 37, "A": 33}
    assert sources["fidelity"].value_counts().to_dict() == {
        "secondary": 60,
        "official": 39,
        "primary-analysis": 5,
        "derived": 1,
    }
    assert rates["note"].str.startswith("UNITS DIFFER").sum() == 6


def test_figures_kept_twice_on_purpose_agree(figures):
    def value(source: str, wanted: float) -> int:
        return int(((figures["source_id"] == source) & (figures["value"] == wanted)).sum())

    pairs = [
        (55, "times_bbc118", "bbc_sdu_page"),
        (1636, "mps_daso_page", "pidgeon_onyx"),
        (735, "cop_barred_2425", "rayo_barred_2425"),
    ]
    assert all(value(source, wanted) for wanted, *sources in pairs for source in sources)
