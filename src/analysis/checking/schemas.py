"""The pandera model of every table: each column once, with its type, meaning and what is allowed.

Text columns hold "" where nothing is given; counts are nullable whole numbers (Int64); dates are ISO text (2019-02-28).
A rule over several columns is a dataframe check whose error reads `rule|column|sentence`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera import extensions

from analysis import vocabulary

ID = r"[^\s,;\"]+"
DATE = "a real date written like 2019-02-28, not in the future"
PARTIAL_DATE = "a year, a year and month or a date, written like 2019, 2019-02 or 2019-02-28"


def is_date(text: str) -> bool:
    """Whether `text` is a real ISO date that is not in the future."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and (
            datetime.date.fromisoformat(text) <= datetime.date.today()
        )
    except ValueError:
        return False


@extensions.register_check_method(statistics=["optional"])
def is_iso_date(column: pd.Series, *, optional: bool) -> pd.Series:
    """Every cell is a real date not in the future, or "" where optional."""
    return column.map(lambda text: is_date(text) or (optional and text == "")).astype(bool)


@extensions.register_check_method(statistics=["labels"])
def each_in(column: pd.Series, *, labels: Sequence[str]) -> pd.Series:
    """Every cell is "" or known labels joined by vocabulary.SEPARATOR."""
    known = {"", *labels}
    return column.map(lambda cell: all(part in known for part in cell.split(vocabulary.SEPARATOR))).astype(bool)


def text(description: str, *, required: bool = False, allowed: str = "", **checks: Any) -> Any:
    """A column of free text."""
    least: dict[str, Any] = {"str_length": {"min_value": 1}} if required else {}
    allowed = allowed or ("any text, but not empty" if required else "any text")
    return pa.Field(description=description, metadata={"allowed": allowed}, **least, **checks)


def identifier(description: str, *, unique: bool = False) -> Any:
    """A column of ids: one word without commas or semicolons."""
    metadata = {"allowed": "an id of one word" + (", each only once" if unique else "")}
    return pa.Field(description=description, unique=unique, str_matches=f"^{ID}$", metadata=metadata)


def date(description: str, *, optional: bool = False) -> Any:
    """A column of ISO dates."""
    metadata = {"allowed": DATE + (", or empty" if optional else "")}
    return pa.Field(description=description, is_iso_date={"optional": optional}, metadata=metadata)


def partial_date(description: str) -> Any:
    """A column of ISO dates of which only the year, or year and month, may be known."""
    pattern = r"^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$"
    return pa.Field(description=description, str_matches=pattern, metadata={"allowed": PARTIAL_DATE + ", or empty"})


def number(description: str, *, nullable: bool = False, whole: bool = True, least: float = 0, **checks: Any) -> Any:
    """A column of numbers, none below `least` nor above `le` (no limit if left out)."""
    kind = "a whole number" if whole else "a number"
    span = f"{least:g} to {checks['le']:g}" if "le" in checks else f"{least:g} or more"
    metadata = {"allowed": f"{kind}, {span}" + (", or empty" if nullable else "")}
    return pa.Field(description=description, nullable=nullable, ge=least, metadata=metadata, **checks)


def flag(description: str) -> Any:
    """A column of true or false (never coerced: the text "false" would become true)."""
    return pa.Field(description=description, metadata={"allowed": "true or false"})


def code(name: str, description: str, *, optional: bool = False, several: bool = False, source: str = "") -> Any:
    """A column of codes of the vocabulary `name`, or of the labels that `source`'s crosswalk knows for it."""
    known = list(vocabulary.crosswalk(source)[name]) if source else vocabulary.codes(name)
    metadata = {
        "vocabulary": name,
        "labels": known,
        "allowed": ", ".join(known) + (", or empty" if optional else ""),
    }
    checks = {"each_in": {"labels": known}} if several else {"isin": [*known, ""] if optional else known}
    return pa.Field(description=description, metadata=metadata, **checks)


def meaning(column: str) -> str:
    """What a column of tables for readers means, from the vocabulary `column`."""
    return str(vocabulary.entry("column", column)["definition"])


class Table(pa.DataFrameModel):
    """What all models share: exactly these columns."""

    class Config:
        """No column more or less."""

        strict = True


# --- data/raw/iopc_investigations ---------------------------------------------------------------------------------

