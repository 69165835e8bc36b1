"""Published rates in words, each with its publication."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from analysis import vocabulary
from analysis.charts.text import lower_first
from analysis.counting.published_rates import period_label, published_reliability, type_words
from analysis.counting.rate_words import percent, rate_in_words

MIXED = ", but its two counts are in different units"


@dataclass(frozen=True)
class PublishedRate:
    """One published rate for a list or table: whose, of what, when, how many out of whom, and where it was published.

    year: the last of its period, for sorting; share: 0 to 1, for sorting; what: all but the figure in one clause.
    """

    force: str
    kind: str
    period: str
    counted: str
    of: str
    unit: str
    figure: str
    quality: str
    publisher: str
    url: str
    year: str
    share: float

    @property
    def what(self) -> str:
        """Everything but the figure, its quality and who published it, as a clause."""
        return f"{self.force}, {self.kind}, {self.period}: {self.counted}, out of {self.of} ({self.unit})"


def how_to_read() -> str:
    """What stands over every list of them."""
    return (
        "Each share is one source's own, out of the group that it names. Sources overlap, so do not add them up. "
        f"Quality: {vocabulary.meanings('quality')}"
    )


def published_list(rates: pd.DataFrame, publications: pd.DataFrame) -> list[PublishedRate]:
    """Rows of published_rates in words, each with its publication; addresses other than http(s) are dropped."""
    known = publications.set_index("source_id")
    found = []
    for row in rates.sort_values(["complaint_type", "period_start", "rate_id"]).itertuples():
        source = known.loc[row.source_id]
        share = row.numerator / row.denominator
        mark = published_reliability(row.unit, row.denominator)
        told = rate_in_words({**row._asdict(), "rate": share, "reliability": mark})
        found.append(
            PublishedRate(
                force=row.force,
                kind=lower_first(type_words(row.complaint_type, row.complaint_type_source)),
                period=period_label(row.period_start, row.period_end),
                counted=vocabulary.label("numerator_definition", row.numerator_definition),
                of=vocabulary.label("denominator_stage", row.denominator_stage),
                unit=vocabulary.label("published_unit", row.unit) + (MIXED if row.is_unit_mixed else ""),
                figure=percent(share) if row.unit == "percent" else told,
                quality=row.quality,
                publisher=source["publisher"],
                url=source["url"] if re.match(r"https?://", source["url"]) else "",
                year=str(row.period_end)[:4],
                share=share,
            )
        )
    return found
