import re

import nbformat
import pytest

from analysis.findings import FILE, findings, findings_page
from analysis.paths import NOTEBOOKS
from analysis.rates import dismissal_rates


@pytest.fixture(scope="module")
def found(request):
    from analysis.tables import load_table

    return findings(load_table("subjects"), load_table("allegations"))


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


def test_every_number_of_a_sentence_follows_the_data(subjects, allegations):
    """With every outcome changed to a dismissal, every sentence about a group says so."""
    all_dismissed = subjects.assign(sanction="dismissed", proceeding="hearing")
    all_dismissed.loc[:3, "sanction"] = "no_action"
    meeting = all_dismissed.index[-3:]
    all_dismissed.loc[meeting, ["proceeding", "sanction"]] = ["meeting", "no_action"]
    changed = {finding.id: finding for finding in findings(all_dismissed, allegations)}
    total = dismissal_rates(all_dismissed, allegations, among="case_to_answer").total
    assert f"{total['numerator']} were" in changed["overall"].sentence
    assert re.search(r"of 3 people dealt with there, 0 were", changed["meetings"].sentence)