IOPC = "iopc_investigations"


def _missing(column: pd.Series) -> pd.Series:
    return column.eq("").fillna(True)


def _sanction_possible(proceeding: pd.Series, sanction: pd.Series) -> pd.Series:
    """A sanction that needs a hearing is possible only where the proceeding can dismiss."""
    needs_hearing = sanction.isin(vocabulary.codes_with("sanction", "needs_hearing"))
    return ~needs_hearing | proceeding.isin(vocabulary.codes_with("proceeding", "can_dismiss"))


def _dismissal_has_finding(finding: pd.Series, sanction: pd.Series) -> pd.Series:
    """A dismissal goes with a finding of misconduct or gross misconduct."""
    dismissal = sanction.isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been"))
    return ~dismissal | finding.isin(vocabulary.codes_with("finding", "is_proven"))


SANCTION_IMPOSSIBLE = "sanction_impossible|sanction|this sanction needs a hearing: {} cannot give it.".format(
    "a misconduct meeting, or no proceedings,"
)
DISMISSAL_WITHOUT_FINDING = "dismissal_without_finding|finding|a dismissal needs misconduct or gross misconduct found."


class IopcInvestigations(Table):
    """One published page of the IOPC."""

    investigation_id: str = identifier("Last part of the page's address, percent-encoded", unique=True)
    url: str = text("Address of the page", required=True, allowed="an https address", str_startswith="https://")
    page_type: str = pa.Field(
        isin=["investigation", "recommendation"],
        description="Whether the page is of an investigation or only of recommendations",
        metadata={"allowed": "investigation, recommendation", "labels": ["investigation", "recommendation"]},
    )
    force: str = code("force", "Force, several joined by '; '", several=True, source=IOPC)
    published: str = date("Day of publication; empty for pages moved to a new site in January 2018", optional=True)
    iopc_ref: str = text("The IOPC's reference")
    iopc_topics: str = text("The IOPC's own tags, joined by '; '")
    incident_year: pd.Int64Dtype = number("Year of the incident", nullable=True, least=1900, le=2100)
    vawg: str = code("vawg", "Violence against women and girls; coded pages only", optional=True, source=IOPC)
    coded: bool = flag("Among the pages first selected and read twice")
    coded_by: str = pa.Field(
        isin=["A+B", "adjudicator", ""],
        description="Who coded the page; empty when it was not coded",
        metadata={"allowed": "A+B, adjudicator, or empty", "labels": ["A+B", "adjudicator"]},
    )
    n_subjects: pd.Int64Dtype = number("People of the page in subjects.csv; coded pages only", nullable=True)
    n_no_case_to_answer: pd.Int64Dtype = number("People said to have no case to answer", nullable=True)
    n_performance_only: pd.Int64Dtype = number("People with performance issues only", nullable=True)

    @pa.dataframe_check(
        error="coded_complete|n_subjects|a coded page needs n_subjects and vawg, an uncoded one has none."
    )
    def _coded_complete(cls, table: pd.DataFrame) -> pd.Series:
        uncoded = _missing(table["coded_by"])
        return (table["n_subjects"].isna() == uncoded) & (_missing(table["vawg"]) == uncoded)

    @pa.dataframe_check(error="coded_by_two|coded_by|a page coded = true was read by A+B, one coded = false was not.")
    def _coded_by_two(cls, table: pd.DataFrame) -> pd.Series:
        return table["coded"] == (table["coded_by"] == "A+B")


