import dataclasses
import html

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from people import of, people

from analysis import vocabulary
from analysis.counting.intervals import wilson_interval
from analysis.counting.rate_words import count_words, percent, rate_in_words
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.vocabulary import GROUPS

# In expected.yml, counted from subjects.csv by others than this code, with the standard library only and by the
# definitions of the methodology: the columns below.
REFERENCE = [
    ("case_to_answer", "(all)"),
    ("case_to_answer", "sexual_misconduct"),
    ("case_to_answer", "use_of_force"),
    ("proceedings", "(all)"),
    ("proven", "(all)"),
    ("proven", "discriminatory_behaviour"),
    ("case_to_answer", "discriminatory_behaviour"),
    ("case_to_answer", "custody_care"),
    ("case_to_answer", "driving"),
    ("case_to_answer", "other"),
    ("proven_or_implied", "(all)"),
    ("gross_misconduct_proven", "(all)"),
]
COLUMNS = ["numerator", "denominator", "rate", "low", "high", "n_cases", "n_cases_counted"]
COLUMNS += ["design_effect", "unknown_outcomes"]


@pytest.mark.parametrize(("among", "group"), REFERENCE)
def test_reference_figures(data, among, group, frozen):
    table = dismissal_rates(data, among=among, by="complaint_type").with_total
    row = table.set_index("complaint_type").loc[group, COLUMNS]
    frozen(f"rate {among} {group}", row.to_dict())


def test_a_count_says_in_how_many_investigations(data, frozen):
    table = dismissal_rates(data, among="case_to_answer", by="complaint_type")
    said = {row["complaint_type"]: count_words(row) for _, row in table.groups.iterrows()}
    frozen("said of discriminatory behaviour", said["discriminatory_behaviour"])
    frozen("said of other", said["other"])  # as many people as investigations: nothing to add
    racism = table.groups[table.groups["complaint_type"] == "discriminatory_behaviour"].iloc[0]
    assert count_words(racism, "complaints", "people") == said["discriminatory_behaviour"].replace(
        ", in", " people, in"
    ).replace("investigations", "complaints")


def test_the_notes_of_the_data(subjects, frozen):
    frozen("people", len(subjects))
    frozen("investigations", subjects["case_id"].nunique())
    frozen("people by sanction", subjects["sanction"].astype(str).value_counts().to_dict())
    gross = subjects[subjects["finding"] == "gross_misconduct"]
    frozen("people for whom gross misconduct was found", len(gross))
    warned = (gross["sanction"] == "final_written_warning").sum()
    frozen("people for whom gross misconduct was found, with a final written warning", warned)


def counted(subjects: pd.DataFrame, among: str, count: str) -> tuple[int, int, int]:
    """k, n and unknown for everybody, counted from the columns directly and not through the vocabulary."""
    held = ["meeting", "hearing", "accelerated_hearing"]
    found = subjects["finding"].isin(["misconduct", "gross_misconduct"])
    gross, in_words = subjects["finding"] == "gross_misconduct", subjects["finding_basis"] == "stated"
    groups = {
        "case_to_answer": subjects["case_to_answer"] != "none",
        "gross_misconduct_case_to_answer": subjects["case_to_answer"] == "gross_misconduct",
        "proceedings": subjects["proceeding"].isin(held),
        "hearings": subjects["proceeding"].isin(held[1:]),
        "proven": found & in_words,
        "gross_misconduct_proven": gross & in_words,
        "proven_or_implied": found,
        "gross_misconduct_proven_or_implied": gross,
        "all_subjects": pd.Series(True, index=subjects.index),
    }
    group = subjects[groups[among]]
    known = group[group["sanction"] != "not_stated"]
    wanted = ["dismissed"] + (["would_have_been_dismissed"] if count == "dismissed_or_would_have_been" else [])
    return int(known["sanction"].isin(wanted).sum()), len(known), len(group) - len(known)


@pytest.mark.parametrize("among", vocabulary.codes("denominator"))
@pytest.mark.parametrize("count", vocabulary.codes("numerator"))
def test_every_numerator_and_denominator(data, subjects, among, count):
    total = dismissal_rates(data, among=among, count=count).total
    found = total["numerator"], total["denominator"], total["unknown_outcomes"]
    assert found == counted(subjects, among, count)


@pytest.mark.parametrize("by", [group for group in GROUPS if group not in ("complaint_category", "allegation_rule")])
def test_every_grouping_counts_everybody(data, subjects, by):
    table = dismissal_rates(data, among="all_subjects", by=by)
    people_in_groups = (table.groups["denominator"] + table.groups["unknown_outcomes"]).sum()
    if by in ("complaint_type", "force"):
        assert people_in_groups >= len(subjects)
    else:
        assert people_in_groups == len(subjects)
    assert table.with_total[by].iloc[0] == "(all)" and table.with_total[by].is_unique and table.data[by].is_unique


