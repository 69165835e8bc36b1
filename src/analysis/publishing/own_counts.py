"""The page on which readers make a chart of counts of their own, all of it in their browser (static/own.js)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from analysis import vocabulary
from analysis.counting.intervals import Z
from analysis.counting.rate_words import FEW, SMALL
from analysis.edition import EDITION
from analysis.publishing import wording as words
from analysis.publishing.builder import safe_json
from analysis.publishing.overseers import FORCE_KINDS
from analysis.publishing.rendering import render

PEOPLE = "individuals"  # the unit of which "dismissed" may be said


def own_data() -> dict[str, Any]:
    """What own.js needs: the numbers that the project's own intervals and marks are made with, units and wordings."""
    units = {code: vocabulary.entry("published_unit", code) for code in vocabulary.codes("published_unit")}
    return {
        "longest": words.LONGEST_QUOTE,
        "z": Z,
        "few": FEW,
        "small": SMALL,
        "people": PEOPLE,
        "project": EDITION,
        "units": {code: str(entry["label"]) for code, entry in units.items() if code != "percent"},
        "counted": [
            {key: str(vocabulary.entry("numerator", code)[key]) for key in ("label", "title", "ended")}
            for code in reversed(vocabulary.codes("numerator"))
        ],
        "forces": sorted(c for c in vocabulary.codes("force") if vocabulary.entry("force", c)["kind"] in FORCE_KINDS),
    }


def own_page(shared: Mapping[str, Any]) -> bytes:
    """own.html; shared: what every page shows."""
    data = own_data()
    return render("own.html", "own.html", **shared, data=data, json=Markup(safe_json(data)))
