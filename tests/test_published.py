import re
from html import unescape
from itertools import combinations

import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy.stats import binomtest

from analysis import vocabulary
from analysis.charts.catalogue import EXHIBITS, VAWG_TYPES, published_charts, typed
from analysis.counting.published_choice import SAME_GROUP, WIDEST, counted_as
from analysis.counting.published_rates import forest_table, period_label, readable_rates
from analysis.counting.rate_words import percent
from analysis.publishing.fact_sheets import sheet
from analysis.publishing.group_facts import Group
from analysis.publishing.rendering import _environment
from analysis.publishing.wording import how_to_read, published_list


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


@pytest.fixture(scope="module")
def forests(data):
    """Every chart of published rates: of the catalogue, and of each way of counting."""
    kinds = [*([code] for code in typed(data)), VAWG_TYPES, typed(data), ["all"]]
    counts = vocabulary.codes("numerator_definition")
    return [
        *(entry.draw(data) for entry in EXHIBITS if entry.name.startswith("published_rates")),
        *(chart for count in counts for types in kinds for chart in published_charts(data, "x", types, count)),
    ]


def test_no_total_is_drawn_beside_its_parts(rates, forests):
    """Avon and Somerset's years and their total, and five nested rates of one 13, were rows of one chart."""
    known = rates.set_index("rate_id")
    for chart in forests:
        rows = known.loc[chart.data["rate_id"]]
        for one, other in combinations(rows[rows["source_id"].duplicated(keep=False)].itertuples(), 2):
            if one.source_id == other.source_id:
                wholes = [{*rate.denominator_figure_ids.split(";")} for rate in (one, other)]
                assert not wholes[0] < wholes[1] and not wholes[1] < wholes[0], (one.Index, other.Index)
                same = one.numerator_figure_ids == other.numerator_figure_ids
                assert not (same and one.complaint_type_source == other.complaint_type_source), (one.Index, other.Index)
    drawn = {rate for chart in forests for rate in chart.data["rate_id"]}
    assert "as_337_21.sexual.2017_20.dismissed" in drawn and "as_337_21.sexual.2017.dismissed" not in drawn
    assert "npcc_vawg_natworld.public.of_accused" in drawn and "npcc_vawg_natworld.all.of_accused" not in drawn


def test_rows_say_their_unit_and_can_be_told_apart(rates, forests):
    units = {code: vocabulary.label("published_unit", code) for code in vocabulary.codes("published_unit")}
    known = rates.set_index("rate_id")
    for chart in forests:
        rows = chart.plot.rows
        assert len({(row.label, row.under) for row in rows}) == len(rows)
        for row, rate in zip(rows, chart.data["rate_id"], strict=True):
            unit = known["unit"][rate]
            assert row.label.endswith(")") and (unit == "percent" or row.label.endswith(f"({units[unit]})"))


def test_hollow_is_low_reliability_and_shape_is_quality(forests):
    """A hollow dot was quality C; [u] was not hollow."""
    seen, axes = set(), Figure().add_subplot()
    for chart in forests:
        for row, found in zip(chart.plot.rows, chart.data.itertuples(), strict=True):
            for drawn in axes.get_lines():
                drawn.remove()
            row.draw(axes, 1)
            is_small = found.has_counts and found.denominator < 10
            assert row.is_apart == is_small
            for line in (line for line in axes.get_lines() if line.get_marker() in ("o", "s", "^")):
                assert (line.get_markerfacecolor() == "white") == is_small
                seen.add((found.quality, line.get_marker()))
        apart = [row.is_apart for row in chart.plot.rows]
        assert apart == sorted(apart)  # [u] under the others
    assert seen == {("A", "o"), ("B", "s"), ("C", "^")}


def test_a_title_counts_publications_and_names_the_units(forests):
    for chart in forests:
        told = chart.data[~chart.data["has_counts"] | (chart.data["denominator"] >= 10)]
        told = told if len(told) else chart.data
        publications = re.search(r"in (\d+) publications?", chart.title)
        assert int(publications[1]) == told["source_id"].nunique()
        assert all(f"{unit}" in chart.title for unit in told["unit"].unique())
        assert percent(told["rate"].min()) in chart.title and percent(told["rate"].max()) in chart.title
        assert "because" not in chart.title + chart.subtitle
    about = next(chart.subtitle for chart in forests if chart.name == "published_rates_vawg_found")
    assert about.startswith("Sexual misconduct, domestic abuse, violence against women and girls. ")


