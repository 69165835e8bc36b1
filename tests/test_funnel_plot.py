"""The funnel plot of forces: its limits, what chance would do, what is said of it, and pooled estimates beside it."""

import re
from itertools import product
from math import comb

import numpy as np
import pytest
from people import by_force, of, people
from scipy import stats
from tidy import assert_tidy

from analysis.charts import funnel_plot
from analysis.charts.style import in_style
from analysis.counting.funnel import (
    OUTSIDE_95,
    OUTSIDE_998,
    binomial_limit,
    fit_beta_binomial,
    funnel,
    pooled_estimates,
)
from analysis.counting.rate_words import count_words, share_words
from analysis.counting.rates import dismissal_rates
from analysis.errors import MisconductError
from analysis.publishing.findings import about_forces, findings
from analysis.publishing.wording import chart_table, citation

LEVELS = (0.001, 0.025, 0.975, 0.999)


def by_hand(p: float, n: int, level: float) -> float:
    """The appendix of Spiegelhalter (2005), from sums of binomial probabilities: the limit as a share."""
    below = 0.0
    for r in range(n + 1):
        at = comb(n, r) * p**r * (1 - p) ** (n - r)
        if below + at >= level:
            return min(1.0, max(0.0, (r - (below + at - level) / at) / n))
        below += at
    raise AssertionError("a distribution function ends at one")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("p", [0.02, 0.044, 0.2, 0.5, 0.9])
def test_limits_of_whole_numbers_are_the_published_definition(p, level):
    sizes = (1, 2, 5, 10, 17, 40, 84, 300)
    found = binomial_limit(p, np.array(sizes, dtype=float), level)
    assert found == pytest.approx([by_hand(p, n, level) for n in sizes], abs=1e-9)
    for n, limit in zip(sizes, found, strict=True):  # and by scipy's quantile and distribution function
        r = stats.binom.ppf(level, n, p)
        above = (stats.binom.cdf(r, n, p) - level) / stats.binom.pmf(r, n, p)
        assert limit == pytest.approx(np.clip((r - above) / n, 0, 1), abs=1e-9)


def test_limits_between_whole_numbers_lie_between_theirs():
    """And in large groups they are those of the normal distribution."""
    sizes = np.linspace(20, 21, 11)
    found = binomial_limit(0.3, sizes, 0.975)
    assert (np.abs(np.diff(found)) < 0.005).all()
    assert found[[0, -1]] == pytest.approx([by_hand(0.3, 20, 0.975), by_hand(0.3, 21, 0.975)])
    for level in LEVELS:
        normal = 0.3 + stats.norm.ppf(level) * np.sqrt(0.3 * 0.7 / 100_000)
        assert binomial_limit(0.3, 100_000.5, level) == pytest.approx(normal, abs=2e-5)


@pytest.fixture(scope="module")
def table(data):
    return dismissal_rates(data, among="case_to_answer", by="force")


@pytest.fixture(scope="module")
def found(table):
    return funnel(table)


def test_a_force_of_low_reliability_is_not_classified(table, found):
    """Under 10 people or 5 cases: no limits and no position; Gloucestershire's 1 of 1 is outside nothing."""
    reliability = table.groups.set_index("force")["reliability"]
    small = found.data["force"].map(reliability) == "u"
    assert (small == (found.data["position"] == "too few to classify")).all()
    assert found.data.loc[small, ["low_95", "high_95", "low_998", "high_998"]].isna().all().all()
    assert {"Gloucestershire Constabulary", "Cheshire Constabulary", "Dorset Police"} <= {
        *found.data.loc[small, "force"]
    }
    for row in found.classified.itertuples():  # on the effective number
        for level, limit in zip(LEVELS, (row.low_998, row.low_95, row.high_95, row.high_998), strict=True):
            assert limit == pytest.approx(float(binomial_limit(found.target, row.n_effective, level)[0]))


