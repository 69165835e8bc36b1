"""The tables of data/processed, in the project's codes: people, publications, and counts of the fetched sources."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from analysis import vocabulary
from analysis.checking.fields import Table, code, date, flag, identifier, number, text, year
from analysis.checking.rate_columns import RateColumns
from analysis.checking.raw_tables import (
    DISMISSAL_WITHOUT_FINDING,
    SANCTION_IMPOSSIBLE,
    RawClaims,
    RawFigures,
    RawPublishedRates,
    RawSources,
    dismissal_has_finding,
    sanction_possible,
)


class Subjects(Table):
    """One person in one case, in the project's codes; the source's own label beside each code."""

    source: str = identifier("Id of the data source")
    jurisdiction: str = text("Where it applies", required=True)
    case_id: str = identifier("The investigation: the cluster of every interval")
    subject_id: str = identifier("The person in that case", unique=True)
    force: str = code("force", "Force; several of a joint case joined by '; '; empty when not stated", several=True)
    force_source: str = text("Force in the source's words")
    date: str = date("When the outcome was published", optional=True)
    year: pd.Int64Dtype = year("Year of the incident", nullable=True)
    person_type: str = code("person_type", "Officer, staff or other")
    rank: str = code("rank", "Rank")
    case_to_answer: str = code("case_to_answer", "Investigator's opinion")
    force_view: str = code("force_view", "Force's view of that opinion")
    proceeding: str = code("proceeding", "Proceedings held")
    finding: str = code("finding", "What was found")
    finding_basis: str = code("finding_basis", "Whether the finding is worded or inferred")
    sanction: str = code("sanction", "Disciplinary outcome, final after any appeal")
    sanction_source: str = text("Disciplinary outcome in the source's words", required=True)
    left_service: str = code("left_service", "Left before proceedings ended")
    overturned_on_appeal: bool = flag("Overturned on appeal; coded at the final outcome")
    criminal: str = code("criminal", "Criminal proceedings")
    discrimination_ground: str = code("discrimination_ground", "Ground of discriminatory behaviour", optional=True)
    vawg_flag: str = code("vawg_flag", "Violence against women and girls: the flag of the investigation", optional=True)
    vawg: str = code("vawg", "Violence against women and girls, of the person", optional=True)
    confidence: str = code("confidence", "Whether the reading was borderline")

    @pa.dataframe_check(error=SANCTION_IMPOSSIBLE)
    def _sanction_possible(cls, table: pd.DataFrame) -> pd.Series:
        return sanction_possible(table["proceeding"], table["sanction"])

    @pa.dataframe_check(error=DISMISSAL_WITHOUT_FINDING)
    def _dismissal_has_finding(cls, table: pd.DataFrame) -> pd.Series:
        return dismissal_has_finding(table["finding"], table["sanction"])


class Allegations(Table):
    """One complaint type alleged against one subject."""

    source: str = identifier("Id of the data source")
    subject_id: str = identifier("The person, as in subjects")
    complaint_type: str = code("complaint_type", "Complaint type")
    complaint_type_source: str = text("Complaint type in the source's words", required=True)
    position: pd.Int64Dtype = number("1 for the most central type", least=1)

    @pa.dataframe_check(error="position_once|position|a person has each position only once.")
    def _position_once(cls, table: pd.DataFrame) -> pd.Series:
        return ~table.duplicated(["subject_id", "position"], keep=False)


class Cases(Table):
    """One case with the address of its publisher's page."""

    source: str = identifier("Id of the data source")
    case_id: str = identifier("The investigation, as in subjects", unique=True)
    url: str = text("Address of the page", required=True, allowed="an https address", str_startswith="https://")


class Sources(RawSources):
    """One publication that figures come from."""

    is_foi_reply: bool = flag("Whether its figures come from a reply to a freedom of information request")