class IopcSubjects(Table):
    """One person in one investigation."""

    subject_id: str = identifier("investigation_id, '#' and a number", unique=True)
    investigation_id: str = identifier("The investigation, as in investigations.csv")
    person_type: str = code("person_type", "Officer, staff or other", source=IOPC)
    rank: str = code("rank", "Rank", source=IOPC)
    complaint_type_1: str = code("complaint_type", "Most central complaint type", source=IOPC)
    complaint_type_2: str = code("complaint_type", "Second complaint type", optional=True, source=IOPC)
    complaint_type_3: str = code("complaint_type", "Third complaint type", optional=True, source=IOPC)
    discrimination_ground: str = code(
        "discrimination_ground", "Ground of discriminatory behaviour", optional=True, source=IOPC
    )
    case_to_answer: str = code("case_to_answer", "Investigator's opinion", source=IOPC)
    force_view: str = code("force_view", "Force's view of that opinion", source=IOPC)
    proceeding: str = code("proceeding", "Proceedings held", source=IOPC)
    left_service: str = code("left_service", "Left before proceedings ended", source=IOPC)
    finding: str = code("finding", "What was found", source=IOPC)
    finding_basis: str = code("finding_basis", "Whether the finding is worded or inferred", source=IOPC)
    sanction: str = code("sanction", "Disciplinary outcome", source=IOPC)
    overturned_on_appeal: bool = flag("Overturned on appeal; coded at the final outcome")
    criminal: str = code("criminal", "Criminal proceedings", source=IOPC)
    confidence: str = code("confidence", "Whether the reading was borderline", source=IOPC)

    @pa.dataframe_check(error="id_of_investigation|subject_id|it must be the investigation_id, '#' and a number.")
    def _id_of_investigation(cls, table: pd.DataFrame) -> pd.Series:
        return table["subject_id"].str.replace(r"#\d+$", "", regex=True) == table["investigation_id"]

    @pa.dataframe_check(error="types_distinct|complaint_type_2|complaint types must differ and fill from the first on.")
    def _types_distinct(cls, table: pd.DataFrame) -> pd.Series:
        first, second, third = (table[f"complaint_type_{n}"] for n in (1, 2, 3))
        no_gap = ~(_missing(second) & ~_missing(third))
        distinct = (first != second) & (first != third) & (_missing(third) | (second != third))
        return no_gap & distinct

    @pa.dataframe_check(
        error="ground_needs_type|discrimination_ground|given if and only if a type is discriminatory_behaviour."
    )
    def _ground_needs_type(cls, table: pd.DataFrame) -> pd.Series:
        types = table[[f"complaint_type_{n}" for n in (1, 2, 3)]]
        return types.eq("discriminatory_behaviour").any(axis=1) != _missing(table["discrimination_ground"])

    @pa.dataframe_check(error="staff_rank|rank|rank is staff if and only if person_type is staff.")
    def _staff_rank(cls, table: pd.DataFrame) -> pd.Series:
        return (table["rank"] == "staff") == (table["person_type"] == "staff")

    @pa.dataframe_check(error=SANCTION_IMPOSSIBLE)
    def _sanction_possible(cls, table: pd.DataFrame) -> pd.Series:
        walk = vocabulary.crosswalk(IOPC)
        return _sanction_possible(*(table[c].map(walk[c]).fillna("") for c in ("proceeding", "sanction")))

    @pa.dataframe_check(error=DISMISSAL_WITHOUT_FINDING)
    def _dismissal_has_finding(cls, table: pd.DataFrame) -> pd.Series:
        walk = vocabulary.crosswalk(IOPC)
        return _dismissal_has_finding(*(table[c].map(walk[c]).fillna("") for c in ("finding", "sanction")))


# --- data/raw/published_figures, and its processed tables -----------------------------------------------------------

PUBLISHED = "published_figures"


class RawSources(Table):
    """One publication that figures come from."""

    source_id: str = identifier("Id of the publication", unique=True)
    publisher: str = text("Who published it", required=True)
    title: str = text("Its title", required=True)
    url: str = text("Its address", required=True, allowed="a web address", str_startswith="http")
    published: str = partial_date("When it was published, as far as known")
    data_origin: str = text("Whose records the figures come from", required=True)
    licence: str = text("Licence, where stated")
    fidelity: str = code("fidelity", "How near to the origin", source=PUBLISHED)


