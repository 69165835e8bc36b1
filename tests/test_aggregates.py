"""The fetched sources, against counts made independently, and the committed counts against the files."""

import csv
import gzip
import os
import re
from collections import Counter

import pandas as pd
import pytest

from analysis import vocabulary
from analysis.build import fetched_counts as aggregates
from analysis.build.notebooks import notebook_paths
from analysis.charts.catalogue import CHICAGO_PERIOD, chicago_gap, chicago_table, exhibit
from analysis.checking.validation import validate_frame
from analysis.counting.concentration import concentration, top_share
from analysis.counting.rate_words import count_words, percent, percent_range
from analysis.csv_files import read_large_csv
from analysis.dataset import tidy
from analysis.errors import DataError, MisconductError
from analysis.paths import ROOT
from analysis.provenance.download import find, require
from analysis.provenance.sources import load_source
from analysis.reading import chicago_complaints as chicago
from analysis.reading import met_complaints as met


def there(source, *names):
    """The fetched files, or a skip that says how to get them; in CI, where the mirror is, they must be there."""
    files = [find(source, name) for name in names]
    if None in files:
        (pytest.fail if os.environ.get("MISCONDUCT_MIRROR") else pytest.skip)(
            f"{source} has not been fetched: misconduct fetch {source}"
        )
    return files


@pytest.fixture(scope="module")
def accused():
    accused, complaints, categories = there(chicago.SOURCE, chicago.ACCUSED, chicago.COMPLAINTS, chicago.CATEGORIES)
    return chicago.read_accused(accused, complaints, chicago.read_categories(categories))


def test_the_reference_counts_of_chicago_in_the_committed_tables(data, frozen):
    """The first edition's were counted independently: 244,436 rows, 638 dismissals; 21,427 sustained, 634 of them."""
    outcomes, rates = data["chicago_outcomes"], data["chicago_rates"]
    dismissed = outcomes[outcomes["sanction"] == "dismissed"]
    sustained = outcomes[outcomes["finding"] == "misconduct"]
    counts = {"all_subjects": outcomes["n"].sum(), "proven": sustained["n"].sum()}
    proven = dismissed["finding"] == "misconduct"
    ended = {"all_subjects": dismissed["n"].sum(), "proven": dismissed.loc[proven, "n"].sum()}
    frozen("Chicago, officers in complaints", counts)
    frozen("Chicago, dismissals", ended)
    totals = rates[(rates["complaint_category"] == "(all)") & (rates["period"] == "all_years")].set_index("among")
    assert totals["numerator"].to_dict() == ended
    lowest = totals["rate_if_none_dismissed"].to_dict()
    assert lowest == pytest.approx({among: ended[among] / counts[among] for among in counts}, abs=5e-7)
    assert (totals["denominator"] + totals["unknown_outcomes"]).to_dict() == counts


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
    frozen("Chicago, officers in complaints", {"all_subjects": len(rows), "proven": sustained.sum()})
    frozen("Chicago, dismissals", {"all_subjects": out.sum(), "proven": (out & sustained).sum()})
    assert (accused["sanction"] == "dismissed").tolist() == out.tolist()
    officers = data["chicago_officers"].set_index("sanction")
    assert officers.loc["dismissed"].tolist() == [out.sum(), rows.loc[out, "UID"].nunique()]


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
NOTHING = {"NO ACTION TAKEN", "SUSTAINED-NO PENALTY"}  # in an open complaint not an outcome yet


def by_hand(plain):
    """Accusations by year of the complaint, as chicago_years counts them."""
    years = {}
    for _, _, day, closed, finding, outcome in plain:
        found = years.setdefault(int(day[:4]), Counter())
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
    years, rates, mine = data["chicago_years"].set_index("year"), data["chicago_rates"], by_hand(plain)
    assert years.to_dict("index") == {year: dict(found) for year, found in mine.items()}
    for period, first, last in (("from_1990", 1990, 9999), ("before_1990", 0, 1989), ("all_years", 0, 9999)):
        n = sum((found for year, found in mine.items() if first <= year <= last), Counter())
        for among, part in (("all_subjects", "n"), ("proven", "n_sustained")):
            row = rates[(rates["period"] == period) & (rates["among"] == among)].iloc[0]
            assert row["complaint_category"] == "(all)"
            assert row["numerator"] == n[f"{part}_dismissed"] and row["unknown_outcomes"] == n[f"{part}_unknown"]
            assert row["denominator"] == n[part] - n[f"{part}_unknown"]


