"""What a RateTable carries to people and to other programs, counted by hand on a few people."""

import html
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from people import by_force, of, people

from analysis.counting.rate_table import describe
from analysis.counting.rates import dismissal_rates, share_of
from analysis.counting.selection import Condition

CASES = ["DDn", "nn?", "n", "n", "n", "nW", "?"]  # 3 of 10 in 2 of 6 cases; the outcomes of 2 not known


@pytest.fixture
def table():
    return dismissal_rates(people(CASES), among="proven", by="complaint_type")


def test_what_people_read_has_people_cases_and_unknown_outcomes_each_in_its_place(table):
    shown = table.readable()
    assert shown.columns.tolist() == [
        *("complaint type", "dismissed", "rate", "95% interval", "investigations", "outcome unknown"),
        "if unknown none / all dismissed",
    ]
    both = [[*row[:3], *row[4:]] for row in shown.to_numpy().tolist()]  # the interval has tests of its own
    assert both == [
        ["(all)", "3 of 10", "30.0%", "2 of 6", 2, "25.0% to 41.7%"],
        ["Use of force", "3 of 10", "30.0%", "2 of 6", 2, "25.0% to 41.7%"],
    ]
    assert all(row["low"] < row["rate"] < row["high"] for _, row in table.with_total.iterrows())


def test_a_group_of_nobody_and_a_rate_that_is_not_available(table):
    nobody = table.row({"complaint_type": "driving"})
    assert (nobody["numerator"], nobody["denominator"], nobody["unknown_outcomes"]) == (0, 0, 0)
    assert nobody["n_cases"] == 0 and nobody["reliability"] == "z"
    assert table.row({"complaint_type": "use_of_force"})["denominator"] == 10
    unavailable = table.with_total.assign(reliability=["x", "ok"])
    shown = replace(table, with_total=unavailable).readable().to_numpy().tolist()
    assert shown[0] == ["(all)", *["[x]"] * 6] and shown[1][:2] == ["Use of force", "3 of 10"]


def test_json_has_six_decimals_and_what_the_rates_mean():
    table = dismissal_rates(people(["D", *["n"] * 6]), among="proven", by="force", where={"year": 2016})
    told = json.loads(table.to_json())
    assert [row["rate"] for row in told["rows"]] == [0.142857] * 2
    assert told["rows"][1]["force"] == "Kent Police" and told["where"] == {"year": "2016"}
    assert {key: told[key] for key in ("among", "count", "definition", "interval_method", "sources")} == {
        **{"among": "proven", "count": "dismissed_or_would_have_been", "definition": table.definition},
        **{"interval_method": table.interval_method, "sources": ["iopc_investigations"]},
    }
    welsh = dismissal_rates(by_force({"Heddlu Môn": ["D", "n"]}), among="proven", by="force").to_json()
    assert (
        welsh == (json.dumps(json.loads(welsh), indent=2, ensure_ascii=False) + "\n").encode()
        and b"M\xc3\xb4n" in welsh
    )
    assert "0.142857," in table.to_csv().decode()


def test_types_of_tidy_groups():
    subjects, allegations = people(["D", "n", "n"]).values()
    subjects["year"] = pd.array([2016, 2017, None], dtype="Int64")
    subjects["finding"] = ["misconduct", "gross_misconduct", "misconduct"]
    data = of(subjects, allegations)
    years = dismissal_rates(data, among="proven", by="year")
    assert years.data["year"].dtype == "Int64" and years.data["year"].fillna(0).tolist() == [0, 2016, 2017]
    assert years.groups["year"].tolist() == ["(not stated)", "2016", "2017"]
    assert years.labelled()["year"].tolist() == ["(not stated)", "2016", "2017"]
    found = dismissal_rates(data, among="proven", by="finding").data["finding"]
    assert found.cat.ordered and found.tolist() == ["gross_misconduct", "misconduct"]
    assert found.cat.categories.get_loc("misconduct") < found.cat.categories.get_loc("gross_misconduct")


def test_more_dismissals_than_people_or_cases_than_dismissals_is_no_table(table):
    rows = table.with_total
    for column, value in (("numerator", 11), ("n_cases_counted", 4)):
        with pytest.raises(ValueError, match="more dismissals than people, or more cases"):
            replace(table, with_total=rows.assign(**{column: value}))
    replace(table, with_total=rows.assign(numerator=10, n_cases_counted=10))  # as many is possible


