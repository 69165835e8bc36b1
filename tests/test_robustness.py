"""How far rates move with one case, with errors of reading and without borderline readings: counted another way."""

import json

import pandas as pd
import pytest
from people import of, people

from analysis.counting.robustness import _misread, _reread, robust_table, robust_words, robustness
from analysis.errors import MisconductError
from analysis.paths import RAW
from analysis.provenance.sources import load_source

CODED = "iopc_investigations"
DISMISSED = ["dismissed", "would_have_been_dismissed"]


@pytest.fixture(scope="module")
def by_type(data):
    return robustness(data, among="case_to_answer", by="complaint_type").set_index("complaint_type")


@pytest.mark.parametrize("kind", ["(all)", "discriminatory_behaviour", "sexual_misconduct", "driving"])
def test_without_each_case_in_turn(subjects, allegations, by_type, kind):
    accused = set(allegations.loc[allegations["complaint_type"] == kind, "subject_id"])
    chosen = subjects[(subjects["case_to_answer"] != "none") & (subjects["sanction"] != "not_stated")]
    chosen = chosen if kind == "(all)" else chosen[chosen["subject_id"].isin(accused)]
    rates = [
        chosen.loc[chosen["case_id"] != case, "sanction"].isin(DISMISSED).mean() for case in chosen["case_id"].unique()
    ]
    row = by_type.loc[kind]
    assert (row["without_one_case_low"], row["without_one_case_high"]) == pytest.approx((min(rates), max(rates)))
    sure = chosen[chosen["confidence"] != "low"]
    assert (row["sure_numerator"], row["sure_denominator"]) == (sure["sanction"].isin(DISMISSED).sum(), len(sure))
    cases = (sure.loc[sure["sanction"].isin(DISMISSED), "case_id"].nunique(), sure["case_id"].nunique())
    assert (row["sure_n_cases_counted"], row["sure_n_cases"]) == cases


def test_the_agreement_is_that_of_the_blind_reading():
    fields = json.loads((RAW / CODED / "agreement.json").read_text())["separate_blind_reading"]["per_field"]
    names = {"complaint_type": "type1", "vawg_flag": "vawg"}
    for field, share in load_source(CODED).agreement.items():
        assert share == pytest.approx(fields[names.get(field, field)]["percent_agreement"] / 100), field


def test_readings_differ_as_often_as_readers_did():
    import numpy as np

    values = pd.Series([0] * 60 + [1] * 30 + [2] * 10)
    drawn = values.to_numpy()[_reread(values, 0.08, np.random.default_rng(1))]
    assert (drawn != values.to_numpy()).mean() == pytest.approx(0.08, abs=0.002)
    assert (_reread(values, 0.0, np.random.default_rng(1)) == range(100)).all()


def test_a_group_that_nobody_of_the_denominator_is_in_is_a_reading_like_any_other():
    rows = [("a", True)] * 30 + [("b", True)] * 20 + [("elsewhere", False)] * 50
    readings = pd.DataFrame({"groups": [(group,) for group, _ in rows], "is_among": [among for _, among in rows]})
    readings = readings.assign(is_counted=[True, False] * 50, reading=readings["is_among"])
    agreed = {"finding": 0.9, "complaint_type": 0.6}
    groups = ["(all)", "a", "b", "elsewhere"]
    found, named = (_misread(readings, groups[:n], agreed, "proven", "complaint_type") for n in (3, 4))
    assert found.tolist() == named[:3].tolist() and (found[:, 0] < found[:, 1]).all()


def test_errors_of_reading_move_the_types_and_hardly_the_total(by_type):
    """Another simulation, of first types alone, had sexual misconduct from 20.0% to 36.4%, honesty to 26.7%."""
    sexual, honest = by_type.loc["sexual_misconduct"], by_type.loc["honesty_integrity"]
    assert sexual["misread_low"] == pytest.approx(0.2, abs=0.03)
    assert sexual["misread_high"] == pytest.approx(0.37, abs=0.03)
    assert honest["misread_low"] < honest["rate"] < honest["misread_high"] < 0.28
    total = by_type.loc["(all)"]
    assert total["misread_high"] - total["misread_low"] < 0.004


