"""Which published rates may stand beside each other on one axis: one way of counting, and no total beside its parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pandas as pd

from analysis import vocabulary

DISMISSED, WIDEST = "dismissed", "dismissed_or_would_have_been"
SAME_GROUP = ["source_id", "force", "period_start", "period_end", "person_type", "unit", "denominator_figure_ids"]
SAME_DISMISSALS = ["numerator_figure_ids", "complaint_type_source", "person_type"]


def counted_as(rates: pd.DataFrame, count: str = WIDEST) -> pd.DataFrame:
    """Published rates with one numerator; one rate of each group that a source gives.

    rates: rows of the table `published_rates`. count: a code of numerator_definition; with the default also those of
    sources that only count who was dismissed. Returns the rows in their order.
    """
    is_counted, groups = rates["numerator_definition"] == count, pd.MultiIndex.from_frame(rates[SAME_GROUP])
    if count == WIDEST:
        is_counted |= (rates["numerator_definition"] == DISMISSED) & ~groups.isin(groups[is_counted])
    return rates[is_counted]


def without_nested(rates: pd.DataFrame) -> pd.DataFrame:
    """Published rates of which none lies inside another: no total beside its parts.

    Of a force's years and their total, and of forces and their total, the total stays; of kinds of accusation and
    their total, the kinds; of the same dismissals out of several groups, the largest group. Of two publications that
    count the same in a longer and a shorter period that of the better quality stays. rates: rows of one numerator;
    returns the rows in their order.
    """
    largest = rates.groupby(["source_id", *SAME_DISMISSALS], dropna=False)["denominator"].idxmax()
    rates = rates[rates.index.isin(largest)]
    groups = rates.groupby(["denominator_stage", "unit"])
    dropped = {
        lost
        for _, group in groups
        for whole, part in permutations(group.itertuples(), 2)
        if (lost := _inner(whole, part)) is not None
    }
    return rates.drop(index=[*dropped])


def _inner(whole: Any, part: Any) -> object:
    """Which of two rates gives way because one is a part of the other, as its index; None where it is not."""
    if whole.source_id != part.source_id:
        same = all(getattr(whole, what) == getattr(part, what) for what in ("force", "complaint_type", "person_type"))
        if not (same and whole.complaint_type != "all" and _covers(whole, part) and not _covers(part, whole)):
            return None
        return whole.Index if whole.quality > part.quality else part.Index
    ids = [{*rate.denominator_figure_ids.split(";")} for rate in (whole, part)]
    is_area = vocabulary.entry("force", whole.force)["kind"] == "area" != vocabulary.entry("force", part.force)["kind"]
    is_kind = whole.complaint_type == "all" != part.complaint_type and whole.force == part.force
    if not (ids[0] > ids[1] or ((is_area or is_kind) and _covers(whole, part))):
        return None
    is_same_kind = whole.complaint_type_source == part.complaint_type_source and whole.person_type == part.person_type
    return part.Index if is_same_kind else whole.Index


def _covers(whole: Any, part: Any) -> bool:
    """Whether one rate's period holds the other's, both being stated."""
    stated = all([whole.period_start, whole.period_end, part.period_start, part.period_end])
    return bool(stated and whole.period_start <= part.period_start and part.period_end <= whole.period_end)


def shown_together(rates: pd.DataFrame, types: Sequence[str], step: str, count: str = WIDEST) -> pd.DataFrame:
    """The published rates of complaint types and one step (of denominator_stage) that one chart shows."""
    steps = {
        code: vocabulary.entry("denominator_stage", code)["step"] for code in vocabulary.codes("denominator_stage")
    }
    stages = [code for code, its_step in steps.items() if its_step == step]
    rows = rates[rates["complaint_type"].isin(types) & rates["denominator_stage"].isin(stages)]
    return without_nested(counted_as(rows, count))
