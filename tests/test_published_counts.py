"""Published rates and claims, each rule of theirs on made-up rows."""

import pandas as pd
import pytest

from analysis import vocabulary
from analysis.counting.claims import DIFFERS, IMPOSSIBLE, REPRODUCED, claims_table, recompute, recompute_claims
from analysis.counting.intervals import wilson_interval
from analysis.counting.published_rates import (
    forest_table,
    outcomes_by_complaint_type,
    period_label,
    published_reliability,
    readable_rates,
    type_words,
)

CLAIM = {
    **{"claim_id": "one", "source_id": "paper", "claim": "Half.", "unit": "percent", "published_value": 50.0},
    **{"numerator": 10, "denominator": 20, "claim_kind": "value", "tolerance": 0.5, "recomputable": "yes"},
    **{"counts_checked": "", "tolerance_reason": "", "note": ""},
}
PAPERS = pd.DataFrame({"source_id": ["paper", "other"], "publisher": ["The Paper", "Other"]})


def claims(**changed: object) -> pd.Series:
    return recompute_claims(pd.DataFrame([{**CLAIM, **changed}]), PAPERS).iloc[0]


@pytest.mark.parametrize(
    ("kind", "published", "verdict"),
    [
        ("value", 50.0, REPRODUCED),
        ("value", 50.5, REPRODUCED),  # as far away as its tolerance
        ("value", 49.5, REPRODUCED),
        ("value", 50.51, DIFFERS),
        ("value", 49.49, DIFFERS),
        ("upper_bound", 50.0, DIFFERS),  # "under 50 %" is not said of 50 %
        ("upper_bound", 50.01, REPRODUCED),
        ("upper_bound", 80.0, REPRODUCED),
        ("lower_bound", 50.0, DIFFERS),
        ("lower_bound", 49.99, REPRODUCED),
        ("lower_bound", 20.0, REPRODUCED),
    ],
)
def test_a_verdict_at_every_edge(kind, published, verdict):
    found = claims(claim_kind=kind, published_value=published)
    assert (found["our_value"], found["difference"]) == (50, pytest.approx(50 - published))
    assert found["verdict"] == verdict


def test_a_claim_in_its_own_unit():
    def value(**changed: object) -> float:
        return recompute(pd.Series({**CLAIM, **changed}))

    assert (value(), value(unit="ratio"), value(unit="count")) == (50, 0.5, 10)
    assert value(claim_kind="change", numerator=30) == pytest.approx(50)  # from 20 to 30


def test_the_reason_of_a_verdict_has_its_parts_in_order():
    assert claims()["reason"] == "10 of 20"
    whole = claims(counts_checked="in figures.csv", tolerance=2.5, tolerance_reason="a picture", note="Seen.")
    assert whole["reason"] == "10 of 20; in figures.csv; within 2.5: a picture; Seen."
    nothing = claims(recomputable="no")
    assert nothing["reason"] == "the counts behind it were not published" and nothing["verdict"] == IMPOSSIBLE
    assert pd.isna(nothing["our_value"]) and pd.isna(nothing["difference"])
    assert claims(recomputable="no", note="Why.")["reason"] == "Why."


def test_claims_as_people_read_them():
    rows = pd.DataFrame([CLAIM, {**CLAIM, "claim_id": "two", "unit": "count", "published_value": 12.0}], index=[4, 7])
    results = recompute_claims(rows, PAPERS)
    assert results.columns.tolist() == [
        *("claim_id", "source_id", "claim", "unit", "published_value", "our_value", "difference", "verdict", "reason")
    ]
    assert claims_table(results, REPRODUCED).to_dict("records") == [
        {
            **{"claim": "Half.", "published": "50%", "ours": "50.00%", "difference": "+0.00"},
            **{"reason": "10 of 20", "source_id": "paper"},
        }
    ]
    differs = claims_table(results, DIFFERS)
    assert differs[["published", "ours", "difference"]].to_numpy().tolist() == [["12", "10.00", "-2.00"]]
    assert differs.columns.tolist() == ["claim", "published", "ours", "difference", "reason", "source_id"]
    lost = claims_table(recompute_claims(rows.assign(recomputable="no"), PAPERS), IMPOSSIBLE)
    assert lost.columns.tolist() == ["claim", "published", "reason", "source_id"] and lost.index.tolist() == [0, 1]


