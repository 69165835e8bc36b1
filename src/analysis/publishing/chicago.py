"""What is said of Chicago besides its charts (notebook 11): periods, years, outcomes, and beside England and Wales."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import vocabulary
from analysis.charts.exhibits import CHICAGO_PERIOD, ENDED_SO, chicago_gap, chicago_table
from analysis.charts.rate_dots import rate_line
from analysis.counting.completeness import RULE, completeness
from analysis.counting.rate_table import ALL, RateTable
from analysis.counting.rate_words import (
    case_words,
    count_words,
    group_label,
    interval_cell,
    percent,
    rate_cell,
)
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
BY_YEAR = {  # columns of the table chicago_years and four more, as people read them
    "year": "year of the complaint",
    "on_record": "on record",
    "n": "accusations",
    "share_unknown": "outcome not known",
    "n_dismissed": "ended in dismissal",
    "n_sustained": "sustained",
    "share_sustained": "sustained, share",
    "n_sustained_dismissed": "sustained, ended in dismissal",
    "n_repeated": "in both releases, counted once",
}


def fine(share: float) -> str:
    """A share to two decimals, since the periods differ in the second; under 1 % to two significant digits."""
    return f"{100 * share:.2f}%" if share >= 0.01 else percent(share)


def fine_range(row: Any) -> str:
    """The 95 % interval of a rate, as finely."""
    return f"{fine(row['low'])} to {fine(row['high'])}"


def accusations_words(table: RateTable) -> str:
    """A table of a city in sentences: its period, how many ended in dismissal, and how many are not known."""
    row, what = table.total, table.whom.removesuffix(" against officers").capitalize()
    period = table.period or table.sources[0].coverage
    return (
        f"{period}. {what} that ended in dismissal: {count_words(row, table.cases)}; {fine(row['rate'])} (95% interval "
        f"{fine_range(row)}). The outcome of {row['unknown_outcomes']:,} more is not known."
    )


def records_words(data: Dataset) -> str:
    """How many accusations and dismissals the records of all years hold, and of how many officers."""
    outcomes, officers = data["chicago_outcomes"], data["chicago_officers"].set_index("outcome")
    ever, known = officers.loc["dismissed"], officers.loc[ALL]
    share = ever["n_sustained_officers"] / known["n_sustained_officers"]
    return (
        f"Of all years there are {outcomes['n'].sum():,} accusations on record; {_dismissed(outcomes)} have {ENDED_SO} "
        "as final outcome. Those are not numbers of officers. Each officer counted once, in both releases: of "
        f"{known['n_sustained_officers']:,} officers with at least one sustained accusation whose outcome is known, "
        f"{ever['n_sustained_officers']:,} ({percent(share)}) have at least one sustained accusation that ended in "
        "dismissal."
    )


def _dismissed(outcomes: pd.DataFrame) -> int:
    return int(outcomes.loc[outcomes["sanction"] == "dismissed", "n"].sum())


def periods_table(data: Dataset) -> pd.DataFrame:
    """One row a denominator and period: how many accusations ended in dismissal."""
    tables = [
        chicago_table(data, among, period)
        for among in reversed(vocabulary.codes("chicago_among"))
        for period in vocabulary.codes("chicago_period")
    ]
    return pd.DataFrame(
        [(t.whom, t.period, count_words(t.total, t.cases), fine(t.total["rate"]), fine_range(t.total)) for t in tables],
        columns=["out of", "period", "ended in dismissal", "share", "95% interval"],
    )


def years_words(years: pd.DataFrame) -> str:
    """Why the years beside the headline period stand apart, and what other periods would give; a list in Markdown."""
    period = vocabulary.entry("chicago_period", CHICAGO_PERIOD)
    first, last = period["first_year"], period["last_year"]

    def part(of: int, whole: int) -> str:
        return f"{of:,} of {whole:,} ({percent(of / whole)})"

    def between(start: int, end: int) -> pd.Series:
        return years[years["year"].between(start, end)].sum()

    def sustained(n: pd.Series) -> str:
        return part(n["n_sustained"], n["n"])

    def dismissed(n: pd.Series) -> str:
        of, known = n["n_sustained_dismissed"], n["n_sustained"] - n["n_sustained_unknown"]
        return f"{of:,} of {known:,} ({fine(of / known)})"

    early, counted, late = between(0, first - 1), between(first, last), between(last + 1, 9999)
    return (
        f"- {RULE}\n"
        f"- {chicago_gap(years)}\n"
        f"- Before {first}, {sustained(early)} accusations were sustained; from {first} to {last}, "
        f"{sustained(counted)}.\n"
        f"- Sustained accusations that ended in dismissal: {dismissed(counted)} of {first} to {last}; of 2000 to "
        f"{last}, which the publisher calls complete, {dismissed(between(2000, last))}; of the unfinished years, "
        f"{dismissed(late)}.\n"
        f"- The outcome of {part(late['n_unknown'], late['n'])} accusations of the unfinished years is not known, of "
        f"{first} to {last} that of {part(counted['n_unknown'], counted['n'])}."
    )


def years_table(years: pd.DataFrame) -> pd.DataFrame:
    """The table chicago_years as people read it, with how complete a year is and its shares."""
    shown = years.assign(
        on_record=completeness(years),
        share_unknown=(years["n_unknown"] / years["n"]).map(percent),
        share_sustained=(years["n_sustained"] / years["n"]).map(percent),
    )
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
    ours = dismissal_rates(data, among="proven", count="dismissed")
    here, there = ours.total, chicago.total
    sides = ((here, ours.cases), (there, chicago.cases))
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
            (
                "Dismissed (left first not counted)",
                *(f"{row['numerator']}{case_words(row, cases)}" for row, cases in sides),
            ),
            ("Share", *(percent(row["rate"]) for row, _ in sides)),
            ("95% interval", *(interval_cell(row) for row, _ in sides)),
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
    there = chicago_table(data, "proven")
    ours, theirs = (table.groups.set_index(table.by[0]) for table in (here, there))
    return pd.DataFrame(
        [
            (
                vocabulary.label("complaint_type", kind),
                rate_line(ours.loc[kind], here.cases),
                rate_line(theirs.loc[category], there.cases),
            )
            for kind, category in ABOUT_THE_SAME.items()
            if kind in ours.index and category in theirs.index
        ],
        columns=["about", "England and Wales", "Chicago"],
    )


def categories_table(table: RateTable, smallest: int) -> pd.DataFrame:
    """The categories of a chicago_table with at least `smallest` accusations, the highest rate first."""
    rows = table.groups[table.groups["denominator"] >= smallest].sort_values("rate", ascending=False)
    return pd.DataFrame(
        [
            (
                group_label("complaint_category", row["complaint_category"]),
                count_words(row, table.cases),
                rate_cell(row),
                interval_cell(row),
            )
            for _, row in rows.iterrows()
        ],
        columns=["category", "ended in dismissal", "share", "95% interval"],
    )