def test_what_chance_puts_outside_is_counted(table, found):
    """By permutations of another seed: how many classified forces lie outside, and how often as many."""
    people, classified = table.outcomes(), found.classified.set_index("force")
    place = {force: number for number, force in enumerate(table.groups["force"])}
    drawn = people.permuted(20_000, np.random.default_rng(5))[:, [place[force] for force in classified.index]]
    shares = drawn / classified["denominator"].to_numpy(dtype=float)
    for chance, name in ((found.outside_95, "95"), (found.outside_998, "998")):
        beyond = (shares > classified[f"high_{name}"].to_numpy()) | (shares < classified[f"low_{name}"].to_numpy())
        k = int(
            ((classified["rate"] > classified[f"high_{name}"]) | (classified["rate"] < classified[f"low_{name}"])).sum()
        )
        assert chance.observed == k
        assert chance.expected == pytest.approx(beyond.sum(axis=1).mean(), abs=0.04)
        assert chance.p == pytest.approx((beyond.sum(axis=1) >= k).mean(), abs=0.02)
    z = (drawn / classified["denominator"].to_numpy(dtype=float) - found.target) / np.sqrt(
        found.target * (1 - found.target) / classified["n_effective"].to_numpy()
    )
    observed = _winsorised(classified["z"].to_numpy()[np.newaxis])[0]
    assert found.spread.observed == pytest.approx(observed)
    assert found.spread.p == pytest.approx((_winsorised(z) >= observed - 1e-9).mean(), abs=0.02)
    assert found.dispersion.p == pytest.approx(0.0075, abs=0.005)  # independently, over all forces


def _winsorised(z):
    low, high = np.quantile(z, [0.1, 0.9], axis=1, keepdims=True)
    return (np.clip(z, low, high) ** 2).mean(axis=1)


def test_a_group_outside_its_limits_is_found():
    """Nine groups of 40 with 4 dismissed each, and one with 16: only the last lies outside."""
    cases = {f"force {number}": ["n"] * 36 + ["D"] * 4 for number in range(9)} | {"odd": ["n"] * 24 + ["D"] * 16}
    found = funnel(dismissal_rates(by_force(cases | {"small": ["n"] * 3}), among="proven", by="force"))
    where = found.data.set_index("force")["position"]
    assert where["odd"] == "outside 99.8%" and where["small"] == "too few to classify"
    assert where.drop(["odd", "small"]).eq("inside").all()
    assert (found.outside_95.observed, found.outside_998.observed) == (1, 1) and found.outside_998.p < 0.05
    assert found.outside_words() == (
        f"of 10 forces large enough, 1 lies outside the 95% limits (by chance {found.outside_95.expected_words}), 1 "
        f"outside the 99.8% limits (by chance {found.outside_998.expected_words})"
    )
    assert "(odd: 16 of 40; by chance" in found.outside_words(named=True)
    assert found.small_words.startswith("1 of 11 forces is too small to classify (fewer than 10 people")
    assert found.group_words("odd") == "odd: 16 of 40, outside the 99.8% limits"
    assert found.group_words("small") == "small: 0 of 3, too few to classify"
    assert found.group_words("force 1") == "force 1: 4 of 40, inside the 95% limits"
    assert found.group_words("nobody's") == ""


def test_dispersion_that_chance_does_not_give_is_found():
    """Forces of 40 with nobody or half dismissed: the old rule on m forces aside, permutation finds it."""
    cases = {f"force {n}": ["n"] * (40 - k) + ["D"] * k for n, k in enumerate([0, 20, 0, 20, 0, 20, 0, 20])}
    found = funnel(dismissal_rates(by_force(cases), among="proven", by="force"))
    assert found.dispersion.observed == pytest.approx((0.25 / np.sqrt(0.25 * 0.75 / 40)) ** 2)
    assert found.spread.p < 0.001 and "spread further than outcomes that fall by chance" in found.dispersion_words


def test_without_a_group_large_enough_nothing_is_classified():
    found = funnel(dismissal_rates(by_force({"a": ["D", "n"]}), among="proven", by="force"))
    assert found.outside_words() == "no force is large enough to classify"
    assert np.isnan(found.spread.observed) and "large enough" not in found.dispersion_words
    assert found.data["position"].tolist() == ["too few to classify"]
    table = dismissal_rates(by_force({"a": ["D", "n"]}), among="proven", by="force")
    with pytest.raises(MisconductError, match="No force has 5 people or more"):
        funnel_plot(table, funnel(table), "a")


def test_a_funnel_needs_both_outcomes_and_a_force(subjects, allegations):
    with pytest.raises(MisconductError, match="needs both: people dismissed"):
        funnel(dismissal_rates(people(["n", "n"]), among="proven", by="force"))
    with pytest.raises(MisconductError, match="which force anybody is of"):
        funnel(dismissal_rates(of(subjects.assign(force=""), allegations), among="case_to_answer", by="force"))


