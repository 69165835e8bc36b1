"""Whatever `map` writes, `import` accepts or explains: generated tables come back as they were."""

import csv
import datetime
import io
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import pandas as pd
import yaml
from hypothesis import assume, given, settings
from imports import SOURCE

from analysis.csv_files import to_csv_bytes
from analysis.errors import DataError, MisconductError
from analysis.reading.spreadsheet.guess import suggest
from analysis.reading.spreadsheet.importer import make_tables, read_file
from analysis.reading.spreadsheet.likely_cells import WORDS as NUMBERS_IN_WORDS
from analysis.reading.spreadsheet.likely_columns import NAMES
from analysis.reading.spreadsheet.mapping import mapping_of

COLUMNS = ("case_id", "complaint_type", "sanction", "date", "year", "force", "rank")
STYLES = (  # of joining the words of a heading
    str.capitalize,
    str.upper,
    lambda words: words.replace(" ", "_"),
    lambda words: words.title().replace(" ", ""),
    lambda words: words.title().replace(" ", "."),
)
TYPES = {"Driving": "driving", "Use of force": "use_of_force", "Sexual misconduct": "sexual_misconduct"}
OUTCOMES = {"Dismissed": "dismissed", "Written warning": "written_warning", "No action": "no_action"}
OUTCOMES |= {"No further action": "no_action", "Dismissal": "dismissed"}
FORCES = {"Kent Police": "Kent Police", "Kent": "Kent Police", "Avon & Somerset": "Avon and Somerset Constabulary"}
RANKS = {"PC": "constable", "Sgt": "sergeant", "Chief Inspector": "inspector", "": "unknown"}
WORDS = {"rank": ("rank", "grade"), "case_id": ("case number", "reference", "tracking no", "investigation id")}
YEARS_OF = ("{0}", "{0}/{3}", "FY {0}-{3}", "{0} to {1}")
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %B %Y", "%Y/%m/%d", "%d-%m-%Y")
DELIMITERS = (",", ";", "\t", "|")
UNDER = ("<{}", "< {}", "fewer than {}", "Less than {}", "under {}", "below {}")
AT_MOST = (
    "≤{}",
    "<={}",
    "<= {}",
    "up to {}",
    "at most {}",
    "no more than {}",
    "{} or fewer",
    "{} or less",
    "{} or under",
)
FROM_ONE = ("1-{}", "1 - {}", "1–{}", "1 to {}", "one to {}")
WITHHELD = ("*", "**", "~", "#", "c", "s", "[c]", "[u]", "suppressed", "Redacted")
ABSENT = ("..", "...", "-", "–", "—", ":", "n/a", "NA", "null", "[x]", "[z]", "x", "z", "")


@st.composite
def suppressed(draw):
    """A symbol for a small number, with the code that it gets and the least and most that it can be, as text."""
    limit = draw(st.integers(3, 10))
    spelt = draw(st.sampled_from([str(limit), *(word for word, number in NUMBERS_IN_WORDS.items() if number == limit)]))
    kind = draw(st.sampled_from([UNDER, AT_MOST, FROM_ONE, WITHHELD, ABSENT]))
    text = draw(st.sampled_from(kind)).format(spelt)
    if kind in (WITHHELD, ABSENT):
        return text, "c" if kind is WITHHELD else "x", "", ""
    return text, "c", "1", str(limit - 1 if kind is UNDER else limit)


def written(rows: list[list[str]], delimiter: str) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode()


