"""How often police officers accused of misconduct are dismissed, by what they are accused of.

    import analysis as an
    data = an.load()
    table = an.dismissal_rates(data, among="case_to_answer", by="complaint_type")
    an.chart(table)

Importing this package loads nothing; each name below is loaded when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what type checkers take for true; importing typing would take longer than all of this
if TYPE_CHECKING:
    from analysis.charts import Chart as Chart
    from analysis.charts.catalogue import chart as chart
    from analysis.charts.catalogue import draw_chart as draw_chart
    from analysis.counting.rate_table import RateTable as RateTable
    from analysis.counting.rates import dismissal_rates as dismissal_rates
    from analysis.counting.robustness import robustness as robustness
    from analysis.counting.selection import between as between
    from analysis.counting.selection import excluding as excluding
    from analysis.dataset import Dataset as Dataset
    from analysis.dataset import load as load
    from analysis.errors import MisconductError as MisconductError
    from analysis.publishing.wording import limits as limits

__version__ = "0.1.0"

_DOOR = {
    "Chart": "charts.chart",
    "Dataset": "dataset",
    "MisconductError": "errors",
    "RateTable": "counting.rate_table",
    "between": "counting.selection",
    "chart": "charts.catalogue",
    "dismissal_rates": "counting.rates",
    "draw_chart": "charts.catalogue",
    "excluding": "counting.selection",
    "limits": "publishing.wording",
    "load": "dataset",
    "robustness": "counting.robustness",
}
__all__ = ["__version__", *_DOOR]


def __getattr__(name: str) -> object:
    """A name of the door, from its room."""
    if name not in _DOOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. It has: {', '.join(_DOOR)}.")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(f"{__name__}.{_DOOR[name]}"), name)
    return found


def __dir__() -> list[str]:
    """The door's names, for completion."""
    return sorted(__all__)
