"""What is said of Chicago besides its charts (notebook 11): periods, years, outcomes, and beside England and Wales."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.charts.exhibits import CHICAGO_PERIOD, CHICAGO_WHOM, chicago_gap, chicago_table
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import count_words, group_label, percent, percent_range
from analysis.counting.rates import dismissal_rates
from analysis.dataset import Dataset

ABOUT_THE_SAME = {  # complaint type -> category of Chicago about nearly the same thing
    "use_of_force": "use_of_force",
    "domestic_abuse": "domestic",
    "conduct_and_courtesy": "verbal_abuse",
    "off_duty_conduct": "conduct_unbecoming_off_duty",
    "custody_care": "lockup_procedures",
    "driving": "traffic",
}
BY_YEAR = {  # columns of the table chicago_years and one more, as people read them
    "year": "year of the complaint",
    "n": "accusations",
    "n_unknown": "outcome not known",
    "n_dismissed": "ended in dismissal",
    "n_sustained": "sustained",
    "share": "sustained, share",
    "n_sustained_unknown": "sustained, outcome not known",
    "n_sustained_dismissed": "sustained, ended in dismissal",
}


def fine(share: float) -> str:
    """A share to two decimals: the periods differ in the second."""
    return f"{100 * share:.2f}%"


def fine_range(row: Any) -> str:
    """The 95 % interval of a rate, as finely."""
    return f"{fine(row['low'])} to {fine(row['high'])}"


def accusations_words(table: RateTable) -> str:
    """A chicago_table in sentences: its period, how many ended in dismissal, and how many are not known."""
    row, what = table.total, table.whom.removesuffix(" against officers").capitalize()
    return (
        f"{table.period}. {what} that ended in dismissal: {count_words(row, table.cases)}; {fine(row['rate'])} (95% "
        f"interval {fine_range(row)}). The outcome of {row['unknown_outcomes']:,} more is not known."
    )


def records_words(data: Dataset) -> str:
    """How many accusations and dismissals the records of all years hold, and about how many officers."""
    outcomes, officers = data["chicago_outcomes"], data["chicago_officers"].set_index("sanction")["n_officers"]
    return (
        f"Of all years there are {outcomes['n'].sum():,} accusations on record; {_dismissed(outcomes)} have "
        "separation, administrative termination or separation in another case as final outcome. They are about "
        f"{officers['dismissed']} officers, some of them in several complaints."
    )


def _dismissed(outcomes: pd.DataFrame) -> int:
    return int(outcomes.loc[outcomes["sanction"] == "dismissed", "n"].sum())


def periods_table(data: Dataset) -> pd.DataFrame:
    """One row a denominator and period: how many accusations ended in dismissal."""
    tables = [
        chicago_table(data, among, period)
        for among in reversed(CHICAGO_WHOM)
        for period in vocabulary.codes("chicago_period")
    ]
    return pd.DataFrame(
        [(t.whom, t.period, count_words(t.total, t.cases), fine(t.total["rate"]), fine_range(t.total)) for t in tables],
        columns=["out of", "period", "ended in dismissal", "share", "95% interval"],
    )


def years_words(years: pd.DataFrame) -> str:
    """Why the years before the headline period stand apart, and what other periods would give; a list in Markdown."""
    first = vocabulary.entry("chicago_period", CHICAGO_PERIOD)["first_year"]

    def part(of: int, whole: int) -> str:
        return f"{of:,} of {whole:,} ({fine(of / whole)})"

    def sustained(rows: pd.DataFrame) -> str:
        return part(rows["n_sustained"].sum(), rows["n"].sum())

    def dismissed(rows: pd.DataFrame) -> str:
        n = rows.sum()
        return part(n["n_sustained_dismissed"], n["n_sustained"] - n["n_sustained_unknown"])

    def unknown(rows: pd.DataFrame) -> str:
        return part(rows["n_unknown"].sum(), rows["n"].sum())

    year = years["year"]
    eighties, unfinished = years[year.between(1980, 1987)], years[year >= 2015]
    nineties = years[year.between(1991, 1999)]["n"]
    return (
        f"- {chicago_gap(years)}\n"
        f"- Before {first}, {sustained(years[year < first])} accusations were sustained; from {first} on, "
        f"{sustained(years[year >= first])}. The years 1980 to 1987 together hold {eighties['n'].sum():,} accusations, "
        f"{fine(eighties['n_sustained'].sum() / eighties['n'].sum())} of them sustained; each of the years 1991 to "
        f"1999 holds {nineties.min():,} to {nineties.max():,}.\n"
        f"- Without {first} too, sustained accusations that ended in dismissal are {dismissed(years[year > first])}; "
        f"from 2000 on, {dismissed(years[year >= 2000])}.\n"
        f"- Since 2015, {dismissed(unfinished)}: many cases are unfinished in these records. The outcome of "
        f"{unknown(unfinished)} accusations is not known, of the years before that of {unknown(years[year < 2015])}."
    )


def years_table(years: pd.DataFrame) -> pd.DataFrame:
    """The table chicago_years as people read it, with the share that was sustained."""
    shown = years.assign(share=(years["n_sustained"] / years["n"]).map(fine))
    return shown[[*BY_YEAR]].rename(columns=BY_YEAR)


def outcomes_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row an outcome of the table chicago_outcomes: how many spellings of it and how many accusations."""
    spelt = outcomes.assign(sanction=outcomes["sanction"].map(lambda code: vocabulary.label("sanction", code)))
    counts = spelt.groupby("sanction", observed=True, as_index=False).agg(
        spellings=("sanction_source", "nunique"), accusations=("n", "sum")
    )
    return counts.sort_values(["accusations", "sanction"], ascending=[False, True], ignore_index=True)


