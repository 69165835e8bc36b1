"""The fetched sources, against counts made independently, and the committed counts against the files."""

import csv
import gzip
import re
from collections import Counter
from datetime import date

import pandas as pd
import pytest
from fetched import there

from analysis import vocabulary
from analysis.build import fetched_counts as aggregates
from analysis.build.notebooks import notebook_paths
from analysis.charts.catalogue import CHICAGO_PERIOD, chicago_gap, chicago_table, exhibit
from analysis.checking.validation import validate_frame
from analysis.counting import completeness as years_on_record
from analysis.counting.rate_words import count_words, percent, percent_range
from analysis.dataset import tidy
from analysis.errors import DataError
from analysis.paths import ROOT
from analysis.provenance.download import require
from analysis.provenance.sources import load_source
from analysis.publishing import chicago as said
from analysis.reading import chicago_complaints as chicago
from analysis.reading import met_complaints as met


@pytest.fixture(scope="module")
def accused():
    accused, complaints, categories = there(chicago.SOURCE, chicago.ACCUSED, chicago.COMPLAINTS, chicago.CATEGORIES)
    return chicago.read_accused(accused, complaints, chicago.read_categories(categories))


def test_the_reference_counts_of_chicago_in_the_committed_tables(data, frozen):
    """Outcomes and rates of all years are the same accusations, each once."""
    outcomes, rates = data["chicago_outcomes"], data["chicago_rates"]
    dismissed = outcomes[outcomes["sanction"] == "dismissed"]
    sustained = outcomes[outcomes["finding"] == "misconduct"]
    counts = {"all_subjects": outcomes["n"].sum(), "proven": sustained["n"].sum()}
    proven = dismissed["finding"] == "misconduct"
    ended = {"all_subjects": dismissed["n"].sum(), "proven": dismissed.loc[proven, "n"].sum()}
    frozen("Chicago, accusations", counts)
    frozen("Chicago, dismissals", ended)
    totals = rates[(rates["complaint_category"] == "(all)") & (rates["period"] == "all_years")].set_index("among")
    assert totals["numerator"].to_dict() == ended
    lowest = totals["rate_if_none_dismissed"].to_dict()
    assert lowest == pytest.approx({among: ended[among] / counts[among] for among in counts}, abs=5e-7)
    assert (totals["denominator"] + totals["unknown_outcomes"]).to_dict() == counts
    years = data["chicago_years"]
    assert counts == {"all_subjects": years["n"].sum(), "proven": years["n_sustained"].sum()}


def test_every_spelling_is_mapped_and_none_counts_silently(data, frozen):
    outcomes = data["chicago_outcomes"]
    known = vocabulary.crosswalk("chicago_complaints")["sanction"]
    assert outcomes["sanction_source"].nunique() == len(known)  # the spellings and the empty cell
    frozen("Chicago, spellings of an outcome", len(known))
    dismissals = {label for label, code in known.items() if code == "dismissed"}
    assert dismissals == {
        *("SEPARATION", "Separation", "ADMIN. TERMINATION", "Administrative Termination", "SEPARATED OTHER CASE")
    }
    numeric = outcomes[outcomes["sanction_source"].str.fullmatch(r"\d+")]
    assert set(numeric["sanction"]) == {"not_stated"}
    frozen("Chicago, outcomes that are a number", numeric["n"].sum())
    reinstated = outcomes[outcomes["sanction_source"].str.upper().str.startswith("REINSTATED")]
    assert set(reinstated["sanction"]) == {"reinstated"}
    frozen("Chicago, reinstatements", reinstated["n"].sum())


