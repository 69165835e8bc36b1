import pandas as pd
import pytest
from scipy.stats import binomtest

from analysis.counting.published_rates import forest_table, period_label


@pytest.fixture(scope="module")
def rates(data) -> pd.DataFrame:
    return data["published_rates"]


def test_every_published_rate_is_there_with_its_interval(rates):
    table = forest_table(rates).set_index("rate_id")
    assert len(table) == len(rates)
    for row in rates.itertuples():
        found, theirs = table.loc[row.rate_id], binomtest(row.numerator, row.denominator)
        assert found["rate"] == row.numerator / row.denominator
        interval = theirs.proportion_ci(method="wilson")
        if row.unit == "percent":
            assert pd.isna(found["low"]) and not found["has_counts"]
            continue
        assert (found["low"], found["high"]) == pytest.approx((interval.low, interval.high))


def test_mixed_units_are_marked(rates):
    marked = forest_table(rates).set_index("rate_id")["is_unit_mixed"]
    assert marked.any() and marked.to_dict() == rates.set_index("rate_id")["is_unit_mixed"].to_dict()


def test_what_a_rate_is_a_share_of_is_said_once(rates):
    who = set(forest_table(rates)["who"])
    assert {"people accused", "cases with a case to answer", "allegations made"} <= who
    assert not [words for words in who if "people people" in words or "allegations allegations" in words]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [("2017-01-01", "2020-12-31", "2017 to 2020"), ("2019-01-01", "2019-12-31", "2019"), ("", "", "period not stated")],
)
def test_periods(start, end, words):
    assert period_label(start, end) == words
