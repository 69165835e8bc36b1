"""No count on the site that is not in a table of the build: every "N of M" of every page, and every interval; and each
share beside its count is that count's.

Notebooks compute theirs in sight (nbval holds them); the pages of the method, of corrections and of data of one's own
tell of codings, of what was wrong and of examples.
"""

import csv
import html
import re

import pandas as pd
import pytest

from analysis import vocabulary
from analysis.counting.rate_words import percent, percent_range
from analysis.counting.rates import dismissal_rates
from analysis.counting.selection import parse_conditions
from analysis.paths import PROCESSED, RAW
from analysis.publishing.findings import findings

COUNTS = re.compile(r"(?<![\d.,])(\d[\d,]*) of (?:the )?(\d[\d,]*)(?![\d%]|\.\d)")
RANGE = re.compile(r"(?<![\d.,])(\d[\d.]*%) to (\d[\d.]*%)")
SHARE = re.compile(r"(?<![\d.,])(\d[\d,]*) of (\d[\d,]*) = (\d[\d.]*%)")
NOT_COMPARED = ("corrections", "changes", "methodology", "bring-your-own-data", "notebooks/")  # see above
PAIRS = (("numerator", "denominator"), ("n_cases_counted", "n_cases"))  # columns of what is said "of" another
RANGES = (("low", "high"), ("rate_if_none_dismissed", "rate_if_all_dismissed"))


def words(text):
    text = re.sub(r"<(script|style|title).*?</\1>|Shown: \d+ of \d+", " ", text, flags=re.DOTALL)  # rows of a picture
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def said_in(text):
    return {(a.replace(",", ""), b.replace(",", "")) for a, b in COUNTS.findall(text)}


def pairs_of(rows):
    """The pairs of the rows of a table, by its columns."""
    for row in rows:
        yield from ((str(row[a]), str(row[b])) for a, b in PAIRS if {a, b} <= row.keys() and row[a] != "")


def ranges_of(rows):
    """The intervals and bounds of the rows of a table, by its columns, as they are said."""
    for row in rows:
        for a, b in RANGES:
            if {a, b} <= row.keys() and row[a] != "" and pd.notna(row[a]):
                yield tuple(percent_range(float(row[a]), float(row[b])).split(" to "))


@pytest.fixture(scope="module")
def tables(site, data):
    """The rows of every table that the site gives away, and of every rate table by force and type and of a topic."""
    found = []
    for file in [*(site / "downloads").rglob("*.csv"), *PROCESSED.glob("*.csv")]:
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    topics = [parse_conditions([vocabulary.entry("topic", code)["where"]]) for code in vocabulary.codes("topic")]
    for among in vocabulary.codes("denominator"):
        for by in ("complaint_type", "force", ("force", "complaint_type"), "person_type", "criminal"):
            found += dismissal_rates(data, among=among, by=by).with_total.to_dict("records")
        found += [dismissal_rates(data, among=among, where=where).total.to_dict() for where in topics]
    return found


@pytest.fixture(scope="module")
def texts(site, data, exhibits):
    """What is told beside the tables: the builder's own words, findings, the charts' texts, and what the sources say of
    themselves."""
    found = [(site / "downloads" / "rates.json").read_text(encoding="utf-8")]
    found += [f"{item.sentence} {item.figure} {item.definition} {item.firmness}" for item in findings(data)]
    found += [" ".join((chart.alt_text, chart.definition, chart.caption, *chart.notes)) for chart in exhibits]
    return "\n".join([*found, *(file.read_text(encoding="utf-8") for file in RAW.rglob("*.yml"))])


@pytest.fixture(scope="module")
def there(tables, texts):
    return {*pairs_of(tables)} | said_in(texts)


@pytest.fixture(scope="module")
def shown(site, pages):
    """Page -> its words."""
    compared = [path for path in pages if not path.startswith(NOT_COMPARED)]
    return {path: words((site / path).read_text(encoding="utf-8")) for path in compared}


@pytest.fixture(scope="module")
def said(shown):
    """Page -> the pairs that it says."""
    return {path: said_in(text) for path, text in shown.items()}


def test_every_count_out_of_another_stands_in_a_table(said, there):
    assert sum(map(len, said.values())) > 2000
    assert not sorted(f"{path}: {a} of {b}" for path, pairs in said.items() for a, b in pairs - there)


def test_a_count_that_is_one_too_high_is_mostly_in_no_table(said, there):
    pairs = set().union(*said.values())
    accepted = {(a, b) for a, b in pairs if (str(int(a) + 1), b) in there}
    assert len(accepted) < len(pairs) / 3


def test_every_interval_stands_in_a_table(shown, tables, texts):
    known = {*ranges_of(tables)} | {*RANGE.findall(texts)}
    found = {(path, pair) for path, text in shown.items() for pair in RANGE.findall(text)}
    assert len({pair for _, pair in found}) > 250
    assert not sorted((path, *pair) for path, pair in found if pair not in known)


def test_every_share_beside_a_count_is_that_counts(shown):
    found = {(path, *match) for path, text in shown.items() for match in SHARE.findall(text)}
    assert len({match[1:] for match in found}) > 250
    counts = ((path, a, b, share, int(a.replace(",", "")) / int(b.replace(",", ""))) for path, a, b, share in found)
    assert not sorted((path, a, b, share) for path, a, b, share, right in counts if percent(right) != share)


def test_the_test_sees_a_count_that_no_table_has():
    assert COUNTS.findall(words("<p>12 of <b>1,034</b> people, 5 of the 7; 3 of 10%; v1.2 of 3</p>")) == [
        ("12", "1,034"),
        ("5", "7"),
    ]