def test_the_rate_is_headed_by_the_later_years_and_the_earlier_stand_apart(data):
    """Among sustained 475 of 20,114 = 2.36 % (2.15 to 2.60) from 1990 on, 159 of 1,139 before, 634 of 21,253 in all."""
    assert CHICAGO_PERIOD == "from_1990"
    headline = chicago_table(data, "proven").total
    assert count_words(headline, "complaints") == "475 of 20,114, in 464 of 15,746 complaints"
    assert [round(100 * headline[end], 2) for end in ("rate", "low", "high")] == [2.36, 2.15, 2.60]
    before, every = (chicago_table(data, "proven", period).total for period in ("before_1990", "all_years"))
    assert (before["numerator"], before["denominator"]) == (159, 1_139)
    assert (every["numerator"], every["denominator"]) == (634, 21_253)
    everybody = chicago_table(data, "all_subjects").total
    assert (everybody["numerator"], everybody["denominator"]) == (479, 228_904)
    assert (percent(everybody["rate"]), percent_range(everybody["low"], everybody["high"])) == (
        "0.21%",
        "0.19% to 0.23%",
    )
    assert len(chicago_table(data, "proven").notes) == 2 == 1 + len(chicago_table(data, "proven", "all_years").notes)


def test_the_reason_for_the_period_is_in_the_counts_by_year(data):
    years = data["chicago_years"]
    assert chicago_gap(years) == (
        "Complaints before 1990 are left out because few are on record: they are 2.8% of all accusations and hold 159 "
        "of the 634 dismissals among sustained ones. 1990 itself is on record in part: 3,454 accusations, 11,572 a "
        "year later."
    )
    early, late = years[years["year"] < 1990].sum(), years[years["year"] >= 1990].sum()
    for part in ("n_sustained", "n_dismissed"):  # "were sustained, and ended in dismissal, more often"
        assert early[part] / early["n"] > 1.9 * late[part] / late["n"]
    eighties, unfinished = years[years["year"].between(1980, 1987)].sum(), years[years["year"] >= 2015].sum()
    assert (eighties["n"], round(100 * eighties["n_sustained"] / eighties["n"], 1)) == (2_353, 21.5)
    known = unfinished["n_sustained"] - unfinished["n_sustained_unknown"]
    assert (unfinished["n_sustained_dismissed"], known) == (1, 237)


def test_a_period_is_named_by_the_years_that_it_holds(data):
    years = data["chicago_years"]["year"]
    for code in vocabulary.codes("chicago_period"):
        entry = vocabulary.entry("chicago_period", code)
        first, last = max(entry["first_year"], years.min()), min(entry["last_year"], years.max())
        assert entry["label"] == f"Complaints of {first} to {last}"


def test_a_year_belongs_to_one_period(tmp_path):
    found = read(tmp_path, GOOD, ["C2,1989-12-31,1990-01-02,x", "C1,1990-01-01,1991-01-01,x"])
    assert aggregates.of_period(found, "from_1990")["case_id"].tolist() == ["C1", "C1"]
    assert aggregates.of_period(found, "before_1990")["case_id"].tolist() == ["C2"]
    assert len(aggregates.of_period(found, "all_years")) == 3


def test_an_impossible_year_is_named(data):
    years = data["chicago_years"]
    with pytest.raises(DataError, match="no part of a year's accusations can be larger than its whole"):
        validate_frame(years.assign(n_sustained=years["n"] + 1), "chicago_years", "chicago_years")
    with pytest.raises(DataError, match="year"):
        validate_frame(pd.concat([years, years.tail(1)], ignore_index=True), "chicago_years", "chicago_years")