def test_where_a_source_counts_who_would_have_been_dismissed_that_is_shown(rates):
    wide = counted_as(rates)
    sexual = wide[(wide["source_id"] == "swl_met_hearings_2024") & (wide["complaint_type"] == "sexual_misconduct")]
    assert sexual["numerator"].tolist() == [44]  # 16 were dismissed, 28 would have been
    assert "itv_tbij_da_2022.domestic_abuse.dismissed" in set(wide["rate_id"])  # which gives no other
    assert not wide.duplicated([*SAME_GROUP, "complaint_type_source", "denominator_stage"]).any()
    assert set(counted_as(rates, "dismissed")["numerator_definition"]) == {"dismissed"}


def test_hearings_and_abuse_of_position_are_where_a_reader_looks(data, rates):
    """The Met's hearings of 2024 and the IOPC's cases of abuse of position: notebooks 01 and 03, and both pages."""
    chart = next(entry for entry in EXHIBITS if entry.name == "published_rates_vawg_found").draw(data)
    assert "44 of 84" in chart.alt_text and "38 of 52" in chart.alt_text
    table = readable_rates(counted_as(rates).query("denominator_stage == 'proceedings'"), data["sources"])
    assert {"238 of 419", "44 of 84", "38 of 52"} <= set(table["counts"])
    [everything] = [c for c in published_charts(data, "x", ["all"], WIDEST) if "238 of 419" in c.alt_text]
    assert "some of allegations" in everything.title
    for column, code, wanted in [
        ("force", "Metropolitan Police Service", ("44 of 84", "238 of 419")),
        ("complaint_type", "sexual_misconduct", ("44 of 84", "38 of 52")),
    ]:
        listed = published_list(rates[rates[column] == code], data["sources"])
        assert all(any(rate.figure.startswith(f"{counts} = ") for rate in listed) for counts in wanted)


def test_a_share_over_two_units_is_not_told_as_one_of_people(data, rates):
    listed = published_list(rates, data["sources"])
    ordered = rates.sort_values(["complaint_type", "period_start", "rate_id"])
    for rate, is_mixed, unit in zip(listed, ordered["is_unit_mixed"], ordered["unit"], strict=True):
        label = vocabulary.label("published_unit", unit)
        assert rate.unit == (f"{label}, but its two counts are in different units" if is_mixed else label)
        assert rate.unit in rate.what


def test_lists_say_the_quality_of_each_share_and_what_it_means(data, rates):
    group = Group(data, {"complaint_type": rates[rates["is_unit_mixed"]].iloc[0]["complaint_type"]})
    told = next(shown for shown in sheet(group, [])["second"] if shown["title"] == "Published by others")
    place = told["headings"].index("quality")
    assert [row[place]["text"] for row in told["rows"]] == [rate.quality for rate in group.published]
    assert told["note"] == how_to_read()
    macros = _environment().get_template("parts.html").make_module({"root": ""})
    page = macros.published_rates(group.published, "")
    assert how_to_read() in unescape(page)


def test_what_a_quality_means_is_worded_once(forests):
    """In the vocabulary: the glossary, what stands over each list and the charts have it from there."""
    notes = [chart.notes[0] for chart in forests]
    places = (how_to_read(), vocabulary.entry("term", "quality")["definition"], *notes)
    for code in vocabulary.codes("quality"):
        meaning = vocabulary.entry("quality", code)["definition"]
        assert all(f"{meaning[:1].lower()}{meaning[1:]}" in place for place in places), (code, places)


def test_small_groups_are_marked_in_the_lists_of_pages(data, rates):
    """A page said "1 of 4 = 25.0%"."""
    listed = published_list(rates[rates["complaint_type"] == "sexual_misconduct"], data["sources"])
    figures = {rate.figure for rate in listed}
    assert {"1 of 4 [u]", "1 of 6 = 16.7% [u]", "44 of 84 = 52.4%", "8.0%"} <= figures