RATE = {
    **{"rate_id": "a", "force": "Kent Police", "person_type": "officer", "period_start": "2019-04-01"},
    **{"period_end": "2020-03-31", "unit": "people", "denominator_stage": "proceedings", "complaint_type": "driving"},
    **{"complaint_type_source": "all", "numerator_definition": "dismissed", "numerator": 3, "denominator": 1200},
    **{"quality": "A", "source_id": "paper", "is_unit_mixed": False},
}


def rates(*changed: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame([{**RATE, **row} for row in changed])


def test_only_a_percentage_has_no_counts_and_no_interval(data):
    units = data["published_rates"]["unit"].unique()
    table = forest_table(rates(*({"rate_id": unit, "unit": unit} for unit in units))).set_index("rate_id")
    assert table["has_counts"].to_dict() == {unit: unit != "percent" for unit in table.index}
    assert table["low"].isna().to_dict() == table["high"].isna().to_dict() == (~table["has_counts"]).to_dict()
    for unit in {*units} - {"percent"}:
        assert tuple(table.loc[unit, ["low", "high"]]) == wilson_interval(3, 1200)
    shown = readable_rates(rates({"unit": "percent"}, {"rate_id": "b", "source_id": "other"}), PAPERS)
    assert sorted(shown["counts"]) == ["3 of 1,200", "[x]"] and set(shown["publisher"]) == {"The Paper", "Other"}


def test_the_order_of_a_forest():
    """Type, what it is a share of, quality, rate downwards, name; those of low reliability last."""
    found = forest_table(
        rates(
            {"rate_id": "small", "denominator": 9, "complaint_type": "driving"},
            {"rate_id": "last type", "complaint_type": "use_of_force"},
            {"rate_id": "b"},
            {"rate_id": "worse quality", "quality": "B", "numerator": 1000},
            {"rate_id": "higher", "numerator": 30},
            {"rate_id": "a"},
            {"rate_id": "not small", "denominator": 10},
        )
    )
    assert found["rate_id"].tolist() == ["not small", "higher", "a", "b", "worse quality", "last type", "small"]
    assert found["reliability"].tolist() == ["ok"] * 6 + ["u"] and "code" not in found
    assert found.index.tolist() == [*range(7)]


def test_a_label_names_force_person_period_and_unit():
    said = forest_table(rates({}, {"person_type": "staff"}, {"person_type": "all", "period_start": ""})).set_index(
        "label"
    )
    assert {*said.index} == {
        "Kent Police, 2019 to 2020 (people)",
        "Kent Police, staff, 2019 to 2020 (people)",
        "Kent Police, 2020 (people)",
    }
    assert (said["numerator"] == 3).all() and (said["rate"] == 3 / 1200).all() and (said["type"] == "Driving").all()


def test_every_cell_of_a_published_rate():
    """Out of nine, from abroad, and as a percentage of nine: each column in words, whatever the others say."""
    abroad = next(c for c in vocabulary.codes("force") if vocabulary.entry("force", c)["kind"] == "elsewhere")
    definition = "dismissed_or_would_have_been"
    row = {"denominator": 9, "force_source": "Erewhon", "is_unit_mixed": True, "numerator_definition": definition}
    found = forest_table(rates({**row, "force": abroad}, {**row, "rate_id": "b", "unit": "percent"})).set_index("unit")
    low, high = wilson_interval(3, 9)
    who = f"people {vocabulary.label('denominator_stage', 'proceedings')}"
    assert found.loc["people"].to_dict() == {
        **{"rate_id": "a", "label": "Erewhon, 2019 to 2020 (people)", "type": "Driving", "who": who},
        **{"counted": vocabulary.label("numerator_definition", definition), "numerator": 3, "denominator": 9},
        **{"rate": 3 / 9, "low": low, "high": high, "quality": "A", "source_id": "paper", "has_counts": True},
        **{"is_unit_mixed": True, "reliability": "u"},
    }
    assert found["counted"].iloc[0] != definition
    [percent] = found.drop(index="people").to_dict("records")
    assert percent["label"].startswith("Kent Police, 2019") and percent["reliability"] == "ok"


def test_periods_reliability_and_types():
    assert period_label("2019-04-01", "") == "2019" and period_label("", "") == "period not stated"
    assert [published_reliability("people", n) for n in (9, 10)] == ["u", "ok"]
    assert published_reliability("percent", 9) == "ok"
    assert type_words("driving", "ALL") == type_words("driving", "driving") == "Driving"
    assert type_words("driving", "speeding") == "Driving: speeding"
    assert type_words("driving", "driving: speeding") == "Driving: speeding"


def test_the_columns_of_published_rates_and_what_they_are_a_share_of(data):
    rates_there = data["published_rates"]
    found, shown = forest_table(rates_there.iloc[::-1]), readable_rates(rates_there, data["sources"])
    assert found.equals(forest_table(rates_there))  # in whatever order they come
    assert found.columns.tolist() == [
        *("rate_id", "label", "type", "who", "unit", "counted", "numerator", "denominator", "rate", "low", "high"),
        *("quality", "source_id", "has_counts", "is_unit_mixed", "reliability"),
    ]
    assert shown.columns.tolist() == [
        *("force and period", "complaint type", "counted", "out of whom", "counts", "share", "quality", "publisher")
    ]
    assert all(row.label.endswith(f"({row.unit})") for row in found.itertuples())


def test_what_a_rate_counts_is_said_once():
    """A percentage is of what its stage says; another unit than the stage's own stands before it."""
    stages = {code: vocabulary.entry("denominator_stage", code) for code in vocabulary.codes("denominator_stage")}
    code, stage = next((code, stage) for code, stage in stages.items() if stage["unit_in_label"] and stage["step"])
    own, other = stage["unit_in_label"], "individuals"
    assert own != other
    rows = forest_table(
        rates(*({"rate_id": unit, "unit": unit, "denominator_stage": code} for unit in (own, other, "percent")))
    ).set_index("rate_id")
    words = {unit: vocabulary.label("published_unit", unit) for unit in (own, other)}
    assert rows["unit"].to_dict() == {own: words[own], other: words[other], "percent": words[own]}
    label = stage["label"]
    assert rows["who"].to_dict() == {own: label, other: f"{words[other]} {label}", "percent": label}


def test_outcomes_of_replies_by_complaint_type():
    """Three outcomes make a table; percentages, totals and what is no reply are not in it; counts are added up."""
    figure = {
        **{"source_id": "paper", "stage": "outcome", "unit": "individuals", "complaint_type": "driving", "value": 2.0},
        **{"force": "Kent Police", "period_start": "2019-01-01", "period_end": "2019-12-31", "outcome": "dismissed"},
    }
    first, second, third = vocabulary.codes("published_outcome")[:3]
    rows = [
        *({"outcome": code} for code in (first, second, third)),
        {"outcome": first, "period_start": "2020-01-01", "period_end": "2020-12-31"},
        {"outcome": first, "complaint_type": "use_of_force", "value": 1000.0},
        *(
            {"outcome": first, **left_out}
            for left_out in ({"stage": "x"}, {"unit": "percent"}, {"complaint_type": "all"})
        ),
        *({"outcome": code} for code in ("", "formal_action_unspecified")),
        *({"outcome": code, "source_id": "other"} for code in (first, second, "", "formal_action_unspecified")),
        *({"outcome": code, "source_id": "no reply"} for code in (first, second, third)),
    ]
    papers = pd.DataFrame({"source_id": ["paper", "other", "no reply"], "is_foi_reply": [True, True, False]})
    papers["publisher"] = ["The Paper", "The Other", "Nobody"]
    found = outcomes_by_complaint_type(pd.DataFrame([{**figure, **row} for row in rows]), papers)
    labels = [vocabulary.label("published_outcome", code) for code in (first, second, third)]
    assert found.columns.tolist() == ["force", "complaint type", "period", "counted", "published by", *labels]
    counted = vocabulary.label("published_unit", "individuals")
    assert counted != "individuals"
    assert found.to_numpy().tolist() == [
        ["Kent Police", "Driving", "2019 to 2020", counted, "The Paper", 4, 2, 2],
        ["Kent Police", "Use of force", "2019 to 2020", counted, "The Paper", 1000, "[x]", "[x]"],
    ]
    assert found.columns.name is None and str(found.loc[0, labels[0]]) == "4"
