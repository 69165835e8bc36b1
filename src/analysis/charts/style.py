"""How every chart looks: the style and the colours, whatever the user's own settings of matplotlib are."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any

import afcharts
import matplotlib
from afcharts.af_colours import get_af_colours

BLUE, _, PINK, *_ = get_af_colours("categorical", number_of_colours=4)  # each at least 3:1 against white
BLACK, GREY, PALE = "#1a1a1a", "#595959", "#8c8c8c"  # the last for areas, 3:1 against white
TYPEFACE = Path(matplotlib.get_data_path()) / "fonts" / "ttf"  # it comes with matplotlib, so every machine has the same
OURS = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.hinting": "no_hinting",  # letters as wide at every size as a browser sets them
    "svg.fonttype": "none",  # text as text
    "svg.hashsalt": "misconduct",
    "pdf.fonttype": 42,
    "savefig.facecolor": "white",
    "text.parse_math": False,
}
# What says where a picture is shown and not how it is drawn: this stays the user's.
THEIRS = ("backend", "interactive", "toolbar", "docstring.", "figure.max_open", "figure.raise", "tk.", "webagg.")


@cache
def _settings() -> dict[str, Any]:
    """matplotlib's defaults, under the Government Analysis Function's style, under OURS."""
    base = matplotlib.rc_params_from_file(Path(afcharts.__file__).parent / "afcharts.mplstyle", False, False)
    layers = (matplotlib.rcParamsDefault, base, OURS)
    return {name: value for layer in layers for name, value in layer.items() if not name.startswith(THEIRS)}


def in_style() -> AbstractContextManager[None]:
    """While it lasts matplotlib draws in our style alone: no matplotlibrc and no setting of the user's is in it."""
    return matplotlib.rc_context(_settings())  # type: ignore[arg-type]
