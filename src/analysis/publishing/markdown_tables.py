"""Tables in Markdown, for notebooks: whole cells and links, which a frame shown by pandas does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def cases_table(found: pd.DataFrame, counted: str = "people") -> str:
    """Investigations of Dataset.cases as a table in Markdown, each with a link to its publisher's page.

    counted: what one in `people` is, in the plural.
    """
    names = {
        **{"complaint_types": "accused of", "people": counted, "findings": "found", "outcomes": "how it ended"},
        "confidence": "reading",
    }
    shown = found[[*names]].rename(columns=names)
    shown.insert(0, "published, force", [_linked(case) for case in found.to_dict("records")])
    return markdown_table(shown)


def markdown_table(table: pd.DataFrame) -> str:
    """A table in Markdown, whose cells are never cut short as those of a frame in a notebook are."""
    rows = [[*table.columns], ["---"] * table.shape[1], *table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows)


def _linked(case: Mapping[str, Any]) -> str:
    """Date and force of a case, as a link where there is an address."""
    name = f"{case['date'] or 'no date'}, {case['force'] or 'force not stated'}"
    return f"[{name}]({case['url'].replace('(', '%28').replace(')', '%29')})" if case["url"] else name
