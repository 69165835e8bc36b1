"""What bears on each demand of the women's sector: ids that exist, figures that are those of the tables."""

import re

import pytest

from analysis import vocabulary
from analysis.charts.quoting import quoted
from analysis.counting.claims import recompute_claims
from analysis.counting.rate_words import share_words
from analysis.errors import MisconductError
from analysis.publishing import demands
from analysis.publishing.demands import demand_page, demand_sentence

DEMANDS = vocabulary.codes("demand")


def test_there_are_seven():
    assert len(DEMANDS) == 7


@pytest.mark.parametrize("demand", DEMANDS)
def test_each_page_has_every_figure_that_it_names(data, demand):
    entry, page = vocabulary.entry("demand", demand), demand_page(data, demand)
    assert page.startswith(f"## {entry['label']}\n") and "What nobody publishes" in page
    rates = data["published_rates"].set_index("rate_id")
    for rate in filter(None, entry["rates"].split("; ")):
        counts = f"{rates.loc[rate, 'numerator']} of {rates.loc[rate, 'denominator']:,}"
        assert counts in page, rate
    verdicts = recompute_claims(data["claims"], data["sources"]).set_index("claim_id")
    urls = data["sources"].set_index("source_id")["url"]
    for claim in filter(None, entry["claims"].split("; ")):
        said, url = verdicts.loc[claim], urls[verdicts.loc[claim, "source_id"]]
        line = next(line for line in page.splitlines() if f"[{said['claim'].rstrip('.')}](" in line)
        assert url.split("(")[0] in line and line.endswith(f"): {said['verdict']}.")  # it leads to its publication
    figures = data["published_figures"].set_index("figure_id")
    for figure in filter(None, entry["figures"].split("; ")):
        assert f"{figures.loc[figure, 'value']:,.0f}" in page, figure
    lines = page.count("\n- ")
    named = sum(len([*filter(None, entry[part].split("; "))]) for part in ("ours", "rates", "claims", "figures"))
    assert lines == named + (not entry["ours"]) + len(entry["unpublished"].split("; "))


def test_a_rate_of_ours_is_that_of_the_columns(data, subjects, allegations):
    """Sexual misconduct at hearings, counted without the functions that the page is made with."""
    accused = set(allegations.loc[allegations["complaint_type"] == "sexual_misconduct", "subject_id"])
    held = subjects[subjects["proceeding"].isin(["hearing", "accelerated_hearing"])]
    held = held[held["subject_id"].isin(accused) & (held["sanction"] != "not_stated")]
    k = held["sanction"].isin(["dismissed", "would_have_been_dismissed"])
    cases, all_cases = held[k]["case_id"].nunique(), held["case_id"].nunique()
    said = (
        f"Sexual misconduct: {k.sum()} of {len(held)} people who faced a misconduct hearing, in {cases} of {all_cases} "
        "investigations, were dismissed or would have been"
    )
    assert said in demand_page(data, "rape_and_abuse")


def test_an_id_that_is_gone_is_named(data, monkeypatch):
    entry = {**vocabulary.entry("demand", "met"), "rates": "met_foi_27098.three_or_more.dismissed; gone.since"}
    known = vocabulary.entry
    monkeypatch.setattr(
        demands.vocabulary, "entry", lambda name, code: entry if name == "demand" else known(name, code)
    )
    with pytest.raises(MisconductError, match=r"published_rates has no gone\.since, which data/vocabulary/demands"):
        demand_page(data, "met")


def test_links_cannot_break_out_of_markdown():
    assert demands._link("A", "https://example.org/a(b)") == "[A](https://example.org/a%28b%29)"
    assert demands._link("A", "javascript:alert(1)") == "A"
    assert not re.search(r"\]\((?!https?:)", demands._link("A", "ftp://x"))


def test_a_copied_figure_of_others_has_its_own_place_and_no_other(data):
    """ "England and Wales, 2017 to 2021: 212 people ... United Kingdom." """
    for demand in vocabulary.codes("demand"):
        sentence, sources, row = demand_sentence(data, demand)
        if "according to" in sentence:
            [place] = {source.jurisdiction for source in sources}
            assert place in sentence and f". {place}. Source: " in quoted(sentence, sources), demand
        if row is not None:
            assert f" {share_words(row)}. England and Wales." in quoted(sentence, sources, row=row), demand


def test_what_stands_under_rape_and_abuse_is_about_them():
    """Convictions for anything stood there as if for that."""
    for asked in vocabulary.entry("demand", "rape_and_abuse")["ours"].split("; "):
        assert any(f"={code}" in asked for code in ("sexual_misconduct", "domestic_abuse", "perpetrated")), asked
