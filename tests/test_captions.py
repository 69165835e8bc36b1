"""Captions and shortened sentences."""

import dataclasses
import functools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from people import people

from analysis import edition
from analysis.charts import dismissal_rates_by
from analysis.charts.marks import upper_limit
from analysis.charts.quoting import LONGEST_QUOTE
from analysis.charts.text import shorten
from analysis.counting.rate_words import interval_cell, rate_cell, share_words
from analysis.counting.rates import dismissal_rates

EDITION = f"; {edition.PROJECT}, {edition.short_day(edition.UPDATED)}."


def test_every_exhibit_has_a_caption_with_count_definition_and_source(exhibits, overall):
    for drawn in exhibits:
        caption = drawn.caption
        assert len(caption) <= 280 and "Source: " in caption and "\n" not in caption and caption.endswith(EDITION)
        assert re.search(r"\d of \d|Of [\d,]+ people", caption), caption
    chart = exhibits[0]
    assert "{} of {} people with a case to answer".format(*overall) in chart.caption and "95% interval" in chart.caption


WORDS = st.builds(  # short and long ones, with and without spaces
    lambda text, times: (text * times)[:400].strip() or "x",
    st.text("abc 5of,;0123", min_size=1, max_size=40),
    st.sampled_from([1, 3, 10, 40]),
)


@functools.cache
def small_chart():
    table = dismissal_rates(people(["D"] * 5 + ["n"] * 5), among="proven", by="complaint_type")
    return dismissal_rates_by(table)


@example(  # found by luck: 285 characters
    title="0", measure="000000000" * 10, counted="00000  00000" * 10, names=["0000000000", "0" * 40, "00000" * 10]
)
@example(title="x" * 40, measure="a 5; b" * 30, counted="5 of 5; " * 40, names=["x" * 400])
@given(title=WORDS, measure=WORDS, counted=WORDS, names=st.lists(WORDS, min_size=1, max_size=4))
def test_a_caption_is_never_too_long(title, measure, counted, names):
    chart = small_chart()
    ours = dataclasses.replace(chart, title=title, measure=measure, counted=counted)
    assert len(ours.caption) <= 280 and ". Source: IOPC" in ours.caption and ours.caption.endswith(EDITION)
    known = chart.sources[0]
    sources = tuple(dataclasses.replace(known, citation=name, publisher=name, short="", initials="") for name in names)
    caption = dataclasses.replace(ours, sources=sources).caption
    assert len(caption) <= 280 and ". Source: " in caption and caption.endswith(EDITION)


@example(text="; 0", most=3)  # found by luck: a lone "…"
@example(text="; ; 0", most=5)
@example(text="of 5 ; x", most=8)
@given(text=WORDS, most=st.integers(0, 400))
def test_a_shortened_text_is_short_and_ends_between_words(text, most):
    short = shorten(text, most)
    assert len(short) <= most
    if short.endswith("…"):
        assert short[:-1].strip()
        assert text.startswith(short[:-1]) and not short[-2].isdigit()
        assert text[len(short) - 1 :].lstrip(",;:").startswith(" ")


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (100, "21 of 478 people were dismissed; most often for driving (5 of 16)."),
        (50, "21 of 478 people were dismissed."),
        (25, "21 of 478 people were…"),
    ],
)
def test_a_sentence_is_shortened_between_words_and_never_inside_a_count(most, expected):
    assert shorten("21 of 478 people were dismissed; most often for driving (5 of 16)", most) == expected
    assert shorten("They were 21 of 478 people", 18) == "They were…"


def test_a_short_alt_text_has_the_finding_and_fits_where_few_characters_do(exhibits):
    for chart in exhibits:
        assert len(chart.short_alt_text) <= 400 and chart.title[:120] in chart.short_alt_text
        assert chart.metadata["short_alt_text"] == chart.short_alt_text


@given(st.floats(1e-5, 1))
def test_an_axis_ends_just_above_the_highest_share(highest):
    end = upper_limit(highest)
    assert highest <= end + 1e-12 and (end == 1 or end <= 1.5 * highest)


def test_a_picture_says_whose_it_is_and_of_when(exhibits):
    for chart in exhibits:
        text = " ".join(text.get_text() for text in chart.page("square").figure.texts)
        assert f"Police misconduct outcomes, edition of {edition.day(edition.UPDATED)}." in text.replace("\n", " ")


def test_hollow_dots_are_explained_where_there_are_any(exhibits):
    """In the notes of every chart of rates by group; builder and other pages explain them once for all their tables."""
    shown = {
        chart.name: ("Hollow dots [u]" in chart.alt_text, (chart.data["reliability"] == "u").any())
        for chart in exhibits
        if chart.name.startswith("dismissal_rates_by_")
    }
    assert not {name for name, (is_told, is_drawn) in shown.items() if is_told != is_drawn}
    assert {is_told for is_told, _ in shown.values()} == {True, False}


def test_the_sentence_of_a_chart_says_out_of_whom(exhibits):
    for chart in exhibits:
        said = chart.quote("charts/x.html")
        assert len(said) <= LONGEST_QUOTE and re.search(r"people|allegations|accusations|publications", said), said


def test_the_sentence_of_a_chart_carries_the_interval_of_its_count_where_there_is_room(exhibits):
    found = {chart.name: chart.quote("charts/x.html") for chart in exhibits}
    rows = {chart.name: chart.data.iloc[0] for chart in exhibits}
    for name in ("dismissal_rates_by_complaint_type", "dismissal_rates_by_person_type"):
        assert f"been; {rate_cell(rows[name])}, 95% interval {interval_cell(rows[name])}" in found[name], found[name]
    assert "95% interval" not in found["from_case_to_answer_to_dismissal"]  # of several
    met = next(chart.row for chart in exhibits if chart.name == "funnel_by_force")
    assert f"been; {share_words(met)}." in found["funnel_by_force"]


def test_the_interval_of_a_chart_is_that_of_the_group_it_speaks_of_and_of_none_with_the_same_count():
    """Two groups of 30 of 60 people: of one each in a case of their own, of the other ten in one."""
    letters = ["D", "n"] * 30 + ["DDDDDDDDDD", "nnnnnnnnnn"] * 3 + ["n"] * 200
    kinds = [["driving"]] * 60 + [["use_of_force"]] * 60 + [["other"]] * 200
    table = dismissal_rates(people(letters, kinds), among="proven", by="complaint_type")
    drawn = dismissal_rates_by(table)
    first = drawn.copied.split(":")[0]
    rows = {row["label"]: row for row in drawn.data.to_dict("records")}
    assert rows["Driving"]["numerator"] == rows["Use of force"]["numerator"] == 30
    assert share_words(rows["Driving"]) != share_words(rows["Use of force"])
    assert share_words(drawn.row) == share_words(rows[first])
