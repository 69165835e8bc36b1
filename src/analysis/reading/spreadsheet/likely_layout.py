"""How a sheet is probably laid out: rows of headings, groups as rows, values meant for several rows, ticks, sheets of
one shape. Each only where it holds of the whole sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from analysis.reading.spreadsheet.cells import EMPTY, Cell, Sheet
from analysis.reading.spreadsheet.likely import BETWEEN, likely, tells
from analysis.reading.spreadsheet.likely_cells import MARKS, is_period, is_symbol
from analysis.reading.spreadsheet.likely_columns import Column, is_number, last_part
from analysis.reading.spreadsheet.mapping import COUNTS
from analysis.reading.spreadsheet.sheet_rows import known_labels
from analysis.reading.spreadsheet.table_rows import NO_TICKS, TICKS

UPPER = 4  # rows of headings at most
SOME = 50  # rows that are looked at
BY_NAME = ("force", "complaint_type", "person_type")  # whose labels tell them, wherever they stand


def heading_rows(sheet: Sheet, widths: np.ndarray) -> list[int]:
    """The rows of the headings: the first that is nearly as full as the fullest, one over it with several texts, and
    those under it that have no number and leave the first column empty."""
    last = int((widths >= max(2, 0.6 * widths.max(initial=0))).argmax()) + 1  # the first row, if none is so full
    rows = [last - 1, last] if last > 1 and widths[last - 2] > 1 else [last]
    if len(rows) == 2 and any(is_number(cell) and not is_period(cell.text) for cell in sheet.rows[last - 1]):
        rows = rows[:1]  # a row with a number is one of the table
    if len(rows) == 1 and (more := _rest_of_headings(sheet, last)):
        return [last, *more]
    for row in sheet.rows[max(rows) : max(rows) + UPPER - len(rows)]:
        filled = [cell for cell in row if cell.text]
        if len(filled) < 2 or row[0].text or any(is_number(cell) and not is_period(cell.text) for cell in filled):
            break
        if not _has_numbers(sheet, max(rows) + 1, [n for n, cell in enumerate(row) if cell.text]):
            break
        rows.append(max(rows) + 1)
    return rows


def _rest_of_headings(sheet: Sheet, last: int) -> list[int]:
    """The rows that go on with the headings of a row, as tables copied from a PDF have them: small letters under a
    heading, none under the first; whatever stands there in the rows that follow begins otherwise."""
    heading = sheet.rows[last - 1]
    more: list[int] = []
    for row in sheet.rows[last : last + UPPER - 1]:
        filled = [(n, cell.text) for n, cell in enumerate(row) if cell.text]
        is_rest = all(n < len(heading) and heading[n].text and text[0].islower() for n, text in filled)
        if not filled or not filled[0][0] or not is_rest:
            break
        more.append(last + len(more) + 1)
    places = {n for row in more for n, cell in enumerate(sheet.rows[row - 1]) if cell.text}
    below = [row for row in sheet.rows[last + len(more) :] if row and row[0].text]
    begin = [row[n].text[:1] for row in below[:SOME] for n in places if n < len(row)]
    return more if begin and not any(map(str.islower, begin)) else []


def _has_numbers(sheet: Sheet, row: int, places: Sequence[int]) -> bool:
    """Whether the next row has numbers in some places, and a text before them."""
    line = sheet.rows[row] if row < len(sheet.rows) else []
    return bool(line and line[0].text) and any(n < len(line) and is_number(line[n]) for n in places)


def rows_alone(sheet: Sheet, column: int, start: int, end: int) -> list[int]:
    """The rows after `start` up to `end` with nothing but one text, in a column: where each has rows under it."""
    widths = [sum(bool(cell.text) for cell in row) for row in sheet.rows[start:end]]
    alone = [start + n for n, width in enumerate(widths, 1) if width == 1 and sheet.cell(start + n, column).text]
    full = {start + n for n, width in enumerate(widths, 1) if width > 1}
    return alone if all(row + 1 in full for row in alone) else []


def rows_with_totals(sheet: Sheet, column: int, start: int, end: int) -> dict[str, str]:
    """The rows that begin a group and have its numbers too, by their labels: complaint types, with under each the same
    outcomes as under others. Label -> complaint type; nothing where not the whole sheet is so."""
    texts = [cell.text for cell in (sheet.cell(row, column) for row in range(start + 1, end + 1)) if cell.text]
    words, outcomes = known_labels("complaint_type"), known_labels("published_outcome")
    heads = [n for n, text in enumerate(texts) if text.casefold() in words and text.casefold() not in outcomes]
    under = Counter(text for n, text in enumerate(texts) if n not in heads)
    gaps = np.diff([*heads, len(texts)])
    is_whole = len(heads) > 1 and heads[0] == 0 and min(gaps) > 1 and max(under.values()) == len(heads)
    found = {texts[n]: words[texts[n].casefold()] for n in heads}
    return found if is_whole and len(found) == len(heads) else {}


def kind_of_groups(texts: Collection[str], found: Collection[str]) -> str:
    """What the headings of groups are, of our columns of counts that are not found yet; "" where all are."""
    for column in ("force", "person_type", "stage"):
        if column not in found and all(likely(text, known_labels(COUNTS[column]), COUNTS[column]) for text in texts):
            return column
    if "period" not in found and all(map(is_period, texts)):
        return "period"
    return "" if "complaint_type" in found else "complaint_type"


def parts_across(headings: Sequence[str], found: Collection[str]) -> list[str]:
    """Which of our columns of counts the headings of several columns are, or each row of them, from above."""
    if not headings or all(map(is_period, headings)):
        return ["period"] if headings else []
    lows, ups = ([text.rpartition(BETWEEN)[n] for text in headings] for n in (2, 0))
    is_years = all(map(is_period, lows))
    low = "period" if is_years else kind_across(lows, found)
    if "period" not in [*found, low] and all(map(is_period, ups)):
        return ["period", low]
    up = kind_across(ups, [*found, low]) if all(ups) and not any(BETWEEN in text for text in ups) else ""
    if up in BY_NAME:
        return [up, low]
    up = "outcome" if "outcome" not in [*found, low] and len({*ups}) > 1 else "period_note"
    return [up, low] if is_years and all(ups) else [low]


def kind_across(headings: Collection[str], found: Collection[str]) -> str:
    """Which of our columns of counts some headings are: what all of them are and no column is, or outcomes; notes where
    a column has the outcomes."""
    for column in BY_NAME:
        words = known_labels(COUNTS[column])
        if column not in found and all(
            text.casefold() in words or likely(text, words, COUNTS[column]) for text in headings
        ):
            return column
    return "note" if "outcome" in found else "outcome"


def meant_below(sheet: Sheet, columns: Sequence[int], start: int, end: int, alone: Collection[int]) -> list[int]:
    """Of some columns of labels those whose cells are meant for the empty ones under them too: the first row has one,
    and under each, up to the next, the rest of the row comes but once."""
    rows = [n for n in range(start + 1, end + 1) if n not in alone and any(cell.text for cell in sheet.rows[n - 1])]
    found = []
    for column in columns:
        texts = [sheet.cell(n, column).text for n in rows]
        if not texts or not texts[0] or all(texts):
            continue
        block = np.cumsum([bool(text) for text in texts]).tolist()
        rest = [tuple(sheet.cell(n, other).text for other in columns if other != column) for n in rows]
        if all(any(labels) for labels in rest) and len({*zip(block, rest, strict=True)}) == len(rows):
            found.append(column)
    return found


def next_table(sheet: Sheet, heading: int) -> int:
    """The first row under that of the headings which has at least two of them again, and another one; 0 if none."""
    again = np.zeros(len(sheet.rows), dtype=np.int64)
    other = np.zeros(len(sheet.rows), dtype=bool)
    for column, cell in enumerate(sheet.rows[heading - 1], 1):
        codes, cells = sheet.column(column)
        is_same = np.array([of.text == cell.text != "" for of in cells])[codes]
        again += is_same
        other |= ~is_same & bool(cell.text) & np.array([bool(of.text) for of in cells])[codes]
    found = np.flatnonzero((again > 1) & other)
    return int(next((row + 1 for row in found if row >= heading), 0))


def broken_lines(sheet: Sheet, start: int, end: int) -> int:
    """The column with nothing in it in rows that are the rest of the one above, as tables copied from a PDF have them:
    each text of theirs has one above it, most of them go on in small letters, and every other row is whole. 0 if none.
    """
    rows = [row for row in sheet.rows[start:end] if any(cell.text for cell in row)]
    column = next((n for n, cell in enumerate(rows[0]) if cell.text), -1) if rows else -1
    is_whole = [len(row) > column and bool(row[column].text) for row in rows]
    rest = [row for row, whole in zip(rows, is_whole, strict=True) if not whole]
    if column < 0 or not rest or not is_whole[0]:
        return 0
    above = [rows[n] for n in np.maximum.accumulate(np.where(is_whole, np.arange(len(rows)), 0)).tolist()]
    pairs = [
        (cell, over[n] if n < len(over) else EMPTY)
        for row, over, whole in zip(rows, above, is_whole, strict=True)
        for n, cell in enumerate(row)
        if cell.text and not whole
    ]
    goes_on = sum(cell.text[0].islower() for cell, _ in pairs)
    is_text = all(cell.kind == "text" and over.text and not is_number(cell) for cell, over in pairs)
    is_part = all(sum(bool(cell.text) for cell in row) < max(map(len, rows)) - 1 for row in rest)
    return column + 1 if is_text and is_part and 2 * goes_on > len(pairs) else 0


def with_rest(last: int, broken: Sheet, whole: Sheet) -> int:
    """The last row of a table with those that are the rest of it: empty once broken lines are whole."""
    while last < len(broken.rows) and broken.widths[last] and not whole.widths[last]:
        last += 1
    return last


def ticked(columns: Mapping[int, Column], is_told: bool) -> list[str]:
    """The headings of columns of outcomes with ticks, if there are several, and of what is ticked between and beside
    them; is_told: whether rows are of somebody, so that a 1 can be a tick."""
    texts = {number: {text.casefold() for text in of.texts} for number, of in columns.items()}
    found = [n for n, of in texts.items() if of <= {*TICKS, *NO_TICKS} and (is_told or not of or not of <= {"0", "1"})]
    words, marked = known_labels("sanction"), [n for n in found if texts[n] & {*TICKS}]
    named = [n for n in marked if tells("sanction", columns[n].heading) or columns[n].heading.casefold() in words]
    if len(named) < 2:
        return []
    first, last = min(named), max(named)
    some = {n for n in marked if any(cell.text.casefold() in NO_TICKS for cell in columns[n].cells)}
    while first - 1 in some:
        first -= 1
    while last + 1 in some:
        last += 1
    return [columns[n].heading for n in found if first <= n <= last]


def of_one_shape(sheet: Sheet, others: Sequence[Sheet], heading: Sequence[int]) -> list[Sheet]:
    """The sheets with the same headings in the same rows as one of them, that among them."""

    def headings(of: Sheet) -> list[list[Cell]]:
        return [of.rows[row - 1] if row <= len(of.rows) else [] for row in heading]

    return [other for other in others if headings(other) == headings(sheet)]


def is_beside(labels: Column | None, of: Column) -> bool:
    """Whether a column has the heading of some labels again and other labels: those of a table that stands beside."""
    if labels is None or of is labels or last_part(of.heading) != last_part(labels.heading):
        return False
    return [*of.cells.items()] != [*labels.cells.items()]


def with_marks(texts: Sequence[str], known: Collection[str]) -> list[str]:
    """The footnote marks (* † (1)) at the end of years, numbers and of what is `known` without them."""
    found = [(text, MARKS.search(text)) for text in texts if not is_symbol(text)]
    bare = [(text[: mark.start()].rstrip(), mark.group().strip()) for text, mark in found if mark and mark.start()]
    marks = [
        mark
        for text, mark in bare
        if is_period(last_part(text)) or text.replace(",", "").isdecimal() or text.casefold() in known
    ]
    return [*dict.fromkeys(marks)]
