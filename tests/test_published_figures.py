"""Our coded outcomes against totals that others counted and published."""

import hashlib
import json

import pandas as pd
import pytest

from analysis import vocabulary
from analysis.build.tables import read_raw
from analysis.errors import DataError
from analysis.paths import RAW
from analysis.provenance.sources import load_source
from analysis.reading import published_figures
from analysis.reading.iopc_investigations import SOURCE

# The BBC Shared Data Unit's totals for 179 of the investigations, by human coders; what we count for the same pages is
# described in NOTES.md of the source. Both are in agreement.json, which the counts below are recomputed against.
BBC = json.loads((RAW / SOURCE / "agreement.json").read_text())["bbc_totals"]


@pytest.fixture(scope="module")
def figures(data) -> pd.DataFrame:
    return data["published_figures"]


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


def test_counts_of_the_tables_are_those_of_the_last_edition(data, figures, frozen):
    rates, claims, sources = data["published_rates"], data["claims"], data["sources"]
    frozen("published figures", len(figures))
    frozen("published rates", len(rates))
    frozen("claims", len(claims))
    frozen("publications", len(sources))
    frozen("published rates by quality", rates["quality"].value_counts().to_dict())
    frozen("publications by fidelity", sources["fidelity"].value_counts().to_dict())
    frozen("published rates whose units differ", rates["is_unit_mixed"].sum())
    assert set(rates.loc[rates["is_unit_mixed"], "quality"]) == {"C"}


def test_the_limits_that_source_yml_states_are_those_of_the_table(data):
    sources = data["sources"]
    secondary = (sources["fidelity"] == "secondary").sum()
    said = f"{secondary} of the {len(sources)} sources are secondary reports; cite the original once seen."
    source, years = load_source("published_figures"), sources["published"][sources["published"] != ""].str[:4]
    assert said in source.known_limits
    assert f"published between {years.min()} and {years.max()};" in source.coverage


def test_figures_kept_twice_on_purpose_agree(figures):
    def value(source: str, wanted: float) -> int:
        return int(((figures["source_id"] == source) & (figures["value"] == wanted)).sum())

    pairs = [
        (55, "times_bbc118", "bbc_sdu_page"),
        (1636, "mps_daso_page", "pidgeon_onyx"),
        (735, "cop_barred_2425", "rayo_barred_2425"),
    ]
    assert all(value(source, wanted) for wanted, *sources in pairs for source in sources)


@pytest.mark.parametrize(
    ("quantity", "kind"),
    [
        ("share dismissed", "value"),
        ("count dismissed or would have been", "value"),
        ("ratio dismissals, upper end", "value"),
        ("share dismissed, upper bound", "upper_bound"),
        ("share by reason, lower bound", "lower_bound"),
        ("percent change", "change"),
        ("rise", ""),
        ("share dismissed, about", ""),
        ("shares dismissed", ""),
    ],
)
def test_what_a_claim_measures(quantity, kind):
    assert published_figures.claim_kind(quantity) == kind


@pytest.mark.parametrize(
    ("stage", "unit", "note", "basis"),
    [
        (
            "workforce",
            "individuals",
            "workforce (full-time equivalent), a stock; looks rounded",
            "full_time_equivalent",
        ),
        ("workforce", "individuals", "force coverage not spelled out", "not_stated"),
        ("workforce", "percent", "does not recompute from 593 / 147,000", ""),
        ("exits", "individuals", "workforce statistics count leavers whatever the reason", ""),
        ("workforce", "individuals", "workforce (heads), a stock", None),
        ("workforce", "individuals", "workforce in March", None),
    ],
)
def test_how_a_workforce_is_counted(stage, unit, note, basis):
    assert published_figures.workforce_basis(stage, unit, note) == basis


@pytest.mark.parametrize(
    ("origin", "is_reply"),
    [("FOI to Kent Police", True), ("Met Police FOI reply 01.FOI.22", True), ("FOIA Unit's own count", False)],
)
def test_what_is_a_reply_to_a_request(origin, is_reply):
    assert published_figures.is_foi_reply(origin) == is_reply


def test_the_columns_hold_what_the_register_says(data, figures):
    raw = read_raw(RAW / "published_figures")
    for name, column, mark in (
        ("claims", "is_known_to_differ", "FAILS: "),
        ("published_rates", "is_unit_mixed", "UNITS DIFFER: "),
    ):
        table, marked = data[name], raw[name]["note"].str.startswith(mark)
        assert marked.any() and table[column].tolist() == marked.tolist()
        assert table["note"].tolist() == raw[name]["note"].str.replace(mark, "").tolist()  # the column says it now
    kinds = data["claims"].set_index("claim_id")["claim_kind"]
    assert kinds[
        ["npcc_under_1", "college_quarter_sexual", "college_rise_50", "casey_dismissal_disparity"]
    ].tolist() == [*("upper_bound", "lower_bound", "change", "value")]
    workforce = (figures["stage"] == "workforce") & (figures["unit"] != "percent")
    assert ((figures["workforce_basis"] != "") == workforce).all()
    assert "full_time_equivalent" in set(figures["workforce_basis"])


WRONG = [
    ("claims.csv", "share proven", "part proven", "it is not clear what 'part proven' in the unit percent"),
    ("claims.csv", ",count dismissed,83,", ",share dismissed,83,", "'share dismissed' in the unit count"),
    ("claims.csv", "FAILS: 75.51", "Fails: 75.51", "begins like a mark, but is none"),
    ("published_rates.csv", "UNITS DIFFER: cases", "UNITS MIXED: cases", "UNITS MIXED: cases"),
    ("published_rates.csv", "adds six who", "UNITS DIFFER: adds six who", "count the same thing"),
    ("figures.csv", "workforce (full-time equivalent)", "workforce (heads)", "how this workforce is counted"),
]


def test_words_that_cannot_be_read_are_errors_and_all_are_named_at_once(raw_copy):
    """They were read as an ordinary value, a rate of one unit, or printed on a chart."""
    folder = raw_copy("published_figures")
    described = folder / "source.yml"
    for file, old, new, _ in WRONG:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        before = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        after = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        described.write_text(described.read_text().replace(before, after))
    with pytest.raises(DataError) as error:
        read_raw(folder)
    for _, _, _, said in WRONG:
        assert any(said in f"{problem.value!r} {problem.problem}" for problem in error.value.problems), said
    assert len(error.value.problems) == len(WRONG) + 1  # the rate that has lost its mark is of two units besides