def there_and_back(rows: list[list[str]], delimiter: str, answers: dict[str, str]) -> dict[str, pd.DataFrame]:
    """The tables that come of a file by its first mapping, with the source filled in and the constants answered."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        file.write_bytes(written(rows, delimiter))
        mapping = yaml.load(suggest(file), yaml.BaseLoader)
        constants = {key: answers[key] if value == "CHECK" else value for key, value in mapping["constants"].items()}
        done = {**mapping, "confirmed": "yes", "source": SOURCE, "constants": constants}
        made = make_tables(read_file(file, mapping_of(done, file)))
    contents = {name: io.BytesIO(to_csv_bytes(table)) for name, table in made.items() if len(table.columns)}
    return {name: pd.read_csv(content, dtype=str, keep_default_na=False) for name, content in contents.items()}


@st.composite
def people_files(draw):
    """Rows of people as somebody might send them, each a dict by our columns; with it, what they are."""
    style, year_style = draw(st.sampled_from(DAYS)), draw(st.sampled_from(YEARS_OF))
    days = draw(st.lists(st.dates(datetime.date(2001, 1, 1), datetime.date(2023, 12, 31)), min_size=3, max_size=12))
    days[0] = datetime.date(2020, 12, 31)  # the order of its parts is told
    some = {"complaint_type": TYPES, "sanction": OUTCOMES, "force": FORCES, "rank": RANKS}
    said = {name: [draw(st.sampled_from([*labels])) for _ in days] for name, labels in some.items()}
    cells = {**said, "case_id": [*map(str, range(1, len(days) + 1))], "date": [day.strftime(style) for day in days]}
    cells["year"] = [year_style.format(d.year, d.year + 1, 0, f"{(d.year + 1) % 100:02d}") for d in days]
    meant = {name: [labels[text] for text in said[name]] for name, labels in some.items()}
    return cells, {**meant, "date": [*map(str, days)], "year": [str(day.year) for day in days]}


def headings(known):
    """A heading for each column, of the words by which it is known, joined in some way."""
    words = {column: WORDS.get(column) or [name for name in NAMES[column] if len(name) > 3] for column in known}
    styled = st.tuples(
        st.sampled_from(STYLES), st.fixed_dictionaries({c: st.sampled_from(w) for c, w in words.items()})
    )
    return styled.map(lambda drawn: {column: drawn[0](name) for column, name in drawn[1].items()})


@settings(derandomize=True, max_examples=20, deadline=None)
@given(
    people=people_files(),
    headings=headings(COLUMNS).filter(lambda found: len({*found.values()}) == len(found)),
    order=st.permutations(COLUMNS),
    left_out=st.sampled_from([(), ("date",), ("year", "rank")]),
    delimiter=st.sampled_from(DELIMITERS),
    empty=st.integers(0, 20),
)
def test_people_come_back_as_they_were(people, headings, order, left_out, delimiter, empty):
    cells, meant = people
    order = [column for column in order if column not in left_out]
    rows = [[headings[c] for c in order], *map(list, zip(*(cells[c] for c in order), strict=True))]
    tables = there_and_back([*rows, *[[""] * len(order)] * empty], delimiter, {})
    found = tables["subjects"]
    for column in {"sanction", "force", "date", "year", "rank"} - {*left_out}:
        assert found[column].tolist() == meant[column], column
    assert tables["allegations"]["complaint_type"].tolist() == meant["complaint_type"]


YEARS = ("{0}", "{0}/{3}", "{0}-{3}", "{2}/{3}", "{0} to {1}", "FY {0}-{3}", "Year ending March {1}", "{0}/{1}")
NUMBERS = ("{}", "{:,}", "{},0")
numbers = st.one_of(st.integers(0, 9000), suppressed())
counts = st.lists(numbers, min_size=9, max_size=9)


@settings(derandomize=True, max_examples=20, deadline=None)
@given(
    counts=counts,
    number=st.sampled_from(NUMBERS),
    is_long=st.booleans(),
    style=st.sampled_from(YEARS),
    heading=st.sampled_from(["Outcome", "disciplinary_outcome", "ActionTaken", "Measure", "", "Category"]),
    total=st.sampled_from(["", "Total", "Grand total"]),
    total_column=st.booleans(),
    title=st.booleans(),
    delimiter=st.sampled_from(DELIMITERS),
)
def test_counts_come_back_as_they_were(counts, number, is_long, style, heading, total, total_column, title, delimiter):
    for line in range(3):  # a row without numbers is a heading, a column without any is none of counts
        assume(any(isinstance(cell, int) for cell in counts[line::3]))
        assume(any(isinstance(cell, int) or cell[0] for cell in counts[3 * line : 3 * line + 3]))
    labels = ["Dismissed", "Written warning", "No action"]
    years = [style.format(year, year + 1, year % 100, year % 100 + 1) for year in (2017, 2018, 2019)]
    texts = iter([number.format(cell) if isinstance(cell, int) else cell[0] for cell in counts])
    if is_long:
        rows = [
            [heading or "Result", "Financial year", "Number"],
            *([o, y, next(texts)] for o in labels for y in years),
        ]
    else:
        rows = [[heading, *years], *([label, *(next(texts) for _ in years)] for label in labels)]
        rows += [[total, "9", "9", "9"]] if total else []
        rows = [[*row, "Total" if n == 0 else "12"] for n, row in enumerate(rows)] if total_column else rows
    rows = [["Misconduct outcomes"] + [""] * (len(rows[0]) - 1), *rows] if title else rows
    answers = {"force": "Kent Police", "person_type": "officer", "unit": "individuals", "stage": "outcome"}
    found = there_and_back(rows, delimiter, answers | {"complaint_type": "all"})["published_figures"]
    assert found["outcome"].tolist() == [code for code in ("dismissed", "written_warning", "no_action") for _ in years]
    assert found["period_start"].str[:4].tolist() == ["2017", "2018", "2019"] * 3
    meant = [(str(cell), "", "", "") if isinstance(cell, int) else ("", *cell[1:]) for cell in counts]
    assert [*zip(*(found[name] for name in ("value", "symbol", "low", "high")), strict=True)] == meant


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
