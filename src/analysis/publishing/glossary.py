"""The words that need explaining, explained where they are read: the first time on a page each can be tapped.

A button opens its definition (HTML's own popover: keyboard, Escape and a tap beside it work without a script). All
definitions of a page stand once, at its end, which is also where a printed page has them.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape

from analysis import vocabulary
from analysis.charts.text import slug
from analysis.publishing.page_tables import BREAK, TAG

CLOSED = {  # elements whose text is left as it is
    *(
        "a",
        "button",
        "h1",
        "h2",
        "h3",
        "h4",
        "svg",
        "script",
        "style",
        "summary",
        "label",
        "select",
        "option",
        "legend",
    ),
    *("caption", "thead", "code", "pre", "textarea", "title"),
}
VOID = {"br", "img", "input", "hr", "link", "meta", "path", "use", "rect", "wbr"}
UNTOUCHED = "data-plain"  # an attribute of an element whose text is copied or is a definition itself


@cache
def _wordings() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern of every wording, the longest first, and the term of each."""
    terms = {
        wording.casefold(): code
        for code in vocabulary.codes("term")
        for wording in vocabulary.entry("term", code)["also"].split(vocabulary.SEPARATOR)
    }
    ordered = sorted(terms, key=lambda wording: (-len(wording), wording))
    return re.compile(rf"(?<!\w)\(?(?P<term>{'|'.join(map(re.escape, ordered))})(?!\w)[,.;:)?]?", re.IGNORECASE), terms


def with_terms(page: str, root: str) -> str:
    """A page of the site whose <main> explains each term of the vocabulary `term` where it first stands.

    root: the way from the page to the front page.
    """
    start, end = page.find("<main"), page.find("</main>")
    if start < 0 or end < 0:
        return page
    used: list[str] = []
    pattern, terms = _wordings()

    def button(match: re.Match[str]) -> str:
        wording = match["term"]
        code = terms[wording.casefold()]
        if code in used:
            return match[0]
        used.append(code)
        made = f'<button type="button" class="term" popovertarget="term-{slug(code)}">{wording}</button>'
        # What stands right before or after it stays in its line: a button is a box, beside which a line may break.
        return made if wording == match[0] else f'<span class="together">{match[0].replace(wording, made)}</span>'

    parts: list[str] = []
    closed: list[str] = []
    for part in TAG.split(page[start:end]):
        if part.startswith("<"):
            _follow(part, closed)
        elif not closed and parts[-1:] != [BREAK]:  # part of a name is no word
            part = pattern.sub(button, part)
        parts.append(part)
    return page[:start] + "".join(parts) + _definitions(used, root) + page[end:]


def _follow(tag: str, closed: list[str]) -> None:
    """Keep count of the elements around a place whose text is left as it is."""
    name = re.sub(r"^</?([\w-]*).*$", r"\1", tag, flags=re.DOTALL).lower()
    if tag.startswith("</"):
        if closed and closed[-1] == name:
            closed.pop()
    elif name not in VOID and not tag.endswith("/>") and (name in CLOSED or UNTOUCHED in tag or name in closed):
        closed.append(name)


def _definitions(codes: list[str], root: str) -> str:
    """The definitions of a page's terms, closed until one is asked for."""
    said = [
        f'<div popover class="definition" id="term-{slug(code)}"><p><strong>{escape(entry["label"])}</strong>: '
        f'{escape(entry["definition"])}</p><p><a href="{root}glossary.html#{slug(code)}">All words</a></p></div>'
        for code in codes
        for entry in [vocabulary.entry("term", code)]
    ]
    return f'<section class="definitions" aria-label="Words on this page">{"".join(said)}</section>' if said else ""


def glossary() -> list[dict[str, str]]:
    """Every term for the page of all: label, definition, authority and id, alphabetical."""
    terms = [{**vocabulary.entry("term", code), "id": slug(code)} for code in vocabulary.codes("term")]
    return sorted(terms, key=lambda term: term["label"].strip("[]").casefold())
