import numpy as np
import pytest
from people import by_force, of, people
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.proportion import test_proportions_2indep as score_test

from analysis.counting.comparisons import against_rest, ratio_words, rest_words, risk_ratio, risk_ratios
from analysis.counting.permutation import holm
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError


def test_koopman_reference():
    # Koopman (1984), Biometrics 40, 513-517: 36 of 40 against 16 of 80.
    ratio, low, high, p = risk_ratio(36, 40, 16, 80)
    assert (ratio, low, high) == pytest.approx((4.5, 2.9396, 7.1521), abs=5e-4)
    assert p < 1e-10


def test_the_ratio_turned_round_is_its_inverse():
    ratio, low, high, p = risk_ratio(7, 40, 3, 60)
    turned = risk_ratio(3, 60, 7, 40)
    assert (1 / ratio, 1 / high, 1 / low, p) == pytest.approx(turned, rel=1e-3)


@pytest.mark.parametrize("level", [0.05, 0.05 / 11])
@pytest.mark.parametrize(
    "counts", [(7, 40, 3, 60), (1, 187, 4, 83), (5.2, 13.5, 3.1, 60.4), (0, 20, 5, 20), (5, 20, 0, 20)]
)
def test_a_ratio_is_that_of_statsmodels(counts, level):
    score = {"compare": "ratio", "method": "score", "correction": False}
    ratio, low, high, p = risk_ratio(*counts, level)
    with np.errstate(all="ignore"):
        theirs = confint_proportions_2indep(*counts, **score, alpha=level)
        assert p == pytest.approx(score_test(*counts, **score).pvalue, rel=1e-6)
    assert low == pytest.approx(theirs[0] if counts[0] else 0, rel=1e-5)
    assert high == (pytest.approx(theirs[1], rel=1e-5) if counts[2] else np.inf)
    assert low <= ratio <= high


def test_an_interval_of_a_group_all_of_whom_were_dismissed_moves_with_its_level():
    """That of statsmodels 0.15 does not: 9.44 for 5 of 5 against 4 of 80 at either level."""
    wide, narrow = (risk_ratio(5, 5, 4, 80, level)[1] for level in (0.05 / 11, 0.05))
    assert (wide, narrow) == pytest.approx((4.5349, 7.6133), abs=1e-4)
    # At its end the score statistic, written out (Koopman 1984), is the point of the normal distribution.
    a, b, c = narrow * 85, narrow * (5 + 4) + 5 + 80, 9
    base = (b - np.sqrt(b * b - 4 * a * c)) / (2 * a)
    variance = narrow * base * (1 - narrow * base) / 5 + narrow**2 * base * (1 - base) / 80
    assert (1 - narrow * 4 / 80) / np.sqrt(variance) == pytest.approx(1.959964, abs=1e-5)


def test_zeros():
    assert np.isnan(risk_ratio(0, 10, 0, 10)).all() and np.isnan(risk_ratio(0, 0, 1, 10)).all()
    ratio, low, high, _ = risk_ratio(0, 20, 5, 20)
    assert (ratio, low) == (0, 0) and 0 < high < 1.5
    ratio, low, high, _ = risk_ratio(5, 20, 0, 20)
    assert ratio == high == np.inf and low > 0.5


def test_several_ratios_have_intervals_that_hold_together():
    """Of two comparisons each covers 97.5 %; p of the score test where enough are expected, else by permutation."""
    table = dismissal_rates(
        by_force(
            {
                "Essex Police": ["n"] * 30 + ["D"] * 10,
                "Kent Police": ["n"] * 15 + ["D"] * 25,
                "Sussex Police": ["n"] * 8 + ["D"] * 4,
            }
        ),
        among="proven",
        by="force",
    )
    found = risk_ratios(table, "Essex Police").set_index("force")
    assert found.index.tolist() == ["Kent Police", "Sussex Police"]
    assert found["ratio"].tolist() == pytest.approx([2.5, 4 / 12 / 0.25])
    assert found.loc["Kent Police", ["low", "high"]].tolist() == pytest.approx(risk_ratio(25, 40, 10, 40, 0.025)[1:3])
    assert found["p_value"]["Kent Police"] == pytest.approx(risk_ratio(25, 40, 10, 40)[3])
    # 4 of 12 and 10 of 40 are a hypergeometric draw where every case is one person: both tails, as far from 14 / 52.
    from scipy.stats import hypergeom

    chance = hypergeom(52, 14, 12)
    exact = sum(chance.pmf(k) for k in range(13) if abs(k / 12 - (14 - k) / 40) >= 4 / 12 - 0.25 - 1e-9)
    assert found["p_value"]["Sussex Police"] == pytest.approx(exact, abs=0.012)
    assert found["p_holm"].tolist() == pytest.approx(holm(found["p_value"].to_numpy()).tolist())
    assert found["verdict"].tolist() == ["higher", "cannot tell"]


def test_what_stands_in_the_middle_counts_in_both_groups(data):
    """Of somebody accused of both the outcome counts on both sides, and the p value is of these people alone."""
    types = [["use_of_force", "driving"]] * 3 + [["use_of_force"]] * 20 + [["driving"]] * 20
    tables = people(["D"] * 3 + ["n"] * 20 + ["D"] * 3 + ["n"] * 17, types)
    row = risk_ratios(dismissal_rates(tables, among="proven", by="complaint_type"), "use_of_force").iloc[0]
    assert (row["numerator"], row["denominator"], row["ratio"]) == (6, 23, pytest.approx(2))
    assert 0.05 < row["p_value"] < 1


