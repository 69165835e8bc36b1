"""Every rate counted again from the committed tables with the standard library alone, by no code of ours."""

import csv
import math
from collections import defaultdict

import pytest

from analysis import vocabulary
from analysis.counting.rates import dismissal_rates
from analysis.paths import PROCESSED

HELD = {"meeting", "hearing", "accelerated_hearing"}
FOUND = {"misconduct", "gross_misconduct"}
BELONGS = {
    "case_to_answer": lambda row: row["case_to_answer"] not in ("none", "unknown"),
    "gross_misconduct_case_to_answer": lambda row: row["case_to_answer"] == "gross_misconduct",
    "proceedings": lambda row: row["proceeding"] in HELD,
    "hearings": lambda row: row["proceeding"] in HELD - {"meeting"},
    "proven": lambda row: row["finding"] in FOUND and row["finding_basis"] == "stated",
    "gross_misconduct_proven": lambda row: row["finding"] == "gross_misconduct" and row["finding_basis"] == "stated",
    "proven_or_implied": lambda row: row["finding"] in FOUND,
    "gross_misconduct_proven_or_implied": lambda row: row["finding"] == "gross_misconduct",
    "all_subjects": lambda row: True,
}
COUNTED = {
    "dismissed": {"dismissed"},
    "dismissed_or_would_have_been": {"dismissed", "would_have_been_dismissed"},
}
NEVER = {"proceeding": {"meeting", "none"}}
Z = 1.959963984540054


def rows_of(table):
    with (PROCESSED / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PEOPLE = rows_of("subjects")
TYPES = defaultdict(list)
for allegation in rows_of("allegations"):
    TYPES[allegation["subject_id"]].append(allegation["complaint_type"])


def groups_of(row, by):
    """The groups that a person is in."""
    if by == "complaint_type":
        return set(TYPES[row["subject_id"]])
    if by == "force":
        return {force or "(not stated)" for force in row["force"].split("; ")}
    return {row[by] or "(not stated)"}


def clusters(people, counted):
    """Of each case, how many people are dismissed and how many there are."""
    found = defaultdict(lambda: [0, 0])
    for row in people:
        found[row["case_id"]][0] += row["sanction"] in counted
        found[row["case_id"]][1] += 1
    return [*found.values()]


def correlation_of(people, counted):
    """The products of two people's deviations, over all pairs in one case, taken pair by pair."""
    p = sum(row["sanction"] in counted for row in people) / len(people)
    cases = defaultdict(list)
    for row in people:
        cases[row["case_id"]].append((row["sanction"] in counted) - p)
    products = [a * b for case in cases.values() for i, a in enumerate(case) for j, b in enumerate(case) if i != j]
    return min(1, max(0, sum(products) / (len(products) * p * (1 - p))))


def figures(people, counted, correlation):
    """k, n, low, high, cases, cases with somebody dismissed, design effect."""
    cases = clusters(people, counted)
    k, n, m = sum(case[0] for case in cases), len(people), len(cases)
    if not n:
        return (0, 0, math.nan, math.nan, 0, 0, 1.0)
    p = k / n
    effect = max(1.0, 1 + (sum(size**2 for _, size in cases) / n - 1) * correlation)
    if m > 1 and 0 < p < 1:
        clustered = m / (m - 1) * sum((of_case - p * size) ** 2 for of_case, size in cases) / n**2
        effect = max(effect, clustered / (p * (1 - p) / (n - 1)))
    size = n / effect
    centre, half = p + Z**2 / (2 * size), Z * math.sqrt(p * (1 - p) / size + Z**2 / (4 * size**2))
    low, high = (centre - half) / (1 + Z**2 / size), (centre + half) / (1 + Z**2 / size)
    ends = (math.nan, math.nan) if m == 1 else (0.0 if k == 0 else low, 1.0 if k == n else high)
    return (k, n, *ends, m, sum(case[0] > 0 for case in cases), effect)


@pytest.mark.parametrize("count", COUNTED)
@pytest.mark.parametrize("among", BELONGS)
@pytest.mark.parametrize("by", ["complaint_type", "force", "vawg", "person_type", "proceeding", "force_view", "year"])
def test_every_cell_is_what_another_count_gives(data, among, count, by):
    assert set(BELONGS) == set(vocabulary.codes("denominator")) and set(COUNTED) == set(vocabulary.codes("numerator"))
    chosen = [row for row in PEOPLE if BELONGS[among](row)]
    known = [row for row in chosen if row["sanction"] != "not_stated"]
    correlation = correlation_of(known, COUNTED[count])
    table = dismissal_rates(data, among=among, by=by, count=count).with_total.set_index(by)
    groups = {"(all)", *(group for row in chosen for group in groups_of(row, by))}
    assert set(table.index) == groups
    columns = ["numerator", "denominator", "low", "high", "n_cases", "n_cases_counted", "design_effect"]
    for group in groups:
        mine = [row for row in known if group == "(all)" or group in groups_of(row, by)]
        k, n, low, high, m, with_any, effect = figures(mine, COUNTED[count], correlation)
        never = n and not k and group in NEVER.get(by, ())
        ends = (math.nan, math.nan) if never else (low, high)
        wanted = (k, n, *ends, m, with_any, effect)
        assert table.loc[group, columns].astype(float).tolist() == pytest.approx(wanted, abs=1e-9, nan_ok=True), group
        mark = "z" if not n or never else "u" if n < 10 or m < 5 else "ok"
        assert table.loc[group, "reliability"] == mark, group
        unknown = sum(group == "(all)" or group in groups_of(row, by) for row in chosen) - n
        assert table.loc[group, "unknown_outcomes"] == unknown, group
