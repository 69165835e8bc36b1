"""Comparing rates fairly: risk ratios, funnel limits with over-dispersion, and pooled small-sample estimates.

Everything here takes a RateTable (rates.py) or counts, and returns a table; nothing reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, test_proportions_2indep

from analysis import vocabulary
from analysis.errors import MisconductError, require_known
from analysis.intervals import design_effect, wilson_interval
from analysis.rates import RateTable

REST = "rest"
Z95, Z998 = stats.norm.ppf(0.975), stats.norm.ppf(0.999)


def against_rest(subjects: pd.DataFrame, column: str, value: str) -> pd.DataFrame:
    """Subjects with `column` reduced to `value` and "rest"; a joint case that names `value` counts as `value` only."""
    named = subjects[column].str.split(vocabulary.SEPARATOR).map(lambda parts: value in parts).astype(bool)
    return subjects.assign(**{column: pd.Series(np.where(named, value, REST), index=subjects.index, dtype="str")})


def risk_ratio(k: float, n: float, k_reference: float, n_reference: float) -> tuple[float, float, float, float]:
    """Ratio of two independent shares, its 95 % Koopman (1984) score interval and two-sided p value of the score test.

    NaN where a group is empty or nobody in either was dismissed; an upper end may be infinite.
    """
    if not n or not n_reference or not (k or k_reference):
        return (float("nan"),) * 4
    ratio = k / n / (k_reference / n_reference) if k_reference else float("inf")
    with np.errstate(all="ignore"):
        groups = (k, n, k_reference, n_reference)
        score = {"compare": "ratio", "method": "score", "correction": False}  # True would be Miettinen and Nurminen's
        low, high = confint_proportions_2indep(*groups, **score)
        p = test_proportions_2indep(*groups, **score).pvalue
    return ratio, (0.0 if k == 0 else float(low)), (float("inf") if k_reference == 0 else float(high)), float(p)


def risk_ratios(table: RateTable, reference: str) -> pd.DataFrame:
    """Each group of a one-column RateTable against one of its groups.

    Returns one row a group: the group column, numerator, denominator, ratio, low, high, p_value, p_holm (adjusted for
    all the comparisons made, Holm 1979) and reliability (u when either denominator is under 10). Counts are divided
    by each group's design effect first, as in the interval of a rate. Raises MisconductError for an unknown group.
    """
    if len(table.by) != 1:
        raise MisconductError("Risk ratios need a rate table by one group.")
    column = table.by[0]
    groups = table.groups.set_index(column)
    require_known(reference, groups.index, column.replace("_", " "))
    base = groups.loc[reference]
    rows = []
    for group, row in groups.drop(index=reference).iterrows():
        effective = [row[c] / row["design_effect"] for c in ("numerator", "denominator")]
        effective += [base[c] / base["design_effect"] for c in ("numerator", "denominator")]
        ratio, low, high, p = risk_ratio(*map(float, effective))
        if row["denominator"] and base["denominator"] and base["numerator"]:
            ratio = float(row["rate"] / base["rate"])
        reliable = row["reliability"] == base["reliability"] == "ok"
        rows.append((group, row["numerator"], row["denominator"], ratio, low, high, p, "ok" if reliable else "u"))
    names = [column, "numerator", "denominator", "ratio", "low", "high", "p_value", "reliability"]
    compared = pd.DataFrame(rows, columns=names)
    tested = compared["p_value"].notna()
    compared["p_holm"] = np.nan
    if tested.any():
        compared.loc[tested, "p_holm"] = multipletests(compared.loc[tested, "p_value"], method="holm")[1]
    return compared


@dataclass(frozen=True)
class Funnel:
    """A funnel plot's numbers (Spiegelhalter 2005).

    data: one row a group: the group column, numerator, denominator, n_effective, rate, z, low_95, high_95, low_998,
    high_998 and position (inside, outside 95%, outside 99.8%). target: everybody's rate. dispersion: the mean of the
    squared, winsorised z; is_overdispersed: whether it exceeds what chance gives, in which case the limits are widened
    by its square root.
    """

    data: pd.DataFrame
    target: float
    dispersion: float
    is_overdispersed: bool

    @property
    def widening(self) -> float:
        """The factor on the limits: the square root of the dispersion where there is over-dispersion, else 1."""
        return float(np.sqrt(self.dispersion)) if self.is_overdispersed else 1.0


def score_limits(p: float, n: np.ndarray | float, z: float, widening: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """p ± z · sqrt(p (1 - p) / n), cut to 0 and 1: the score-test limits of a share for groups of n people."""
    half = z * widening * np.sqrt(p * (1 - p) / np.asarray(n, dtype=float))
    return np.clip(p - half, 0, 1), np.clip(p + half, 0, 1)


def funnel(table: RateTable) -> Funnel:
    """Funnel limits of every group of a one-column RateTable around the total's rate.

    n is the effective number of people (denominator / design effect), so that one case of many people cannot put its
    force outside the limits by itself.

    Raises MisconductError when the total's rate is 0, 1 or missing (there are no limits then).
    """
    p = float(table.total["rate"])
    if not 0 < p < 1:
        raise MisconductError("A funnel plot needs somebody dismissed and somebody not dismissed.")
    column = table.by[0]
    groups = table.groups[table.groups["denominator"] > 0]
    data = groups[[column, "numerator", "denominator", "rate"]].copy()
    n = (groups["denominator"] / groups["design_effect"]).to_numpy(dtype=float)
    data.insert(3, "n_effective", n)
    data["z"] = (data["rate"].to_numpy(dtype=float) - p) / np.sqrt(p * (1 - p) / n)
    low, high = np.quantile(data["z"], [0.1, 0.9])
    dispersion = float(np.mean(np.clip(data["z"], low, high) ** 2))
    m = len(data)
    is_overdispersed = m * dispersion > m + 2 * np.sqrt(2 * m)  # m times the dispersion is chi-squared on m degrees
    widening = np.sqrt(dispersion) if is_overdispersed else 1.0
    for name, z in (("95", Z95), ("998", Z998)):
        data[f"low_{name}"], data[f"high_{name}"] = score_limits(p, n, z, widening)
    away = np.abs(data["z"]) / widening
    data["position"] = np.select([away > Z998, away > Z95], ["outside 99.8%", "outside 95%"], "inside")
    return Funnel(data.reset_index(drop=True), p, dispersion, bool(is_overdispersed))


def fit_beta_binomial(k: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    """Maximum-likelihood alpha and beta of a beta-binomial for k of n (scipy); alpha + beta is at most 10,000."""

    def loss(parameters: np.ndarray) -> float:
        mean, size = 1 / (1 + np.exp(-parameters[0])), np.exp(parameters[1])
        return float(-stats.betabinom.logpmf(k, n, mean * size, (1 - mean) * size).sum())

    start = np.clip(k.sum() / n.sum(), 0.001, 0.999)
    found = optimize.minimize(
        loss, [np.log(start / (1 - start)), np.log(10)], bounds=[(-12, 12), (np.log(0.1), np.log(10_000))]
    )
    mean, size = 1 / (1 + np.exp(-found.x[0])), np.exp(found.x[1])
    return float(mean * size), float((1 - mean) * size)


def pooled_estimates(table: RateTable) -> pd.DataFrame:
    """Each group's rate drawn towards that of all groups, the more so the smaller it is (empirical Bayes).

    Returns the group column, numerator, denominator, rate (raw), pooled, pooled_low, pooled_high: mean and central
    95 % of Beta(alpha + k, beta + n - k), with alpha and beta fitted to all groups. To be shown beside, never instead
    of, the raw rate. The uncertainty of alpha and beta themselves is not in the interval.
    """
    column = table.by[0]
    data = table.groups[table.groups["denominator"] > 0][[column, "numerator", "denominator", "rate"]].reset_index(
        drop=True
    )
    k, n = (data[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    alpha, beta = fit_beta_binomial(k, n)
    posterior = stats.beta(alpha + k, beta + n - k)
    return data.assign(pooled=posterior.mean(), pooled_low=posterior.ppf(0.025), pooled_high=posterior.ppf(0.975))


def steps(subjects: pd.DataFrame) -> dict[str, pd.Series]:
    """The steps from a case to answer to dismissal: name -> whether the source states it, true or false a person."""

    def having(column: str, attribute: str) -> pd.Series:
        return subjects[column].isin(vocabulary.codes_with(column, attribute))

    return {
        "Case to answer": having("case_to_answer", "is_case_to_answer"),
        "Accepted by the force": subjects["force_view"] == "agreed",
        "Proceedings held": having("proceeding", "is_held"),
        "Misconduct found": having("finding", "is_proven"),
        "Formal sanction": having("sanction", "is_formal"),
        "Dismissed or would have been": having("sanction", "is_dismissal_or_would_have_been"),
    }


def attrition(subjects: pd.DataFrame, allegations: pd.DataFrame, complaint_type: str = "") -> pd.DataFrame:
    """How many of those with a case to answer reach each step, all of them or those accused of one complaint type.

    Returns stage, n, of_first (share of the first stage's n; missing when that is 0). A stage need not be contained
    in the one before it: somebody can be found against without proceedings being stated. MisconductError for an
    unknown complaint type.
    """
    if complaint_type:
        require_known(complaint_type, vocabulary.codes("complaint_type"), "complaint type")
        accused = allegations.loc[allegations["complaint_type"] == complaint_type, "subject_id"]
        subjects = subjects[subjects["subject_id"].isin(accused)]
    first = steps(subjects)["Case to answer"]
    counts = [(name, int((first & reached).sum())) for name, reached in steps(subjects).items()]
    total = int(first.sum())
    rows = [(name, n, n / total if total else np.nan) for name, n in counts]
    return pd.DataFrame(rows, columns=["stage", "n", "of_first"])


def leaving_assumptions(subjects: pd.DataFrame, among: str) -> pd.DataFrame:
    """How the dismissal rate moves with what is assumed of people who left first or whose outcome is unknown.

    among: a code of the vocabulary `denominator`. Returns label, numerator, denominator, rate, low, high (95 % Wilson
    on n / design effect); the first row is the project's own definition, each other row changes one assumption.
    Rows whose denominator is empty have no rate.
    """
    denominator = vocabulary.entry("denominator", among)
    people = subjects
    if denominator["column"]:
        members = vocabulary.codes_with(denominator["column"], denominator["attribute"])
        people = subjects[subjects[denominator["column"]].isin(members)]
    left = people["left_service"].isin(vocabulary.codes_with("left_service", "has_left"))
    known = people["sanction"].isin(vocabulary.codes_with("sanction", "is_known"))
    dismissed = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal"))
    either = people["sanction"].isin(vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been"))
    everybody = pd.Series(True, index=people.index)

    def row(label: str, counted: pd.Series, group: pd.Series) -> dict[str, object]:
        k, n = int(counted[group].sum()), int(group.sum())
        effect = design_effect(counted[group], people.loc[group, "case_id"])
        low, high = wilson_interval(k, n, 1.0 if np.isnan(effect) else effect)
        return {
            "label": label,
            "numerator": k,
            "denominator": n,
            "rate": k / n if n else np.nan,
            "low": low,
            "high": high,
        }

    return pd.DataFrame(
        [
            row("Dismissed or would have been", either, known),
            row("Dismissed only", dismissed, known),
            row("Without those who left first", either, known & ~left),
            row("Unknown outcomes: nobody dismissed", either, everybody),
            row("Left or unknown: all dismissed", either | left | ~known, everybody),
        ]
    )
