"""What may be said of groups beside each other: which have a higher or lower share than everybody else.

Only what a permutation of cases tells apart is said; everything else is counts. Every title asks here.
"""

from __future__ import annotations

from math import isnan, nan

from analysis import vocabulary
from analysis.counting.permutation import LEVEL, p_of_spread
from analysis.counting.rate_table import HIGHER, LOWER, RateTable
from analysis.counting.rate_words import case_words, count_words, group_label, p_words

RANKLESS = "these data cannot rank the groups"


def told_apart(table: RateTable) -> dict[str, list[str]]:
    """The groups of a one-column RateTable that are higher, and lower, than everybody else: verdict -> codes.

    Groups marked [u] are tested with the others, and never named. In the order of the table, which is no ranking.
    """
    column = table.by[0]
    verdicts = table.verdicts.merge(table.groups[[column, "reliability"]], on=column)
    verdicts = verdicts[verdicts["reliability"] == "ok"]
    return {way: [*verdicts.loc[verdicts["verdict"] == way, column]] for way in (HIGHER, LOWER)}


def apart_words(table: RateTable) -> str:
    """Which groups are told apart from everybody else, as a clause; "" where there are not two to be compared."""
    if len(table.verdicts) < 2 or table.total["reliability"] != "ok":
        return ""
    column, before = table.by[0], "where the" if table.by[0] == "force_view" else "for"  # higher where the force agreed
    said = [f"{way} {before} {_listed(column, codes)}" for way, codes in told_apart(table).items() if codes]
    others = "everybody else" if table.counted == "people" else "all others"
    return f"the share is {' and '.join(said)} than for {others}" if said else RANKLESS


def spread_words(table: RateTable) -> str:
    """Whether the groups of a RateTable differ at all, in one test of all of them, with the count of everybody."""
    total = table.known_total
    p = p_of_spread(table.outcomes()) if table.outcomes is not None else nan
    told = "The groups differ" if p < LEVEL else "These data cannot tell whether the groups differ"
    told += "" if isnan(p) else f" ({p_words(p)})"
    counts = count_words(total, table.cases, table.among_label)
    comma = "," if case_words(total, table.cases) else ""
    ended = f"were {table.share_label}" if table.counted == "people" else table.share_label.removeprefix("that ")
    return f"{counts}{comma} {ended}. {told}."


def test_notes(table: RateTable) -> tuple[str, ...]:
    """How the groups of a title were told apart, as notes of a chart; none where nothing was tested."""
    tested = len(table.verdicts)
    if not apart_words(table):
        return ()
    return (
        f"Higher or lower: by permutation of the outcomes of {table.cases}, p under {LEVEL} after Holm's adjustment "
        f"for {tested} groups.",
    )


def _listed(column: str, codes: list[str]) -> str:
    """Labels inside a sentence: A, B and C. Names of forces keep their capital."""
    labels = [group_label(column, code) for code in codes]
    if column in vocabulary.vocabularies() and column != "force":
        labels = [label[:1].lower() + label[1:] for label in labels]
    return " and ".join(filter(None, (", ".join(labels[:-1]), labels[-1])))
