"""How concentrated complaints are on few people: the method, and the Metropolitan Police Service's disclosure."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.charts.catalogue import exhibit
from analysis.charts.exhibits import draw_repeat_complaints, met_workforce, workforce_words
from analysis.counting.concentration import concentration, top_share, truncated_mean
from analysis.counting.rate_words import percent
from analysis.errors import MisconductError
from analysis.provenance.download import find
from analysis.provenance.sources import load_source
from analysis.reading import met_complaints as met


def counted(per_person):
    """How many people have how many complaints, as the table has it."""
    counts = pd.Series(per_person[per_person > 0]).value_counts().sort_index()
    return pd.DataFrame({"n_complaints": counts.index, "n_people": counts.to_numpy()})


def test_the_share_of_the_top_is_exact():
    counts = np.array([5, 3, 1, 1])  # five people with none, three with one, one with two, one with three: 8 complaints
    assert top_share(counts, 1) == 3 / 8 and top_share(counts, 2) == 5 / 8 and top_share(counts, 3) == 6 / 8
    assert top_share(counts, 10) == 1


@pytest.mark.parametrize("workforce", [0, 5000])
def test_complaints_that_fall_at_random_are_found_to_be_random(workforce):
    """On anybody alike: the observed share is what random gives, and dispersion is about 1."""
    falls = np.random.default_rng(1).integers(0, 5000, 6000)
    found = concentration(counted(np.bincount(falls, minlength=5000)), workforce)
    assert found.dispersion == pytest.approx(1, abs=0.06) and found.complaints == 6000
    for row in found.data.itertuples():
        assert row.share == pytest.approx(row.at_random, abs=0.015)


@pytest.mark.parametrize("rate", [0.05, 0.8, 1.9, 12.0])
def test_the_mean_before_truncation_is_found(rate):
    mean = stats.poisson.expect(lambda k: k, args=(rate,), lb=1) / stats.poisson.sf(0, rate)
    assert truncated_mean(mean) == pytest.approx(rate, rel=1e-6)


def test_the_share_without_a_workforce_is_that_of_an_independent_computation(data):
    """The tenth of 22,060 with most have 28.4 %; a zero-truncated Poisson, drawn by rejection, gives 21.2 %."""
    table = data["met_complaints"].astype(int)
    per_person = np.sort(np.repeat(table["n_complaints"], table["n_people"]).to_numpy())[::-1]
    n, top = len(per_person), round(0.1 * len(per_person))
    row = concentration(data["met_complaints"]).data.iloc[-1]
    assert (n, row["n_people"]) == (22_060, top)
    assert row["share"] == pytest.approx(per_person[:top].sum() / per_person.sum())
    rate = per_person.mean()
    for _ in range(200):  # a fixed point of rate = mean * (1 - exp(-rate))
        rate = per_person.mean() * (1 - np.exp(-rate))
    random, drawn = np.random.default_rng(7), []
    for _ in range(40):
        draws = random.poisson(rate, 2 * n)
        draws = np.sort(draws[draws > 0][:n])[::-1]
        drawn.append(draws[:top].sum() / draws.sum())
    assert row["at_random"] == pytest.approx(np.mean(drawn), abs=0.0005)
    assert (percent(row["share"]), percent(row["at_random"])) == ("28.4%", "21.2%")


def test_the_share_at_random_among_a_workforce_is_poissons(data, frozen):
    """The top tenth under a Poisson distribution, from scipy."""
    found = concentration(data["met_complaints"], 33_293)
    expected = 33_293 * stats.poisson.pmf(np.arange(80), found.mean)
    top = top_share(expected, round(0.1 * 33_293))
    assert found.data["at_random"].iloc[-1] == pytest.approx(top, abs=1e-9)
    frozen("Met, share of the tenth with most complaints", found.data["share"].iloc[-1])


def test_fewer_people_than_have_complaints_is_refused(data):
    with pytest.raises(MisconductError, match="22,060"):
        concentration(data["met_complaints"], 20_000)


def test_the_claim_needs_no_workforce_and_the_assumption_is_called_one(data):
    """The title said 37.6 % and "chance alone", of a workforce that was not in it."""
    chart = exhibit("repeat_complaints").draw(data)
    accused = concentration(data["met_complaints"])
    row = accused.data.iloc[-1]
    assert chart.title == (
        f"Of {accused.people:,} people complained about, the 10% with most have {percent(row['share'])} of complaints; "
        f"if complaints fell at random they would have {percent(row['at_random'])}"
    )
    published, _ = met_workforce(data)
    assert f"{published:,}" not in chart.title + chart.subtitle and "assum" not in chart.title
    assert "about five years" in chart.source_line and "about five years" in chart.caption  # in a square too
    apart = [row.label for row in chart.plot.rows if row.is_apart]
    assert apart == [f"10% of {published:,} assumed"]
    assert "officers and staff" in chart.subtitle and "does not state the dates" in chart.subtitle
    assert "officers and staff of about five years that the disclosure does not date" in workforce_words(data)[1]
    assert not re.search(
        r"chance|bootstrap|more likely", f"{chart.alt_text} {chart.definition} {chart.interval_method}"
    )
    assert f"{chart.data['rate'].iloc[4]:.3f}" == f"{row['share']:.3f}"  # the title's number is drawn


def test_another_number_of_people_is_said_to_be_assumed(data):
    assert "45,000 people are assumed" in draw_repeat_complaints(data, 45_000).alt_text
    assert draw_repeat_complaints(data, 45_000).title == draw_repeat_complaints(data).title


def test_the_people_a_case_that_the_source_tells_are_those_of_the_file():
    file = find(met.SOURCE, met.FILE)
    if file is None:
        pytest.skip("not fetched: misconduct fetch met_complaints")
    pairs = met.read_pairs(file)
    pairs = pairs[~pairs["subject_id"].isin(met.NOT_PEOPLE)]
    cases = pairs["case_id"].nunique()
    [limit] = [text for text in load_source(met.SOURCE).known_limits if "people a case" in text]
    assert f"The {len(pairs):,} complaints are of {cases:,} cases, {len(pairs) / cases:.2f} people a case" in limit