@pytest.mark.parametrize("name", ["chicago_dismissal_rates", "chicago_dismissal_rates_among_proven"])
def test_a_chicago_chart_says_its_period_and_counts_no_people(data, name):
    chart = exhibit(name).draw(data)
    assert chart.subtitle.endswith("Chicago. Complaints of 1990 to 2018.") and "1967" not in chart.alt_text
    assert "(complaints of 1990 to 2018)" in chart.source_line and "1990 to 2018" in chart.caption
    assert chicago_gap(data["chicago_years"]) in chart.notes
    words = " ".join([chart.title, chart.subtitle, chart.definition.split(". ")[0], *chart.notes])
    assert re.search(r"accusations against officers, in \d+ of [\d,]+ complaints, ended in dismissal$", chart.title)
    assert not re.search(r"people|were dismissed|[Ee]verybody|officers in complaints", words)


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
    finding = {(row[0], row[1]): row[4] for row in plain}
    both = [(number, who) for number, who in finding if number[0] == "C" and (number[1:], who) in finding]
    sustained = sum(finding[number, who] == finding[number[1:], who] == "SU" for number, who in both)
    assert f"In {len(both):,} cases one officer in one complaint is in both releases" in twice
    assert f"{sustained} of them as sustained" in twice
    pairs = set(both)
    years = Counter(row[2][:4] for row in plain if (row[0], row[1]) in pairs)
    assert years["2000"] + years["2001"] >= len(both) - 1


def test_addresses_are_never_read(tmp_path, monkeypatch):
    asked = []
    reading = chicago.read_large_csv
    monkeypatch.setattr(
        chicago, "read_large_csv", lambda path, *columns: asked.extend(columns) or reading(path, *columns)
    )
    read(tmp_path, GOOD, CASES)
    assert {column for columns in asked for column in columns} == {
        *("cr_id", "UID", "complaint_code", "final_finding", "final_outcome", "complaint_date", "closed_date")
    }


ACCUSED = "UID,complaint_category,complaint_code,cr_id,final_finding,final_outcome\n"
COMPLAINTS = "cr_id,complaint_date,closed_date,add1\n"


def read(folder, accused, complaints, groups=None):
    """read_accused of small files in the publisher's form."""
    (folder / "accused.csv").write_text(ACCUSED + "".join(f"{row}\n" for row in accused))
    (folder / "complaints.csv").write_text(COMPLAINTS + "".join(f"{row}\n" for row in complaints))
    return chicago.read_accused(folder / "accused.csv", folder / "complaints.csv", groups or {"05A": "Use of Force"})


GOOD = ["1.0,X,05A,C1,SU,SEPARATION", "2.0,X,05A,C1,NS,No Action Taken", "1.0,X,,C2,,NO ACTION TAKEN"]
CASES = ["C2,2015-01-02,,secret", "C1,2010-05-06,2011-01-01,secret", "C3,2011-01-01,,secret"]


def test_records_are_read_into_the_projects_codes(tmp_path):
    found = read(tmp_path, GOOD, CASES)
    assert found["case_id"].tolist() == ["C1", "C1", "C2"]
    assert found["subject_id"].tolist() == ["C1#1.0", "C1#2.0", "C2#1.0"]
    assert found["year"].tolist() == [2010, 2010, 2015]
    assert found["sanction"].tolist() == ["dismissed", "no_action", "not_stated"]  # the last complaint is open
    assert found["finding"].tolist() == ["misconduct", "not_proven", "not_stated"]
    assert found["complaint_category"].tolist() == ["use_of_force", "use_of_force", "not_stated"]
    table = aggregates.rates_among(found, "all_subjects").total
    assert (table["numerator"], table["denominator"], table["unknown_outcomes"], table["n_cases"]) == (1, 2, 1, 1)


