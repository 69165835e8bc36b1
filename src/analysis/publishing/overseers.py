"""Whose investigations these data cannot hold, and the text that asks a force for its figures: both by who oversees it.

The vocabulary says who that is (data/vocabulary/forces.yml).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis import vocabulary
from analysis.charts.text import slug

ASK = """Under the {act}, please give me for each of the last five years, by type of complaint:
1. the number of people (officers, staff and special constables) with a case to answer for misconduct and for gross \
misconduct;
2. how many of them faced a misconduct meeting and how many a misconduct hearing;
3. how many were found to have committed misconduct, and how many gross misconduct;
4. how many were dismissed, would have been dismissed, got each other outcome, or resigned or retired first.
Please count people, not complaints or allegations. Where a number is too small to give, please say under how many it \
is."""
FORCE_KINDS = ("territorial", "other_force", "body")  # what can be chosen as a force
USUAL = "iopc"  # of most forces, and where no force is named


@dataclass(frozen=True)
class Request:
    """A text that asks for figures under one Act; forces: whom it is for, "" for most of them; id: its place."""

    forces: str
    text: str
    id: str


def overseer_of(force: str) -> Mapping[str, Any]:
    """The entry of who oversees a force; of no force that of most."""
    return vocabulary.entry("overseer", vocabulary.entry("force", force)["overseer"] if force else USUAL)


def other_overseer(force: str) -> str:
    """Who oversees a force whose investigations these data cannot hold; "" of any other."""
    found = overseer_of(force)
    return "" if found["is_in_cases"] else str(found["label"])


def request_of(force: str = "") -> Request:
    """The text that asks a force for its figures; that for most of them where none is named."""
    usual, act = overseer_of("")["request_act"], overseer_of(force)["request_act"] or "law on access to information"
    named = "" if act == usual else force
    return Request(named, ASK.format(act=act), f"ask-{slug(named)}" if named else "ask")


def requests() -> list[Request]:
    """The texts for all forces: the one for most, then one for each force that is asked under another Act."""
    forces = [code for code in vocabulary.codes("force") if vocabulary.entry("force", code)["kind"] in FORCE_KINDS]
    others = [request_of(force) for force in forces]
    return [request_of(), *(one for one in others if one.forces)]
