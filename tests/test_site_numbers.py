"""No count on the site that is not in a table of the build: every "N of M" of every page.

Notebooks compute theirs in sight (nbval holds them); the pages of the method, of corrections and of data of one's own
tell of codings, of what was wrong and of examples.
"""

import csv
import html
import json
import re

import pytest

from analysis import vocabulary
from analysis.counting.rates import dismissal_rates
from analysis.paths import PROCESSED, RAW
from analysis.publishing.findings import findings

COUNTS = re.compile(r"(?<![\d.,])(\d[\d,]*) of (?:the )?(\d[\d,]*)(?![\d%]|\.\d)")
NOT_COMPARED = ("corrections", "changes", "methodology", "bring-your-own-data", "notebooks/")  # see above
WIDEST = 60  # cells of a row whose counts belong together


def words(text):
    text = re.sub(r"<(script|style|title).*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def rows_of(folder):
    for file in folder:
        with file.open(encoding="utf-8", newline="") as lines:
            yield from csv.reader(lines)


def rows_in(value):
    """The innermost lists and the single values of every object of a JSON file, as rows of text."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield [str(part) for part in parts if not isinstance(part, dict | list)]
    for part in parts:
        yield from rows_in(part)


@pytest.fixture(scope="module")
def rows(site, data):
    """The rows of every table that the site gives away, and of every rate table by force and type."""
    files = [*(site / "downloads").rglob("*.csv"), *PROCESSED.glob("*.csv")]
    rates = json.loads((site / "downloads" / "rates.json").read_text(encoding="utf-8"))
    tables = [
        dismissal_rates(data, among=among, by=by).with_total
        for among in vocabulary.codes("denominator")
        for by in ("complaint_type", "force", "person_type")
    ]
    counted = [[str(cell) for cell in row] for table in tables for row in table.itertuples(index=False)]
    return [*rows_of(files), *rows_in(rates), *counted]


@pytest.fixture(scope="module")
def told(data, exhibits):
    """What is told beside the tables: findings, the charts' own words, and what the sources say of themselves."""
    found = [f"{item.sentence} {item.figure} {item.definition} {item.firmness}" for item in findings(data)]
    charts = [f"{chart.alt_text} {chart.definition} {chart.caption}" for chart in exhibits]
    return "\n".join([*found, *charts, *(file.read_text(encoding="utf-8") for file in RAW.rglob("*.yml"))])


def plain(number):
    return number.replace(",", "")


def test_every_count_out_of_another_stands_in_a_table(site, pages, rows, told):
    there = {(plain(a), plain(b)) for a, b in COUNTS.findall(told)}
    for row in rows:
        counts = [cell for cell in row if cell.isdigit()]
        if len(row) <= WIDEST:
            there |= {(a, b) for a in counts for b in counts}
        there |= {(plain(a), plain(b)) for a, b in COUNTS.findall(" ".join(row))}
    seen, unknown = 0, []
    for path in (path for path in pages if not path.startswith(NOT_COMPARED)):
        for a, b in COUNTS.findall(words((site / path).read_text(encoding="utf-8"))):
            seen += 1
            if (plain(a), plain(b)) not in there:
                unknown.append(f"{path}: {a} of {b}")
    assert seen > 5000 and not sorted(unknown)


def test_the_test_sees_a_count_that_no_table_has():
    assert COUNTS.findall(words("<p>12 of <b>1,034</b> people, 5 of the 7; 3 of 10%; v1.2 of 3</p>")) == [
        ("12", "1,034"),
        ("5", "7"),
    ]
