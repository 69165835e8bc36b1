"""The vocabulary: every code of one kind has the same attributes, and what is spelt out elsewhere is what it says."""

import re
import typing

import pytest
import yaml

from analysis import vocabulary, yaml_files
from analysis.charts.catalogue import EXHIBITS
from analysis.checking.processed_tables import ChicagoRecords, NewOrleansRecords, Subjects
from analysis.checking.rate_columns import RateColumns
from analysis.counting.rate_words import SMALL
from analysis.errors import MisconductError
from analysis.paths import VOCABULARY
from analysis.publishing import wording as words
from analysis.vocabulary import GROUPS, Among, Count, Group

OUTCOMES = (VOCABULARY / "outcomes.yml").read_text(encoding="utf-8")


@pytest.fixture
def changed(tmp_path, monkeypatch):
    """vocabularies() where outcomes.yml alone is there, with one text in place of another."""
    monkeypatch.setattr(vocabulary, "VOCABULARY", tmp_path)

    def with_change(old: str, new: str):
        assert old in OUTCOMES
        (tmp_path / "outcomes.yml").write_text(OUTCOMES.replace(old, new, 1), encoding="utf-8")
        return vocabulary.vocabularies.__wrapped__()

    return with_change


DISMISSED = "\n  dismissed:\n    label: Dismissed\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("is_dismissal: true", "is_dismisal: true", ["dismissed: there is no is_dismissal", "is_dismisal is not an"]),
        (
            "is_dismissal: true",
            'is_dismissal: "true"',
            ["sanction, dismissed: is_dismissal is 'true' and must be true or"],
        ),
        ("is_dismissal: true", "is_dismissal: 1", ["dismissed: is_dismissal is 1 and must be true or false"]),
        ("severity: 8", "severity: true", ["dismissed: severity is True and must be a whole number"]),
        ("severity: 8", "severity: 2020-02-01", ["dismissed: severity is datetime.date(2020, 2, 1) and must be"]),
        (DISMISSED, "\n  dismissed:\n", ["sanction, dismissed: there is no label"]),
        (DISMISSED, "\n  dismissed:\n    label: 8\n", ["sanction, dismissed: label is 8 and must be text"]),
        ("\n  dismissed:\n", "\n  no:\n", ["the code False must be text"]),
        ("\n  dismissed:\n", "\n  dismissed:\n  dismissed_too:\n", ["sanction is not a list of codes"]),
    ],
)
def test_codes_of_a_vocabulary_have_the_same_attributes(changed, old, new, said):
    """A misspelt attribute counted nobody, in silence."""
    with pytest.raises(MisconductError) as error:
        changed(old, new)
    for part in ["outcomes.yml: sanction", *said]:
        assert part in str(error.value)


def test_every_fault_is_named_at_once(changed):
    with pytest.raises(MisconductError) as error:
        changed("is_dismissal: true\n    is_dismissal_or_would_have_been: true", "is_dismisal: true\n    other: 1")
    assert len(str(error.value).splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "'a' stands twice"),
        ("corrections:\n- old: x\n  new: y\n  new: z\n", "'new' stands twice"),
        ("? [a]\n: 1\n", "a key is not a text"),
        ("published: 2019-02-29\n", "day is out of range"),
    ],
)
def test_a_key_that_stands_twice_is_an_error(tmp_path, text, said):
    """The second one won in silence: a second `corrections: []` would have dropped every correction."""
    (tmp_path / "a.yml").write_text(text)
    with pytest.raises(MisconductError, match=said):
        yaml_files.read_yaml(tmp_path / "a.yml")


def test_text_that_is_not_utf8_is_an_error(tmp_path):
    (tmp_path / "a.yml").write_bytes("label: Entlaßung".encode("latin-1"))
    with pytest.raises(MisconductError, match="not UTF-8 text"):
        yaml_files.read_yaml(tmp_path / "a.yml")


def test_the_fast_loader_is_used():
    assert issubclass(yaml_files._loader(False), yaml.CSafeLoader)


@pytest.mark.parametrize("path", sorted(VOCABULARY.glob("*.yml")), ids=lambda path: path.name)
def test_one_attribute_a_line(path):
    assert not [line for line in path.read_text(encoding="utf-8").splitlines() if line.rstrip().endswith("}")]


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("case_to_answer", ["none", "not_stated", "misconduct", "gross_misconduct"]),
        ("proceeding", ["not_stated", "none", "meeting", "hearing", "accelerated_hearing"]),
        (
            "finding",
            [
                *("not_stated", "not_determined", "no_formal_finding", "case_not_accepted_by_force"),
                *("not_proven", "performance", "misconduct", "gross_misconduct"),
            ],
        ),
    ],
)
def test_the_order_of_severity(name, order):
    found = vocabulary.by_severity(name)
    assert [code for code in found if code in order] == order


