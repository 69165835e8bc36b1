"""Choosing people: the same from the library and the command line, and as plain pandas finds them in the columns."""

import json
import re

import hypothesis.strategies as st
import pandas as pd
import pytest
from commands import misconduct
from hypothesis import given, settings
from people import of, people

from analysis import vocabulary
from analysis.counting.adjusted import odds_ratios
from analysis.counting.attrition import attrition
from analysis.counting.comparisons import risk_ratios
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import Condition, between, conditions, excluding, parse_conditions, select
from analysis.csv_files import read_csv_text
from analysis.dataset import load
from analysis.errors import MisconductError
from analysis.paths import PROCESSED

DATA = load()  # for hypothesis, which takes no fixture of a session
RAW = {table: read_csv_text(PROCESSED / f"{table}.csv") for table in ("subjects", "allegations")}
EVERYBODY = set(RAW["subjects"]["subject_id"])
NONE = "(not stated)"


def having(column: str, values) -> set[str]:
    """Who has one of these values in the columns of the CSV files, which are text."""
    wanted = {"" if value == NONE else str(value) for value in values}
    if column == "complaint_type":
        rows = RAW["allegations"]
        return set(rows.loc[rows["complaint_type"].isin(wanted), "subject_id"])
    parts = RAW["subjects"][column].str.split("; ") if column == "force" else RAW["subjects"][column].map(lambda v: [v])
    return set(RAW["subjects"].loc[parts.map(lambda found: bool(wanted & {*found})), "subject_id"])


def stated(column: str) -> set[str]:
    return EVERYBODY - having(column, [NONE])


YEARS = [str(year) for year in range(2015, 2020)]
CHOICES = [  # where of the library, --where of the command line, who that is
    ({"force": "Kent Police"}, ["force=Kent Police"], lambda: having("force", ["Kent Police"])),
    (
        {"force": ["Kent Police", "Sussex Police"]},
        ["force=Kent Police,Sussex Police"],
        lambda: having("force", ["Kent Police", "Sussex Police"]),
    ),
    ({"year": 2015}, ["year=2015"], lambda: having("year", [2015])),
    ({"year": "2015"}, ["year = 2015"], lambda: having("year", [2015])),
    ({"year": between(2015, 2019)}, ["year>=2015", "year<=2019"], lambda: having("year", YEARS)),
    ({"year": between(2015, 2019)}, ["year>2014", "year<2020"], lambda: having("year", YEARS)),
    ({"year": between(high=2019)}, ["year<=2019"], lambda: having("year", range(1900, 2020))),
    ({"year": range(2015, 2020)}, ["year=2015,2016,2017,2018,2019"], lambda: having("year", YEARS)),
    (
        {"complaint_type": excluding("driving")},
        ["complaint_type!=driving"],
        lambda: stated("complaint_type") - having("complaint_type", ["driving"]),
    ),
    (
        {"complaint_type": excluding("driving", "custody_care"), "year": between(2016), "person_type": "officer"},
        ["complaint_type!=driving,custody_care", "year>=2016", "person_type=officer"],
        lambda: (
            (stated("complaint_type") - having("complaint_type", ["driving", "custody_care"]))
            & having("year", range(2016, 2100))
            & having("person_type", ["officer"])
        ),
    ),
    (
        {"discrimination_ground": NONE},
        [f"discrimination_ground={NONE}"],
        lambda: having("discrimination_ground", [NONE]),
    ),
]


@pytest.mark.parametrize(("where", "typed", "who"), CHOICES, ids=[" ".join(typed) for _, typed, _ in CHOICES])
def test_library_and_command_line_choose_the_people_that_the_columns_give(data, where, typed, who):
    assert set(select(data, where)["subject_id"]) == who() and who()
    assert parse_conditions(typed) == conditions(where, data.subjects)
    total = dismissal_rates(data, among="all_subjects", where=where).total
    assert total["denominator"] + total["unknown_outcomes"] == len(who())
    options = [part for text in typed for part in ("--where", text)]
    rates = json.loads(misconduct("rates", "--among", "all_subjects", *options, "--format", "json").stdout)
    assert rates["rows"][0]["denominator"] == total["denominator"]
    assert rates["definition"] == dismissal_rates(data, among="all_subjects", where=where).definition