class RawFigures(Table):
    """One published count or percentage."""

    figure_id: str = identifier("Id of the figure", unique=True)
    source_id: str = identifier("The publication, as in sources")
    period_start: str = date("First day of the period", optional=True)
    period_end: str = date("Last day of the period", optional=True)
    period_note: str = text("What is uncertain about the period")
    force: str = code("force", "Force or area, as the source names it", source=PUBLISHED)
    person_type: str = code("published_person", "Whom it counts", source=PUBLISHED)
    unit: str = code("published_unit", "What it counts", source=PUBLISHED)
    stage: str = code("published_stage", "At which stage it counts", source=PUBLISHED)
    complaint_type_source: str = text("Complaint type in the source's words", required=True)
    complaint_type: str = code("complaint_type", "Complaint type", source=PUBLISHED)
    outcome_source: str = text("Outcome in the source's words")
    outcome: str = code("published_outcome", "Outcome; empty for totals of a stage", optional=True, source=PUBLISHED)
    value: float = number("The count or percentage", whole=False)
    note: str = text("Remarks")

    @pa.dataframe_check(error="period_known|period_note|a missing date needs a period_note.")
    def _period_known(cls, table: pd.DataFrame) -> pd.Series:
        missing = _missing(table["period_start"]) | _missing(table["period_end"])
        return ~missing | ~_missing(table["period_note"])

    @pa.dataframe_check(error="period_order|period_end|the period must not end before it starts.")
    def _period_order(cls, table: pd.DataFrame) -> pd.Series:
        return _missing(table["period_end"]) | (table["period_start"] <= table["period_end"])

    @pa.dataframe_check(error="value_of_unit|value|a count must be a whole number, a percentage at most 100.")
    def _value_of_unit(cls, table: pd.DataFrame) -> pd.Series:
        percent = table["unit"] == "percent"
        return (percent & (table["value"] <= 100)) | (~percent & (table["value"] % 1 == 0)) | table["value"].isna()


class RawPublishedRates(Table):
    """One rate that one source supports with its own numerator and denominator."""

    rate_id: str = identifier("Id of the rate", unique=True)
    source_id: str = identifier("The publication, as in sources")
    force: str = code("force", "Force or area, as the source names it", source=PUBLISHED)
    period_start: str = date("First day of the period", optional=True)
    period_end: str = date("Last day of the period", optional=True)
    person_type: str = code("published_person", "Whom it counts", source=PUBLISHED)
    unit: str = code("published_unit", "What it counts", source=PUBLISHED)
    complaint_type: str = code("complaint_type", "Complaint type", source=PUBLISHED)
    complaint_type_source: str = text("Complaint type in the source's words", required=True)
    numerator: pd.Int64Dtype = number("Dismissals, as defined in numerator_definition")
    numerator_definition: str = code("numerator_definition", "What the numerator counts", source=PUBLISHED)
    denominator: pd.Int64Dtype = number("The group they are a share of", least=1)
    denominator_stage: str = code("denominator_stage", "Which group that is", source=PUBLISHED)
    numerator_figure_ids: str = text("Figures that add up to the numerator, joined by ';'", required=True)
    denominator_figure_ids: str = text("Figures that add up to the denominator, joined by ';'")
    quality: str = code("quality", "How good the pair of counts is", source=PUBLISHED)
    note: str = text("Remarks")

    @pa.dataframe_check(error="numerator_too_large|numerator|the numerator must not be larger than the denominator.")
    def _numerator_fits(cls, table: pd.DataFrame) -> pd.Series:
        return (table["numerator"] <= table["denominator"]).fillna(True).astype(bool)


class RawClaims(Table):
    """One public headline claim to be recomputed."""

    claim_id: str = identifier("Id of the claim", unique=True)
    source_id: str = identifier("The publication, as in sources")
    claim: str = text("The claim in our own words", required=True)
    quantity: str = text("What the claimed number measures", required=True)
    published_value: float = number("The number claimed", whole=False)
    unit: str = code("claim_unit", "Its unit", source=PUBLISHED)
    numerator: pd.Int64Dtype = number("Numerator, where known", nullable=True)
    denominator: pd.Int64Dtype = number("Denominator, where known", nullable=True, least=1)
    recomputable: str = code("recomputable", "Whether the counts behind it are known", source=PUBLISHED)
    tolerance: float = number("How far a recomputed value may lie from it", whole=False)
    note: str = text("Remarks")

    @pa.dataframe_check(
        error="recomputable_needs_counts|recomputable|'yes' needs a numerator and, unless a count, a denominator."
    )
    def _recomputable(cls, table: pd.DataFrame) -> pd.Series:
        known = table["numerator"].notna() & (table["denominator"].notna() | (table["unit"] == "count"))
        return (table["recomputable"] != "yes") | known


# --- data/processed -------------------------------------------------------------------------------------------------


