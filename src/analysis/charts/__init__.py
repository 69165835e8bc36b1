"""Drawing: one function a kind of chart, each taking a validated table and returning a Chart. No chart reads a file."""

from analysis.charts.chart import Chart
from analysis.charts.dismissal_rates import dismissal_rates_by_complaint_type

__all__ = ["Chart", "dismissal_rates_by_complaint_type"]
