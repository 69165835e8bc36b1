"""This edition: the project's name, its dates, and where it is published; each is set here and nowhere else.

A page, copied sentence or picture shows an address, an e-mail or a next edition only where one is set.
"""

from __future__ import annotations

import datetime

PROJECT = "Police misconduct outcomes"
PUBLISHED = "2026-11-24"  # the first edition
UPDATED = "2026-11-26"  # this one
NEXT = ""  # when the next one is expected, in words, if that is known
ADDRESS = ""  # of the site's front page, with its last slash
RELEASE = ""  # of the folder of a release's files (make release), with its last slash
EMAIL = ""  # that takes corrections and replies to freedom of information requests


def day(date: str) -> str:
    """An ISO date, month or year as people write it: 24 November 2026; June 2021; 2021."""
    parts = date.split("-")
    if len(parts) == 3:
        known = datetime.date.fromisoformat(date)
        return f"{known.day} {known:%B %Y}"
    return f"{datetime.date.fromisoformat(f'{date}-01'):%B %Y}" if len(parts) == 2 else date


EDITION = f"{PROJECT} (edition of {day(UPDATED)})"  # in citations and pictures


def short_day(date: str) -> str:
    """The month of an ISO date, as short as it can be read: Nov 2026."""
    return f"{datetime.date.fromisoformat(date):%b %Y}"
