"""What may be said of a number (docs/methodology.md): looked for in every title, sentence, page and builder state."""

import html
import json
import re

import pytest

from analysis import vocabulary
from analysis.counting.apart import told_apart
from analysis.counting.rate_words import UNSTATED
from analysis.counting.rates import dismissal_rates
from analysis.paths import NOTEBOOKS
from analysis.publishing.findings import findings
from analysis.publishing.packs import sentences

NEVER = {
    "a ranking by estimates": r"\b(most|least) (often|likely)\b|(?<!no )(more|less) often than|"
    r"(?<!lowest and )highest (rate|share)|lowest (rate|share)",
    "taking no proof for proof": r"chance alone|(?<!that is not \")no difference\b|explained by chance|"
    r"(?<!show that forces )(?<!shown that groups )are alike",
    "a job that was kept": r"\b(kept|keep|keeps) (their|his|her|the|a) jobs?\b",
    "a cause that was not computed": r"mostly because|due to their\b",
}
A_RATIO = re.compile(r"\btimes as (often|high)")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(text):
    return {number.strip(",").replace(",", "") for number in NUMBER.findall(text)}


@pytest.fixture(scope="module")
def found(data):
    return findings(data)


def without_claims(text, data):
    """A text without the claims of others, which are quoted as they were made."""
    for claim in data["claims"]["claim"]:
        text = text.replace(claim, "").replace(claim.rstrip("."), "").replace(json.dumps(claim)[1:-1], "")
    return text


def check(texts, data):
    for where, text in texts:
        plain = without_claims(text, data)
        for what, pattern in NEVER.items():
            match = re.search(pattern, plain, re.IGNORECASE)
            assert not match, f"{where}: {what}: {plain[max(0, match.start() - 80) : match.end() + 40]}"


def test_no_chart_says_what_may_not_be_said(exhibits, data):
    check(((chart.name, "\n".join([chart.alt_text, chart.caption, chart.definition])) for chart in exhibits), data)
    for chart in exhibits:
        if A_RATIO.search(chart.title):
            assert len(re.findall(r"\d of \d", chart.title)) >= 2 and re.search(r"\d to \d", chart.title), chart.title


def test_every_number_of_a_title_is_a_number_of_its_chart(exhibits):
    for chart in exhibits:
        rows = "\n".join(chart.alt_text.replace(chart.title, "").splitlines()[1:])
        there = numbers(f"{rows} {chart.definition} {chart.subtitle} {chart.data.to_csv()} {len(chart.data)}")
        there |= {f"{float(number):.{digits}f}" for number in there for digits in (0, 1, 2)}
        unknown = numbers(chart.title) - there
        assert not unknown, f"{chart.name}: {sorted(unknown)} of {chart.title}"


def test_every_number_of_a_sentence_is_a_number_of_its_figure(found):
    for finding in found:
        unknown = numbers(finding.sentence) - numbers(f"{finding.figure} {finding.definition}")
        assert not unknown, f"{finding.id}: {sorted(unknown)} of {finding.sentence}"


def test_no_finding_or_sentence_of_a_pack_says_what_may_not_be_said(found, data):
    check(((finding.id, f"{finding.sentence} {finding.figure} {finding.quote}") for finding in found), data)
    for where in ({}, {"force": "Leicestershire Police"}, {"complaint_type": "discriminatory_behaviour"}):
        check(((str(where), sentence.text) for sentence in sentences(data, where)), data)


def test_no_state_of_the_builder_says_what_may_not_be_said(site, data):
    """Every choice that it offers, as rates.json has them."""
    rates = json.loads((site / "downloads" / "rates.json").read_text(encoding="utf-8"))
    assert len(rates["tables"]) > 500
    check([("builder", "\n".join(texts_in(rates)))], data)


def texts_in(value):
    """Every different text of a JSON file."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return {value} if isinstance(value, str) else set().union(*map(texts_in, parts))


def test_no_page_of_the_site_says_what_may_not_be_said(site, pages, data):
    for path in set(pages) - {"changes.html", "corrections.html"}:  # which quote what was wrong
        text = re.sub(r"<(script|style).*?</\1>", " ", (site / path).read_text(encoding="utf-8"), flags=re.DOTALL)
        if path == "literature.html":
            text = re.sub(r"<a .*?</a>", " ", text, flags=re.DOTALL)  # the titles of others' works
        check([(path, html.unescape(re.sub(r"<[^>]+>", " ", text)))], data)


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_notebook_says_what_may_not_be_said(path, data):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    for cell in cells:
        for output in cell.get("outputs", ()):
            texts += ["".join(output.get("data", {}).get(kind, ())) for kind in ("text/plain", "text/markdown")]
    check([(path.stem, "\n".join(texts))], data)


def test_the_test_sees_what_may_not_be_said(data):
    for text in ("Dismissed most often for driving", "There is no difference", "9 kept their job", "chance alone"):
        with pytest.raises(AssertionError, match="here: "):
            check([("here", text)], data)


def test_no_group_that_is_not_stated_is_told_apart(data):
    for by in ("discrimination_ground", "force_view", "rank", "criminal", "force"):
        named = told_apart(dismissal_rates(data, among="case_to_answer", by=by))
        assert not set(UNSTATED) & {code for codes in named.values() for code in codes}
    assert "not_stated" in vocabulary.codes("force_view")
