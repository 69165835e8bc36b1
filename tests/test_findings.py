import json
import re

import nbformat
import pytest
from people import of

from analysis.charts.quoting import LONGEST_QUOTE
from analysis.counting.endings import CIRCULAR, ended
from analysis.counting.rate_words import percent, share_words
from analysis.counting.rates import dismissal_rates
from analysis.paths import NOTEBOOKS, ROOT
from analysis.publishing.findings import FILE, findings, findings_page


@pytest.fixture(scope="module")
def found(data):
    return findings(data)


def test_the_stored_page_is_what_the_data_say(found):
    """A sentence and its figure part ways only when the page is stale: misconduct build writes it again."""
    assert FILE.read_text(encoding="utf-8") == findings_page(found)


def test_ids_are_unique(found):
    assert len({finding.id for finding in found}) == len(found) >= 5


def test_every_section_and_chart_exists(found):
    for finding in found:
        cells = nbformat.read(NOTEBOOKS / f"{finding.notebook}.ipynb", as_version=4).cells
        headings = [cell.source.splitlines()[0] for cell in cells if cell.cell_type == "markdown"]
        assert f"## {finding.section}" in headings, finding.id


def test_the_first_sentence_is_the_reference_figure(found, overall, frozen):
    dismissed, people = overall
    start = f"Of {people} people with a case to answer and a known outcome, {dismissed} were"
    assert found[0].sentence.startswith(start)
    frozen("headline figure", found[0].figure)


def test_gross_misconduct_is_told_from_one_table(found, data):
    """Its figure is of the quantities that the sentence counts, by stated findings, with the implied ones beside."""
    [finding] = [finding for finding in found if finding.id == "gross_misconduct"]
    how = ended(data)
    assert re.findall(r"(\d+ of \d+) =", finding.figure) == [
        f"{row['numerator']} of {row['denominator']}" for row in (how.dismissed, how.not_left, how.left, how.implied)
    ]
    assert finding.sentence.startswith(f"Of {how.dismissed['denominator']} people found, as the source states it,")
    implied = f"{how.implied['numerator']} of {how.implied['denominator']}"
    assert how.words in finding.sentence and implied in finding.sentence
    assert CIRCULAR in finding.definition and "as the source states it" in finding.definition
    for part in re.findall(r"\(\D+ \d+[^()]*\)", finding.sentence):
        assert part in finding.figure


def test_what_the_law_excludes_has_neither_share_nor_interval(found):
    """It was "0 of 133 = 0.0% (0.0% to 4.2%)" of meetings, which cannot dismiss."""
    [finding] = [finding for finding in found if finding.id == "meetings"]
    assert re.fullmatch(r"0 of \d+ \[z\], in 0 of \d+ investigations", finding.figure)


def test_a_force_that_disagreed_takes_in_what_it_lowered(found, subjects):
    """That nobody was dismissed there is partly how it is coded; those of whom the force agreed stand beside."""
    [finding] = [finding for finding in found if finding.id == "force_disagreed"]
    known = subjects[(subjects["case_to_answer"] != "none") & (subjects["sanction"] != "not_stated")]
    counts = [
        f"{group['sanction'].isin(['dismissed', 'would_have_been_dismissed']).sum()} of {len(group)}"
        for group in (known[known["force_view"] == code] for code in ("disagreed", "agreed"))
    ]
    assert re.findall(r"(\d+ of \d+) =", finding.figure) == counts and all(said in finding.sentence for said in counts)
    assert "lowered the level (also to one that cannot end in dismissal)" in finding.sentence


def test_forces_are_told_in_counts(found):
    [finding] = [finding for finding in found if finding.id == "forces"]
    assert finding.sentence == (
        "28 of 43 forces are too small to classify (fewer than 10 people with a known outcome, or people in fewer than "
        "5 investigations); of 15 forces large enough, 1 lies outside the 95% limits (Leicestershire Police: 4 of 17, "
        "in 1 of 5 investigations; by chance 0.9, as many or more with p = 0.76), none outside the 99.8% limits (by "
        "chance under 0.1)."
    )


def test_every_sentence_says_in_how_many_investigations(found):
    for finding in found:
        assert re.search(r"in \d+ of \d+ investigations", finding.sentence), finding.id
    sentences = {finding.id: finding.sentence for finding in found}
    assert "6 of 24 accused of discriminatory behaviour, in 3 of 15 investigations" in sentences["sexual_misconduct"]


def test_a_copied_sentence_carries_place_period_and_source(found):
    for finding in found:
        said = finding.sentence.replace("dismissed or would have been dismissed", "dismissed or would have been")
        assert finding.quote.startswith(re.split(r"[;.] |\.$", said)[0])
        assert ". England and Wales. Source: IOPC cases to June 2021" in finding.quote.replace(" … ", ". ")
    assert not any("such" in finding.quote for finding in found)  # what it points at stays behind
    assert findings_page(found).count(found[0].scope) == 1


def our_words():
    """Everything of ours that people read: documents, templates, code and notebooks with their outputs."""
    files = [*(ROOT / "docs").rglob("*.md"), *NOTEBOOKS.glob("*.ipynb"), ROOT / "README.md"]
    files += [path for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".html", ".js", ".typ")]
    files += (ROOT / "data" / "vocabulary").rglob("*.yml")
    return [path for path in files if path.name != "corrections.md"]  # which quotes what was wrong


def test_nowhere_is_anybody_said_to_have_kept_a_job_or_chance_to_explain(data):
    """What is known is that somebody is not said to have left; a test that does not reject explains nothing.

    Claims of others are quoted as they were made.
    """
    false = "kept (their|the|a) job|stays in post|chance alone (can|would) (explain|pass)|by more than chance"
    false += "|alone can give|who stayed|Stayed: |stayed \\{|gross misconduct about half"
    for path in our_words():
        text = path.read_text(encoding="utf-8")
        for claim in data["claims"]["claim"]:
            text = text.replace(json.dumps(claim.rstrip("."))[1:-1], "")
        text = re.sub(r"\[[^\]]*\]\(http", "(http", text)  # titles of the works of others
        assert not re.search(false, text, re.IGNORECASE), path


def test_every_number_of_a_sentence_follows_the_data(subjects, allegations):
    """With every outcome changed to a dismissal, every sentence about a group says so."""
    all_dismissed = subjects.assign(sanction="dismissed", proceeding="hearing")
    all_dismissed.loc[:3, "sanction"] = "no_action"
    meeting = all_dismissed.index[-3:]
    all_dismissed.loc[meeting, ["proceeding", "sanction"]] = ["meeting", "no_action"]
    changed = {finding.id: finding for finding in findings(of(all_dismissed, allegations))}
    total = dismissal_rates(of(all_dismissed, allegations), among="case_to_answer").total
    assert f"{total['numerator']} were" in changed["overall"].sentence
    assert re.search(r"of 3 people dealt with there, 0 were", changed["meetings"].sentence)


def test_a_copied_sentence_has_its_interval_where_there_is_room(found):
    has = {}
    for finding in found:
        if finding.row is not None:
            share = share_words(finding.row)
            has[finding.id] = share in finding.quote
            assert percent(finding.row["rate"]) in share and share.split("95% interval ")[1] in finding.figure
            assert has[finding.id] or len(finding.quote) + len(share) + 2 > LONGEST_QUOTE, finding.id
    assert any(has.values())
