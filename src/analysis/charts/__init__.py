"""Drawing: one function a kind of chart, each taking a validated table and returning a Chart.

No chart reads a file.
"""

from analysis.charts.chart import Chart
from analysis.charts.funnel import funnel_plot
from analysis.charts.ratios import risk_ratio_chart
from analysis.charts.rows import (
    attrition_chart,
    bounds_chart,
    concentration_chart,
    dismissal_rates_by,
    published_rates_chart,
)

__all__ = [
    "Chart",
    "attrition_chart",
    "bounds_chart",
    "concentration_chart",
    "dismissal_rates_by",
    "funnel_plot",
    "published_rates_chart",
    "risk_ratio_chart",
]
