"""Sentences to copy: with their place, period, source and edition, within the length of a post."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from analysis import edition
from analysis.charts.text import shorten
from analysis.counting.rate_words import share_words
from analysis.edition import PROJECT, UPDATED, short_day
from analysis.provenance.sources import Source

LONGEST_QUOTE = 280  # characters of a post
LONGEST_ORIGIN = 120  # of them for places and sources, where all is too long
ALL_IN_ONE = "; all are in one "


def origin(sources: Sequence[Source], is_brief: bool = False) -> str:
    """The place and source of figures, without the full stop: England and Wales. Source: IOPC cases to June 2021.
    is_brief: publishers alone, by their initials where they have some, or the source's short name.
    """
    places = ", ".join(dict.fromkeys(source.jurisdiction for source in sources))
    named = (
        (source.initials or source.short or source.publisher) if is_brief else (source.short or source.citation)
        for source in sources
    )
    return f"{places}. Source: {'; '.join(dict.fromkeys(named))}"


def marked(sentence: str, row: Any) -> str:
    """A sentence about a row of a RateTable with [u] behind its count where the row is of low reliability; what became
    of one or two people, told in words, is no estimate."""
    count = f"{row['numerator']:,} of {row['denominator']:,}"
    return sentence.replace(count, f"{count} [u]", 1) if row["reliability"] == "u" else sentence


def with_share(sentence: str, row: Any = None) -> str:
    """A sentence without its full stop, and with the share and interval of the row of a RateTable that it is about;
    with [u] where there are too few for a share. What became of one or two people stays as it is."""
    said = _plain(sentence)
    if row is None or ". " in said:
        return said
    share = share_words(row)
    return f"{said}. {share}" if share else marked(said, row)


def _plain(sentence: str) -> str:
    return sentence.rstrip(".").replace("dismissed or would have been dismissed", "dismissed or would have been")


def _tight(sentence: str) -> str:
    """A sentence without in how many cases people are, where one is all there is and it says so itself."""
    return re.sub(rf", in [01] of 1 (\w+),(?=.*{ALL_IN_ONE}\1$)", "", sentence)


def _closed(said: str) -> str:
    """With its full stop, which what was cut short has none of."""
    return said if said.endswith("…") else f"{said}."


def quoted(sentence: str, sources: Sequence[Source], page: str = "", row: Any = None) -> str:
    """A sentence that can stand alone: with the place, period and source of its figures, this edition and its address.

    page: where in the site it stands; row: the row of a RateTable that it is about, if it is about one, whose share and
    interval follow it. The first of these that is within LONGEST_QUOTE: with the page's address, where one is set;
    without it; without the share; with the source's initials; with the project's name for the address. What belongs to
    the count is never given up: [u], which stands behind the count where no share carries it, and that all are in one
    case. A sentence about no row gives up its last parts and says so by "…".
    """
    full = with_share(sentence, row)
    if row is None:
        ends = reversed([*re.finditer(rf"(?!{ALL_IN_ONE})[;.] ", full)])
        briefer = [full, *(f"{full[: end.start()]} …" for end in ends)]
    else:
        bare = marked(_plain(sentence).partition(". ")[0], row)
        briefer = [bare, _tight(bare)]
    whose = edition.ADDRESS or PROJECT
    tails = [(full, whose, False), *((said, whose, is_brief) for is_brief in (False, True) for said in briefer)]
    tails.append((briefer[-1], PROJECT, True))
    if edition.ADDRESS and page:
        tails = [(full, f"{edition.ADDRESS}{page}", False), *tails]
    texts = [
        f"{_closed(said)} {origin(sources, is_brief)}; {place}, {short_day(UPDATED)}."
        for said, place, is_brief in tails
    ]
    return next((text for text in texts if len(text) <= LONGEST_QUOTE), None) or _shortened(briefer[-1], sources)


def _shortened(said: str, sources: Sequence[Source]) -> str:
    """A sentence of nobody's making here, such as of imported data with long names, cut until it fits."""
    brief = origin(sources, is_brief=True)
    brief = brief if len(brief) <= LONGEST_ORIGIN else f"{brief[: LONGEST_ORIGIN - 1]}…"
    tail = f" {brief}; {PROJECT}, {short_day(UPDATED)}."
    return shorten(said.removesuffix(" …"), LONGEST_QUOTE - len(tail)) + tail


def quote_parts(sources: Sequence[Source]) -> dict[str, object]:
    """What the chart builder puts after its sentences, as `quoted` does; and how long it all may be."""
    whose = edition.ADDRESS or PROJECT
    origins = {"origin": origin(sources), "brief": origin(sources, is_brief=True)}
    return {**origins, "whose": whose, "named": PROJECT, "when": short_day(UPDATED), "longest": LONGEST_QUOTE}
