"""The fetched sources, against counts made independently, and the committed counts against the files."""

import os

import pandas as pd
import pytest

from analysis import aggregates, vocabulary
from analysis.concentration import concentration, top_share
from analysis.errors import DataError, MisconductError
from analysis.fetching import find, require
from analysis.files import read_large_csv
from analysis.ingest import chicago_complaints as chicago
from analysis.ingest import met_complaints as met
from analysis.sources import load_source
from analysis.tables import load_table


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


def test_the_reference_counts_of_chicago_in_the_committed_tables(frozen):
    """The first edition's were counted independently: 244,436 rows, 638 dismissals; 21,427 sustained, 634 of them."""
    outcomes, rates = load_table("chicago_outcomes"), load_table("chicago_rates")
    dismissed = outcomes[outcomes["sanction"] == "dismissed"]
    sustained = outcomes[outcomes["finding"] == "misconduct"]
    counts = {"all_subjects": outcomes["n"].sum(), "proven": sustained["n"].sum()}
    proven = dismissed["finding"] == "misconduct"
    ended = {"all_subjects": dismissed["n"].sum(), "proven": dismissed.loc[proven, "n"].sum()}
    frozen("Chicago, officers in complaints", counts)
    frozen("Chicago, dismissals", ended)
    totals = rates[rates["complaint_category"] == "(all)"].set_index("among")
    assert totals["numerator"].to_dict() == ended
    lowest = totals["rate_if_none_dismissed"].to_dict()
    assert lowest == pytest.approx({among: ended[among] / counts[among] for among in counts}, abs=5e-7)
    assert (totals["denominator"] + totals["unknown_outcomes"]).to_dict() == counts


def test_every_spelling_is_mapped_and_none_counts_silently(frozen):
    outcomes = load_table("chicago_outcomes")
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


def test_the_committed_counts_are_those_of_the_files(accused, frozen):
    pd.testing.assert_frame_equal(aggregates.chicago_outcomes(accused), load_table("chicago_outcomes"))
    pd.testing.assert_frame_equal(aggregates.chicago_officers(accused), load_table("chicago_officers"))
    found, stored = aggregates.chicago_rates(accused), load_table("chicago_rates")
    pd.testing.assert_frame_equal(found, stored[found.columns], check_dtype=False, atol=5e-7, rtol=0)
    [file] = there(met.SOURCE, met.FILE)
    pairs = met.read_pairs(file)
    pd.testing.assert_frame_equal(met.complaints_per_person(pairs), load_table("met_complaints"))
    frozen("Met, rows", len(pairs))
    nobody = pairs["subject_id"].isin(["subject 122060", "Organisational"])
    frozen("Met, rows of numbers that are not people", pairs.loc[nobody, "subject_id"].value_counts().to_dict())


def test_the_counts_by_a_plain_script(accused, frozen):
    """The same counts with nothing of this project but the file."""
    rows = pd.read_csv(require(chicago.SOURCE, chicago.ACCUSED), dtype=str, keep_default_na=False)
    ended = ["SEPARATION", "ADMIN. TERMINATION", "ADMINISTRATIVE TERMINATION", "SEPARATED OTHER CASE"]
    out = rows["final_outcome"].str.upper().isin(ended)
    sustained = rows["final_finding"] == "SU"
    frozen("Chicago, officers in complaints", {"all_subjects": len(rows), "proven": sustained.sum()})
    frozen("Chicago, dismissals", {"all_subjects": out.sum(), "proven": (out & sustained).sum()})
    assert (accused["sanction"] == "dismissed").tolist() == out.tolist()
    officers = load_table("chicago_officers").set_index("sanction")
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


def test_the_share_by_chance_is_poissons(frozen):
    """The top tenth under a Poisson distribution, from scipy."""
    import numpy as np
    from scipy import stats

    table = load_table("met_complaints")
    found = concentration(table, 33_293)
    numbers = np.arange(40)
    expected = 33_293 * stats.poisson.pmf(numbers, found.mean)
    top = top_share(expected, round(0.1 * 33_293))
    assert found.data["by_chance"].iloc[-1] == pytest.approx(top, abs=0.002)
    frozen("Met, share of the tenth with most complaints", found.data["share"].iloc[-1])


def test_fewer_people_than_have_complaints_is_refused():
    with pytest.raises(MisconductError, match="22,060"):
        concentration(load_table("met_complaints"), 20_000)