def test_not_stated_is_no_force(found, subjects, allegations):
    """28 of 43 forces are too small: whoever has no force stated is in the total and nowhere else."""
    assert found.small_words.startswith("28 of 43 forces")
    nameless = subjects.assign(force=subjects["force"].where(subjects["force"] != "Kent Police", ""))
    table = dismissal_rates(of(nameless, allegations), among="case_to_answer", by="force")
    assert table.groups.set_index("force")["denominator"]["(not stated)"] > 0
    assert funnel(table).small_words.startswith("27 of 42 forces")
    assert "(not stated)" not in {*funnel(table).data["force"], *pooled_estimates(table).data["force"]}


@pytest.mark.parametrize(
    ("force", "own"),
    [
        (
            "Leicestershire Police",
            "Leicestershire Police: 4 of 17, in 1 of 5 investigations, outside the 95% limits; of ",
        ),
        ("Metropolitan Police Service", "Metropolitan Police Service: 2 of 84, in 2 of 57 investigations, inside the "),
        ("Gloucestershire Constabulary", "Gloucestershire Constabulary: 1 of 1, too few to classify; of "),
        ("Police Scotland", "Of 15 forces"),
    ],
)
def test_a_funnel_tells_the_force_s_own_count_and_where_it_lies(table, found, force, own):
    """Title and citation begin with it; then how many of how many lie outside, and how many by chance."""
    chart = funnel_plot(table, found, force)
    assert chart.title.startswith(own) and re.search(
        r"of 15 forces large enough, 1 lies outside the 95% limits \(by chance 0\.9\), none outside the 99\.8% limits "
        r"\(by chance under 0\.1\)$",
        chart.title,
        re.IGNORECASE,
    )
    if (row := chart.row) is not None:  # the force's own count and rate, and not its place among others
        told = f"{force}: {count_words(row, who='people with a case to answer')}, were dismissed or would have been; "
        assert chart.caption.startswith(f"{told}{share_words(row)}. England and Wales. ")
    else:
        assert chart.caption.startswith(own.removesuffix("; of "))
    assert len(chart.caption) <= 280
    assert f" {own.removesuffix(' of ')}" in citation(chart)
    said = " ".join([chart.title, chart.alt_text, chart.subtitle, *chart.notes])
    assert "chance would explain" not in said and "no difference" not in said
    for line in chart.alt_text.splitlines():
        if line.startswith(("Cheshire", "Gloucestershire", "Humberside")):
            assert line.endswith("too few to classify.") and "outside" not in line and "%" not in line


def test_every_force_s_funnel_begins_with_its_own_count(table, found):
    for row in found.data.to_dict("records"):
        chart = funnel_plot(table, found, row["force"])
        own = f"{row['force']}: {row['numerator']} of {row['denominator']}"
        assert chart.title.startswith(own) and chart.caption.startswith(own) and len(chart.caption) <= 280


def test_what_is_drawn_is_what_can_be_read(table, found):
    """No dot under 5 people, a hollow one under 10 people or 5 cases; limits where somebody is classified."""
    [axes] = funnel_plot(table, found, "Leicestershire Police").figure.axes
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    rows = found.data[found.data["denominator"] >= 5]
    assert sorted(dot.get_ydata()[0] for dot in dots) == pytest.approx(sorted(rows["rate"]))
    hollow = sum(dot.get_markerfacecolor() == "white" for dot in dots)
    assert hollow == (rows["position"] == "too few to classify").sum()
    limits = [line for line in axes.get_lines() if len(line.get_xdata()) > 100]
    assert len(limits) == 4 and min(limits[0].get_xdata()) == pytest.approx(found.classified["n_effective"].min())
    assert axes.get_ylim()[1] < 0.6  # the axis ends where the data do


def test_limits_are_shown_as_the_shares_that_they_are(table, found):
    """Beside rates in percent; [z] where a force is not classified, [u] under 5 people."""
    shown = chart_table(funnel_plot(table, found, "Kent Police"))
    place = shown.headings.index("high 95")
    cells = {row[0]: row[place] for row in shown.rows}
    row = found.data.set_index("force").loc["Leicestershire Police"]
    assert cells["Leicestershire Police"] == f"{100 * row['high_95']:.1f}%"
    assert (cells["Dorset Police"], cells["Kent Police"]) == ("[z]", "[u]")


LONG = ("Avon and Somerset Constabulary", "Greater Manchester Police", "West Midlands Police")