def test_there_is_no_range_of_readings_that_nobody_checked(data):
    found = robustness(data, among="case_to_answer", by="force")
    assert found["misread_low"].isna().all() and found["without_one_case_low"].notna().any()
    assert found["misread_low"].dtype == float


def test_chance_is_the_same_each_time(data):
    first, second = (robustness(data, among="case_to_answer") for _ in range(2))
    assert first.equals(second) and first["misread_low"].iloc[0] < first["misread_high"].iloc[0]


def test_what_is_said(data, by_type):
    said = robust_words(by_type.loc["discriminatory_behaviour"])
    assert said.startswith("Leaving out any one investigation: 12.5% to 27.3%. Were readings wrong as often as")
    cases = "{sure_n_cases_counted:.0f} of {sure_n_cases:.0f}".format(**by_type.loc["discriminatory_behaviour"])
    assert said.endswith(f"Without borderline readings: 5 of 20 = 25.0%, in {cases} investigations.")
    assert robust_words(by_type.loc["domestic_abuse"]) == ""
    with pytest.raises(MisconductError, match="one group at a time"):
        robustness(data, among="case_to_answer", by=("force", "complaint_type"))


def test_one_case_has_no_range_without_it():
    found = robustness(of(*people(["DDDnnn"]).values()), among="proven").iloc[0]
    assert pd.isna(found["without_one_case_low"])
    assert "[z]" in robust_words(found)
    of_two = robustness(of(*people(["DDDn", "nnn"]).values()), among="proven").iloc[0]
    assert (of_two["without_one_case_low"], of_two["without_one_case_high"]) == (0, 0.75)
    assert "borderline" not in robust_words(of_two)  # no reading is
    driving = people(["D", "D", "n"], [["driving"], ["use_of_force"], ["driving"]])
    some = robustness(of(*driving.values()), among="proven", where={"complaint_type": "driving"}).iloc[0]
    assert (some["numerator"], some["denominator"], some["sure_denominator"]) == (1, 2, 2)
    everybody = robustness(of(*people(["DDDn", "nnn"]).values()), among="all_subjects").iloc[0]
    assert (everybody["numerator"], everybody["denominator"]) == (3, 7)  # which no reading decides
    for n, share in ((5, " = 20.0%"), (4, "")):
        cases = {"sure_n_cases_counted": 1, "sure_n_cases": 2}
        row = pd.Series({**of_two, "sure_numerator": 1, "sure_denominator": n, **cases})
        said = f"Without borderline readings: 1 of {n}{share}, in 1 of 2 investigations."
        assert robust_words(row).endswith(said)


def test_the_table_says_no_rate_of_fewer_than_five_people():
    shares = {"rate": [0.25, 0.4, 0.25], "without_one_case_low": [0.2, 0.25, 0], "without_one_case_high": [0.3, 0.5, 1]}
    misread = {"misread_low": [0.21, float("nan"), 0.1], "misread_high": [0.31, float("nan"), 0.4]}
    found = pd.DataFrame(
        {
            "complaint_type": ["(all)", "sexual_misconduct", "driving"],
            **{"numerator": [3, 2, 1], "denominator": [12, 5, 4], **shares, **misread},
            **{"sure_numerator": [2, 1, 1], "sure_denominator": [10, 4, 3]},
        }
    )
    assert robust_table(found, "incidents").to_dict("list") == {
        "complaint type": ["(all)", "Sexual misconduct", "Driving"],
        "dismissed": ["3 of 12", "2 of 5", "1 of 4"],
        "rate": ["25.0%", "40.0%", "[u]"],
        "without any one incident": ["20.0% to 30.0%", "25.0% to 50.0%", "[u]"],
        "readings wrong": ["21.0% to 31.0%", "[z]", "[u]"],
        "without borderline readings": ["2 of 10", "1 of 4", "1 of 3"],
    }
    assert "without any one investigation" in robust_table(found)