GROUPS = [group for group in vocabulary.GROUPS if group not in ("complaint_category", "allegation_rule")]


@settings(max_examples=60)
@given(st.sampled_from(GROUPS).flatmap(lambda group: st.tuples(st.just(group), st.integers(0, 10_000))))
def test_a_value_its_negation_and_no_value_are_everybody(drawn):
    """n(=X) + n(!=X) + n(no value) is everybody, whatever X; somebody of several types or forces is in one of them."""
    group, number = drawn
    there = sorted({*RAW["allegations" if group == "complaint_type" else "subjects"][group]} - {""})
    values = sorted({part for text in there for part in (text.split("; ") if group == "force" else [text])})
    value = values[number % len(values)]
    chosen = [set(select(DATA, {group: wanted})["subject_id"]) for wanted in (value, excluding(value), NONE)]
    assert set.union(*chosen) == EVERYBODY and sum(map(len, chosen)) == len(EVERYBODY)
    assert chosen[0] == having(group, [value])


def test_a_force_whose_name_has_commas_is_one():
    [name] = [code for code in vocabulary.codes("force") if "," in code][:1]
    assert parse_conditions([f"force={name}"])["force"].kept == (name,)
    assert parse_conditions([f"force=Kent Police, {name},Sussex Police"])["force"].kept == (
        *("Kent Police", name, "Sussex Police"),
    )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (
            {"force": ["Kent Police", "Sussex Polise"]},
            "'Sussex Polise' is not a known force. Did you mean 'Sussex Police'",
        ),
        ({"complaint_type": excluding("drivin")}, "'drivin' is not a known complaint type. Did you mean 'driving'"),
        ({"force": "mps"}, "'mps' is not a known force. Did you mean 'Metropolitan Police Service'?"),
        (
            {"force": excluding("London")},
            "Did you mean 'City of London Police' or 'Metropolitan Police Service'?",
        ),
        ({"complaint_type": "racism"}, "Did you mean 'discriminatory_behaviour'?"),
        ({"complaint_type": "brutal"}, "'brutal' is not a known complaint type. Known:"),
        ({"complaint_type": "Sexual"}, "Did you mean 'sexual_misconduct'?"),
        ({"race": "x"}, "'race' is not a known group. Known:"),
        ({"yeer": 2015}, "'yeer' is not a known group. Did you mean 'year'"),
        ({"year": 1066}, "'1066' is not a known year"),
        ({"rank": between(1, 2)}, "rank is not a number, so it has no range"),
        ({"year": []}, "No value is given for year"),
        ({"year": None}, "None is no value of year"),
        ({"complaint_category": "use_of_force"}, "These data have no complaint category"),
    ],
)
def test_what_is_not_known_is_named_with_the_nearest(data, where, said):
    for ask in (lambda: select(data, where), lambda: dismissal_rates(data, among="proven", where=where)):
        with pytest.raises(MisconductError, match=re.escape(said)):
            ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda data: attrition(data, "drivin"),
        lambda data: odds_ratios(data, among="proven", reference="drivin", beside={}),
        lambda data: risk_ratios(dismissal_rates(data, among="proven", by="complaint_type"), "drivin"),
    ],
)
def test_an_unknown_complaint_type_is_called_one(data, ask):
    with pytest.raises(MisconductError, match=r"^'drivin' is not a known complaint type\. "):
        ask(data)


