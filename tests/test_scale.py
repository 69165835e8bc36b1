"""The benchmark of large records: what it compares with is the same count, and its picture shows its table."""

import runpy

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import people

from analysis.counting.rates import dismissal_rates
from analysis.paths import ROOT

SCALE, GROWTH = (runpy.run_path(str(ROOT / "benchmarks" / f"{name}.py")) for name in ("scale", "growth"))


cases = st.lists(st.lists(st.tuples(st.sampled_from("Dn"), st.sampled_from(["driving", "corruption"])), max_size=4))


@settings(max_examples=20)
@given(cases.filter(any))
def test_the_peers_have_the_design_effects_of_the_project(cases):
    data = people(["".join(what for what, _ in case) for case in cases], [[kind] for case in cases for _, kind in case])
    table = dismissal_rates(data, among="all_subjects", by="complaint_type", count="dismissed")
    rows = [(number, what == "D", kind) for number, case in enumerate(cases) for what, kind in case]
    found = pd.DataFrame(rows, columns=["case", "dismissed", "kind"])
    sums = {}
    for name, group in [("(all)", found), *found.groupby("kind")]:
        k, n = (group.groupby("case")["dismissed"].agg(how).astype(int) for how in ("sum", "size"))
        sums[f"all_subjects|{name}"] = (k.sum(), n.sum(), 0, len(n), (k * k).sum(), (k * n).sum(), (n * n).sum())
    effects = [row[4] for row in SCALE["_with_effects"](sums).values()]
    np.testing.assert_allclose(table.with_total["design_effect"], effects, atol=2e-9)


def test_every_way_is_a_line_of_the_table_with_ratios_to_both_peers():
    runs = {way: [{"seconds": n, "processor": 2 * n, "peak": 100 * n} for n in (1, 2, 9)] for way in SCALE["WAYS"]}
    runs["project"] = [{"seconds": 3, "processor": 2, "peak": 1500}] * 3
    line = SCALE["table_row"](244_436, "project", runs)
    assert line == "| 244,436 | project | 3.00 | 1.50 | 1.50 | 2.00 | 0.50 | 0.50 | 1,500 |"
    assert line.count("|") == len(SCALE["COLUMNS"]) + 1


@pytest.mark.parametrize("column", ["seconds", "processor s", "peak MiB"])
def test_the_ways_of_the_page_are_those_of_the_picture_at_every_size(column):
    rows = GROWTH["measured"]()
    assert {row["way"] for row in rows} == {*GROWTH["STYLES"]}
    assert len(rows) == len(SCALE["SIZES"]) * len(GROWTH["STYLES"]) and all(
        float(row[column].replace(",", "")) for row in rows
    )


def test_the_picture_is_drawn_from_the_table():
    assert (ROOT / "docs" / "growth.svg").read_bytes() == GROWTH["draw"]()
