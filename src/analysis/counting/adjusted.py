"""Odds of dismissal by complaint type, alone and beside what else differs between people: a Firth logistic regression.

firthmodels (and scikit-learn under it) is imported by what needs it: it belongs to the extra `notebooks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from analysis import vocabulary
from analysis.counting.denominators import people_among
from analysis.counting.intervals import Z
from analysis.counting.rate_words import SMALL, group_label
from analysis.counting.selection import People, with_groups
from analysis.errors import MisconductError, require_known
from analysis.vocabulary import Among, Count

OTHERS = "(other types)"


def firth_model(design: np.ndarray, outcome: np.ndarray, cases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of a Firth logistic regression and their covariance with people of one case as a cluster.

    design: a column of ones and one a variable; outcome: true or false; cases: of each person. Firth (1993): the
    likelihood is penalised by Jeffreys' prior, so that a group in which nobody or everybody is dismissed has finite
    odds. Covariance: the sandwich of Liang and Zeger (1986) on the penalised scores, times m / (m - 1) for m cases,
    and no variance smaller than the model's own: the sandwich is too narrow where nobody or everybody is dismissed.
    """
    from firthmodels import FirthLogisticRegression

    model = FirthLogisticRegression(fit_intercept=False, gtol=1e-6, xtol=1e-6, max_iter=500, backend="numpy")
    fitted = model.fit(design, outcome)
    chance = 1 / (1 + np.exp(-design @ fitted.coef_))
    weight = chance * (1 - chance)
    bread = np.linalg.inv((design * weight[:, None]).T @ design)
    leverage = weight * np.einsum("ij,jk,ik->i", design, bread, design)
    scores = design * (outcome - chance + leverage * (0.5 - chance))[:, None]
    clusters = pd.DataFrame(scores).groupby(cases).sum().to_numpy()
    m = len(clusters)
    covariance = bread @ (clusters.T @ clusters) @ bread * m / (m - 1)
    larger = np.sqrt(np.maximum(1.0, np.diag(bread) / np.diag(covariance)))
    return fitted.coef_, covariance * np.outer(larger, larger)


def odds_ratios(
    data: People,
    *,
    among: Among | str,
    reference: str,
    beside: Mapping[str, Sequence[str]],
    count: Count | str = "dismissed_or_would_have_been",
    first_year: int = 0,
) -> pd.DataFrame:
    """Odds ratios of dismissal by first complaint type, unadjusted and adjusted, with people of one case as a cluster.

    among, count: as in dismissal_rates. reference: the complaint type that the others are compared with. beside: what
    is adjusted for, column -> codes that count as having it ({"case_to_answer": ["gross_misconduct"]}). first_year:
    adjusted too for incidents of that year or later, people without a year left out; 0 for not at all. Types of fewer
    than 10 people are one group, "(other types)".

    Returns variable (label), people, dismissed, and odds_ratio, low, high (95 %) each unadjusted and adjusted, suffixed
    so; the variables of `beside` are adjusted only; one that everybody or nobody has is left out and named in
    attrs["left_out"]. Raises MisconductError for a type that is not among the groups, or
    where nobody or everybody was dismissed.
    """
    people = people_among(data.subjects, among)
    people = people[people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))]
    people = people[people["year"].notna()] if first_year else people
    rows = with_groups(people, data.allegations, ["complaint_type"], primary_only=True)
    kinds = rows["complaint_type"].astype("str")
    sizes = kinds.value_counts()
    kinds = kinds.where(kinds.map(sizes) >= SMALL, OTHERS)
    names = [*sorted(set(kinds) - {OTHERS, reference}), *([OTHERS] if (kinds == OTHERS).any() else [])]
    require_known(reference, sorted(set(kinds) - {OTHERS}), "complaint type")
    entry = vocabulary.entry("numerator", count)
    outcome = rows[entry["column"]].isin(vocabulary.codes_with(entry["column"], entry["attribute"])).to_numpy()
    if not 0 < outcome.sum() < len(outcome):
        raise MisconductError("Odds need somebody dismissed and somebody not dismissed.")
    types = {name: (kinds == name).to_numpy() for name in names}
    more = {group_label(column, codes[0]): rows[column].isin(codes).to_numpy() for column, codes in beside.items()}
    more |= {f"Incident in {first_year} or later": (rows["year"] >= first_year).to_numpy()} if first_year else {}
    left_out = [name for name, column in more.items() if not 0 < column.sum() < len(column)]
    more = {name: column for name, column in more.items() if name not in left_out}
    cases = rows["case_id"].to_numpy()
    unadjusted = _fitted(types, outcome, cases, "unadjusted")
    adjusted = _fitted({**types, **more}, outcome, cases, "adjusted")
    variables = {**types, **more}
    labels = [*(name if name == OTHERS else group_label("complaint_type", name) for name in types), *more]
    found = pd.DataFrame(
        {
            "variable": labels,
            "people": [int(column.sum()) for column in variables.values()],
            "dismissed": [int((column & outcome).sum()) for column in variables.values()],
        },
        index=[*variables],
    )
    found = found.join(unadjusted).join(adjusted).reset_index(drop=True)
    found.attrs["left_out"] = left_out
    return found


def odds_table(found: pd.DataFrame) -> pd.DataFrame:
    """What `odds_ratios` returns as people read it: dismissed of how many, each odds ratio with its interval."""
    shown = pd.DataFrame({"variable": found["variable"]})
    shown["dismissed"] = [f"{k} of {n}" for k, n in zip(found["dismissed"], found["people"], strict=True)]
    for way in ("unadjusted", "adjusted"):
        ends = found[[f"{name}_{way}" for name in ("odds_ratio", "low", "high")]].to_numpy()
        shown[f"odds ratio, {way} (95% interval)"] = [
            "[z]" if np.isnan(ratio) else f"{_short(ratio)} ({_short(low)} to {_short(high)})"
            for ratio, low, high in ends
        ]
    return shown


def _short(number: float) -> str:
    """0.14, 5.5, 38: two figures, and no more than that of a hundred or more."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _fitted(variables: Mapping[str, np.ndarray], outcome: np.ndarray, cases: np.ndarray, suffix: str) -> pd.DataFrame:
    """Odds ratio with its 95 % interval of each variable."""
    design = np.column_stack([np.ones(len(outcome)), *variables.values()]).astype(float)
    beta, covariance = firth_model(design, outcome, cases)
    half = Z * np.sqrt(np.diag(covariance))
    ends = {"odds_ratio": beta, "low": beta - half, "high": beta + half}
    return pd.DataFrame({f"{name}_{suffix}": np.exp(end[1:]) for name, end in ends.items()}, index=[*variables])