def test_a_definition_says_every_part_once(table):
    said = table.definition
    parts = [
        "Share dismissed or would have been dismissed among people found to have committed misconduct.",
        "Counted: Dismissed, or a former officer or member of staff who would have been dismissed if still serving.",
        "Out of: Misconduct or gross misconduct was found, as the source states it.",
        "People whose outcome is not stated or pending are left out of the rate and counted beside it.",
        "A person counts once under each complaint type alleged, so rows do not add up to the total.",
    ]
    assert said == " ".join(parts)
    among = ("proven", "dismissed", ("force",), False, {})
    assert describe(*among).endswith(
        "A joint case counts under each of its forces, so rows do not add up to the total."
    )
    assert describe(*among, unavailable="nobody says", unstated=2).endswith("total. Not available [x]: nobody says.")
    assert "what was found" in describe(*among, unstated=2) and "Also" not in describe(*among)


def test_a_definition_of_allegations_speaks_of_no_people():
    among = ("proven", "dismissed", ("complaint_type",), False, {})
    assert describe(*among, counted="allegations") == " ".join(
        [
            "Share that ended in dismissal among allegations of which misconduct was found.",
            "Counted: allegations that ended in dismissal.",
            "Out of: Misconduct or gross misconduct was found, as the source states it.",
            "Allegations whose outcome is not stated or pending are left out of the rate and counted beside it.",
            "The source does not say which allegations are about the same person, so these are not people.",
            "One of the allegations counts once under each complaint type alleged, so rows do not add up to the total.",
        ]
    )
    driving = ("proven", "dismissed", (), False, {"complaint_type": Condition(kept=("driving",))})
    some = describe(*driving, missing={"complaint_type": 2}, counted="cases")
    assert some.endswith(" Only cases of driving; 2 cases whose complaint type is not stated are left out.")
    kept = describe(*driving)
    assert kept.endswith(
        " A person counts once under each complaint type alleged, so rows do not add up to the total. Only people "
        "accused of driving."
    )
    first = describe("all_subjects", "dismissed", ("complaint_type",), True, {}, counted="cases")
    assert "Out of: All cases in the data." in first
    assert first.endswith("One of the cases counts under its first complaint type only.")
    assert "A person counts under their first complaint type only." in describe(
        "all_subjects", "dismissed", ("complaint_type",), True, {}
    )


def test_a_share_of_some_is_counted_among_them_and_correlated_among_all():
    subjects = people(["Dn", "nn", "DD", "?"])["subjects"]
    either = subjects["sanction"] == "dismissed"
    whole = share_of(subjects, either)
    assert whole[["numerator", "denominator", "unknown_outcomes", "n_cases", "n_cases_counted"]].tolist() == [
        *(3, 6, 1, 3, 2)
    ]
    part = share_of(subjects, either, kept=subjects["case_id"] != "case2")
    assert part[["numerator", "denominator", "n_cases", "n_cases_counted"]].tolist() == [1, 4, 2, 1]
    everybody = share_of(subjects, either, known=pd.Series(True, index=subjects.index))
    assert everybody[["numerator", "denominator", "unknown_outcomes"]].tolist() == [3, 7, 0]
    assert part["design_effect"] >= 1 and np.isfinite(part["low"])


def test_it_shows_itself_with_its_definition_and_source(table):
    assert repr(table) == f"{table.readable().to_string(index=False)}\n\n{table.definition}\n{table.source_line}"
    page = table._repr_html_()
    assert page.startswith('<table class="dataframe">') and "<th></th>" not in page
    assert page.endswith(f"<p>{table.definition}</p><p>{html.escape(table.source_line)}</p>")
    assert table.source_line.startswith("Source: ") and table.source_line.endswith(".")


@pytest.mark.parametrize(
    ("cases", "reliability"),
    [(["n"] * 10, "ok"), (["n"] * 9, "u"), (["nn"] * 5, "ok"), (["nnn"] * 4, "u"), (["n", "?"], "u"), (["?"], "z")],
)
def test_a_rate_is_reliable_from_ten_people_and_five_cases(cases, reliability):
    assert dismissal_rates(people(cases), among="proven").total["reliability"] == reliability
