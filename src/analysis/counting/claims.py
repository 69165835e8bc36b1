"""Re-testing public headline claims: each computed again from the counts that its source gives, and compared."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from analysis.errors import MisconductError, nearest

VERDICTS = REPRODUCED, DIFFERS, IMPOSSIBLE = "reproduced", "differs", "cannot be recomputed"
ROUNDING = 1e-9  # so that a difference of exactly the tolerance is within it


def recompute(claim: Any) -> float:
    """The value of one claim from its numerator and denominator, in its own unit (a count, per cent or a ratio)."""
    numerator, denominator = claim.numerator, claim.denominator
    if claim.unit == "count":
        return float(numerator)
    if claim.claim_kind == "change":
        return float(100 * (numerator / denominator - 1))
    return float(numerator / denominator) * (100 if claim.unit == "percent" else 1)


def recompute_claims(claims: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Every claim beside what the published counts give.

    claims, sources: the processed tables. Returns claim_id, source_id, claim, unit, published_value, our_value (missing
    where the counts were not published), difference (ours minus published), verdict (reproduced, differs or cannot be
    recomputed) and reason. A claim is reproduced when the difference is within its own tolerance; an upper or lower
    bound when our value lies on its side of it. The reason says the counts, what they were checked against
    (counts_checked of the table) and why a tolerance is wider than rounding. Raises MisconductError naming every claim
    whose source is missing.
    """
    known = set(sources["source_id"])
    lost = claims[~claims["source_id"].isin(known)]
    if len(lost):
        said = [
            f"claim {row.claim_id} names the source {row.source_id!r}, which is missing" for row in lost.itertuples()
        ]
        near = [nearest(row.source_id, sorted(known)) for row in lost.itertuples()]
        hints = [
            f"{what} (the nearest known is {name!r})" if name else what for what, name in zip(said, near, strict=True)
        ]
        raise MisconductError(f"{'; '.join(hints)}. Add it to sources.csv or correct the claim's source_id.")
    rows = [_verdict(claim) for claim in claims.itertuples()]
    shown = claims[["claim_id", "source_id", "claim", "unit", "published_value"]].reset_index(drop=True)
    return shown.join(pd.DataFrame(rows, columns=["our_value", "difference", "verdict", "reason"]))


def _verdict(claim: Any) -> tuple[float, float, str, str]:
    """Our value, its difference from the published one, the verdict and why."""
    counts = f"{claim.numerator} of {claim.denominator}"
    if claim.recomputable != "yes":
        return math.nan, math.nan, IMPOSSIBLE, claim.note or "the counts behind it were not published"
    ours = recompute(claim)
    difference = ours - claim.published_value
    if claim.claim_kind == "upper_bound":
        holds = ours < claim.published_value
    elif claim.claim_kind == "lower_bound":
        holds = ours > claim.published_value
    else:
        holds = abs(difference) <= claim.tolerance + ROUNDING
    wide = claim.tolerance_reason and f"within {claim.tolerance:g}: {claim.tolerance_reason}"
    why = [counts, claim.counts_checked, wide, claim.note]
    return ours, difference, REPRODUCED if holds else DIFFERS, "; ".join(part for part in why if part)


def claims_table(results: pd.DataFrame, verdict: str) -> pd.DataFrame:
    """The claims of one verdict as people read them.

    results: of recompute_claims. Returns claim, published, ours, difference (both left out where nothing could be
    computed), reason, source_id.
    """
    rows = results[results["verdict"] == verdict]

    def said(column: str, form: str) -> list[str]:
        units = ["%" if unit == "percent" else "" for unit in rows["unit"]]
        return [form.format(value) + unit for value, unit in zip(rows[column], units, strict=True)]

    table = rows[["claim", "reason", "source_id"]].reset_index(drop=True)
    table.insert(1, "published", said("published_value", "{:g}"))
    if verdict != IMPOSSIBLE:
        table.insert(2, "ours", said("our_value", "{:.2f}"))
        table.insert(3, "difference", [f"{value:+.2f}" for value in rows["difference"]])
    return table
