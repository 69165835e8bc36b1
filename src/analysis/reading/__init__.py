"""Reading: one module a source. Each checks its files against each other and turns them into processed tables.

A module has `FILES` (raw table -> file name), `check(raw)` (problems between the raw tables) and `ingest(raw)`
(processed table -> rows). `raw` maps raw table names to typed, validated tables. Nothing here computes a rate.
"""

from analysis.reading import iopc_investigations, published_figures

SOURCES = {
    "iopc_investigations": iopc_investigations,
    "published_figures": published_figures,
}