@pytest.mark.parametrize(
    ("size", "force"), [*product(["phone", "square"], LONG), ("page", "Metropolitan Police Service")]
)
def test_a_long_name_fits_its_funnel(table, found, size, force):
    figure = funnel_plot(table, found, force).page(size).figure
    assert_tidy(figure)
    [axes] = figure.axes
    inches = figure.dpi_scale_trans.inverted()
    dots = [line for line in axes.get_lines() if line.get_marker() == "o"]
    at = [inches.transform(axes.transData.transform((dot.get_xdata()[0], dot.get_ydata()[0]))) for dot in dots]
    outside = found.data["position"].isin([OUTSIDE_95, OUTSIDE_998]) & (found.data["force"] != force)
    assert len(axes.texts) == 1 + outside.sum() and axes.texts[0].get_text().startswith(f"{force}:")
    overall = inches.transform(axes.transData.transform((0, found.target)))[1]
    with in_style():
        boxes = [text.get_window_extent().transformed(inches) for text in axes.texts]
    for box, text in zip(boxes, axes.texts, strict=True):
        row = found.data.set_index("force").loc[text.get_text().split(":")[0]]
        x, y = inches.transform(axes.transData.transform((row["n_effective"], row["rate"])))
        away = max(box.x0 - x, x - box.x1, 0), max(box.y0 - y, y - box.y1, 0)
        assert np.hypot(*away) < 0.9, text.get_text()  # no long leader: all names are beside their dots
        assert not any(box.x0 < x < box.x1 and box.y0 < y < box.y1 for x, y in at), text.get_text()
        assert not box.y0 < overall < box.y1, f"{text.get_text()} hides the line of all forces"


def test_the_finding_about_forces_has_every_number_in_its_figure(data, found):
    [finding] = [one for one in findings(data) if one.id == "forces"]
    assert finding.sentence == about_forces(found)
    numbers = re.compile(r"\d+(?:\.\d+)?")
    assert {*numbers.findall(finding.sentence)} <= {*numbers.findall(finding.figure)}
    assert (
        "Leicestershire Police: 4 of 17, in 1 of 5 investigations; by chance 0.9, as many or more with p = 0."
        in finding.sentence
    )


# --- pooled estimates -------------------------------------------------------------------------------------------------


def test_the_beta_binomial_fit_is_the_best_of_a_grid():
    k, n = np.array([0, 2, 1, 7, 3]), np.array([10, 12, 30, 14, 9])

    def likelihood(alpha, beta):
        return stats.betabinom.logpmf(k, n, alpha, beta).sum()

    best = likelihood(*fit_beta_binomial(k, n))
    grid = [likelihood(m * s, (1 - m) * s) for m in np.linspace(0.02, 0.9, 45) for s in np.geomspace(0.2, 5000, 60)]
    assert best >= max(grid) - 1e-6


def test_pooled_estimates_rest_on_the_effective_numbers_of_the_funnel(table, found):
    """Leicestershire's four dismissals in one case draw it no further than the people that they count for."""
    pooled = pooled_estimates(table)
    data = pooled.data.set_index("force")
    n = found.data.set_index("force")["n_effective"]
    assert data["n_effective"].to_dict() == pytest.approx(n.to_dict())
    size = pooled.mean * (1 - pooled.mean) / pooled.deviation**2 - 1  # alpha + beta, of the variance of a beta
    k = data["rate"].astype(float) * n
    assert data["pooled"].tolist() == pytest.approx(((pooled.mean * size + k) / (size + n)).tolist())
    assert data["pooled"]["Leicestershire Police"] < 0.1  # on raw counts 0.17
    assert pooled.between_words == (
        f"Between groups the fit finds a standard deviation of {100 * pooled.deviation:.1f} percentage points."
    )


def test_groups_that_are_alike_have_no_spread_that_can_be_measured():
    alike = by_force({f"force {n}": ["D"] * 4 + ["n"] * 36 for n in range(8)})
    pooled = pooled_estimates(dismissal_rates(alike, among="proven", by="force"))
    assert pooled.between_words == "Between groups the fit finds no spread that it can measure."
    assert pooled.data["pooled"].tolist() == pytest.approx([0.1] * 8, abs=1e-3)


def test_pooled_estimates_lie_between_the_raw_rate_and_the_mean(data):
    pooled = pooled_estimates(dismissal_rates(data, among="proven", by="complaint_type"))
    rows, mean = pooled.data, pooled.mean
    assert ((rows["pooled"] - mean) * (rows["rate"] - mean) >= -1e-12).all()
    assert (abs(rows["pooled"] - mean) <= abs(rows["rate"] - mean) + 1e-9).all()
    assert ((rows["pooled_low"] < rows["pooled"]) & (rows["pooled"] < rows["pooled_high"])).all()
