"""The records of New Orleans beside those of Chicago: their traps, and every count made again without this project."""

import csv
import re
from collections import Counter

import nbformat
import pandas as pd
import pytest
from fetched import there

from analysis import vocabulary
from analysis.build import fetched_counts as aggregates
from analysis.charts.catalogue import exhibit, new_orleans_table
from analysis.checking.validation import validate_frame
from analysis.counting.completeness import COMPLETE, FEW_ON_RECORD, UNFINISHED, completeness
from analysis.counting.rate_words import count_words
from analysis.dataset import tidy
from analysis.errors import DataError, MisconductError
from analysis.paths import ROOT
from analysis.provenance.sources import load_source
from analysis.publishing import cities
from analysis.publishing.wording import column_entries
from analysis.reading import new_orleans_actions as orleans

HEADING = '"","Action.taken.OIPM","Action.taken.year","Allegation.short","Allegation.primary.key"'
NO_KEY = orleans.NO_ALLEGATION
FEW = 50  # actions of a rule that is an other one (data/vocabulary/new_orleans.yml)
NOTHING_KNOWN = {"Illegitimate outcome", "Unknown action taken", "Pending Investigation"}


def read(folder, *rows):
    """Rows in the publisher's form (action, year, rule, key), as they are read."""
    lines = (f'"{n}","{action}",{year},"{rule}","{key}"' for n, (action, year, rule, key) in enumerate(rows, 1))
    (folder / "actions.csv").write_text("\n".join([HEADING, *lines]) + "\n", encoding="utf-8")
    return orleans.read_actions(folder / "actions.csv")


def test_none_is_no_action_and_na_is_no_year(tmp_path):
    found = read(
        tmp_path, ("None", "NA", "COURTESY", "a"), ("None", 2014, "", "b"), ("Dismissed", 2014, "COURTESY", "c")
    )
    assert found["sanction_source"].tolist() == ["None", "None", "Dismissed"]
    assert found["sanction"].tolist() == ["no_action", "no_action", "dismissed"]
    assert found["year"].tolist() == [pd.NA, 2014, 2014] and found["year_source"].tolist()[0] == "NA"
    assert found["allegation_rule"].tolist() == ["courtesy", "not_stated", "courtesy"]
    rates = aggregates.new_orleans_rates(found).set_index(["among", "allegation_rule"])
    counts = rates[["numerator", "denominator", "unknown_outcomes"]].apply(tuple, axis=1)
    assert counts["of_a_stated_rule", "(all)"] == (1, 2, 0) and counts["all_actions", "(all)"] == (1, 3, 0)


@pytest.mark.parametrize("year", [1931, 2028, 2047])
def test_an_impossible_year_is_missing_and_its_action_counts(year, tmp_path):
    found = read(tmp_path, ("Dismissed", year, "COURTESY", "a"), ("None", 2014, "COURTESY", "b"))
    assert found["year"].tolist() == [pd.NA, 2014] and found["year_source"].tolist() == [str(year), "2014"]
    years = aggregates.new_orleans_years(found).set_index("year_source")
    assert years.loc[str(year), "n_dismissed"] == 1 and pd.isna(years.loc[str(year), "year"])


def test_actions_that_share_the_key_of_no_allegation_are_not_one_case(tmp_path):
    """10,773 actions of one key would otherwise be one case, one decision."""
    rows = (
        [("Dismissed", 2012, "", NO_KEY)] * 3 + [("None", 2012, "", NO_KEY)] * 9 + [("None", 2012, "COURTESY", "a")] * 2
    )
    found = read(tmp_path, *rows)
    assert found["case_id"].nunique() == 13
    row = aggregates.new_orleans_rates(found).set_index(["among", "allegation_rule"]).loc[("all_actions", "not_stated")]
    assert (row["n_cases"], row["n_cases_counted"], row["denominator"]) == (12, 3, 12)