class PublishedFigures(RawFigures):
    """One published count or percentage, with the force's official short name; or what is known of a suppressed one."""

    force: str = code("force", "Force or area, official short name")
    value: float = number("The count or percentage; empty where a symbol stands for it", whole=False, nullable=True)
    force_source: str = text("Force or area in the source's words", required=True)
    symbol: str = pa.Field(
        isin=["", "c", "x"],
        description="Why there is no value: c suppressed (confidential), x not available; else empty",
        metadata={"allowed": "c, x, or empty", "labels": ["c", "x", ""]},
    )
    low: pd.Int64Dtype = number("The least a suppressed count can be", nullable=True)
    high: pd.Int64Dtype = number("The most a suppressed count can be", nullable=True)
    workforce_basis: str = code("workforce_basis", "How a workforce is counted; empty for other figures", optional=True)

    @pa.dataframe_check(error="value_or_symbol|value|there must be a value or a symbol, and bounds only with c.")
    def _value_or_symbol(cls, table: pd.DataFrame) -> pd.Series:
        bounded = table["low"].notna() & table["high"].notna()
        unbounded = table["low"].isna() & table["high"].isna()
        in_order = (table["low"] < table["high"]).fillna(True).astype(bool)
        return (table["value"].notna() == (table["symbol"] == "")) & (
            unbounded | (bounded & in_order & (table["symbol"] == "c"))
        )


class PublishedRates(RawPublishedRates):
    """One rate that one source supports by itself, with the force's official short name."""

    force: str = code("force", "Force or area, official short name")
    force_source: str = text("Force or area in the source's words", required=True)
    is_unit_mixed: bool = flag("Whether the source itself sets two different units side by side")

    @pa.dataframe_check(error="mixed_quality|quality|a rate of two different units must have quality C.")
    def _mixed_quality(cls, table: pd.DataFrame) -> pd.Series:
        return ~table["is_unit_mixed"] | (table["quality"] == "C")


class Claims(RawClaims):
    """One public headline claim to be recomputed."""

    claim_kind: str = code("claim_kind", "Whether the number claimed is a value, a bound or a change")
    is_known_to_differ: bool = flag("Whether its counts are known to give another number; the note says why")
    counts_checked: str = text("Where its counts stand among the published figures; empty without counts")
    tolerance_reason: str = text("Why its tolerance is wider than the rounding of its number; empty where it is not")


class ChicagoRecords(Table):
    """What the fetched records say of an officer in a complaint in Chicago; never written, only counted."""

    source: str = identifier("Id of the data source")
    year: pd.Int64Dtype = year("Year of the complaint")
    finding: str = code("finding", "What was found")
    finding_source: str = text("Finding in the source's spelling")
    sanction: str = code("sanction", "Outcome as counted here; not_stated in an open complaint without a sanction")
    sanction_source: str = text("Outcome in the source's spelling")
    complaint_category: str = code("complaint_category", "Group of allegations")
    is_repeated: bool = flag("Whether the other release of the records has the accusation too, and it is counted there")


class ChicagoRates(RateColumns):
    """Dismissal rates in Chicago, of accusations (one officer in one complaint), all and sustained, by period."""

    period: str = code("chicago_period", "Complaints of which years are counted")
    among: str = code("denominator", "Out of whom")
    complaint_category: str = pa.Field(
        description="Group of allegations, or (all)",
        isin=["(all)", *vocabulary.codes("complaint_category")],
        metadata={"allowed": "a code of complaint_category, or (all)"},
    )


class ChicagoOutcomes(Table):
    """How many accusations (one officer in one complaint) in Chicago ended how, as spelt there and as counted here."""

    sanction_source: str = text("Outcome in the source's spelling")
    sanction: str = code("sanction", "Outcome as counted here")
    finding: str = code("finding", "What was found")
    n: pd.Int64Dtype = number("Accusations", least=1)


class ChicagoOfficers(Table):
    """How many different officers had each outcome in Chicago at least once, each officer once, in either release."""

    outcome: str = pa.Field(
        description="Outcome as counted here, or (all): any that is known",
        isin=["(all)", *vocabulary.codes("sanction")],
        metadata={"allowed": "a code of sanction, or (all)"},
    )
    n_officers: pd.Int64Dtype = number("Different officers with an accusation that ended so", least=1)
    n_sustained_officers: pd.Int64Dtype = number("Different officers with a sustained accusation that ended so")

    @pa.dataframe_check(error="officers_sustained|n_sustained_officers|there cannot be more of them than officers.")
    def _fits(cls, table: pd.DataFrame) -> pd.Series:
        return (table["n_sustained_officers"] <= table["n_officers"]).fillna(True).astype(bool)


