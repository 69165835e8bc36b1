"""Groups on numbers instead of labels, and large tables checked by their distinct rows: the same as row by row."""

from collections import Counter

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from analysis import grouping
from analysis.checking.validation import typed, validate_distinct, validate_frame
from analysis.errors import DataError
from analysis.grouping import combinations, counted, within

rows = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 3)), min_size=1, max_size=30)


@given(rows)
def test_combinations_are_those_of_groupby(values):
    frame = pd.DataFrame(values, columns=["p", "q", "r"])
    number, found = combinations(frame.astype("category"))
    expected = frame.groupby(["p", "q", "r"], sort=True)
    assert number.tolist() == expected.ngroup().tolist()
    assert [tuple(row) for row in found.astype(object).to_numpy()] == list(expected.groups)


@given(rows)
def test_combinations_of_many_categories_are_numbered_on_the_way(values):
    frame = pd.DataFrame(values, columns=["p", "q", "r"]).astype("category")
    few = combinations(frame)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "SMALL", 1)
        number, found = combinations(frame)
    assert number.tolist() == few[0].tolist() and found.equals(few[1])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=30))
def test_parts_within_groups_are_those_of_groupby(pairs):
    parts, group = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    number, of_number = within(parts, group)
    assert (of_number[number] == group).all()
    assert len({*zip(number, parts, group, strict=True)}) == len({*pairs}) == len({*number})
    for size in (6, 1000):  # by a table, and by sorting
        present, times = counted(parts, size)
        assert dict(zip(present, times, strict=True)) == dict(sorted(Counter(parts).items()))


record = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["chicago_complaints", "two words"]),
        "year": st.sampled_from([2001, 2015, 1200]),
        "finding": st.sampled_from(["misconduct", "no such finding"]),
        "finding_source": st.sampled_from(["SU", ""]),
        "sanction": st.sampled_from(["dismissed", "not_stated", "sacked"]),
        "sanction_source": st.sampled_from(["Separation", ""]),
        "complaint_category": st.sampled_from(["use_of_force", "rudeness"]),
        "is_repeated": st.booleans(),
    }
)


@settings(max_examples=25)
@given(st.lists(record, min_size=1, max_size=12))
def test_distinct_rows_give_the_verdict_of_all_rows(records):
    frame = pd.DataFrame(records)

    def problems(check, table):
        try:
            check(table, "chicago_records", "file")
        except DataError as error:
            return {(p.column, p.value, p.problem): p.row for p in reversed(error.problems)}
        return {}

    assert problems(validate_distinct, frame.astype("category")) == problems(
        validate_frame, typed(frame, "chicago_records")
    )


def test_no_rows_are_no_problem():
    frame = typed(pd.DataFrame({"source": []}), "chicago_records").astype("category")
    validate_distinct(frame, "chicago_records", "file")


def test_missing_values_are_refused_not_grouped():
    for frame in ({"p": ["a", None], "q": ["x", "y"]}, {"p": ["a", "b", "b"], "q": ["x", None, "y"]}):
        with pytest.raises(ValueError, match="has missing values"):
            combinations(pd.DataFrame(frame).astype("category"))


def test_combinations_of_columns_with_very_many_values_are_told_apart():
    """Their product is more than a number of 32 bits can say."""
    n, width = 70_000, 40_000
    codes = {"a": (np.arange(n), n), "b": (np.arange(n) % width, width)}
    rows = pd.DataFrame({name: pd.Categorical.from_codes(of, range(size)) for name, (of, size) in codes.items()})
    number, found = combinations(rows)
    assert number.tolist() == [*range(n)] and found["b"].tolist() == codes["b"][0].tolist()
