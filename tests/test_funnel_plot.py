"""The funnel plot of forces."""

import pytest
from tidy import assert_tidy

from analysis.charts import funnel_plot
from analysis.counting.funnel import Z95, Z998, funnel
from analysis.counting.rates import dismissal_rates
from analysis.publishing.wording import citation


@pytest.mark.parametrize(
    ("force", "own"),
    [
        ("Leicestershire Police", "Leicestershire Police: 4 of 17, in 1 of 5 investigations, outside the 95% limits; "),
        ("Metropolitan Police Service", "Metropolitan Police Service: 2 of 84, in 2 of 57 investigations, inside the "),
        ("Gloucestershire Constabulary", "Gloucestershire Constabulary: 1 of 1, too few to classify; "),
        ("Police Scotland", "2 of 16 forces"),
    ],
)
def test_a_funnel_tells_the_force_s_own_count_and_where_it_lies(data, force, own):
    """Title, caption and citation begin with it; then how many of how many lie outside which limits."""
    table = dismissal_rates(data, among="case_to_answer", by="force")
    chart = funnel_plot(table, funnel(table), force)
    others = "2 of 16 forces with 10 people or more lie outside the 95% limits; none outside the 99.8% limits"
    assert chart.title.startswith(own) and chart.title.endswith(others)
    assert chart.caption.startswith(own.removesuffix("; ")) and len(chart.caption) <= 280
    assert f" {own}" in citation(chart)
    assert "chance" not in " ".join([chart.title, chart.alt_text, chart.subtitle, *chart.notes])
    for line in chart.alt_text.splitlines():
        if line.startswith(("Cheshire", "Gloucestershire", "Humberside")):
            assert line.endswith("too few to classify.") and "outside" not in line


def test_every_force_s_funnel_begins_with_its_own_count(data):
    table = dismissal_rates(data, among="case_to_answer", by="force")
    found = funnel(table)
    for row in found.data.to_dict("records"):
        chart = funnel_plot(table, found, row["force"])
        own = f"{row['force']}: {row['numerator']} of {row['denominator']}"
        assert chart.title.startswith(own) and chart.caption.startswith(own) and len(chart.caption) <= 280


@pytest.mark.parametrize(
    "force", ["Avon and Somerset Constabulary", "Greater Manchester Police", "West Midlands Police"]
)
@pytest.mark.parametrize("size", ["phone", "square"])
def test_a_long_name_fits_its_funnel(data, size, force):
    table = dismissal_rates(data, among="case_to_answer", by="force")
    chart = funnel_plot(table, funnel(table), force)
    assert_tidy(chart.page(size).figure)


def test_the_limits_stand_at_the_points_of_the_normal_distribution():
    from scipy import stats

    assert (stats.norm.ppf(0.975), stats.norm.ppf(0.999)) == (Z95, Z998)