class Subjects(Table):
    """One person in one case, in the project's codes; the source's own label beside each code."""

    source: str = identifier("Id of the data source")
    jurisdiction: str = text("Where it applies", required=True)
    case_id: str = identifier("The investigation: the cluster of every interval")
    subject_id: str = identifier("The person in that case", unique=True)
    force: str = code("force", "Force; several of a joint case joined by '; '; empty when not stated", several=True)
    force_source: str = text("Force in the source's words")
    date: str = date("When the outcome was published", optional=True)
    year: pd.Int64Dtype = number("Year of the incident", nullable=True, least=1900, le=2100)
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
    vawg: str = code("vawg", "Violence against women and girls", optional=True)
    confidence: str = code("confidence", "Whether the reading was borderline")

    @pa.dataframe_check(error=SANCTION_IMPOSSIBLE)
    def _sanction_possible(cls, table: pd.DataFrame) -> pd.Series:
        return _sanction_possible(table["proceeding"], table["sanction"])

    @pa.dataframe_check(error=DISMISSAL_WITHOUT_FINDING)
    def _dismissal_has_finding(cls, table: pd.DataFrame) -> pd.Series:
        return _dismissal_has_finding(table["finding"], table["sanction"])


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


class RateColumns(pa.DataFrameModel):
    """Dismissal rates: group columns first, then these; the first row is the total, its groups "(all)"."""

    numerator: pd.Int64Dtype = number(meaning("numerator"))
    denominator: pd.Int64Dtype = number(meaning("denominator"))
    rate: float = number(meaning("rate"), whole=False, nullable=True, le=1)
    low: float = number(meaning("low"), whole=False, nullable=True, le=1)
    high: float = number(meaning("high"), whole=False, nullable=True, le=1)
    n_cases: pd.Int64Dtype = number(meaning("n_cases"))
    n_cases_counted: pd.Int64Dtype = number(meaning("n_cases_counted"))
    design_effect: float = number(meaning("design_effect"), whole=False, least=1)
    unknown_outcomes: pd.Int64Dtype = number(meaning("unknown_outcomes"))
    rate_if_none_dismissed: float = number(meaning("rate_if_none_dismissed"), whole=False, nullable=True, le=1)
    rate_if_all_dismissed: float = number(meaning("rate_if_all_dismissed"), whole=False, nullable=True, le=1)
    reliability: str = code("reliability", meaning("reliability"))

    @pa.dataframe_check(error="numerator_too_large|numerator|the numerator must not be larger than the denominator.")
    def _numerator_fits(cls, table: pd.DataFrame) -> pd.Series:
        return (table["numerator"] <= table["denominator"]).fillna(True).astype(bool)

    @pa.dataframe_check(error="too_many_cases|n_cases_counted|there cannot be more of these than cases and dismissals.")
    def _cases_fit(cls, table: pd.DataFrame) -> pd.Series:
        least = table[["n_cases", "numerator"]].min(axis=1)
        return (table["n_cases_counted"] <= least).fillna(True).astype(bool)

    @pa.dataframe_check(error="interval_order|rate|low <= rate <= high must hold.")
    def _interval_order(cls, table: pd.DataFrame) -> pd.Series:
        ordered = (table["low"] <= table["rate"] + 1e-9) & (table["rate"] <= table["high"] + 1e-9)
        return ordered | table["rate"].isna()


class ChicagoRecords(Table):
    """What the fetched records say of an officer in a complaint in Chicago; never written, only counted."""

    source: str = identifier("Id of the data source")
    year: pd.Int64Dtype = number("Year of the complaint", least=1900, le=2100)
    finding: str = code("finding", "What was found")
    finding_source: str = text("Finding in the source's spelling")
    sanction: str = code("sanction", "Outcome as counted here; not_stated in an open complaint without a sanction")
    sanction_source: str = text("Outcome in the source's spelling")
    complaint_category: str = code("complaint_category", "Group of allegations")


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
    """How many officers in complaints had each outcome in Chicago, as spelt there and as counted here."""

    sanction_source: str = text("Outcome in the source's spelling")
    sanction: str = code("sanction", "Outcome as counted here")
    finding: str = code("finding", "What was found")
    n: pd.Int64Dtype = number("Officers in complaints", least=1)