def test_a_group_that_the_data_do_not_have_is_named(data):
    with pytest.raises(MisconductError, match="no complaint category"):
        dismissal_rates(data, among="proven", by="complaint_category")


def test_a_subject_counts_under_each_of_their_types_and_once_with_primary_only():
    tables = people(["D"], [["sexual_misconduct", "use_of_force"]])
    every = dismissal_rates(tables, among="proven", by="complaint_type")
    assert every.groups["complaint_type"].tolist() == ["sexual_misconduct", "use_of_force"]
    assert every.total["denominator"] == 1
    first = dismissal_rates(tables, among="proven", by="complaint_type", primary_only=True)
    assert first.groups["complaint_type"].tolist() == ["sexual_misconduct"]


def test_a_joint_case_counts_under_each_force():
    subjects, allegations = people(["D", "n"]).values()
    subjects.loc[0, "force"] = "Essex Police; Kent Police"
    table = dismissal_rates(of(subjects, allegations), among="proven", by="force")
    assert table.groups[["force", "numerator", "denominator"]].to_numpy().tolist() == [
        ["Essex Police", 1, 1],
        ["Kent Police", 1, 2],
    ]
    essex = dismissal_rates(of(subjects, allegations), among="proven", where={"force": "Essex Police"})
    assert essex.total["denominator"] == 1


def test_where_keeps_the_correlation_of_all_where_a_part_has_no_own():
    """Two people in one case and two alone: 1 + (6 / 4 - 1) * 1, as outcomes in the one other case of two agree."""
    subjects, allegations = people(["DD", "n", "nn", "n", "n"]).values()
    part = subjects["case_id"].isin(subjects["case_id"].unique()[2:])
    subjects.loc[part, "force"] = "Essex Police"
    kept = dismissal_rates(of(subjects, allegations), among="proven", where={"force": "Essex Police"}).total
    assert (kept["numerator"], kept["denominator"]) == (0, 4) and kept["design_effect"] == pytest.approx(1.5)


def test_a_group_without_known_outcomes_has_no_rate():
    table = dismissal_rates(people(["??"]), among="proven", by="complaint_type")
    row = table.groups.iloc[0]
    assert (row["denominator"], row["unknown_outcomes"], row["reliability"]) == (0, 2, "z")
    assert pd.isna(row["rate"]) and pd.isna(row["low"])
    assert (row["rate_if_none_dismissed"], row["rate_if_all_dismissed"]) == (0, 1)


@pytest.mark.parametrize(("people_in_group", "mark"), [(9, "u"), (10, "ok")])
def test_small_denominators_are_marked(people_in_group, mark):
    assert dismissal_rates(people(["n"] * people_in_group), among="proven").total["reliability"] == mark


@pytest.mark.parametrize(
    ("cases", "words", "rate", "interval"),
    [
        ("D" * 5 + "n" * 11, "5 of 16 = 31.3%", "31.3%", "14.2% to 55.6%"),
        ("D" + "n" * 8, "1 of 9 = 11.1% [u]", "11.1% [u]", "2.0% to 43.5%"),
        ("Dnnnn", "1 of 5 = 20.0% [u]", "20.0% [u]", "3.6% to 62.4%"),
        ("DDDD", "4 of 4 [u]", "[u]", "[u]"),
        ("D", "1 of 1 [u]", "[u]", "[u]"),
        ("?" * 6, "none with a known outcome [z]", "[z]", "[z]"),
    ],
)
def test_fewer_than_five_people_are_told_in_counts(cases, words, rate, interval):
    table = dismissal_rates(people([*cases]), among="proven")
    assert rate_in_words(table.total) == words
    shown = table.readable().iloc[0]
    assert (shown["rate"], shown["95% interval"]) == (rate, interval)
    assert ("100.0% to" in shown["if unknown none / all dismissed"]) is False
    assert shown["dismissed"] == f"{table.total['numerator']} of {table.total['denominator']}"
    assert pd.isna(table.total["rate"]) == (rate == "[z]")  # the numbers themselves stay


def test_a_table_of_first_types_knows_it():
    tables = people(["D"], [["sexual_misconduct", "use_of_force"]])
    first = dismissal_rates(tables, among="proven", by="complaint_type", primary_only=True)
    assert first.primary_only and not dismissal_rates(tables, among="proven", by="complaint_type").primary_only


