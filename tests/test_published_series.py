"""What notebook 14 shows of others' counts year by year: which rows stand together, and what is said."""

import pandas as pd
import pytest

from analysis.counting.published_series import barred_list, series_table, yearly_series
from analysis.vocabulary import label

SOURCES = pd.DataFrame(
    {
        "source_id": ["paper", "college"],
        "publisher": ["The Paper", "The College"],
        "fidelity": ["secondary", "official"],
    }
)


def test_the_barred_list_is_of_one_force_and_repeats_no_count(data):
    listed = barred_list(data["published_figures"], data["sources"])
    assert len(listed) > 2 and not listed.duplicated(["period_start", "period_end", "officers"]).any()
    figures = data["published_figures"]
    of = figures[figures["force"] == "England and Wales"].groupby("source_id")["value"].agg(set)
    assert all(row.officers in of[row.source_id] for row in listed.itertuples())


def test_parts_and_repetitions_of_a_count_are_left_out():
    rows = [
        ("paper", "Kent Police", 183.0),
        ("paper", "England and Wales", 735.0),
        ("college", "England and Wales", 735.0),
    ]
    figures = pd.DataFrame(rows, columns=["source_id", "force", "value"]).assign(
        period_start="2024-04-01",
        period_end="2025-03-31",
        person_type="officer",
        outcome_source="placed on the barred list",
    )
    other = figures.iloc[[1]].assign(value=740.0)  # another count of the same period is no repetition
    found = barred_list(pd.concat([figures, other]), SOURCES)
    assert [*found] == ["period_start", "period_end", "officers", "publisher", "source_id"]
    assert list(zip(found["source_id"], found["officers"], strict=True)) == [("college", 735), ("paper", 740)]
    last = {"source_id": {"college": "the_college"}}  # whatever they are called, the official one is kept
    assert barred_list(figures.replace(last), SOURCES.replace(last))["source_id"].tolist() == ["the_college"]


@pytest.mark.parametrize(
    ("years", "changed", "said"),
    [
        ((), {}, "not published beside them"),
        ((2020, 2021, 2022), {}, "notebook 05 has the rate"),
        ((2021,), {}, "notebook 05 has the rate of 2021"),
        ((2020, 2022), {}, "notebook 05 has the rate of 2020, 2022"),
        ((2021,), {"source_id": "college"}, "not published beside them"),
        ((2021,), {"complaint_type": "driving"}, "not published beside them"),
        ((2021,), {"force": "Kent Police"}, "not published beside them"),
    ],
)
def test_out_of_how_many_is_denied_only_where_no_rate_is_published(years, changed, said):
    every = {"source_id": "paper", "force": "England and Wales", "complaint_type": "all"}
    periods = pd.DataFrame({"year": [2020, 2021, 2022]}).assign(
        period_start=lambda rows: rows["year"].map("{}-01-01".format),
        period_end=lambda rows: rows["year"].map("{}-12-31".format),
    )
    names = {"stage": "", "complaint_type_source": "", "person_type": "officer", "unit": "individuals"}
    figures = periods.assign(**every, **names, outcome_source="", outcome="written_warning", value=5.0)
    rates = periods[periods["year"].isin(years)].assign(**{**every, **changed})
    undated, shares, uncounted = (
        figures.assign(source_id="college", **wrong)
        for wrong in ({"period_start": ""}, {"unit": "percent"}, {"value": float("nan")})
    )
    series = yearly_series(pd.concat([figures, undated, shares, uncounted], ignore_index=True))
    assert [*series["period"]] == ["2020", "2021", "2022"]
    table = series_table(series, SOURCES, rates)
    words = {"complaint type": "complaint_type", "outcome": "published_outcome", "counted": "published_unit"}
    codes = zip(words, words.values(), ("all", "written_warning", "individuals"), strict=True)
    assert table.to_dict("records") == [
        {
            **{"force": "England and Wales", **{name: label(column, code) for name, column, code in codes}},
            **{"by year": "2020: 5; 2021: 5; 2022: 5", "out of how many": said, "published by": "The Paper"},
        }
    ]


def test_no_publication_whose_rates_are_shown_is_said_to_give_none(data):
    series = yearly_series(data["published_figures"], ["dismissed"])
    told = series_table(series, data["sources"], data["published_rates"])
    assert [*told.index] == [*range(len(told))] and len(told) > 1
    same = ["source_id", "force", "complaint_type", "period_start", "period_end"]
    with_rate = series.merge(data["published_rates"][same].drop_duplicates(), on=same)
    assert told["out of how many"].str.contains("has the rate").sum() >= with_rate["source_id"].nunique() > 0