def test_the_committed_counts_are_those_of_the_files(data, accused, frozen):
    pd.testing.assert_frame_equal(tidy(aggregates.chicago_outcomes(accused)), data["chicago_outcomes"])
    pd.testing.assert_frame_equal(tidy(aggregates.chicago_officers(accused)), data["chicago_officers"])
    pd.testing.assert_frame_equal(aggregates.chicago_years(accused), data["chicago_years"])
    found, stored = aggregates.chicago_rates(accused), data["chicago_rates"]
    pd.testing.assert_frame_equal(found, stored[found.columns], check_dtype=False, atol=5e-7, rtol=0)
    [file] = there(met.SOURCE, met.FILE)
    pairs = met.read_pairs(file)
    pd.testing.assert_frame_equal(met.complaints_per_person(pairs), data["met_complaints"])
    frozen("Met, rows", len(pairs))
    nobody = pairs["subject_id"].isin(["subject 122060", "Organisational"])
    frozen("Met, rows of numbers that are not people", pairs.loc[nobody, "subject_id"].value_counts().to_dict())


def test_the_counts_by_a_plain_script(data, accused, frozen):
    """The same counts with nothing of this project but the file."""
    rows = pd.read_csv(require(chicago.SOURCE, chicago.ACCUSED), dtype=str, keep_default_na=False)
    ended = ["SEPARATION", "ADMIN. TERMINATION", "ADMINISTRATIVE TERMINATION", "SEPARATED OTHER CASE"]
    out = rows["final_outcome"].str.upper().isin(ended)
    sustained = rows["final_finding"] == "SU"
    assert (accused["sanction"] == "dismissed").tolist() == out.tolist()
    officers = data["chicago_officers"].set_index("outcome")
    of = [rows.loc[kept, "UID"].nunique() for kept in (out, out & sustained)]
    assert officers.loc["dismissed"].tolist() == of
    numbers, officers_of = rows["cr_id"].tolist(), rows["UID"].tolist()
    first = set(zip(numbers, officers_of, strict=True))
    twice = [("C" + number, who) in first for number, who in zip(numbers, officers_of, strict=True)]
    assert accused["is_repeated"].astype(bool).tolist() == twice
    once = ~pd.Series(twice)
    frozen("Chicago, rows", len(rows))
    frozen("Chicago, accusations", {"all_subjects": once.sum(), "proven": (sustained & once).sum()})
    frozen("Chicago, dismissals", {"all_subjects": (out & once).sum(), "proven": (out & sustained & once).sum()})


def test_an_open_case_leaves_the_denominator_unless_a_sanction_stands_in_it(accused, frozen):
    closed = pd.read_csv(
        require(chicago.SOURCE, chicago.COMPLAINTS), usecols=["cr_id", "closed_date"], dtype=str, keep_default_na=False
    ).set_index("cr_id")["closed_date"]
    is_open = accused["case_id"].map(closed) == ""
    stated = accused.loc[is_open, "sanction"].astype(str).value_counts().to_dict()
    frozen("Chicago, open complaints by sanction", stated)
    [limit] = [text for text in load_source(chicago.SOURCE).known_limits if text.startswith("An open complaint")]
    assert f"{is_open.sum() - stated['not_stated']} rows, of which {stated['dismissed']} are dismissals" in limit


@pytest.fixture(scope="module")
def plain():
    """Every row by hand: number, officer, date, closing date, finding, outcome in capitals; nothing of this project."""
    accused, complaints = there(chicago.SOURCE, chicago.ACCUSED, chicago.COMPLAINTS)
    with gzip.open(complaints, "rt", encoding="utf-8", newline="") as file:
        days = {row["cr_id"]: (row["complaint_date"], row["closed_date"]) for row in csv.DictReader(file)}
    with gzip.open(accused, "rt", encoding="utf-8", newline="") as file:
        return [
            (row["cr_id"], row["UID"], *days[row["cr_id"]], row["final_finding"], row["final_outcome"].upper())
            for row in csv.DictReader(file)
        ]


ENDED = {"SEPARATION", "ADMIN. TERMINATION", "ADMINISTRATIVE TERMINATION", "SEPARATED OTHER CASE"}
PARTS = (
    "n",
    *(f"n_{p}" for p in ("unknown", "dismissed", "sustained", "sustained_unknown", "sustained_dismissed", "repeated")),
)
NOTHING = {"NO ACTION TAKEN", "SUSTAINED-NO PENALTY"}  # in an open complaint not an outcome yet