def test_several_groupings_at_once(data, subjects, allegations):
    table = dismissal_rates(data, among="proceedings", by=["person_type", "complaint_type"])
    row = table.groups[(table.groups["person_type"] == "staff") & (table.groups["complaint_type"] == "custody_care")]
    staff = subjects[
        (subjects["person_type"] == "staff")
        & subjects["proceeding"].isin(["meeting", "hearing", "accelerated_hearing"])
    ]
    accused = allegations.loc[allegations["complaint_type"] == "custody_care", "subject_id"]
    expected = staff[staff["subject_id"].isin(accused) & (staff["sanction"] != "not_stated")]
    assert row["denominator"].item() == len(expected) > 0


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"among": "proved"}, "Did you mean 'proven'"),
        ({"among": "proven", "by": "complaint_typ"}, "Did you mean 'complaint_type'"),
        ({"among": "proven", "count": "sacked"}, "Known: dismissed_or_would_have_been, dismissed"),
        ({"among": "proven", "where": {"force": "Metropolitan Police"}}, "Did you mean 'Metropolitan Police Service'"),
        ({"among": "proven", "where": {"year": "2099"}}, "is not a known year"),
        ({"among": "proven", "by": ["rank", "rank"]}, "named twice"),
    ],
)
def test_unknown_names_are_explained(data, question, message):
    with pytest.raises(MisconductError, match=message):
        dismissal_rates(data, **question)


def test_the_denominator_has_no_default(data):
    with pytest.raises(TypeError):
        dismissal_rates(data)


def test_a_force_without_cases_gives_no_rate_and_no_crash(data):
    assert dismissal_rates(data, among="proven", where={"force": "Police Scotland"}).total["reliability"] == "z"


def test_the_definition_names_what_and_out_of_whom(data):
    table = dismissal_rates(data, among="hearings", count="dismissed", by="complaint_type")
    assert vocabulary.entry("denominator", "hearings")["definition"] in table.definition
    assert vocabulary.entry("numerator", "dismissed")["definition"] in table.definition
    assert "do not add up" in table.definition and [source.id for source in table.sources] == ["iopc_investigations"]


# Properties that must hold for any people.
cases = st.lists(st.text("DWn?", min_size=1, max_size=4), min_size=1, max_size=8)
several = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
RATES = ["rate", "low", "high"]


def total_of(cases: list[str]) -> pd.Series:
    return dismissal_rates(people(cases), among="proven").total


@several
@given(cases)
def test_rates_and_bounds_are_ordered(cases):
    row = total_of(cases)
    assert pd.isna(row["low"]) == pd.isna(row["high"]) == (row["n_cases"] <= 1)
    if row["n_cases"] > 1:
        assert 0 <= row["low"] <= row["rate"] + 1e-12 and row["rate"] <= row["high"] + 1e-12 <= 1 + 1e-12
    if row["denominator"]:
        assert row["rate_if_none_dismissed"] <= row["rate"] <= row["rate_if_all_dismissed"]


@several
@given(cases)
def test_duplicating_every_case_keeps_the_rate_and_narrows_the_interval(cases):
    once, twice = total_of(cases), total_of(cases * 2)
    if once["denominator"] and once["n_cases"] > 1:
        assert twice["rate"] == pytest.approx(once["rate"])
        assert twice["high"] - twice["low"] < once["high"] - once["low"]


@several
@given(cases)
def test_a_subject_of_unknown_outcome_changes_only_the_bounds(cases):
    before, after = total_of(cases), total_of([*cases, "?"])
    same = ["numerator", "denominator", *RATES, "n_cases", "design_effect", "reliability"]
    assert before[same].equals(after[same])
    assert after["unknown_outcomes"] == before["unknown_outcomes"] + 1


@several
@given(st.lists(st.sampled_from("DWn?"), min_size=1, max_size=20))
def test_one_subject_a_case_is_plain_wilson(cases):
    row = total_of(cases)
    assume(row["denominator"] != 1)
    plain = wilson_interval(int(row["numerator"]), int(row["denominator"]))
    assert (row["low"], row["high"]) == pytest.approx(plain, nan_ok=True)


@several
@given(cases, st.randoms(use_true_random=False))
def test_relabelling_and_reordering_change_nothing(cases, random):
    subjects, allegations = people(cases).values()
    before = dismissal_rates(of(subjects, allegations), among="proven", by="complaint_type").data
    names = {
        case: f"x{number}"
        for number, case in enumerate(random.sample(sorted(set(subjects["case_id"])), len(set(subjects["case_id"]))))
    }
    order = random.sample(range(len(subjects)), len(subjects))
    shuffled = subjects.assign(case_id=subjects["case_id"].map(names)).iloc[order]
    after = dismissal_rates(of(shuffled, allegations.iloc[::-1]), among="proven", by="complaint_type").data
    pd.testing.assert_frame_equal(before, after)


