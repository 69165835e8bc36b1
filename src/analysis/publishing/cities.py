"""What is said of the records of other cities besides their charts (notebook 16), and why they cannot be compared."""

from __future__ import annotations

import pandas as pd

from analysis import vocabulary
from analysis.charts.exhibits import CHICAGO, ENDED_SO, NEW_ORLEANS, chicago_table, new_orleans_table
from analysis.counting.completeness import completeness
from analysis.counting.rate_words import percent
from analysis.dataset import Dataset


def new_orleans_words(data: Dataset) -> str:
    """How many actions and dismissals the New Orleans records hold, and why they are not officers."""
    years = data["new_orleans_years"]
    n = years.sum(numeric_only=True)
    most = years.loc[years["n_ruled_dismissed"].idxmax()]
    return (
        f"On record there are {n['n']:,} actions; {n['n_dismissed']:,} of them are a dismissal, "
        f"{n['n_dismissed'] - n['n_ruled_dismissed']:,} of these on no stated rule. Those are not numbers of officers: "
        "a dismissal for several allegations would be on record once for each. "
        f"{most['n_ruled_dismissed']:,} of the {n['n_ruled_dismissed']:,} dismissals under a stated rule are of "
        f"{most['year_source']}, and the records do not say of how many officers."
    )


def actions_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row an action as the table new_orleans_outcomes has it: what it counts as here, and how often it is there."""
    ruled = outcomes["n"].where(outcomes["allegation_rule"] != "not_stated", 0)
    names = {code: vocabulary.label("sanction", code) for code in outcomes["sanction"].unique()}
    counted = outcomes.assign(ruled=ruled, sanction=outcomes["sanction"].map(names))
    table = counted.groupby(["sanction_source", "sanction"], as_index=False).agg(n=("n", "sum"), ruled=("ruled", "sum"))
    table = table.sort_values(["n", "sanction_source"], ascending=[False, True], ignore_index=True)
    return table.rename(
        columns={
            "sanction_source": "action in the records",
            "sanction": "counted as",
            "n": "actions",
            "ruled": "with a stated rule",
        }
    )


def years_table(years: pd.DataFrame) -> pd.DataFrame:
    """The table new_orleans_years as people read it, with how complete a year is; last what has no possible year."""
    dated = years["year"].notna()
    shown = years.assign(
        on_record=completeness(years[dated]).reindex(years.index, fill_value="no year of an action"),
        share_unknown=(years["n_unknown"] / years["n"]).map(percent),
    ).sort_values(["year", "year_source"], na_position="last", ignore_index=True)
    columns = {
        "year_source": "year of the action",
        "on_record": "on record",
        "n": "actions",
        "share_unknown": "outcome not known",
        "n_dismissed": "a dismissal",
        "n_ruled": "with a stated rule",
        "n_ruled_dismissed": "of these a dismissal",
    }
    return shown[[*columns]].rename(columns=columns)


def apart_table(data: Dataset) -> pd.DataFrame:
    """Why the rates of Chicago and New Orleans cannot be compared: what differs, one row each."""
    there, here = chicago_table(data, "all_subjects"), new_orleans_table(data)

    def resigned(outcomes: pd.DataFrame, what: str) -> str:
        n = outcomes.loc[outcomes["sanction"] == "resigned_before_sanction", "n"].sum()
        return f"{n:,} {what} of all years; a known outcome, no dismissal"

    def unknown(row: pd.Series) -> str:
        whole = row["denominator"] + row["unknown_outcomes"]
        return f"{row['unknown_outcomes']:,} of {whole:,} ({percent(row['unknown_outcomes'] / whole)})"

    return pd.DataFrame(
        [
            ("One row", data.source(CHICAGO).unit, data.source(NEW_ORLEANS).unit),
            ("An officer", "has a number, and counts in each complaint", "is not told from another"),
            ("A complaint", "has a number", "is not told from another"),
            ("What was found", "is on record for each accusation", "is not in the data"),
            ("The year", "is that of the complaint", "is that of the action"),
            ("Years counted", there.period, here.sources[0].coverage),
            ("Dismissed", ENDED_SO, "dismissal, also of an officer under investigation"),
            (
                "No action",
                "no penalty, whatever the finding",
                "also duplicates, withdrawn complaints and sanctions that were overturned",
            ),
            (
                "Resigned first",
                resigned(data["chicago_outcomes"], "accusations"),
                resigned(data["new_orleans_outcomes"], "actions") + "; some more are under no action",
            ),
            ("Outcome not known, left out", unknown(there.total), unknown(here.total)),
            ("Groups", "categories of the publisher", "rules of the department; actions without one left out"),
        ],
        columns=["", "Chicago", "New Orleans"],
    )