def by_hand(plain, with_repeated=False):
    """Accusations by year of the complaint, as chicago_years counts them."""
    years = {}
    first = {(number, who) for number, who, *_ in plain}
    for number, who, day, closed, finding, outcome in plain:
        found = years.setdefault(int(day[:4]), Counter(dict.fromkeys(PARTS, 0)))
        if ("C" + number, who) in first and not with_repeated:
            found["n_repeated"] += 1
            continue
        unknown = outcome in ("", "UNKNOWN") or outcome.isdigit() or (not closed and outcome in NOTHING)
        found["n"] += 1
        found["n_unknown"] += unknown
        found["n_dismissed"] += outcome in ENDED
        found["n_sustained"] += finding == "SU"
        found["n_sustained_unknown"] += unknown and finding == "SU"
        found["n_sustained_dismissed"] += outcome in ENDED and finding == "SU"
    return years


def test_every_year_and_period_counted_by_hand(data, plain):
    """The counts of chicago_years and the totals of chicago_rates, with the csv module alone."""
    years, rates = data["chicago_years"].set_index("year"), data["chicago_rates"]
    mine = {twice: by_hand(plain, twice) for twice in (False, True)}
    assert years.to_dict("index") == {year: dict(found) for year, found in mine[False].items()}
    for period, entry in vocabulary.vocabularies()["chicago_period"].items():
        counted = mine[entry["with_repeated"]].items()
        n = sum((found for year, found in counted if entry["first_year"] <= year <= entry["last_year"]), Counter())
        for among, part in (("all_subjects", "n"), ("proven", "n_sustained")):
            row = rates[(rates["period"] == period) & (rates["among"] == among)].iloc[0]
            assert row["complaint_category"] == "(all)"
            assert row["numerator"] == n[f"{part}_dismissed"] and row["unknown_outcomes"] == n[f"{part}_unknown"]
            assert row["denominator"] == n[part] - n[f"{part}_unknown"]


def test_the_rate_is_headed_by_the_complete_years_and_the_others_stand_apart(data):
    """475 of 20,114 sustained = 2.36 % (2.15 to 2.60) from 1990 on as published, 463 of 19,883 with each once."""
    assert CHICAGO_PERIOD == "complete_years"
    headline = chicago_table(data, "proven").total
    assert count_words(headline, "complaints") == "439 of 19,038, in 428 of 15,000 complaints"
    assert [round(100 * headline[end], 2) for end in ("rate", "low", "high")] == [2.31, 2.09, 2.54]
    published = chicago_table(data, "proven", "from_1990_as_published").total
    assert count_words(published, "complaints") == "475 of 20,114, in 464 of 15,746 complaints"
    assert [round(100 * published[end], 2) for end in ("rate", "low", "high")] == [2.36, 2.15, 2.60]
    others = {"early_years": (182, 1_747), "unfinished_years": (1, 237), "from_1990": (463, 19_883)}
    for period, counts in {**others, "all_years": (622, 21_022)}.items():
        row = chicago_table(data, "proven", period).total
        assert (row["numerator"], row["denominator"]) == counts
    everybody = chicago_table(data, "all_subjects").total
    assert (everybody["numerator"], everybody["denominator"]) == (441, 211_558)
    assert (percent(everybody["rate"]), percent_range(everybody["low"], everybody["high"])) == (
        "0.21%",
        "0.19% to 0.23%",
    )
    assert len(chicago_table(data, "proven").notes) == 2 == 1 + len(chicago_table(data, "proven", "all_years").notes)
    shown = said.periods_table(data)
    assert len(shown) == 2 * len(vocabulary.codes("chicago_period")) and "2.33%" in set(shown["share"])
    assert not shown["share"].str.fullmatch(r"0\.0\d%").any() or "0.024%" in set(shown["share"])  # two digits that say


