"""Whatever `map` writes, `import` accepts or explains: generated tables come back as they were."""

import csv
import datetime
import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
import yaml
from hypothesis import given, settings
from imports import SOURCE

from analysis.errors import DataError, MisconductError
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import import_file

HEADINGS = {
    "case_id": ("Case No", "case_number", "CaseID", "Case.Ref", "Reference", "File number"),
    "complaint_type": ("Allegation", "allegation_type", "ComplaintType", "ALLEGATION", "Category of complaint"),
    "sanction": ("Outcome", "Final disposition", "ActionTaken", "penalty_imposed", "Discipline.final", "RESULT"),
    "date": ("Date", "hearing_date", "DateOfHearing", "Report Date", "Date closed"),
    "force": ("Force", "Police force", "Authority", "item name", "Force_Name"),
}
TYPES = {"Driving": "driving", "Use of force": "use_of_force", "Sexual misconduct": "sexual_misconduct"}
OUTCOMES = {"Dismissed": "dismissed", "Written warning": "written_warning", "No action": "no_action"}
OUTCOMES |= {"No further action": "no_action", "Dismissal": "dismissed"}
FORCES = {"Kent Police": "Kent Police", "Kent": "Kent Police", "Avon & Somerset": "Avon and Somerset Constabulary"}
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%Y/%m/%d", "%d-%m-%Y")
SYMBOLS = {
    "<5": (1, 4),
    "fewer than five": (1, 4),
    "≤5": (1, 5),
    "1-4": (1, 4),
    "*": None,
    "[c]": None,
    "5 or fewer": (1, 5),
}


def written(rows: list[list[str]], delimiter: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


def there_and_back(rows: list[list[str]], delimiter: str, answers: dict[str, str]) -> dict[str, pd.DataFrame]:
    """The tables that come of a file by its first mapping, with the source filled in and the constants answered."""
    with tempfile.TemporaryDirectory() as folder:
        file, map_file = Path(folder) / "a.csv", Path(folder) / "a.yml"
        file.write_bytes(written(rows, delimiter))
        mapping = yaml.load(suggest(file), yaml.BaseLoader)
        constants = {key: answers[key] if value == "CHECK" else value for key, value in mapping["constants"].items()}
        done = {**mapping, "confirmed": "yes", "source": SOURCE, "constants": constants}
        map_file.write_text(yaml.safe_dump(done, allow_unicode=True), encoding="utf-8")
        target, _ = import_file(file, map_file, Path(folder) / "out")
        return {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in target.glob("*.csv")}


people = st.lists(
    st.tuples(
        st.sampled_from(sorted(TYPES)),
        st.sampled_from(sorted(OUTCOMES)),
        st.dates(datetime.date(2001, 1, 1), datetime.date(2023, 12, 31)),
        st.sampled_from(sorted(FORCES)),
    ),
    min_size=3,
    max_size=12,
)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    people=people,
    headings=st.fixed_dictionaries({column: st.sampled_from(words) for column, words in HEADINGS.items()}),
    order=st.permutations([*HEADINGS]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    style=st.sampled_from(DAYS),
    empty=st.integers(0, 20),
)
def test_people_come_back_as_they_were(people, headings, order, delimiter, style, empty):
    dates = [datetime.date(2020, 12, 31), *(person[2] for person in people[1:])]  # the order of the parts is told
    cells = [
        {"case_id": str(n), "complaint_type": kind, "sanction": outcome, "date": day.strftime(style), "force": force}
        for n, ((kind, outcome, _, force), day) in enumerate(zip(people, dates, strict=True), 1)
    ]
    rows = [[headings[c] for c in order], *([row[c] for c in order] for row in cells), *[[""] * len(order)] * empty]
    tables = there_and_back(rows, delimiter, {"force": "", "sanction": "", "complaint_type": ""})
    found = tables["subjects"]
    assert found["sanction"].tolist() == [OUTCOMES[row["sanction"]] for row in cells]
    assert found["force"].tolist() == [FORCES[row["force"]] for row in cells]
    assert found["date"].tolist() == [day.isoformat() for day in dates]
    assert tables["allegations"]["complaint_type"].tolist() == [TYPES[row["complaint_type"]] for row in cells]


YEARS = ("{0}", "{0}/{3}", "{0}-{3}", "{2}/{3}", "{0} to {1}", "FY {0}-{3}", "Year ending March {1}", "{0}/{1}")
counts = st.lists(
    st.lists(st.one_of(st.integers(0, 900).map(str), st.sampled_from(sorted(SYMBOLS))), min_size=3, max_size=3),
    min_size=3,
    max_size=3,
)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(
    counts=counts,
    style=st.sampled_from(YEARS),
    heading=st.sampled_from(["Outcome", "disciplinary_outcome", "ActionTaken", "Measure", "", "Category"]),
    total=st.sampled_from(["", "Total", "Grand total"]),
    total_column=st.booleans(),
    title=st.booleans(),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_counts_come_back_as_they_were(counts, style, heading, total, total_column, title, delimiter):
    labels = ["Dismissed", "Written warning", "No action"]
    years = [style.format(year, year + 1, year % 100, year % 100 + 1) for year in (2017, 2018, 2019)]
    rows = [[heading, *years], *([label, *line] for label, line in zip(labels, counts, strict=True))]
    rows += [[total, "9", "9", "9"]] if total else []
    rows = [[*row, "Total" if n == 0 else "12"] for n, row in enumerate(rows)] if total_column else rows
    rows = [["Misconduct outcomes"] + [""] * (len(rows[0]) - 1), *rows] if title else rows
    answers = {"force": "Kent Police", "person_type": "officer", "unit": "individuals", "stage": "outcome"}
    found = there_and_back(rows, delimiter, answers | {"complaint_type": "all"})["published_figures"]
    cells = [cell for line in counts for cell in line]
    assert found["outcome"].tolist() == [code for code in ("dismissed", "written_warning", "no_action") for _ in years]
    assert found["period_start"].str[:4].tolist() == ["2017", "2018", "2019"] * 3
    assert found["value"].tolist() == ["" if cell in SYMBOLS else cell for cell in cells]
    bounds = [SYMBOLS.get(cell) or ("", "") for cell in cells]
    assert [*zip(found["low"], found["high"], strict=True)] == [tuple(map(str, pair)) for pair in bounds]


texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=14)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.lists(texts | st.sampled_from(["5", "2019", "Total", "Dismissed", "CHECK", "a; b"]), max_size=5), max_size=7
    ),
    delimiter=st.sampled_from([",", ";"]),
)
def test_anything_is_accepted_or_explained(rows, delimiter):
    answers = {"force": "", "person_type": "all", "unit": "individuals", "stage": "outcome", "outcome": ""}
    try:
        tables = there_and_back(rows, delimiter, answers | {"complaint_type": "other", "sanction": "not_stated"})
    except DataError as error:
        assert all(problem.problem for problem in error.problems)
    except MisconductError as error:
        assert str(error)
    else:
        assert all(len(table.columns) for table in tables.values())
