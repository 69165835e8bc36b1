"""The tables of data/raw: the model of every file of every source, in the source's own labels."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from analysis import vocabulary
from analysis.checking.fields import Table, code, date, flag, identifier, number, partial_date, text, year

# --- data/raw/iopc_investigations ---------------------------------------------------------------------------------

IOPC = "iopc_investigations"


def _missing(column: pd.Series) -> pd.Series:
    return column.eq("").fillna(True)


def sanction_possible(proceeding: pd.Series, sanction: pd.Series) -> pd.Series:
    """A sanction that needs a hearing is possible only where the proceeding can dismiss."""
    needs_hearing = sanction.isin(vocabulary.codes_with("sanction", "needs_hearing"))
    return ~needs_hearing | proceeding.isin(vocabulary.codes_with("proceeding", "can_dismiss"))


def dismissal_has_finding(finding: pd.Series, sanction: pd.Series) -> pd.Series:
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
    incident_year: pd.Int64Dtype = year("Year of the incident", nullable=True)
    vawg: str = code(
        "vawg_flag", "Flag: violence against women and girls; coded pages only", optional=True, source=IOPC
    )
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
        return sanction_possible(*(table[c].map(walk[c]).fillna("") for c in ("proceeding", "sanction")))

    @pa.dataframe_check(error=DISMISSAL_WITHOUT_FINDING)
    def _dismissal_has_finding(cls, table: pd.DataFrame) -> pd.Series:
        walk = vocabulary.crosswalk(IOPC)
        return dismissal_has_finding(*(table[c].map(walk[c]).fillna("") for c in ("finding", "sanction")))


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