@pytest.mark.parametrize(
    ("accused", "complaints", "groups", "said"),
    [
        ([*GOOD, "3.0,X,05A,C9,SU,Separation"], CASES, None, r"row 5, column cr_id: there is no complaint 'C9'"),
        (GOOD, [*CASES, CASES[0]], None, r"row 5, column cr_id: the complaint 'C2' occurs more than once"),
        ([*GOOD, GOOD[0]], CASES, None, r"row 5, column UID: the same officer is in the complaint 'C1'"),
        ([*GOOD, "3.0,X,05A,C2,SU,FIRED"], CASES, None, "'FIRED'"),
        ([*GOOD, "3.0,X,99Z,C2,SU,Separation"], CASES, None, "complaint codes 99Z"),
        (GOOD, CASES, {"05A": "Force"}, "complaint_category has labels .* 'Force'"),
        ([*GOOD, "3.0,X,05A,C3,SU,Separation"], [*CASES[:2], "C3,0011-01-01,,"], None, "row 5, column year: '11'"),
        (GOOD, [*CASES[:2], "C3,01/02/2010,,"], None, "row 4, column complaint_date: '01/02/2010' is not a date"),
        ([*GOOD, "3.0,X,05A"], CASES, None, "Expected 6 columns, got 3"),
    ],
)
def test_wrong_records_are_named(accused, complaints, groups, said, tmp_path):
    with pytest.raises(MisconductError, match=said):
        read(tmp_path, accused, complaints, groups)


def test_a_damaged_file_and_a_heading_that_occurs_twice_are_named(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(b"no gzip")
    (tmp_path / "b.csv").write_text("cr_id,cr_id,UID\n1,2,3\n")
    for name, said in (
        ("a.csv.gz", "a.csv.gz"),
        ("nowhere.csv", "nowhere.csv"),
        ("b.csv", "cr_id occurs more than once"),
    ):
        with pytest.raises(DataError, match=said):
            read_large_csv(tmp_path / name, ["cr_id"], ["UID"])


def test_a_missing_column_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(MisconductError, match="cr_id"):
        chicago.read_accused(tmp_path / "a.csv", tmp_path / "a.csv", {})


def test_the_share_of_the_top_is_exact():
    import numpy as np

    counts = np.array([5, 3, 1, 1])  # five people with none, three with one, one with two, one with three: 8 complaints
    assert top_share(counts, 1) == 3 / 8 and top_share(counts, 2) == 5 / 8 and top_share(counts, 3) == 6 / 8
    assert top_share(counts, 10) == 1


def test_chance_alone_is_found_to_be_chance():
    """Complaints that fall on anybody alike: the observed share lies where chance says, dispersion is about 1."""
    import numpy as np

    falls = np.random.default_rng(1).integers(0, 5000, 6000)
    per_person = np.bincount(falls, minlength=5000)
    counts = pd.Series(per_person[per_person > 0]).value_counts().sort_index()
    table = pd.DataFrame({"n_complaints": counts.index, "n_people": counts.to_numpy()})
    found = concentration(table, 5000)
    assert found.dispersion == pytest.approx(1, abs=0.06) and found.complaints == 6000
    for row in found.data.itertuples():
        assert row.share == pytest.approx(row.by_chance, abs=0.015)


def test_the_share_by_chance_is_poissons(data, frozen):
    """The top tenth under a Poisson distribution, from scipy."""
    import numpy as np
    from scipy import stats

    table = data["met_complaints"]
    found = concentration(table, 33_293)
    numbers = np.arange(40)
    expected = 33_293 * stats.poisson.pmf(numbers, found.mean)
    top = top_share(expected, round(0.1 * 33_293))
    assert found.data["by_chance"].iloc[-1] == pytest.approx(top, abs=0.002)
    frozen("Met, share of the tenth with most complaints", found.data["share"].iloc[-1])


def test_fewer_people_than_have_complaints_is_refused(data):
    with pytest.raises(MisconductError, match="22,060"):
        concentration(data["met_complaints"], 20_000)