@pytest.mark.parametrize("by", ["complaint_type", "force", "person_type", "vawg"])
@pytest.mark.parametrize("among", ["case_to_answer", "proceedings", "proven"])
def test_an_interval_and_its_verdict_agree(data, among, by):
    table = dismissal_rates(data, among=among, by=by)
    reference = table.groups.loc[table.groups["denominator"].astype(int).idxmax(), by]
    found = risk_ratios(table, reference).dropna(subset=["p_value"])
    clear = found["verdict"] != "cannot tell"
    assert (clear == ((found["low"] > 1) | (found["high"] < 1))).all()
    assert (found.loc[clear, "p_holm"] < 0.05).all()
    assert ((found["low"] <= found["ratio"]) & (found["ratio"] <= found["high"])).all()


def test_a_group_without_a_dismissal_keeps_its_upper_limit(data):
    """0 of 91: an interval from 0, whose end says what the data exclude."""
    table = dismissal_rates(data, among="case_to_answer", by="complaint_type", primary_only=True)
    row = risk_ratios(table, "use_of_force").set_index("complaint_type").loc["custody_care"]
    assert (row["numerator"], row["low"]) == (0, 0) and 1 < row["high"] < 4


def test_clusters_widen_a_risk_ratio():
    single = by_force({"Essex Police": ["n"] * 40 + ["D"] * 4, "Kent Police": ["n"] * 20 + ["D"] * 8})
    grouped = by_force({"Essex Police": ["n"] * 40 + ["D"] * 4, "Kent Police": ["n"] * 20 + ["DDDD"] * 2})
    widths = []
    for tables in (single, grouped):
        row = risk_ratios(dismissal_rates(tables, among="proven", by="force"), "Essex Police").iloc[0]
        assert row["ratio"] == pytest.approx(8 / 28 / (4 / 44))
        widths.append(np.log(row["high"] / row["low"]))
    assert widths[1] > widths[0]


def test_an_unknown_reference_lists_the_groups():
    table = dismissal_rates(people(["D", "n"]), among="proven", by="force")
    with pytest.raises(MisconductError, match="Known: Kent Police"):
        risk_ratios(table, "Kent")


def test_what_is_not_stated_is_no_group_of_a_comparison(data):
    table = dismissal_rates(data, among="case_to_answer", by="person_type")
    assert "unknown" in set(table.groups["person_type"])
    ratios = risk_ratios(table, "officer").set_index("person_type")
    assert ratios.index.tolist() == ["other", "staff"]
    assert ratios["p_holm"]["staff"] == pytest.approx(2 * ratios["p_value"]["staff"])  # two comparisons and not three
    with pytest.raises(MisconductError, match="unknown"):
        risk_ratios(table, "unknown")


def test_against_rest_counts_everybody_once(subjects, allegations):
    two = against_rest(subjects, "force", "Metropolitan Police Service")
    table = dismissal_rates(of(two, allegations), among="case_to_answer", by="force")
    assert table.groups["denominator"].sum() == table.total["denominator"]
    assert set(table.groups["force"]) == {"Metropolitan Police Service", "rest"}


def one_force(subjects, allegations, force):
    two = of(against_rest(subjects, "force", force), allegations)
    return dismissal_rates(two, among="case_to_answer", by="force")


def test_a_test_that_does_not_reject_is_not_no_difference(subjects, allegations):
    """Both counts, the interval and p; never a ratio alone, nor that groups are alike."""
    table = one_force(subjects, allegations, "Metropolitan Police Service")
    words = rest_words(table, "Metropolitan Police Service")
    counts = (
        "Metropolitan Police Service: 2 of 84 people, in 2 of 57 investigations, were dismissed or would have been "
        "dismissed. Everybody else: 19 of 394 people, in 16 of 230 investigations. Beside them: these data cannot tell "
        "(95% interval 0.10 to 2.27 times as often, p = 0."
    )
    assert words.startswith(counts) and "difference" not in words and "chance" not in words
    assert words.endswith("The p value is for this one force and is not adjusted for having looked at others.")
    row = risk_ratios(table, "rest").iloc[0]
    clear = row.replace({"cannot tell": "lower"})
    assert ratio_words(clear).startswith(
        "lower, with a ratio of 0.49 (95% interval 0.10 to 2.27 times as often, p = 0."
    )


@pytest.mark.parametrize(
    ("force", "why"),
    [
        ("Cheshire Constabulary", "2 people with a known outcome in these data (fewer than 10 people)"),
        ("Dorset Police", "11 people with a known outcome in these data (people in fewer than 5 investigations)"),
        ("Police Scotland", "0 people with a known outcome in these data (fewer than 10 people)"),
    ],
)
def test_of_a_force_of_low_reliability_nothing_is_said(subjects, allegations, force, why):
    assert (
        rest_words(one_force(subjects, allegations, force), force)
        == f"{force}: {why}, too few to say anything about it."
    )


def test_of_people_none_of_whom_was_dismissed_there_is_no_ratio():
    table = dismissal_rates(by_force({"Kent Police": ["n"] * 12, "rest": ["n"] * 12}), among="proven", by="force")
    assert "Beside them: none was, so there is no ratio." in rest_words(table, "Kent Police")
