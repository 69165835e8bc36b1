"""The registry of tables: which there are, the model of each, and what tells its rows apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandera.pandas as pa

from analysis.checking.processed_tables import (
    Allegations,
    Cases,
    ChicagoOfficers,
    ChicagoOutcomes,
    ChicagoRates,
    ChicagoRecords,
    ChicagoYears,
    Claims,
    MetComplaints,
    NewOrleansOutcomes,
    NewOrleansRates,
    NewOrleansRecords,
    NewOrleansYears,
    PublishedFigures,
    PublishedRates,
    Sources,
    Subjects,
)
from analysis.checking.rate_columns import RateColumns
from analysis.checking.raw_tables import (
    IopcInvestigations,
    IopcSubjects,
    RawClaims,
    RawFigures,
    RawPublishedRates,
    RawSources,
)

CODED_TABLES = ("subjects", "allegations", "cases", "sources", "published_figures", "published_rates", "claims")
COUNTED_TABLES = (  # of the fetched sources
    *("chicago_rates", "chicago_outcomes", "chicago_officers", "chicago_years"),
    "met_complaints",
    *("new_orleans_rates", "new_orleans_outcomes", "new_orleans_years"),
)
PROCESSED_TABLES = (*CODED_TABLES, *COUNTED_TABLES)
CHICAGO, NEW_ORLEANS = "chicago_complaints", "new_orleans_actions"
SOURCE = "data_sources"  # the table of a release that has them


@dataclass(frozen=True)
class TableSpec:
    """A table that can be validated: its model, and the columns that identify a row, in which no two rows are alike.

    The key is checked with the model (validation), named in the dictionary, and tells rows apart in `misconduct diff`.
    references: column -> the table whose key it is. source: the folder of data/raw that all rows are from, where no
    column says it. Both are for those who get the tables without this program (publishing.data_package).
    """

    model: type[pa.DataFrameModel]
    key: tuple[str, ...]
    references: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


TABLES: dict[str, TableSpec] = {
    "iopc_investigations/investigations": TableSpec(IopcInvestigations, ("investigation_id",)),
    "iopc_investigations/subjects": TableSpec(IopcSubjects, ("subject_id",)),
    "published_figures/sources": TableSpec(RawSources, ("source_id",)),
    "published_figures/figures": TableSpec(RawFigures, ("figure_id",)),
    "published_figures/published_rates": TableSpec(RawPublishedRates, ("rate_id",)),
    "published_figures/claims": TableSpec(RawClaims, ("claim_id",)),
    "subjects": TableSpec(Subjects, ("subject_id",), {"source": SOURCE, "case_id": "cases"}),
    "allegations": TableSpec(
        Allegations, ("subject_id", "complaint_type"), {"source": SOURCE, "subject_id": "subjects"}
    ),
    "cases": TableSpec(Cases, ("case_id",), {"source": SOURCE}),
    "sources": TableSpec(Sources, ("source_id",)),
    "published_figures": TableSpec(PublishedFigures, ("figure_id",), {"source_id": "sources"}),
    "published_rates": TableSpec(PublishedRates, ("rate_id",), {"source_id": "sources"}),
    "claims": TableSpec(Claims, ("claim_id",), {"source_id": "sources"}),
    "chicago_records": TableSpec(ChicagoRecords, ()),
    "chicago_rates": TableSpec(ChicagoRates, ("period", "among", "complaint_category"), source=CHICAGO),
    "chicago_outcomes": TableSpec(ChicagoOutcomes, ("sanction_source", "sanction", "finding"), source=CHICAGO),
    "chicago_officers": TableSpec(ChicagoOfficers, ("outcome",), source=CHICAGO),
    "chicago_years": TableSpec(ChicagoYears, ("year",), source=CHICAGO),
    "met_complaints": TableSpec(MetComplaints, ("n_complaints",), source="met_complaints"),
    "new_orleans_records": TableSpec(NewOrleansRecords, ()),
    "new_orleans_rates": TableSpec(NewOrleansRates, ("among", "allegation_rule"), source=NEW_ORLEANS),
    "new_orleans_outcomes": TableSpec(NewOrleansOutcomes, ("sanction_source", "allegation_source"), source=NEW_ORLEANS),
    "new_orleans_years": TableSpec(NewOrleansYears, ("year_source",), source=NEW_ORLEANS),
    "rate_table": TableSpec(RateColumns, ()),
}