class ChicagoOfficers(Table):
    """How many different officers had each outcome in Chicago at least once."""

    sanction: str = code("sanction", "Outcome as counted here")
    n: pd.Int64Dtype = number("Officers in complaints", least=1)
    n_officers: pd.Int64Dtype = number("Different officers", least=1)

    @pa.dataframe_check(error="officers_of_rows|n_officers|there cannot be more officers than rows about them.")
    def _fits(cls, table: pd.DataFrame) -> pd.Series:
        return (table["n_officers"] <= table["n"]).fillna(True).astype(bool)


class ChicagoYears(Table):
    """What is on record in Chicago of each year's complaints: one accusation is one officer in one complaint."""

    year: pd.Int64Dtype = number("Year of the complaint", unique=True, least=1900, le=2100)
    n: pd.Int64Dtype = number("Accusations", least=1)
    n_unknown: pd.Int64Dtype = number("Accusations whose outcome is not known")
    n_dismissed: pd.Int64Dtype = number("Accusations that ended in dismissal")
    n_sustained: pd.Int64Dtype = number("Accusations that were sustained")
    n_sustained_unknown: pd.Int64Dtype = number("Sustained accusations whose outcome is not known")
    n_sustained_dismissed: pd.Int64Dtype = number("Sustained accusations that ended in dismissal")

    @pa.dataframe_check(error="parts_of_a_year|n|no part of a year's accusations can be larger than its whole.")
    def _fits(cls, table: pd.DataFrame) -> pd.Series:
        whole = table["n_unknown"] + table["n_dismissed"] <= table["n"]
        sustained = table["n_sustained_unknown"] + table["n_sustained_dismissed"] <= table["n_sustained"]
        return (whole & sustained & (table["n_sustained"] <= table["n"])).fillna(True).astype(bool)


class MetComplaints(Table):
    """How many people have how many complaints in the Metropolitan Police Service's disclosure."""

    n_complaints: pd.Int64Dtype = number("Complaints a person", least=1)
    n_people: pd.Int64Dtype = number("People with so many", least=1)


CODED_TABLES = ("subjects", "allegations", "cases", "sources", "published_figures", "published_rates", "claims")
COUNTED_TABLES = (  # of the fetched sources
    *("chicago_rates", "chicago_outcomes", "chicago_officers", "chicago_years"),
    "met_complaints",
)
PROCESSED_TABLES = (*CODED_TABLES, *COUNTED_TABLES)


@dataclass(frozen=True)
class TableSpec:
    """A table that can be validated: its model, and the columns that identify a row, in which no two rows are alike.

    The key is checked with the model (validation), named in the dictionary, and tells rows apart in `misconduct diff`.
    """

    model: type[pa.DataFrameModel]
    key: tuple[str, ...]


TABLES: dict[str, TableSpec] = {
    "iopc_investigations/investigations": TableSpec(IopcInvestigations, ("investigation_id",)),
    "iopc_investigations/subjects": TableSpec(IopcSubjects, ("subject_id",)),
    "published_figures/sources": TableSpec(RawSources, ("source_id",)),
    "published_figures/figures": TableSpec(RawFigures, ("figure_id",)),
    "published_figures/published_rates": TableSpec(RawPublishedRates, ("rate_id",)),
    "published_figures/claims": TableSpec(RawClaims, ("claim_id",)),
    "subjects": TableSpec(Subjects, ("subject_id",)),
    "allegations": TableSpec(Allegations, ("subject_id", "complaint_type")),
    "cases": TableSpec(Cases, ("case_id",)),
    "sources": TableSpec(Sources, ("source_id",)),
    "published_figures": TableSpec(PublishedFigures, ("figure_id",)),
    "published_rates": TableSpec(PublishedRates, ("rate_id",)),
    "claims": TableSpec(Claims, ("claim_id",)),
    "chicago_records": TableSpec(ChicagoRecords, ()),
    "chicago_rates": TableSpec(ChicagoRates, ("period", "among", "complaint_category")),
    "chicago_outcomes": TableSpec(ChicagoOutcomes, ("sanction_source", "sanction", "finding")),
    "chicago_officers": TableSpec(ChicagoOfficers, ("sanction",)),
    "chicago_years": TableSpec(ChicagoYears, ("year",)),
    "met_complaints": TableSpec(MetComplaints, ("n_complaints",)),
    "rate_table": TableSpec(RateColumns, ()),
}
