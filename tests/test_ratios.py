import json
import re

import numpy as np
import pandas as pd
import pytest
from people import of, people

from analysis.charts.catalogue import EXHIBITS, draw_ratios, exhibit
from analysis.charts.page import SIZES
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.paths import ROOT


def by_type(groups, **question):
    """A rate table of people each in a case of their own: complaint type -> (dismissed, not dismissed)."""
    outcomes, types = [], []
    for kind, (dismissed, not_dismissed) in groups.items():
        outcomes += ["D"] * dismissed + ["n"] * not_dismissed
        types += [[kind]] * (dismissed + not_dismissed)
    return dismissal_rates(people(outcomes, types), among="proven", by="complaint_type", **question)


def draw(table):
    return draw_ratios(table, "use_of_force", "people accused of use of force", "risk_ratios")


@pytest.fixture(scope="module")
def ours(data):
    return exhibit("risk_ratios_by_complaint_type").draw(data)


CLEAR = {"use_of_force": (20, 280), "driving": (60, 240), "custody_care": (2, 298), "other": (21, 279)}


def test_the_title_has_both_counts_and_the_interval_of_every_clear_ratio():
    """In the order of the table, which is no ranking; a ratio never stands without its interval."""
    chart = draw(by_type(CLEAR))
    care, driving = (
        re.escape(f"{name} of 300 v 20 of 300 for use of force: ") for name in ("Care in custody: 2", "Driving: 60")
    )
    interval = r"(\d+\.\d+) to (\d+\.\d+) times as often"
    found = re.fullmatch(f"{care}{interval}; {driving}{interval}", chart.title)
    assert found, chart.title
    rows = chart.data.set_index("label")
    for label, ends in (("Care in custody", found.groups()[:2]), ("Driving", found.groups()[2:])):
        assert [float(end) for end in ends] == pytest.approx(rows.loc[label, ["low", "high"]].tolist(), rel=0.05)
        assert rows.loc[label, "verdict"] != "cannot tell"
        assert re.search(rf"\n{label}: .*interval {ends[0]} to {ends[1]} times as often", chart.alt_text)
    assert rows.loc["Other", "verdict"] == "cannot tell" and "Other" not in chart.title


def test_a_title_has_the_investigations_where_they_are_fewer():
    letters = ["DDDD"] * 15 + ["n"] * 240 + ["D"] * 20 + ["n"] * 280
    kinds = [["driving"]] * 300 + [["use_of_force"]] * 300
    title = draw(dismissal_rates(people(letters, kinds), among="proven", by="complaint_type")).title
    assert title.startswith("Driving: 60 of 300, in 15 of 255 investigations, v 20 of 300 for use of force: ")


def test_of_first_types_these_data_cannot_rank(ours):
    """5 of 16 against 4 of 83: p 0.012 by permutation of cases, one of 11 comparisons."""
    assert ours.title == (
        "These data cannot rank the groups against use of force as first type (4 of 83, in 4 of 64 investigations)"
    )
    assert ours.caption.startswith(ours.title + "; ") and "first complaint type only" in ours.subtitle
    for size in SIZES:
        page = ours.page(size)
        shown = " ".join(text.get_text() for text in page.figure.texts)
        assert "first complaint type only" in shown.replace("\n", " ")
        rows = [text.get_text() for text in page.figure.axes[0].texts]
        assert "4 of 83, ratio 1" in rows and "5 of 16, ratio 6.48 (1.00 to 35.4)" in rows
    row = ours.data.set_index("label").loc["Sexual misconduct"]
    assert row["p_value"] == pytest.approx(0.0124, abs=0.002) and row["low"] == 1  # not rejected, so not left out
    assert row["high"] > 20.8  # the end of an interval for one comparison


def test_the_reference_is_drawn_and_small_groups_are_last_and_in_counts(ours):
    assert ours.data["label"].iloc[0] == "Use of force (reference)"
    assert ours.data["reliability"].iloc[1:].is_monotonic_increasing
    assert "\nMisuse of information: 1 of 4 [u].\n" in ours.alt_text and "5.19" not in ours.alt_text
    assert re.search(r"Orders and procedure: 1 of 8, in 1 of 7 investigations; ratio 2.59 \[u\]", ours.alt_text)
    dots = [line for line in ours.figure.axes[0].get_lines() if line.get_marker() == "o"]
    seen = ours.data[ours.data["denominator"] >= 5]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(seen["ratio"].tolist())
    assert "hold for all 11 comparisons together in 95%" in ours.notes[0]


def test_a_group_without_a_dismissal_is_told_with_its_upper_limit(ours):
    [note] = [note for note in ours.notes if note.startswith("Not drawn")]
    assert re.search(r"Care in custody \(0 of 91: 0 to [1-3]\.\d\d times as often\)", note)


def test_without_a_clear_difference_the_title_says_what_the_data_cannot_tell():
    chart = draw(by_type({"use_of_force": (4, 30), "driving": (5, 30), "custody_care": (3, 1)}))
    assert chart.title == "These data cannot rank the groups against use of force (4 of 34)"
    first = draw(by_type({"use_of_force": (4, 30), "driving": (5, 30)}, primary_only=True))
    assert first.title == "These data cannot rank the groups against use of force as first type (4 of 34)"


def test_a_small_group_is_never_in_the_title():
    chart = draw(by_type({"use_of_force": (2, 98), "driving": (9, 0), "custody_care": (3, 97)}))
    assert chart.title == "These data cannot rank the groups against use of force (2 of 100)"


def test_a_clear_group_without_a_dismissal_is_in_the_title():
    chart = draw(by_type({"use_of_force": (60, 40), "driving": (0, 100), "custody_care": (55, 45)}))
    assert chart.title.startswith("Driving: 0 of 100 v 60 of 100 for use of force: 0 to 0.0")


def test_no_chart_compares_ranks(data):
    """The rank is not stated for most officers."""
    assert not [entry.name for entry in EXHIBITS if "rank" in entry.name or entry.by == "rank"]
    cells = json.loads((ROOT / "notebooks" / "07_who_is_dismissed.ipynb").read_text(encoding="utf-8"))["cells"]
    about = ["".join(cell["source"]) for cell in cells if 'by="rank"' in "".join(cell["source"])]
    assert len(about) == 1 and "No comparison of ranks is made" in about[0] and "chart" not in about[0]


def test_what_is_not_stated_is_named_and_not_compared():
    subjects, allegations = people(["D"] * 30 + ["n"] * 70).values()
    ranks = ["constable", "sergeant", "unknown"]
    subjects["rank"] = pd.Series(np.resize(ranks, len(subjects)), dtype="str")
    chart = draw_ratios(
        dismissal_rates(of(subjects, allegations), among="proven", by="rank"), "constable", "constables", "x"
    )
    assert "Not stated" not in set(chart.data["label"]) and "Not stated" not in chart.title
    assert "Not compared, because the source does not state the group: Not stated (10 of 33)." in chart.notes


def test_a_reference_or_groups_of_fewer_than_five_cannot_be_drawn():
    for groups in ({"use_of_force": (1, 3), "driving": (5, 5)}, {"use_of_force": (5, 5), "driving": (1, 3)}):
        with pytest.raises(MisconductError, match="fewer than 5 people"):
            draw(by_type(groups))