@pytest.mark.parametrize(
    "label", ["Complaint dismissed", "Dismissed (complaint)", "DISMISSED", "Not dismissed", "", "NA"]
)
def test_a_label_that_nobody_knows_is_an_error(label, tmp_path):
    """That a complaint is dismissed is no dismissal of an officer, and no spelling is guessed at."""
    with pytest.raises(MisconductError, match=rf"sanction has labels .* {re.escape(repr(label))}"):
        read(tmp_path, (label, 2014, "COURTESY", "a"))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("None", 2014, "RUDENESS", "a")], "allegation_rule has labels .* 'RUDENESS'"),
        ([("None", 2014, "", "a"), ("None", "soon", "", "b")], "row 3, column Action.taken.year: 'soon' is no year"),
        ([("None", "", "", "a")], "row 2, column Action.taken.year: '' is no year"),
        ([("None", 2014, "COURTESY", "a"), ("None", 2014, "DISCRIMINATION", "a")], "row 3, .* 'a' has another rule"),
        (
            [("None", 2014, "", NO_KEY), ("None", 2014, "COURTESY", NO_KEY)],
            "row 3, column Allegation.short",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_row(rows, said, tmp_path):
    with pytest.raises(MisconductError, match=said):
        read(tmp_path, *rows)


def test_an_allegation_in_two_spellings_of_one_rule_is_one(tmp_path):
    rows = (("None", 2014, "Professionalism", "a"), ("Suspension", 2015, "PROFESSIONALISM", "a"))
    assert read(tmp_path, *rows)["case_id"].tolist() == ["a", "a"]


def test_dismissed_alone_is_a_dismissal():
    known = vocabulary.crosswalk(orleans.SOURCE)["sanction"]
    out = vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been")
    assert {label for label, code in known.items() if code in out} == {"Dismissed"}
    assert {label for label, code in known.items() if code == "not_stated"} == NOTHING_KNOWN


def test_a_rule_of_few_actions_is_an_other_one(data):
    """What data/vocabulary/new_orleans.yml says; the spellings of one rule are together."""
    outcomes = data["new_orleans_outcomes"]
    n = outcomes.groupby("allegation_rule")["n"].sum()
    assert n.drop(["other_rule", "not_stated"]).min() >= FEW
    others = outcomes[outcomes["allegation_rule"] == "other_rule"]
    assert others.groupby(others["allegation_source"].str.strip(" -").str.upper())["n"].sum().max() < FEW


@pytest.fixture(scope="module")
def plain():
    """Every row of the file with the csv module alone, by the publisher's headings."""
    [file] = there(orleans.SOURCE, orleans.FILE)
    with file.open(encoding="utf-8", newline="") as lines:
        return [*csv.DictReader(lines)]


def test_the_reference_counts_straight_from_the_file(plain, data):
    """121 of 9,894 actions that have a rule and a known outcome are a dismissal, 258 of 22,631 in all."""
    known = [row for row in plain if row["Action.taken.OIPM"] not in NOTHING_KNOWN]
    ruled = [row for row in known if row["Allegation.short"]]
    everybody = {"all_actions": plain, "of_a_stated_rule": ruled}
    out = {name: sum(r["Action.taken.OIPM"] == "Dismissed" for r in rows) for name, rows in everybody.items()}
    assert (out["of_a_stated_rule"], len(ruled), out["all_actions"], len(plain)) == (121, 9_894, 258, 22_631)
    for among, rows in (("all_actions", known), ("of_a_stated_rule", ruled)):
        total = new_orleans_table(data, among).total
        assert (total["numerator"], total["denominator"]) == (out[among], len(rows))
        assert total["unknown_outcomes"] == sum(
            row["Action.taken.OIPM"] in NOTHING_KNOWN and (among == "all_actions" or row["Allegation.short"] != "")
            for row in plain
        )


def test_every_year_and_label_straight_from_the_file(plain, data):
    years, outcomes = data["new_orleans_years"], data["new_orleans_outcomes"]
    assert dict(zip(years["year_source"], years["n"], strict=True)) == Counter(r["Action.taken.year"] for r in plain)
    out = Counter(row["Action.taken.year"] for row in plain if row["Action.taken.OIPM"] == "Dismissed")
    assert dict(zip(years["year_source"], years["n_dismissed"], strict=True)) == {
        y: out[y] for y in years["year_source"]
    }
    pairs = zip(outcomes["sanction_source"], outcomes["allegation_source"], outcomes["n"], strict=True)
    assert {(action, rule): n for action, rule, n in pairs} == Counter(
        (row["Action.taken.OIPM"], row["Allegation.short"]) for row in plain
    )
    known = vocabulary.crosswalk(orleans.SOURCE)
    assert {*known["sanction"]} == {*outcomes["sanction_source"]}  # none that the file does not have
    assert {*known["allegation_rule"]} == {*outcomes["allegation_source"]}


def test_the_committed_counts_of_new_orleans_are_those_of_the_file(data):
    [file] = there(orleans.SOURCE, orleans.FILE)
    actions = orleans.read_actions(file)
    for table, count in aggregates.FETCHED[orleans.SOURCE].tables.items():
        stored, found = data[table], tidy(count(actions))
        pd.testing.assert_frame_equal(found[stored.columns], stored, check_dtype=False, atol=5e-7, rtol=0)


def test_the_limits_that_the_source_admits_are_those_of_the_file(plain):
    limits = " ".join(load_source(orleans.SOURCE).known_limits)
    actions, years, keys = (
        Counter(row[column] for row in plain)
        for column in ("Action.taken.OIPM", "Action.taken.year", "Allegation.primary.key")
    )
    no_rule = sum(not row["Allegation.short"] for row in plain)
    assert f"Of {len(plain):,} actions, {no_rule:,} have no rule; {keys[NO_KEY]:,} of them share one key" in limits
    assert not any(row["Allegation.short"] for row in plain if row["Allegation.primary.key"] == NO_KEY)
    assert f"recorded as none ({actions['None']:,} actions)" in limits
    for kind, said in (("Illegitimate outcome", "{} actions"), ("Unknown action taken", "unknown actions ({})")):
        assert said.format(f"{actions[kind]:,}") in limits
    assert f"pending investigations ({actions['Pending Investigation']:,})" in limits
    impossible = sorted(y for y in years if y != "NA" and not orleans.FIRST_YEAR <= int(y) <= orleans.LAST_YEAR)
    said = (
        f"missing in {years['NA']:,} actions, and in {sum(years[y] for y in impossible)} more it is 1931, 2028 or 2047"
    )
    assert said in limits
    assert impossible == ["1931", "2028", "2047"]


def test_no_year_is_complete_by_the_rule_of_chicago(data):
    years = data["new_orleans_years"]
    found = completeness(years.dropna(subset="year")).set_axis(years.dropna(subset="year")["year"])
    assert COMPLETE not in set(found) and (found[2010], found[2011]) == (FEW_ON_RECORD, UNFINISHED)
    [gap] = [note for note in new_orleans_table(data).notes if note.startswith("By the rule")]
    assert (
        "no year is complete: up to 2010 few are on record and of 2011 the outcome of 482 of 1,432 is not known" in gap
    )
    assert "7,115 of 22,631 actions have no year" in gap
    shown = cities.years_table(years).set_index("year of the action")
    assert shown.loc[["1931", "2047", "NA"], "on record"].unique().tolist() == ["no year of an action"]
    assert shown.index[-1] == "NA" and shown["actions"].sum() == years["n"].sum()


def test_a_part_that_is_larger_than_its_year_is_named(data):
    years = data["new_orleans_years"]
    with pytest.raises(DataError, match="no part of a year's actions can be larger than its whole"):
        validate_frame(years.assign(n_ruled=years["n"] + 1), "new_orleans_years", "new_orleans_years")


def test_the_chart_counts_actions_and_nobody(data):
    chart, table = exhibit("new_orleans_dismissal_rates").draw(data), new_orleans_table(data)
    assert chart.title == f"{count_words(table.total, 'allegations', table.whom)}, ended in dismissal".replace(
        ",,", ","
    )
    words = " ".join([chart.title, chart.subtitle, chart.alt_text, chart.definition, chart.caption])
    assert not re.search(r"people|\bperson\b|were dismissed|[Ee]very(body|one)|accusation|IOPC|investigations", words)
    assert "intervals too narrow" in chart.source_line and "not numbers of officers" in " ".join(chart.notes)
    assert not re.search("Chicago", chart.title + chart.subtitle)
    entries = column_entries(chart.data.drop(columns="label"))
    assert entries["denominator"]["label"] == "out of actions" and entries["n_cases"]["label"] == "allegations"
    assert not any("ccusation" in entry["definition"] for entry in entries.values())


def test_the_two_cities_are_never_on_one_axis_or_in_one_order(data):
    notebook = nbformat.read(ROOT / "notebooks/16_other_cities.ipynb", as_version=4)
    text = " ".join(cell.source for cell in notebook.cells)
    assert not re.search(r"more often|less often|higher|lower than|times as|rank|league|worse|better", text)
    assert "cannot be compared" in text
    table = cities.apart_table(data)
    assert [*table] == ["", "Chicago", "New Orleans"] and len(table) >= 8
    shares = [cell for cell in table.to_numpy().ravel() if "%" in cell]
    assert all(re.fullmatch(r"[\d,]+ of [\d,]+ \([\d.]+%\)", cell) for cell in shares) and len(shares) == 2  # not known
    for name in ("chicago_dismissal_rates", "new_orleans_dismissal_rates"):
        drawn = exhibit(name).draw(data)
        assert len(drawn.sources) == 1