def test_the_years_of_the_headline_are_those_that_the_counts_call_complete(data, monkeypatch):
    years, entry = data["chicago_years"], vocabulary.entry("chicago_period", CHICAGO_PERIOD)

    def complete():
        found = years_on_record.completeness(years)
        of = years["year"][found == years_on_record.COMPLETE]
        return of.min(), of.max(), [*dict.fromkeys(found)]

    kinds = [years_on_record.FEW_ON_RECORD, years_on_record.COMPLETE, years_on_record.UNFINISHED]
    assert complete() == (entry["first_year"], entry["last_year"], kinds)
    for name, least, most in (("HALF", 0.35, 0.7), ("FIFTH", 0.14, 0.28)):  # as docs/methodology.md says
        for threshold in (least, most):
            with monkeypatch.context() as patch:
                patch.setattr(years_on_record, name, threshold)
                assert complete()[:2] == (entry["first_year"], entry["last_year"])
    shown = said.years_table(years).set_index("year of the complaint")
    assert shown.loc[[1990, 1991, 2014, 2015], "on record"].tolist() == [kinds[0], kinds[1], kinds[1], kinds[2]]
    assert shown.loc[2014, "outcome not known"] == "13.6%" and shown.loc[1990, "sustained, share"] == "17.6%"


def test_completeness_of_records_without_gaps_or_with_nothing_else():
    even = pd.DataFrame({"year": range(2000, 2010), "n": 100, "n_unknown": 1})
    assert set(years_on_record.completeness(even)) == {years_on_record.COMPLETE}
    gap = even.drop(index=4)  # no row of 2004: nothing on record
    assert years_on_record.completeness(gap).tolist() == [years_on_record.FEW_ON_RECORD] * 4 + ["complete"] * 5
    one = gap.assign(n=1, n_unknown=0)  # and not one record
    assert years_on_record.completeness(one).tolist() == years_on_record.completeness(gap).tolist()
    late = even.assign(n_unknown=[0] * 8 + [21, 0])
    assert years_on_record.completeness(late).tolist() == ["complete"] * 8 + ["unfinished"] * 2


def test_the_reason_for_the_period_is_in_the_counts_by_year(data):
    years = data["chicago_years"]
    assert chicago_gap(years) == (
        "Complaints before 1991 are left out because few are on record: 3,454 accusations of 1990, 11,572 of 1991. "
        "They are 4.4% of all accusations and hold 182 of the 622 dismissals among sustained ones. Complaints after "
        "2014 are left out because many are unfinished: the outcome of 2,696 of 6,858 accusations is not known. 10,054 "
        "accusations stand in both releases of the records and count once."
    )


def test_officers_are_counted_as_officers_and_with_their_definition(data):
    """Of 10,690 officers with a sustained accusation 573 were ever dismissed; counted independently."""
    assert (
        "of 10,690 officers with at least one sustained accusation whose outcome is known, 573 (5.4%) have at least "
        "one sustained accusation that ended in dismissal" in said.records_words(data)
    )


def test_a_period_is_named_by_the_years_that_it_holds(data):
    years = data["chicago_years"]["year"]
    for code in vocabulary.codes("chicago_period"):
        entry = vocabulary.entry("chicago_period", code)
        first, last = max(entry["first_year"], years.min()), min(entry["last_year"], years.max())
        twice = ", with repeated accusations counted twice" if entry["with_repeated"] else ""
        assert entry["label"] == f"Complaints of {first} to {last}{twice}"


def test_an_impossible_year_is_named(data):
    years = data["chicago_years"]
    with pytest.raises(DataError, match="no part of a year's accusations can be larger than its whole"):
        validate_frame(years.assign(n_sustained=years["n"] + 1), "chicago_years", "chicago_years")
    with pytest.raises(DataError, match="year"):
        validate_frame(pd.concat([years, years.tail(1)], ignore_index=True), "chicago_years", "chicago_years")


