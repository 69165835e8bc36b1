"""What charts of rates draw and say: every dot, count and word from the table."""

import re

import pytest
from people import of, people

from analysis import vocabulary
from analysis.charts import dismissal_rates_by
from analysis.charts.page import SIZES
from analysis.charts.rate_dots import total_title
from analysis.counting.apart import apart_words
from analysis.counting.rate_words import count_words, percent, percent_range, rate_in_words
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.provenance.sources import load_source


def test_what_is_drawn_is_the_rate_table(chart, rates_by_type):
    lines = chart.figure.axes[0].get_lines()
    dots = [line for line in lines if line.get_marker() == "o"]
    bars = [line for line in lines if line.get_marker() not in ("o", ">") and len(set(line.get_ydata())) == 1]
    arrows = [line for line in lines if line.get_marker() == ">"]
    expected = rates_by_type.with_total[rates_by_type.with_total["denominator"] > 0]
    drawn = chart.data
    assert sorted(drawn["complaint_type"]) == sorted(expected["complaint_type"])
    merged = drawn.merge(expected, on="complaint_type", suffixes=("", "_expected"))
    assert (merged["rate"] == merged["rate_expected"]).all()
    seen = drawn[drawn["denominator"] >= 5]
    assert [dot.get_xdata()[0] for dot in dots] == seen["rate"].tolist()
    low, end = chart.figure.axes[0].get_xlim()
    assert low == 0 and end >= seen["high"][seen["reliability"] == "ok"].max()
    ends = [min(high, end) for high in seen["high"]]  # of low reliability: an arrow where the axis ends
    assert [tuple(bar.get_xdata()) for bar in bars] == list(zip(seen["low"], ends, strict=True))
    assert [arrow.get_xdata()[0] for arrow in arrows] == [end] * (seen["high"] > end).sum()
    hollow = [dot.get_markerfacecolor() == "white" for dot in dots]
    assert hollow == (seen["reliability"] == "u").tolist()
    total_line = next(line for line in lines if line.get_linestyle() == "--")
    assert set(total_line.get_xdata()) == {rates_by_type.total["rate"]}


def test_rows_are_sorted_and_the_total_comes_first(chart):
    assert chart.data["complaint_type"].iloc[0] == "(all)"
    groups = chart.data.iloc[1:]
    assert groups["reliability"].is_monotonic_increasing  # ok, then u
    for _, rows in groups.groupby("reliability"):
        assert rows["rate"].is_monotonic_decreasing
    lines = [line.split(":")[0] for line in chart.alt_text.splitlines()]
    assert [line for line in lines if line in set(chart.data["label"])] == chart.data["label"].tolist()


@pytest.mark.parametrize("size", SIZES)
def test_a_line_sets_rows_of_low_reliability_apart(chart, size):
    page = chart.page(size)
    [rule] = page.figure.artists or [None]
    shown = chart.data[~chart.data["label"].isin(page.left_out)]
    small = shown[shown["reliability"] == "u"]
    assert (rule is not None) == bool(len(small))
    if rule is not None:
        texts = {text.get_text(): text.get_position()[1] for text in page.figure.axes[0].texts}
        words = [rate_in_words(row) for _, row in shown.iterrows()]
        first = len(shown) - len(small)
        assert texts[words[first - 1]] < rule.get_ydata()[0] < texts[words[first]]


def test_every_count_is_written_beside_its_dot(chart):
    texts = [text.get_text() for text in chart.figure.axes[0].texts]
    for _, row in chart.data.iterrows():
        counts, few = f"{row['numerator']} of {row['denominator']}", row["denominator"] < 5
        mark = " [u]" if row["reliability"] == "u" else ""
        assert (f"{counts}{mark}" if few else f"{counts} = {percent(row['rate'])}{mark}") in texts


def test_the_alt_text_holds_every_figure(chart):
    for _, row in chart.data.iterrows():
        line = next(line for line in chart.alt_text.splitlines() if line.startswith(f"{row['label']}: "))
        assert line.startswith(f"{row['label']}: {count_words(row)}")
        if row["denominator"] >= 5:
            assert f" {percent(row['rate'])}" in line and percent_range(row["low"], row["high"]) in line
    assert chart.source_line in chart.alt_text and chart.title in chart.alt_text


def test_the_title_is_computed_and_never_uses_a_small_group(chart, rates_by_type):
    counts, _, cases = count_words(rates_by_type.total).partition(", ")
    assert chart.title.startswith(counts) and f", {cases}, were" in chart.title and cases
    first, _, rest = chart.title.partition("; ")
    assert first == total_title(rates_by_type) and rest in (apart_words(rates_by_type), "")
    small = chart.data[chart.data["reliability"] == "u"]["label"].str.lower()
    assert not any(label in chart.title.lower() for label in small)