class ChicagoYears(Table):
    """What is on record in Chicago of each year's complaints: one accusation is one officer in one complaint."""

    year: pd.Int64Dtype = year("Year of the complaint", unique=True)
    n: pd.Int64Dtype = number("Accusations", least=1)
    n_unknown: pd.Int64Dtype = number("Accusations whose outcome is not known")
    n_dismissed: pd.Int64Dtype = number("Accusations that ended in dismissal")
    n_sustained: pd.Int64Dtype = number("Accusations that were sustained")
    n_sustained_unknown: pd.Int64Dtype = number("Sustained accusations whose outcome is not known")
    n_sustained_dismissed: pd.Int64Dtype = number("Sustained accusations that ended in dismissal")
    n_repeated: pd.Int64Dtype = number(
        "Rows besides these, of accusations that the other release of the records has too"
    )

    @pa.dataframe_check(error="parts_of_a_year|n|no part of a year's accusations can be larger than its whole.")
    def _fits(cls, table: pd.DataFrame) -> pd.Series:
        whole = table["n_unknown"] + table["n_dismissed"] <= table["n"]
        sustained = table["n_sustained_unknown"] + table["n_sustained_dismissed"] <= table["n_sustained"]
        return (whole & sustained & (table["n_sustained"] <= table["n"])).fillna(True).astype(bool)


class NewOrleansRecords(Table):
    """What the fetched records say of an action on an allegation in New Orleans; never written, only counted."""

    source: str = identifier("Id of the data source")
    case_id: str = identifier("The allegation; an action that is linked to none is a case of its own")
    subject_id: str = identifier("The row: nobody is told apart", unique=True)
    year: pd.Int64Dtype = number("Year of the action; empty where none that can be is stated", nullable=True)
    year_source: str = text("Year as the source has it")
    sanction: str = code("sanction", "Action as counted here")
    sanction_source: str = text("Action in the source's words")
    allegation_rule: str = code("allegation_rule", "Rule that the allegation is of")
    allegation_source: str = text("Rule in the source's words")


class NewOrleansRates(RateColumns):
    """Dismissal rates in New Orleans, of actions on allegations."""

    among: str = code("new_orleans_among", "Out of which actions")
    allegation_rule: str = pa.Field(
        description="Rule that the allegation is of, or (all)",
        isin=["(all)", *vocabulary.codes("allegation_rule")],
        metadata={"allowed": "a code of allegation_rule, or (all)"},
    )


class NewOrleansOutcomes(Table):
    """How many actions of each kind under each rule there are in New Orleans, as spelt there and as counted here."""

    sanction_source: str = text("Action in the source's words")
    sanction: str = code("sanction", "Action as counted here")
    allegation_source: str = text("Rule in the source's words")
    allegation_rule: str = code("allegation_rule", "Rule as counted here")
    n: pd.Int64Dtype = number("Actions", least=1)


class NewOrleansYears(Table):
    """What is on record in New Orleans of each year's actions on allegations."""

    year_source: str = text("Year as the source has it", required=True)
    year: pd.Int64Dtype = number("Year; empty where none that can be is stated", nullable=True, least=1900, le=2100)
    n: pd.Int64Dtype = number("Actions", least=1)
    n_unknown: pd.Int64Dtype = number("Actions whose outcome is not known")
    n_dismissed: pd.Int64Dtype = number("Actions that are a dismissal")
    n_ruled: pd.Int64Dtype = number("Actions on allegations with a stated rule")
    n_ruled_unknown: pd.Int64Dtype = number("Of these, actions whose outcome is not known")
    n_ruled_dismissed: pd.Int64Dtype = number("Of these, actions that are a dismissal")

    @pa.dataframe_check(error="parts_of_a_year|n|no part of a year's actions can be larger than its whole.")
    def _fits(cls, table: pd.DataFrame) -> pd.Series:
        whole = table["n_unknown"] + table["n_dismissed"] <= table["n"]
        ruled = table["n_ruled_unknown"] + table["n_ruled_dismissed"] <= table["n_ruled"]
        return (whole & ruled & (table["n_ruled"] <= table["n"])).fillna(True).astype(bool)


class MetComplaints(Table):
    """How many people have how many complaints in the Metropolitan Police Service's disclosure."""

    n_complaints: pd.Int64Dtype = number("Complaints a person", least=1)
    n_people: pd.Int64Dtype = number("People with so many", least=1)
