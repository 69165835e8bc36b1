"""Permutation of cases: p values beside slow independent ones, and what a permutation leaves as it is."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analysis.counting.permutation import Outcomes, holm, p_against_rest, p_values
from analysis.counting.rates import dismissal_rates

# Independently, with the standard library alone: 100,000 permutations among people with a case to answer.
REFERENCE = {"honesty_integrity": (0.00007, 0.001), "information_misuse": (0.00012, 0.001)}
REFERENCE |= {"sexual_misconduct": (0.00126, 0.014), "failure_to_respond": (None, 0.080)}


def outcomes(cases: list[list[tuple[int, str]]], groups: str) -> Outcomes:
    """From cases as lists of (is dismissed, the letters of the person's groups)."""
    people = [(number, *person) for number, case in enumerate(cases) for person in case]
    memberships = [(p, groups.index(letter)) for p, (_, _, letters) in enumerate(people) for letter in letters]
    person, group = (np.array(column, dtype=np.int64) for column in zip(*memberships, strict=True))
    case, dismissed = np.array([c for c, _, _ in people]), np.array([bool(d) for _, d, _ in people])
    return Outcomes(case, dismissed, person, group, len(groups))


SMALL_EXAMPLE = [
    [(1, "a"), (1, "ab")],
    [(0, "b"), (0, "b")],
    [(1, "a"), (0, "b")],
    [(1, "a")],
    [(0, "b")],
    [(0, "bc")],
    [(0, "b")],
]


def every_permutation(cases):
    """All ways in which outcomes can fall: whole cases to cases of as many people, and to any people in them."""
    sizes = sorted({len(case) for case in cases})
    places = [[i for i, case in enumerate(cases) if len(case) == size] for size in sizes]
    for orders in product(*(permutations(place) for place in places)):
        given_by = {
            to: source
            for place, order in zip(places, orders, strict=True)
            for to, source in zip(place, order, strict=True)
        }
        given = [[d for d, _ in cases[given_by[i]]] for i in range(len(cases))]
        for inside in product(*(permutations(one) for one in given)):
            yield [
                [(d, letters) for d, (_, letters) in zip(ds, case, strict=True)]
                for ds, case in zip(inside, cases, strict=True)
            ]


def away(cases, group, other=None):
    """How far the share of a group is from that of the people of another, or of all who are not in it."""
    people = [person for case in cases for person in case]
    mine = [d for d, letters in people if group in letters]
    rest = [d for d, letters in people if (other in letters if other else group not in letters)]
    return abs(sum(mine) / len(mine) - sum(rest) / len(rest))


def exact(cases, *groups):
    drawn = [away(one, *groups) for one in every_permutation(cases)]
    return np.mean(np.array(drawn) >= away(cases, *groups) - 1e-9)


def test_p_against_rest_is_that_of_every_permutation():
    found = p_against_rest(outcomes(SMALL_EXAMPLE, "abc"))
    assert found == pytest.approx([exact(SMALL_EXAMPLE, group) for group in "abc"], abs=0.012)  # 3.3 standard errors


def test_p_of_two_groups_is_that_of_every_permutation_of_their_people():
    """Those of neither group change nothing; who is in both counts in both."""
    others = [[(1, "c")], [(1, "c"), (0, "c")], [(0, "c")]]
    both = outcomes(SMALL_EXAMPLE + others, "abc").among(0, 1)
    weights = np.array([[1.0], [-1.0]]) / both.people[:, np.newaxis]
    assert p_values([(both, weights)]) == pytest.approx(exact(SMALL_EXAMPLE, "a", "b"), abs=0.012)
    turned = outcomes(SMALL_EXAMPLE + others, "abc").among(1, 0)
    assert (turned.people == both.people[::-1]).all() and (turned.counted == both.counted[::-1]).all()


def test_the_first_chart_has_the_p_values_of_the_reference(data):
    table = dismissal_rates(data, among="case_to_answer", by="complaint_type")
    verdicts = table.verdicts.set_index("complaint_type")
    for kind, (p, adjusted) in REFERENCE.items():
        if p is not None:
            error = 4 * np.sqrt(p / 100_000) + 4 * np.sqrt(p / 20_000)  # of theirs, and of ours
            assert verdicts["p_value"][kind] == pytest.approx(p, abs=error)
        assert verdicts["p_holm"][kind] == pytest.approx(adjusted, abs=0.012)
    told = verdicts[verdicts["verdict"] != "cannot tell"]
    assert set(told.index) == {"honesty_integrity", "information_misuse", "sexual_misconduct"}
    assert set(told["verdict"]) == {"higher"}


def test_holm_is_statsmodels():
    random = np.random.default_rng(1)
    for size in (1, 2, 5, 13):
        p = random.random(size).round(1) / size  # with ties
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_what_stands_beside_counts_in_the_adjustment():
    """Permutations go on for as long as a p value is close to the level that is left for it."""
    found = outcomes(SMALL_EXAMPLE, "abc")
    alone = p_values([(found, np.eye(3)[:, :1])])
    assert p_values([(found, np.eye(3)[:, :1])], [0.9] * 10) == pytest.approx(alone, abs=0.012)


cases_of_people = st.lists(st.lists(st.booleans(), min_size=1, max_size=5), min_size=1, max_size=12)


@given(cases_of_people)
def test_a_permutation_keeps_the_totals_of_each_size_of_case(cases):
    """Groups made of cases of 1, 2, ... people: however outcomes are exchanged, none leaves its size."""
    people = pd.DataFrame([(c, d, len(case)) for c, case in enumerate(cases) for d in case], columns=["c", "d", "size"])
    number = np.arange(len(people))
    found = Outcomes(people["c"].to_numpy(), people["d"].to_numpy(), number, people["size"].to_numpy() - 1, 5)
    drawn = found.permuted(20, np.random.default_rng(1))
    assert (drawn == found.counted).all()
    assert (found.counted == [people.loc[people["size"] == n, "d"].sum() for n in range(1, 6)]).all()


def test_a_permutation_moves_outcomes_among_people():
    """Of two cases of two people, one of which was dismissed, each person is as often dismissed."""
    cases = [[(1, "a"), (0, "b")], [(0, "c"), (0, "d")]]
    drawn = outcomes(cases, "abcd").permuted(40_000, np.random.default_rng(1))
    assert (drawn.sum(axis=1) == 1).all()
    assert drawn.mean(axis=0) == pytest.approx([0.25] * 4, abs=0.01)