def test_the_title_follows_the_data(subjects, allegations):
    sacked = subjects.assign(sanction=subjects["sanction"].where(subjects["sanction"] == "not_stated", "no_action"))
    table = dismissal_rates(of(sacked, allegations), among="proven", by="complaint_type")
    title = dismissal_rates_by(table).title
    total = table.total
    assert title == (
        f"0 of {total['denominator']} people found to have committed misconduct, in 0 of {total['n_cases']} "
        "investigations, were dismissed or would have been"
    )


def test_cases_are_left_out_of_a_title_where_they_are_as_many_as_people():
    table = dismissal_rates(people(["D"] * 3 + ["n"] * 9), among="proven", by="complaint_type")
    title = dismissal_rates_by(table).title
    assert title == "3 of 12 people found to have committed misconduct were dismissed or would have been"


def test_no_title_ranks_groups_by_their_rates(exhibits):
    """Nor names a group that it is not filtered by and that no test tells apart from everybody else."""
    for drawn in exhibits:
        assert not re.search("(most|least|more|less) often|highest|lowest|times as|because", drawn.title), drawn.title
        if drawn.name.startswith(("dismissal_rates", "chicago")):
            filtered = {vocabulary.label(column, code) for column, code in drawn.filter.items()}
            named = {label for label in drawn.data["label"].iloc[1:] if label.lower() in drawn.title.lower()}
            apart = {row.label for row in drawn.plot.rows if row.is_kept}
            assert named <= filtered | apart, drawn.title
            assert not re.search("not (stated|specified)|unknown", drawn.title + drawn.caption), drawn.title
    published = next(drawn for drawn in exhibits if drawn.name == "published_rates_vawg")
    run = r"Shares ending in dismissal run from [\d.]+% to [\d.]+% in \d+ publications, some of \D+"
    assert re.fullmatch(run, published.title)
    assert "risk_ratios_by_rank" not in {drawn.name for drawn in exhibits}


def test_one_or_two_people_are_told_in_counts():
    """A group of fewer than five has no percentage, no interval and no dot; everybody likewise."""
    made_up = people(["D"] + ["n"] * 11, [["domestic_abuse"]] + [["use_of_force"]] * 11)
    chart = dismissal_rates_by(dismissal_rates(made_up, among="proven", by="complaint_type"))
    assert "\nDomestic abuse: 1 of 1 [u].\n" in chart.alt_text
    axes = chart.figure.axes[0]
    assert "1 of 1 [u]" in [text.get_text() for text in axes.texts] and "100.0%" not in chart.alt_text
    assert len([line for line in axes.get_lines() if line.get_marker() == "o"]) == 2
    assert axes.get_xlim()[1] < 0.5
    alone = dismissal_rates_by(dismissal_rates(people(["D"]), among="proven", by="complaint_type"))
    for size in SIZES:
        assert not alone.page(size).figure.axes[0].get_lines()
    assert "%" not in re.sub("95% interval", "", alone.alt_text) and "Dashed line" not in alone.alt_text


def test_a_chart_of_first_types_says_so(data):
    table = dismissal_rates(data, among="proven", by="complaint_type", primary_only=True)
    chart = dismissal_rates_by(table)
    assert "by first complaint type only" in chart.subtitle
    assert "first type alleged only" in " ".join(chart.notes) and "do not add up" not in " ".join(chart.notes)
    one = {"complaint_type": "use_of_force"}
    part = dismissal_rates(data, among="proven", by="complaint_type", primary_only=True, where=one)
    assert total_title(part).startswith("Use of force as first type: ")


def test_a_small_total_is_not_put_into_a_title():
    table = dismissal_rates(people(["D", "n"]), among="proven", by="complaint_type")
    assert "too few" in dismissal_rates_by(table).title


def test_the_subtitle_names_measure_group_and_place(chart, rates_by_type):
    for words in (
        vocabulary.label("denominator", rates_by_type.among),
        vocabulary.label("numerator", rates_by_type.count),
        "England and Wales",
    ):
        assert words in chart.subtitle


def test_the_source_line_comes_from_source_yml(chart):
    source = load_source("iopc_investigations")
    assert source.citation in chart.source_line and chart.metadata["licence"] == source.licence["name"]
    shown = " ".join(text.get_text() for text in chart.figure.texts)
    assert chart.source_line in shown and source.licence["name"] in shown


def test_a_table_by_several_groups_or_of_nobody_is_refused(data):
    by_two = dismissal_rates(data, among="proven", by=("rank", "complaint_type"))
    for table in (by_two, dismissal_rates(data, among="proven")):
        with pytest.raises(MisconductError, match="by one group"):
            dismissal_rates_by(table)
    nobody = dismissal_rates(data, among="proven", by="complaint_type", where={"force": "Police Scotland"})
    with pytest.raises(MisconductError, match="nothing to draw"):
        dismissal_rates_by(nobody)


def test_groups_without_a_known_outcome_are_named(data):
    made_up = people(["D", "n", "?"] * 5, [["driving"], ["driving"], ["use_of_force"]] * 5)
    chart = dismissal_rates_by(dismissal_rates(made_up, among="proven", by="complaint_type"))
    assert any("no outcome is known: Use of force" in note for note in chart.notes)
