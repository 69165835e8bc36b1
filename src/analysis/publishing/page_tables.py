"""Tables of documents and notebooks as a page has them: each in a region that the keyboard scrolls, and those too wide
for a phone laid out there row by row, each cell under the name of its column."""

from __future__ import annotations

import re
from html import escape, unescape

TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
ROW = re.compile(r"<tr[^>]*>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<(t[hd])([^>]*)>(.*?)</t[hd]>", re.DOTALL)
TAG = re.compile(r"(<[^>]*>)")
COLUMN = '<th role="columnheader" scope="col">'
WIDEST, GAP = 34, 2  # characters of a row that the narrowest phone has room for, and between two columns
BREAK = "<wbr>"  # where a long name may go on in the next line
# In a name such as case_to_answer or nb_303_22.race.dismissed, not in a number such as 4.4.
JOINT = re.compile(r"(?<=[a-z0-9])([_=|]|(?<=[a-z])[./]|[./](?=[a-z]))(?=[a-z0-9])")
NAME = re.compile(r"(?<=<code>)(?<!<pre><code>)[^<]+|(?<=>)[^<]+(?=</h3>)")  # what can be one outside a table
ROLES = {"<table": "table", "<thead": "rowgroup", "<tbody": "rowgroup", "<tr": "row"}


def scrolling(page: str) -> str:
    """Each table of a page in its region; no empty headings."""
    page = re.sub(r"<th>\s*</th>", "<td></td>", page)
    page = re.sub(r' border="1"| style="[^"]*"', "", page)
    page = NAME.sub(lambda name: jointed(name[0]), page)
    return TABLE.sub(lambda found: _region(found[0]), page)


def jointed(name: str) -> str:
    """A long name with places where it may go on in the next line."""
    return JOINT.sub(rf"\1{BREAK}", name)


def _region(table: str) -> str:
    table = _unnumbered(table)
    head, body, headings, rows = _parts(table)
    is_regular = bool(headings) and "span=" not in table and all(len(row) == len(headings) for row in rows)
    is_wide = is_regular and sum(max(map(len, c)) + GAP for c in zip(headings, *rows, strict=True)) > WIDEST
    if is_wide:
        body = ROW.sub(lambda row: f"<tr>{_labelled(row[1], headings)}</tr>", body)
        table = f"{head.replace('<th>', COLUMN)}<tbody{body}"
        for start, role in ROLES.items():
            table = table.replace(start, f'{start} role="{role}"')
    kind = "scroll stack" if is_wide else "scroll"
    parts = (part if part.startswith("<") else jointed(part) for part in TAG.split(table))
    return f'<div class="{kind}" role="region" aria-label="Table" tabindex="0">{"".join(parts)}</div>'


def _parts(table: str) -> tuple[str, str, list[str], list[list[str]]]:
    """Head and body of a table, the name of each column, and the words of each row."""
    head, body = table.split("<tbody", 1) if "<tbody" in table else ("", table)
    return head, body, _headings(head), [[text(cell) for _, _, cell in CELL.findall(row)] for row in ROW.findall(body)]


def _unnumbered(table: str) -> str:
    """A table without a first column that only numbers its rows, as pandas does where they have no names."""
    _, _, headings, rows = _parts(table)
    is_numbered = headings[:1] == [""] and [row[0] for row in rows] == [str(n) for n in range(len(rows))]
    if "span=" in table or not is_numbered:
        return table
    return ROW.sub(lambda row: row[0].replace(CELL.search(row[1])[0], "", 1), table)  # type: ignore[index]


def _headings(head: str) -> list[str]:
    """The name of each column, from the first row of a head that has one for it."""
    rows = [[text(cell) for _, _, cell in CELL.findall(row)] for row in ROW.findall(head)]
    return [next(filter(None, names), "") for names in zip(*rows, strict=False)]


def text(cell: str) -> str:
    """The words of a cell."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split())


def _labelled(row: str, headings: list[str]) -> str:
    """The cells of a row: the first names it, each other is under its column's name."""
    (_, _, first), *others = CELL.findall(row)
    named = zip(headings[1:], others, strict=True)
    cells = (f'<td role="cell"{more} data-label="{escape(name)}">{cell}</td>' for name, (_, more, cell) in named)
    return f'<th role="rowheader" scope="row">{first}</th>{"".join(cells)}'
