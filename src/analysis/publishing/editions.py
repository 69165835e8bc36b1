"""The editions that CHANGELOG.md tells of, and its text as the site shows it: by their dates, with a plain lead."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from analysis import edition
from analysis.errors import MisconductError

DAY = re.compile(r"\b(\d{1,2}) (\w+) (\d{4})\b")
UNRELEASED = "Unreleased"  # the heading of an edition that has no version yet
PARTS = {  # a part of an edition -> what its lead says of it
    "Figures": " Under [Figures](#figures): which figures moved, and why.",
    "Code": " Under [Code](#code): what changed in the programs.",
}


@dataclass(frozen=True)
class Edition:
    """One edition of the changelog: its heading, its date and what is said of it first."""

    heading: str
    date: str
    says: str

    @property
    def name(self) -> str:
        """What people call it."""
        return f"Edition of {edition.day(self.date)}"

    @property
    def shown(self) -> str:
        """Its heading on the site: its name, and its version where it has one."""
        return self.name if self.heading == UNRELEASED else f"{self.name} ({self.heading.split(' ')[0]})"


def editions(changelog: str) -> list[Edition]:
    """The editions of CHANGELOG.md, the newest first. The newest is of edition.UPDATED, the oldest of PUBLISHED.

    A section of which nothing is said is none. MisconductError for one between them whose heading has no date.
    """
    sections = [(heading, _first_words(text)) for heading, text in _sections(changelog)]
    known = {len(sections) - 1: edition.PUBLISHED, 0: edition.UPDATED}
    return [
        Edition(heading, known.get(place) or _date(heading), says) for place, (heading, says) in enumerate(sections)
    ]


def _first_words(text: str) -> str:
    """The first paragraph of a section, or the first entry of its list, as plain text; "" of a section with none."""
    prose = re.sub(r"^#.*$", "\n", text, flags=re.MULTILINE).strip()
    first = re.split(r"\n\s*\n|\n(?=- )", prose)[0].removeprefix("- ")
    return " ".join(re.sub(r"\*\*|`|\[([^]]+)\]\([^)]+\)", r"\1", first).split())


def _date(heading: str) -> str:
    said = DAY.search(heading)
    try:
        return datetime.datetime.strptime(said[0] if said else "", "%d %B %Y").date().isoformat()
    except ValueError:
        told = f"CHANGELOG.md: {heading} does not say when it was: add its date to the heading, as in 2 March 2027."
        raise MisconductError(told) from None


def _sections(changelog: str) -> list[tuple[str, str]]:
    """The sections of CHANGELOG.md of which something is said: heading and text."""
    parts = re.split(r"^## (.+)$", changelog, flags=re.MULTILINE)[1:]
    found = [(heading.strip(), text) for heading, text in zip(parts[::2], parts[1::2], strict=True)]
    return [(heading, text) for heading, text in found if _first_words(text)]


def changes_page(changelog: str) -> str:
    """CHANGELOG.md as the site shows it: a lead that says what stands where, and each edition under its date."""
    sections = _sections(changelog)
    told = [f"## {one.shown}\n{text}" for one, (_, text) in zip(editions(changelog), sections, strict=True)]
    newest = sections[0][1]
    where = "".join(said for part, said in PARTS.items() if re.search(rf"^### {part}$", newest, re.MULTILINE))
    earlier = " Earlier editions follow." if len(sections) > 1 else ""
    lead = f"The edition of {edition.day(edition.UPDATED)} comes first.{where}{earlier}"
    return "\n\n".join(["# What changed", lead, *told])