@pytest.mark.parametrize("name", ["chicago_dismissal_rates", "chicago_dismissal_rates_among_proven"])
def test_a_chicago_chart_says_its_period_and_counts_no_people(data, name):
    chart = exhibit(name).draw(data)
    assert chart.subtitle.endswith("Chicago. Complaints of 1991 to 2014.") and "1967" not in chart.alt_text
    assert "(complaints of 1991 to 2014)" in chart.source_line and "1991 to 2014" in chart.caption
    assert chicago_gap(data["chicago_years"]) in chart.notes
    words = " ".join([chart.title, chart.alt_text, chart.definition, chart.caption])
    assert re.search(r"accusations against officers, in \d+ of [\d,]+ complaints, ended in dismissal$", chart.title)
    assert not re.search(
        r"people|\bperson\b|were dismissed|[Ee]very(body|one)|officers in complaints|left first", words
    )
    rows = {row.label: row for row in chart.plot.rows}
    if "First Amendment" in rows and name.endswith("proven"):
        assert rows["First Amendment"].words == "0 of 1 [u]" and rows["First Amendment"].high == 0  # stretches no axis


def test_nothing_of_chicago_calls_accusations_officers_in_complaints():
    texts = [*(ROOT / "src").glob("**/*.py"), ROOT / "notebooks/11_chicago_dismissal_rates.ipynb", ROOT / "README.md"]
    texts += [ROOT / "docs/methodology.md", ROOT / "docs/performance.md"]
    assert [path.name for path in texts if "officers in complaints" in path.read_text(encoding="utf-8")] == []


def test_nothing_says_that_every_complaint_is_on_record():
    texts = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *notebook_paths(), *ROOT.glob("data/raw/*/source.yml")]
    texts += [*ROOT.glob("src/**/*.py"), *ROOT.glob("data/vocabulary/*.yml")]
    said = re.compile(r"(?<!not )every complaint (is on record|is there|in Chicago)", re.IGNORECASE)
    kept = ("docs/corrections.md",)  # where it is told what was said
    found = [path.relative_to(ROOT).as_posix() for path in texts if said.search(path.read_text(encoding="utf-8"))]
    assert [path for path in found if path not in kept] == []


def test_the_gaps_and_repetitions_that_the_source_admits_are_those_of_the_files(plain):
    limits = load_source(chicago.SOURCE).known_limits
    [gaps] = [text for text in limits if text.startswith("Counted by month")]
    n = Counter(row[2][:7] for row in plain)
    thin = [f"1990-0{month}" for month in range(2, 10)]
    full = [n[m] for m in n if "1989-09" <= m <= "1992-12" and m not in ("1990-01", *thin, "1992-08")]
    assert f"no month before September 1989 has more than {max(n[m] for m in n if m < '1989-09')} rows" in gaps
    assert f"a month has {min(full):,} to {max(full):,}, but January 1990 has {n['1990-01']}" in gaps
    assert f"1990 {min(n[m] for m in thin)} to {max(n[m] for m in thin)} each, and August 1992 {n['1992-08']}." in gaps
    [twice] = [text for text in limits if "both releases" in text]
    day, finding = ({(row[0], row[1]): row[place] for row in plain} for place in (2, 4))
    both = [(number, who) for number, who in finding if number[0] == "C" and (number[1:], who) in finding]
    apart = max(abs((date.fromisoformat(day[n, who]) - date.fromisoformat(day[n[1:], who])).days) for n, who in both)
    said_of = [(finding[number, who], finding[number[1:], who]) for number, who in both]
    assert f"In {len(both):,} cases one officer in one complaint is in both releases" in twice
    assert f"with dates at most {apart} days apart" in twice
    empty, sustained = (sum(pair[1] == "" for pair in said_of), [sum(p[i] == "SU" for p in said_of) for i in (0, 1)])
    assert f"the second leaves {empty} without a finding" in twice and all(pair[0] for pair in said_of)
    also = said_of.count(("SU", "SU"))
    assert f"calls {sustained[0]} of them sustained, the second {sustained[1]}, both {also}." in twice
    numbers = {number for number, _ in finding}
    shared = {number for number in numbers if number[0] == "C" and number[1:] in numbers}
    of_shared = sum(number in shared or f"C{number}" in shared for number, _ in finding)
    assert f"{of_shared - 2 * len(both)} more rows are of an officer" in twice
    pairs = set(both)
    years = Counter(row[2][:4] for row in plain if (row[0], row[1]) in pairs)
    assert years["2000"] + years["2001"] >= len(both) - 1
