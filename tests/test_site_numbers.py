"""No count on the site that is not in a table of the build: every "N of M" of every page.

Notebooks compute theirs in sight (nbval holds them); the pages of the method, of corrections and of data of one's own
tell of codings, of what was wrong and of examples.
"""

import csv
import html
import re

import pytest

from analysis import vocabulary
from analysis.counting.rates import dismissal_rates
from analysis.paths import PROCESSED, RAW
from analysis.publishing.findings import findings

COUNTS = re.compile(r"(?<![\d.,])(\d[\d,]*) of (?:the )?(\d[\d,]*)(?![\d%]|\.\d)")
NOT_COMPARED = ("corrections", "changes", "methodology", "bring-your-own-data", "notebooks/")  # see above
PAIRS = (("numerator", "denominator"), ("n_cases_counted", "n_cases"))  # columns of what is said "of" another


def words(text):
    text = re.sub(r"<(script|style|title).*?</\1>|Shown: \d+ of \d+", " ", text, flags=re.DOTALL)  # rows of a picture
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def said_in(text):
    return {(a.replace(",", ""), b.replace(",", "")) for a, b in COUNTS.findall(text)}


def pairs_of(rows):
    """The pairs of the rows of a table, by its columns."""
    for row in rows:
        yield from ((str(row[a]), str(row[b])) for a, b in PAIRS if {a, b} <= row.keys() and row[a] != "")


@pytest.fixture(scope="module")
def there(site, data, exhibits):
    """The pairs of every table that the site gives away, of every rate table by force and type, and of what is told
    beside them: the builder's own words, findings, the charts' texts, and what the sources say of themselves."""
    found = set()
    for file in [*(site / "downloads").rglob("*.csv"), *PROCESSED.glob("*.csv")]:
        with file.open(encoding="utf-8", newline="") as lines:
            found |= {*pairs_of(csv.DictReader(lines))}
    for among in vocabulary.codes("denominator"):
        for by in ("complaint_type", "force", ("force", "complaint_type"), "person_type", "criminal"):
            found |= {*pairs_of(dismissal_rates(data, among=among, by=by).with_total.to_dict("records"))}
    texts = [(site / "downloads" / "rates.json").read_text(encoding="utf-8")]
    texts += [f"{item.sentence} {item.figure} {item.definition} {item.firmness}" for item in findings(data)]
    texts += [f"{chart.alt_text} {chart.definition} {chart.caption}" for chart in exhibits]
    texts += [file.read_text(encoding="utf-8") for file in RAW.rglob("*.yml")]
    return found | said_in("\n".join(texts))


@pytest.fixture(scope="module")
def said(site, pages):
    """Page -> the pairs that it says."""
    compared = [path for path in pages if not path.startswith(NOT_COMPARED)]
    return {path: said_in(words((site / path).read_text(encoding="utf-8"))) for path in compared}


def test_every_count_out_of_another_stands_in_a_table(said, there):
    assert sum(map(len, said.values())) > 2000
    assert not sorted(f"{path}: {a} of {b}" for path, pairs in said.items() for a, b in pairs - there)


def test_a_count_that_is_one_too_high_is_mostly_in_no_table(said, there):
    pairs = set().union(*said.values())
    accepted = {(a, b) for a, b in pairs if (str(int(a) + 1), b) in there}
    assert len(accepted) < len(pairs) / 3


def test_the_test_sees_a_count_that_no_table_has():
    assert COUNTS.findall(words("<p>12 of <b>1,034</b> people, 5 of the 7; 3 of 10%; v1.2 of 3</p>")) == [
        ("12", "1,034"),
        ("5", "7"),
    ]