def test_sanctions_from_not_stated_to_dismissed():
    found = vocabulary.by_severity("sanction")
    assert found[:2] == ["not_stated", "no_action"] and found[-1] == "dismissed"
    assert set(found) == set(vocabulary.codes("sanction"))


def test_which_vocabularies_have_an_order():
    assert vocabulary.ordered_vocabularies() == ("case_to_answer", "finding", "proceeding", "sanction")
    with pytest.raises(MisconductError, match="not a known vocabulary with a severity"):
        vocabulary.by_severity("force")


@pytest.mark.parametrize(("literal", "name"), [(Among, "denominator"), (Count, "numerator")])
def test_what_help_lists_is_the_vocabulary(literal, name):
    assert [*typing.get_args(literal)] == vocabulary.codes(name)


def test_groups_are_columns_of_people():
    """Every coded column of a person can be a group, but for what is counted and for how a finding is known."""
    assert typing.get_args(Group) == GROUPS
    models = (Subjects, ChicagoRecords, NewOrleansRecords)
    columns = {name: column for model in models for name, column in model.to_schema().columns.items()}
    coded = {name for name, column in columns.items() if "vocabulary" in (column.metadata or {})}
    assert set(GROUPS) == (coded - {"sanction", "finding_basis"}) | {"complaint_type", "year", "jurisdiction", "source"}


def test_every_column_of_rates_and_charts_has_a_heading_and_a_meaning(data):
    known = vocabulary.codes("column")
    assert set(GROUPS) <= set(known) and set(RateColumns.to_schema().columns) <= set(known)
    for exhibit in EXHIBITS:
        chart = exhibit.draw(data)
        only = {f"only_{column}" for column in chart.filter}
        words.column_entries(column for column in chart.data if column not in only)
        shown = words.chart_table(chart)
        assert len(set(shown.headings)) == len(shown.headings), exhibit.name
        kinds = {"dismissed", "dismissed or left", "ended in dismissal", "reached it"}
        assert ("numerator" in chart.data) == bool(kinds & {*shown.headings})


def test_limits_of_a_funnel_are_percentages_like_the_rates_beside_them(data):
    """0.09 stood beside 4.4%."""
    shown = words.chart_table(next(entry for entry in EXHIBITS if entry.name == "funnel_by_force").draw(data))
    places = [place for place, heading in enumerate(shown.headings) if re.search(r"\b(low|high) (95|998)\b", heading)]
    assert len(places) == 4
    for row in shown.rows:
        assert all(row[place].endswith("%") or row[place] in ("[u]", "[z]") for place in places), row


def test_a_ratio_is_not_shown_as_a_percentage(data):
    """The page said 122.9% to 1671.7% of the ratio 4.72, and left out how many were dismissed."""
    chart = next(entry for entry in EXHIBITS if entry.name == "risk_ratios_by_complaint_type").draw(data)
    shown = words.chart_table(chart)
    assert not [cell for row in shown.rows for cell in row if cell.endswith("%")]
    [row] = chart.data[chart.data["label"] == "Discriminatory behaviour"].to_dict("records")
    [cells] = [dict(zip(shown.headings, cells, strict=True)) for cells in shown.rows if cells[0] == row["label"]]
    assert cells["dismissed"] == str(row["numerator"]) and float(cells["95% interval from"]) == round(row["low"], 2)


def test_counts_of_a_published_percentage_are_not_available(data):
    chart = next(entry for entry in EXHIBITS if entry.name == "published_rates_vawg").draw(data)
    rows = [dict(zip(words.chart_table(chart).headings, row, strict=True)) for row in words.chart_table(chart).rows]
    assert len(rows) == len(chart.data) and not chart.data["has_counts"].all()
    for row, plotted in zip(rows, chart.data.itertuples(), strict=True):
        counts = [str(plotted.numerator), f"{plotted.denominator:,}"] if plotted.has_counts else ["[x]", "[x]"]
        assert [row["dismissed or left"], row["out of"]] == counts


def test_a_published_rate_is_shown_with_the_name_of_its_publisher_not_an_id(data):
    """The publication of a rate was npcc_vawg_natworld."""
    chart = next(entry for entry in EXHIBITS if entry.name == "published_rates_vawg").draw(data)
    shown = words.chart_table(chart)
    names = data["sources"].set_index("source_id")["publisher"]
    place = shown.headings.index("published by")
    assert [row[place] for row in shown.rows] == [names[source] for source in chart.data["source_id"]]
    assert not {*chart.data["source_id"]} & {cell for row in shown.rows for cell in row}


def test_the_limit_of_small_groups_in_the_vocabulary_is_that_of_the_code():
    assert f"under {SMALL}" in vocabulary.entry("reliability", "u")["definition"]
    assert f"under {SMALL}" in vocabulary.entry("column", "reliability")["definition"]