def test_no_rate_is_ever_rounded_in_the_table(data, overall):
    row = dismissal_rates(data, among="case_to_answer").total
    assert row["rate"] == np.float64(overall[0]) / overall[1]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0.0%"),
        (1e-7, "<0.001%"),
        (0.0000099, "<0.001%"),
        (0.00001, "0.0010%"),
        (1 / 35_605, "0.0028%"),
        (0.000499, "0.050%"),
        (0.0005, "0.050%"),
        (0.000995, "0.10%"),
        (0.002706, "0.27%"),
        (0.005, "0.50%"),
        (0.00994, "0.99%"),
        (0.00995, "1.0%"),
        (0.01, "1.0%"),
        (0.0445, "4.5%"),
        (0.9994, "99.9%"),
        (2499 / 2500, ">99.9%"),
        (1, "100.0%"),
        (np.nan, "[z]"),
    ],
)
def test_only_nothing_is_nought_percent(share, words):
    assert percent(share) == words


# --- what a table is and shows ---------------------------------------------------------------------------------------


def test_groups_have_the_types_of_what_they_hold(data):
    table = dismissal_rates(data, among="all_subjects", by=["year", "finding", "force"]).data
    assert table["year"].dtype == "Int64" and table["year"].min() > 2000
    order = pd.CategoricalDtype(vocabulary.by_severity("finding"), ordered=True)
    assert table["finding"].dtype == order and table["force"].dtype == "str"
    assert (table[["numerator", "denominator", "unknown_outcomes"]].dtypes == "Int64").all()
    assert (table[["rate", "low", "high", "design_effect"]].dtypes == "float64").all()
    assert "(all)" not in set(table["force"])


def test_what_is_not_stated_is_missing_in_the_groups_and_text_in_what_is_printed():
    made = people(["D", "n"])
    years, vawg = pd.Series([2016, None], dtype="Int64"), pd.Series(["", "none"], dtype="str")
    changed = of(made.subjects.assign(year=years, vawg=vawg), made.allegations)
    table = dismissal_rates(changed, among="proven", by=["year", "vawg"])
    assert table.groups[["year", "vawg"]].to_numpy().tolist() == [["(not stated)", "none"], ["2016", "(not stated)"]]
    assert table.data["year"].tolist()[1] == 2016 and table.data["year"].isna().tolist() == [True, False]
    assert table.data["vawg"].isna().tolist() == [False, True]
    assert table.with_total["year"].tolist() == ["(all)", "(not stated)", "2016"]


def test_labels_stand_in_the_place_of_codes_where_asked(data):
    table = dismissal_rates(data, among="proven", by=["complaint_type", "finding"])
    labelled, by = table.labelled(), [*table.by]
    for column in by:
        assert labelled[column].tolist() == [vocabulary.label(column, code) for code in table.data[column]]
    assert "Use of force" in set(labelled["complaint_type"]) and [*labelled] == [*table.data]
    pd.testing.assert_frame_equal(labelled.drop(columns=by), table.data.drop(columns=by))


def test_without_a_group_the_table_is_everybody(data):
    table = dismissal_rates(data, among="proven")
    assert len(table.data) == len(table.with_total) == 1 and table.groups.empty


def test_a_table_shows_itself_with_what_it_means(data):
    where = {"force": "Metropolitan Police Service"}
    table = dismissal_rates(data, among="proven", by="complaint_type", where=where)
    for shown in (repr(table), html.unescape(table._repr_html_())):
        assert table.definition in shown and table.source_line in shown
        assert all(str(cell) in shown for cell in table.readable().to_numpy().ravel())
    assert table._repr_html_().count("<tr") == len(table.with_total) + 1
    assert table.source_line.startswith("Source: IOPC investigation summaries")


def test_what_shows_itself_holds_no_markup_of_the_data():
    made = people(["D", "n"])
    forces = pd.Series(["<img src=x onerror=alert(1)>", "Kent Police"], dtype="str")
    table = dismissal_rates(of(made.subjects.assign(force=forces), made.allegations), among="proven", by="force")
    assert "<img" not in table._repr_html_() and "&lt;img" in table._repr_html_()


def test_more_dismissed_than_people_cannot_be(data):
    table = dismissal_rates(data, among="proven")
    with pytest.raises(ValueError, match="more dismissals than people"):
        dataclasses.replace(table, with_total=table.with_total.assign(numerator=10_000))
