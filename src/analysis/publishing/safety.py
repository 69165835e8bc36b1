"""What keeps a page safe whatever stands in the data: what it may load, where it may lead, and which HTML is kept."""

from __future__ import annotations

import re
from html import unescape

import bleach

from analysis.characters import visible

# A page that was opened from a folder: Firefox takes no file for 'self', so files are named; on the web they cannot be
# asked for. frame-ancestors has no place in a page: anybody may embed one.
NOTHING_ELSE = "connect-src 'none'; base-uri 'none'; form-action 'none'"
POLICIES = {
    "site": "default-src 'none'; script-src 'self' file:; style-src 'self' file:; img-src 'self' file: data:; "
    f"font-src 'self' file: data:; {NOTHING_ELSE}",
    "alone": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file: data:; font-src data:; "
    f"{NOTHING_ELSE}",
}
TAG = re.compile(r"<(?:a|area|form|iframe|img|link|script|source)\b[^>]*>")
LEADS = re.compile(r'\s(href|src|srcset|action)="([^"]*)"')
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
REL = ' rel="external noopener noreferrer"'
STYLES = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
WORDS = (
    *("b", "br", "caption", "code", "div", "em", "h2", "h3", "h4", "i", "li", "ol", "p", "pre", "small", "span"),
    *("strong", "sub", "sup", "table", "tbody", "tfoot", "thead", "tr", "ul"),
)
CELL = ["class", "colspan", "rowspan", "scope"]
KEPT = {**{name: ["class"] for name in WORDS}, "a": ["class", "href", "title"], "td": CELL, "th": CELL}  # of outputs


def web_address(text: str) -> str:
    """An address if it leads to the web, else ""."""
    return text if text.startswith(("http://", "https://")) else ""


def safe_html(text: str) -> str:
    """HTML of an output that data are in: its tables and words; no script, picture, form or address of its own."""
    return str(bleach.clean(STYLES.sub("", text), [*KEPT], KEPT, ["http", "https", "mailto"], strip=True))


def safe_page(text: str) -> str:
    """A finished page: its links lead to the web, to a mailbox or into the site, and nothing loads from outside."""
    return TAG.sub(_safe_tag, visible(text))


def _safe_tag(found: re.Match[str]) -> str:
    tag = found[0]
    for name, written in LEADS.findall(tag):
        address = re.sub(r"\s", "", visible(unescape(written)))  # as a browser reads it
        scheme = SCHEME.match(address)
        kind = scheme[1].lower() if scheme else ""
        is_link = tag.startswith(("<a", "<link"))
        allowed = ("", "http", "https", "mailto") if is_link else ("",)
        if kind not in allowed and not (kind == "data" and address.startswith("data:image/")):
            tag = tag.replace(f' {name}="{written}"', "")
        elif is_link and kind.startswith("http") and " rel=" not in tag:
            tag = f"{tag[:-1]}{REL}>"
    return tag
