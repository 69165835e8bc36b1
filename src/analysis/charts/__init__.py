"""Drawing: one function a kind of chart, each taking a validated table and returning a Chart.

No chart reads a file.
"""

from analysis.charts.bars import attrition_chart
from analysis.charts.bounds import bounds_chart
from analysis.charts.chart import Chart
from analysis.charts.concentration import concentration_chart
from analysis.charts.forest import published_rates_chart
from analysis.charts.funnel import funnel_plot
from analysis.charts.rate_dots import dismissal_rates_by
from analysis.charts.risk_ratios import risk_ratio_chart

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