def unreadable_words(outcomes: pd.DataFrame) -> str:
    """How many outcomes are a number that nobody can read, and how many dismissals there would be at most."""
    numeric = outcomes[outcomes["sanction_source"].str.fullmatch(r"[0-9]+")]
    codes = numeric.groupby("sanction_source")["n"].sum().sort_values(ascending=False)
    ambiguous, dismissed = codes.get("999", 0), _dismissed(outcomes)
    listed = ", ".join(f"{code} ({n})" for code, n in codes.items())
    return (
        f"There are {codes.sum()} such rows: {listed}. Were all {ambiguous} rows of the ambiguous one separations, the "
        f"dismissals would be {dismissed + ambiguous}, not {dismissed}."
    )


def differences_table(data: Dataset) -> pd.DataFrame:
    """What differs between people found against in England and Wales and sustained accusations in Chicago."""
    chicago = chicago_table(data, "proven")
    here, there = dismissal_rates(data, among="proven", count="dismissed").total, chicago.total
    outcomes = data["chicago_outcomes"]
    resigned = outcomes.loc[outcomes["sanction"] == "resigned_before_sanction", "n"].sum()
    return pd.DataFrame(
        [
            ("What is in the data", "published investigations of the IOPC", chicago.period),
            ("One row", "one person in one investigation", "one officer in one complaint"),
            (
                "Found to have done wrong",
                "misconduct or gross misconduct found at proceedings",
                "sustained by the investigation",
            ),
            ("Who can dismiss", "a misconduct hearing", "the police board or the department"),
            (
                "Found against, outcome known",
                f"{here['denominator']:,} people",
                f"{there['denominator']:,} accusations",
            ),
            ("Dismissed (left first not counted)", f"{here['numerator']}", f"{there['numerator']}"),
            ("Share", percent(here["rate"]), percent(there["rate"])),
            ("95% interval", *(percent_range(row["low"], row["high"]) for row in (here, there))),
            (
                "Resigned before any sanction",
                "counted apart, as would have been dismissed",
                f"{resigned:,} accusations of all years",
            ),
        ],
        columns=["", "England and Wales", "Chicago"],
    )


def side_by_side(data: Dataset) -> pd.DataFrame:
    """Complaint types of England and Wales beside the categories of Chicago that are about nearly the same."""
    here = dismissal_rates(data, among="proven", by="complaint_type", count="dismissed")
    ours, theirs = (table.groups.set_index(table.by[0]) for table in (here, chicago_table(data, "proven")))

    def counted(row: Any) -> str:
        mark = "" if row["reliability"] == "ok" else f" [{row['reliability']}]"
        share = f"{percent(row['rate'])}{mark} ({percent_range(row['low'], row['high'])})"
        return f"{row['numerator']} of {row['denominator']:,}, {share}"

    return pd.DataFrame(
        [
            (vocabulary.label("complaint_type", kind), counted(ours.loc[kind]), counted(theirs.loc[category]))
            for kind, category in ABOUT_THE_SAME.items()
            if kind in ours.index and category in theirs.index
        ],
        columns=["about", "England and Wales (95% interval)", "Chicago (95% interval)"],
    )


def categories_table(table: RateTable, smallest: int) -> pd.DataFrame:
    """The categories of a chicago_table with at least `smallest` accusations, the highest rate first."""
    rows = table.groups[table.groups["denominator"] >= smallest].sort_values("rate", ascending=False)
    return pd.DataFrame(
        [
            (
                group_label("complaint_category", row["complaint_category"]),
                f"{row['numerator']} of {row['denominator']:,}",
                percent(row["rate"]),
                percent_range(row["low"], row["high"]),
            )
            for _, row in rows.iterrows()
        ],
        columns=["category", "dismissed", "rate", "95% interval"],
    )
