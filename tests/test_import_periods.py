"""Years, periods and dates as sources write them: each style, written from a known period, is read as that period."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.reading.spreadsheet.cell_numbers import parse_count, parse_percent
from analysis.reading.spreadsheet.dates import MONTHS, parse_date, pattern_of
from analysis.reading.spreadsheet.mapping import Mapping, Read
from analysis.reading.spreadsheet.periods import Period, parse_period, parse_year

FINANCIAL = {  # style -> how the year from April `y` to March `y + 1` is written in it
    "2019/20": lambda y: f"{y}/{(y + 1) % 100:02d}",
    "2019-20": lambda y: f"{y}-{(y + 1) % 100:02d}",
    "2019–20": lambda y: f"{y}–{(y + 1) % 100:02d}",
    "2019 / 20": lambda y: f"{y} / {(y + 1) % 100:02d}",
    "2019/2020": lambda y: f"{y}/{y + 1}",
    "2019 to 2020": lambda y: f"{y} to {y + 1}",
    "2022-3": lambda y: f"{y}-{(y + 1) % 10}",
    "04/05": lambda y: f"{y % 100:02d}/{(y + 1) % 100:02d}",
    "04-05": lambda y: f"{y % 100:02d}-{(y + 1) % 100:02d}",
    "FY 2019/20": lambda y: f"FY {y}/{(y + 1) % 100:02d}",
    "FY19/20": lambda y: f"FY{y % 100:02d}/{(y + 1) % 100:02d}",
    "Financial year 2019/20": lambda y: f"Financial year {y}/{(y + 1) % 100:02d}",
    "Year ending March 2021": lambda y: f"Year ending March {y + 1}",
    "year ended 31 March 2021": lambda y: f"year ended 31 March {y + 1}",
    "12 months to 31 March 2021": lambda y: f"12 months to 31 March {y + 1}",
    "YE Mar-21": lambda y: f"YE Mar-{(y + 1) % 100:02d}",
    "Year ending 31/03/2021": lambda y: f"Year ending 31/03/{y + 1}",
    "Apr 24 – Mar 25": lambda y: f"Apr {y % 100:02d} – Mar {(y + 1) % 100:02d}",
    "April 2024 to March 2025": lambda y: f"April {y} to March {y + 1}",
    "1 April 2019 to 31 March 2020": lambda y: f"1 April {y} to 31 March {y + 1}",
    "01/04/2019 - 31/03/2020": lambda y: f"01/04/{y} - 31/03/{y + 1}",
    "10/11*": lambda y: f"{y % 100:02d}/{(y + 1) % 100:02d}*",
    "2019/20 2": lambda y: f"{y}/{(y + 1) % 100:02d} 2",
}
years = st.integers(1990, datetime.date.today().year - 2)


@pytest.mark.parametrize("style", FINANCIAL)
@given(year=years)
def test_every_style_of_a_financial_year_is_read_as_that_year(style, year):
    expected = Period(f"{year}-04-01", f"{year + 1}-03-31")
    assert parse_period(FINANCIAL[style](year), "financial_year", ["*", "2"]) == expected


@given(year=years)
def test_calendar_years_and_their_parts(year):
    whole = Period(f"{year}-01-01", f"{year}-12-31")
    for text in (
        f"{year}",
        f"{year}*",
        f"{year}.0",
        f"Calendar year {year}",
        f"CY {year}",
        f"Year ending December {year}",
    ):
        assert parse_period(text, "calendar_year", ["*"]) == whole
    assert parse_period(f"{year - 4} to {year}", "calendar_year") == Period(f"{year - 4}-01-01", f"{year}-12-31")


@given(year=years, month=st.integers(1, 12), kind=st.sampled_from(["calendar_year", "financial_year"]))
def test_months_are_months_in_either_kind_of_year(year, month, kind):
    name = MONTHS[month - 1].capitalize()
    first = datetime.date(year, month, 1)
    last = (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)
    for text in (
        f"{name} {year}",
        f"{name[:3]} {year % 100:02d}",
        f"{name[:3]}-{year % 100:02d}",
        f"{name[:3]}. {year}",
    ):
        assert parse_period(text, kind) == Period(first.isoformat(), last.isoformat())


@given(year=years, quarter=st.integers(1, 4))
def test_quarters(year, quarter):
    start = datetime.date(year + (quarter == 4), (3 * quarter) % 12 + 1, 1)
    for text in (f"Q{quarter} {year}/{(year + 1) % 100:02d}", f"{year}-{(year + 1) % 100:02d} Q{quarter}"):
        found = parse_period(text, "financial_year")
        assert found.start == start.isoformat() and found.end[5:7] == f"{start.month + 2:02d}"
    assert parse_period(f"Q{quarter} {year}", "calendar_year").start == f"{year}-{3 * quarter - 2:02d}-01"
    assert "can be a quarter of" in parse_period(f"Q{quarter} {year}", "financial_year")


@pytest.mark.parametrize("text", ["2023/24 (to date)", "2023/24 to date", "23/24 YTD", "2023/24 (part year)"])
def test_a_period_that_is_not_whole_has_no_end(text):
    assert parse_period(text, "financial_year") == Period("2023-04-01", "", f"{text}: not the whole period")


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("2019/20", "calendar_year", "is not a calendar year"),
        ("2019", "financial_year", "is not a financial year"),
        ("2019/21", "financial_year", "not the one after the first"),
        ("2019 to 2020", "calendar_year", "is not a calendar year"),  # or two of them
        ("FY 2019", "financial_year", "can be 2018/19 or 2019/20"),
        ("2047", "calendar_year", "lies in the future"),
        ("2047/48", "financial_year", "lies in the future"),
        (f"{datetime.date.today().year}", "calendar_year", "is not over yet"),
        ("March 2020 to April 2019", "calendar_year", "ends before it begins"),
        ("31/02/2020 - 31/03/2020", "calendar_year", "is not a calendar year"),
        ("Total", "calendar_year", "is not a calendar year"),
    ],
)
def test_what_is_no_period_or_two_is_refused_in_words(text, kind, said):
    assert said in parse_period(text, kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2016", (2016, False)),
        ("2017.0", (2017, False)),
        ("2018*", (2018, False)),
        ("2019/20", (2019, True)),
        (str(datetime.date.today().year), (datetime.date.today().year, False)),
        ("2047", None),
        ("1899", None),
        ("NA", None),
    ],
)
def test_years_of_people(text, expected):
    assert parse_year(text, ["*"]) == expected


@pytest.mark.parametrize(
    ("text", "kind", "patterns", "expected"),
    [
        ("2016/01/01 00:00:00+00", "text", "YYYY/MM/DD", "2016-01-01"),
        ("2016-01-04T13:30:00.000Z", "text", "YYYY-MM-DD", "2016-01-04"),
        ("01/31/2016 2:05 PM", "text", "MM/DD/YYYY", "2016-01-31"),
        ("February 2016", "text", ["D Month YYYY", "Month YYYY"], "2016-02"),
        ("3rd March 2016", "text", ["D Month YYYY", "Month YYYY"], "2016-03-03"),
        ("03/2016", "text", "MM/YYYY", "2016-03"),
        ("2016", "number", ["YYYY-MM-DD", "YYYY"], "2016"),
        ("42370", "text", "serial", "2016-01-01"),
        ("42370.75", "number", "serial", "2016-01-01"),
        ("3/4/98", "text", "D/M/YY", "1998-04-03"),
        ("13/2016", "text", "MM/YYYY", None),
        ("January 2099", "text", "Month YYYY", None),
        ("2016-02-30", "text", ["YYYY-MM-DD", "YYYY-MM"], None),
    ],
)
def test_dates_as_far_as_they_go(text, kind, patterns, expected):
    assert parse_date(text, kind, patterns) == expected


STYLES = {
    "YYYY-MM-DD": "%Y-%m-%d",
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YY": "%d.%m.%y",
    "D Month YYYY": "%d %B %Y",
    "Month D, YYYY": "%B %d, %Y",
    "DD-Mon-YYYY": "%d-%b-%Y",
}


@pytest.mark.parametrize("pattern", STYLES)
@given(
    day=st.dates(datetime.date(1990, 1, 1), datetime.date(2024, 12, 31)),
    time=st.sampled_from(["", " 00:00", " 23:59:59", " 00:00:00+00", "T08:15:00Z", " 09:30 AM"]),
)
def test_a_date_written_by_a_pattern_is_read_by_it(pattern, day, time):
    assert parse_date(day.strftime(STYLES[pattern]) + time, "text", pattern) == day.isoformat()


def test_a_pattern_needs_a_year_and_no_day_without_a_month():
    assert [pattern_of(dates) for dates in ("DD/MM", "DD YYYY", "YYYY YY", "MM/M/YYYY")] == [None] * 4


def read_as(**read) -> Mapping:
    return Mapping.model_construct(read=Read(**read))


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [("12.0", "text", 12), ("7.00", "number", 7), ("1,234", "text", 1234), ("1,234*", "text", 1234)],
)
def test_counts_with_a_point_and_nothing_after_it(text, kind, said):
    assert parse_count(text, kind, read_as(thousands=",", marks=["*"])) == said


@pytest.mark.parametrize("marks", [["*", "2"], ["2", "*"]])
def test_a_mark_that_is_a_digit_takes_nothing_from_a_number(marks):
    assert [parse_count(text, "text", read_as(marks=marks)) for text in ("92", "92*", "92 2", "92 2*")] == [92] * 4
    assert parse_percent("45.2%*", "text", read_as(marks=marks)) == 45.2


@pytest.mark.parametrize(("text", "said"), [("12.5", "full-time equivalents"), ("12.000", "between thousands")])
def test_numbers_that_are_no_counts_are_refused_in_words(text, said):
    assert said in parse_count(text, "text", read_as())
