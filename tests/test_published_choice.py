"""Which of two published rates gives way, in pairs that differ in one thing alone, by what the definition says."""

import pandas as pd
import pytest

from analysis.counting.published_choice import SAME_GROUP, counted_as, shown_together, without_nested

RATE = {
    **{"source_id": "paper", "force": "Kent Police", "complaint_type": "driving", "complaint_type_source": "Driving"},
    **{"person_type": "officer", "period_start": "2020-01-01", "period_end": "2020-12-31", "quality": "B"},
    **{
        "denominator": 90,
        "denominator_stage": "individuals_accused",
        "unit": "people",
        "numerator_definition": "dismissed",
    },
}
LONG = {"period_start": "2019-01-01", "period_end": "2021-12-31"}
AREA = {"force": "England and Wales", "denominator": 800}
TOTAL = {"complaint_type": "all", "complaint_type_source": "All", "denominator": 800}
OTHER = {"source_id": "college"}
UNDATED = {"period_start": "", "period_end": ""}


def pair(whole, part):
    ids = [{f"{kind}_figure_ids": letter for kind in ("numerator", "denominator")} for letter in "ab"]
    return pd.DataFrame([{**RATE, **ids[0], **whole}, {**RATE, **ids[1], **part}], index=["whole", "part"])


@pytest.mark.parametrize(
    ("whole", "part", "left"),
    [
        ({**LONG, "denominator_figure_ids": "b;c"}, {}, ["whole"]),  # years and their total
        ({"denominator_figure_ids": "c;d"}, {}, ["whole", "part"]),  # of the same kind, and nothing says one is in both
        ({"denominator_figure_ids": "b;c"}, {"person_type": "staff"}, ["part"]),
        ({"denominator_figure_ids": "b;c"}, {"complaint_type_source": "Speeding"}, ["part"]),
        (AREA, {}, ["whole"]),
        ({**AREA, **LONG}, {}, ["whole"]),
        (AREA, LONG, ["whole", "part"]),
        (AREA, UNDATED, ["whole", "part"]),
        (AREA, {"force": "Wales"}, ["whole", "part"]),
        ({}, {"force": "Essex Police"}, ["whole", "part"]),
        (TOTAL, {}, ["part"]),  # a total of kinds
        (TOTAL, {"force": "Essex Police"}, ["whole", "part"]),
        (TOTAL, {"complaint_type": "all"}, ["whole", "part"]),
        (TOTAL, {"unit": "allegations"}, ["whole", "part"]),
        (TOTAL, {"denominator_stage": "investigated"}, ["whole", "part"]),
        ({**LONG, **OTHER}, {}, ["whole"]),  # two publications of as good a quality: the longer period
        ({**LONG, **OTHER, "quality": "C"}, {}, ["part"]),
        ({**LONG, **OTHER, "quality": "A"}, {}, ["whole"]),
        (OTHER, {}, ["whole", "part"]),
        ({**LONG, **OTHER}, UNDATED, ["whole", "part"]),
        ({**LONG, **OTHER}, {"force": "Essex Police"}, ["whole", "part"]),
        ({**LONG, **OTHER}, {"complaint_type": "custody_care"}, ["whole", "part"]),
        ({**LONG, **OTHER}, {"person_type": "staff"}, ["whole", "part"]),
        ({**LONG, **OTHER, "complaint_type": "all"}, {"complaint_type": "all"}, ["whole", "part"]),
        ({"numerator_figure_ids": "b", "denominator": 100}, {}, ["whole"]),  # the same dismissals out of more
        ({"numerator_figure_ids": "b", "denominator": 80}, {}, ["part"]),
        ({"numerator_figure_ids": "b", "denominator": 100, **OTHER}, {}, ["whole", "part"]),
        ({"numerator_figure_ids": "b", "denominator": 100}, {"person_type": "staff"}, ["whole", "part"]),
    ],
)
def test_one_of_two_gives_way(whole, part, left):
    rates = pair(whole, part)
    assert [*without_nested(rates).index] == left
    assert [*without_nested(rates[::-1]).index] == left[::-1]


def test_one_way_of_counting_for_each_group():
    """What is only counted as dismissed stands in for those who would have been too, group by group."""
    wide = "dismissed_or_would_have_been"
    rates = pair({"numerator_definition": wide}, {"denominator_figure_ids": "a"})
    assert [*counted_as(rates).index] == ["whole"] and [*counted_as(rates, "dismissed").index] == ["part"]
    for column in SAME_GROUP:
        assert [*counted_as(rates.assign(**{column: ["x", "y"]})).index] == ["whole", "part"], column
    assert [*counted_as(rates.assign(numerator_definition="dismissed")).index] == ["whole", "part"]
    assert counted_as(rates.assign(numerator_definition="dismissed_or_left")).empty


def test_what_one_chart_shows():
    stages = pair({}, {"denominator_stage": "investigated"})
    assert [*shown_together(stages, ["driving"], "accused").index] == ["whole"]
    assert [*shown_together(stages, ["driving", "all"], "finished").index] == ["part"]
    assert shown_together(stages, ["all"], "accused").empty
    assert shown_together(stages, ["driving"], "accused", "dismissed_or_left").empty
    assert [*shown_together(pair(AREA, {}), ["driving"], "accused").index] == ["whole"]
