"""Our coded outcomes against totals that others counted and published."""

import json

import pandas as pd
import pytest

from analysis import vocabulary
from analysis.ingest.iopc_investigations import SOURCE
from analysis.paths import RAW
from analysis.sources import load_source
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
    assert compared["bbc_total"] <= compared["final_total"] <= dismissals


def test_counts_of_the_tables_are_those_of_the_last_edition(figures, frozen):
    rates, claims, sources = load_table("published_rates"), load_table("claims"), load_table("sources")
    frozen("published figures", len(figures))
    frozen("published rates", len(rates))
    frozen("claims", len(claims))
    frozen("publications", len(sources))
    frozen("published rates by quality", rates["quality"].value_counts().to_dict())
    frozen("publications by fidelity", sources["fidelity"].value_counts().to_dict())
    frozen("published rates whose units differ", rates["note"].str.startswith("UNITS DIFFER").sum())


def test_the_limits_that_source_yml_states_are_those_of_the_table():
    sources = load_table("sources")
    secondary = (sources["fidelity"] == "secondary").sum()
    said = f"{secondary} of the {len(sources)} sources are secondary reports; cite the original once seen."
    assert said in load_source("published_figures").known_limits


def test_figures_kept_twice_on_purpose_agree(figures):
    def value(source: str, wanted: float) -> int:
        return int(((figures["source_id"] == source) & (figures["value"] == wanted)).sum())

    pairs = [
        (55, "times_bbc118", "bbc_sdu_page"),
        (1636, "mps_daso_page", "pidgeon_onyx"),
        (735, "cop_barred_2425", "rayo_barred_2425"),
    ]
    assert all(value(source, wanted) for wanted, *sources in pairs for source in sources)