@pytest.mark.parametrize(("ends", "said"), [((), "a lower end, an upper end or both"), ((2019, 2015), "in order")])
def test_a_range_needs_ends_in_order(ends, said):
    with pytest.raises(MisconductError, match=said):
        between(*ends)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["force"], "--where 'force' is not a condition such as"),
        (["force="], "--where 'force=' is not a condition such as"),
        (["=Kent Police"], "--where '=Kent Police' is not a condition such as"),
        (["force==,"], "'=' is not a known force"),
        (["year>many"], "--where 'year>many': after > there must be a whole number"),
        (["year>=2015.5"], "there must be a whole number"),
        (["year>2015", "year>=2016"], "--where names year twice"),
        (["force=Kent Police", "force=Sussex Police"], "Several values: force=ONE,TWO"),
        (["year>2019", "year<2015"], "A range needs its ends in order; not 2020 to 2014"),
        (["force=,"], "No value is given for force"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(data, texts, said):
    with pytest.raises(MisconductError, match=said):
        select(data, parse_conditions(texts))


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"force": ["Kent Police", "Sussex Police"]}, "Only Kent Police or Sussex Police"),
        ({"complaint_type": excluding("driving")}, "All but people accused of driving"),
        ({"year": between(2015, 2019)}, "Only year: 2015 to 2019"),
        ({"jurisdiction": "England and Wales"}, "Only jurisdiction: England and Wales"),  # a name keeps its letters
        ({"year": between(2015)}, "Only year: 2015 or later"),
        ({"year": between(high=2015)}, "Only year: 2015 or earlier"),
        ({"year": between(2015, 2015)}, "Only year: 2015"),
    ],
)
def test_the_definition_says_what_was_kept_and_how_many_had_no_value(data, where, words):
    [column] = where
    table = dismissal_rates(data, among="all_subjects", where=where)
    missing = len(having(column, [NONE]))
    left = f"; {missing} people whose {column.replace('_', ' ')} is not stated are left out" if missing else ""
    assert f" {words}{left}." in table.definition
    assert table.missing == ({column: missing} if missing else {})
    [kept] = table.only.values()
    assert words.lower().endswith(kept.removeprefix("not ").lower())


def test_people_without_a_value_are_counted_among_those_asked_about():
    """One person of two without a force is in the denominator; the other is not."""
    made = people(["D", "n", "n"])
    subjects = made.subjects.assign(
        force=pd.Series(["", "", "Kent Police"], dtype="str"),
        finding=pd.Series(["misconduct", "not_proven", "misconduct"]),
    )
    table = dismissal_rates(of(subjects, made.allegations), among="proven", where={"force": "Kent Police"})
    assert table.total["denominator"] == 1 and table.missing == {"force": 1}
    assert "Only Kent Police; 1 person whose force is not stated is left out." in table.definition
    asked = dismissal_rates(of(subjects, made.allegations), among="proven", where={"force": NONE})
    assert asked.total["denominator"] == 1 and asked.missing == {}


def test_somebody_of_several_types_is_left_out_for_any_of_them():
    made = people(["D", "n"], [["driving", "use_of_force"], ["use_of_force"]])
    assert (
        dismissal_rates(made, among="proven", where={"complaint_type": excluding("driving")}).total["denominator"] == 1
    )
    kept = dismissal_rates(made, among="proven", where={"complaint_type": ["driving", "use_of_force"]})
    assert kept.total["denominator"] == 2  # each once


def test_conditions_are_compared_by_what_they_say():
    assert excluding("a") == Condition(left_out=("a",)) and between(1) != between(1, 2)


def test_a_group_that_is_none_is_named(data):
    with pytest.raises(MisconductError, match="'ranks' is not a known group"):
        dismissal_rates(data, among="proven", by="ranks")


def test_years_of_data_without_years_are_refused():
    subjects, allegations = people(["D"] * 3).values()
    with pytest.raises(MisconductError, match="'2016' is not a known year"):
        select(of(subjects.drop(columns="year"), allegations), {"year": 2016})
