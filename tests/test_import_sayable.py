"""What a mapping can say: of labels, rows, dates and tables as strangers' files have them; and what is told of it."""

import pytest
import yaml
from imports import (
    CASES,
    COUNT_MAP,
    PEOPLE_MAP,
    PERSON,
    changed,
    counted,
    csv_file,
    imported,
    people_text,
    workbook,
)

from analysis.errors import DataError


def case(number: str, folder, **changes):
    """The tables of one of the small inputs, and what was told; the mapping with some keys put in."""
    [file] = list(CASES.glob(f"{number}_*"))
    mapping = yaml.load((CASES / f"{number}.map.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    copied = folder / file.name
    copied.write_bytes(file.read_bytes())
    return imported(copied, changed(mapping, **changes), folder / "out")


def columns(tables, *names):
    return tables["subjects"][[*names]].to_numpy().tolist()


def problems(number: str, folder, **changes) -> str:
    with pytest.raises(DataError) as error:
        case(number, folder, **changes)
    return str(error.value)


# --- years and dates --------------------------------------------------------------------------------------------------


def test_a_missing_word_of_a_year(tmp_path):
    tables, _ = case("10", tmp_path)
    assert tables["subjects"]["year"].fillna(0).tolist() == [2016, 0, 2017]


def test_a_year_that_has_not_begun_is_refused(tmp_path):
    file = csv_file(tmp_path / "a.csv", "Ref,Allegation,Outcome,Year\nA,Driving,Dismissed,2047\n")
    columns = {key: value for key, value in PERSON.items() if key != "case_to_answer"} | {"year": "Year"}
    with pytest.raises(DataError, match="'2047' is not a year, or one that has not begun"):
        imported(file, {**PEOPLE_MAP, "columns": columns}, tmp_path)


def test_a_date_gives_its_year_where_there_is_no_column_of_years(tmp_path):
    tables, told = case("32", tmp_path)
    assert tables["subjects"]["year"].tolist() == [2019, 2020]
    assert "No column of years: the year is that of the date." in told


def test_dates_with_a_zone_and_months(tmp_path):
    text = (CASES / "07_dates_offset.csv").read_text(encoding="utf-8") + "3,Driving,No action,March 2016*\n"
    mapping = yaml.load((CASES / "32.map.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    mapping = changed(
        mapping, columns={"date": "Report date"}, read={"dates": ["YYYY/MM/DD", "Month YYYY"], "marks": ["*"]}
    )
    tables, told = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)
    assert columns(tables, "date", "year") == [["2016-01-01", 2016], ["2016-01-04", 2016], ["", 2016]]
    assert "Dates without a day give their year alone." in told


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (["18/19", "19/20*"], "financial_year"),
        (["2018 to 2019", "2019 to 2020"], "financial_year"),
        (["Year ending March 2019", "Year ending March 2020"], "calendar_year"),
    ],
)
def test_years_across_as_they_are_written(headings, kind, tmp_path):
    rows = [["Outcome", *headings], ["Accused", 10, 12], ["Dismissed", 3, 4]]
    mapping = changed(
        COUNT_MAP,
        across={"columns": [heading.removesuffix("*") for heading in headings], "are": "period"},
        period=kind,
        read={"marks": ["*"]},
    )
    figures = imported(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)[0]["published_figures"]
    assert {*zip(figures["period_start"], figures["period_end"], strict=True)} == {
        ("2018-04-01", "2019-03-31"),
        ("2019-04-01", "2020-03-31"),
    }


def test_two_rows_of_headings_and_short_years(tmp_path):
    mapping = changed(
        COUNT_MAP,
        read={"heading": [1, 2], "marks": ["*"]},
        columns={"force": "Force"},
        across={"columns": ["Financial year / 18/19", "Financial year / 19/20"], "are": "period"},
        period="financial_year",
        labels={"period": {"Financial year / 18/19": "2018/19", "financial year / 19/20": "2019/20"}},
    )
    mapping = {**mapping, "columns": {"force": "Force"}, "constants": {**mapping["constants"], "outcome": ""}}
    del mapping["constants"]["force"]
    file = csv_file(tmp_path / "a.csv", (CASES / "16_two_row_years.csv").read_text(encoding="utf-8"))
    figures = imported(file, mapping, tmp_path)[0]["published_figures"]
    assert figures["period_start"].tolist() == ["2018-04-01", "2019-04-01"] * 2
    assert figures["value"].tolist() == [4, 5, 1, 2] and set(figures["outcome"]) == {""}


def test_a_period_so_far_is_told_from_a_whole_one(tmp_path):
    rows = [["Outcome", "2022/23", "2023/24 (to date)"], ["Accused", 10, 12], ["Dismissed", 3, 4]]
    mapping = changed(COUNT_MAP, across={"columns": rows[0][1:], "are": "period"}, period="financial_year")
    figures = imported(workbook(tmp_path / "a.xlsx", rows), mapping, tmp_path)[0]["published_figures"]
    assert figures["period_end"].tolist() == ["2023-03-31", ""] * 2
    assert figures["period_note"].tolist() == ["", "2023/24 (to date): not the whole period"] * 2


# --- labels -----------------------------------------------------------------------------------------------------------

BY_WORDS = {
    "contains: dismissed": "dismissed",
    "begins with: suspen": "no_action",
    "*": "management_action",
}


def by_words(folder, *outcomes, labels=None):
    rows = [f'C{number},Driving,"{outcome}",Gross' for number, outcome in enumerate(outcomes)]
    mapping = {**PEOPLE_MAP, "labels": {**PEOPLE_MAP["labels"], "sanction": labels or BY_WORDS}}
    return imported(csv_file(folder / "a.csv", people_text(*rows)), mapping, folder)


def test_labels_ignore_letter_case(tmp_path):
    assert columns(case("31", tmp_path)[0], "sanction") == [["dismissed"], ["dismissed"]]


def test_labels_by_words_and_one_for_all_others_are_told(tmp_path):
    tables, told = by_words(
        tmp_path, "DISMISSED at once", "Suspension, 3 days", "Told off", "Told off", "Written warning"
    )
    assert tables["subjects"]["sanction"].tolist() == [
        "dismissed",
        "no_action",
        "management_action",
        "management_action",
        "written_warning",
    ]
    assert "labels, sanction: '*' decided 1 label in 2 rows: 'Told off'." in told
    assert "labels, sanction: 'contains: dismissed' decided 1 label in 1 row: 'DISMISSED at once'." in told


@pytest.mark.parametrize(
    "outcome", ["Not dismissed", "Charges dismissed", "Dismissed - charge withdrawn", "Never dismissed"]
)
def test_a_label_by_words_never_takes_what_its_words_may_turn_round(outcome, tmp_path):
    with pytest.raises(DataError, match="fits 'contains: dismissed', but its words may say something else"):
        by_words(tmp_path, outcome)
    labels = {"contains: not dismissed": "no_action", **BY_WORDS, outcome.upper(): "no_action"}
    assert by_words(tmp_path, outcome, labels=labels)[0]["subjects"]["sanction"].tolist() == ["no_action"]


def test_the_label_for_all_others_does_not_decide_what_reads_like_a_dismissal(tmp_path):
    with pytest.raises(DataError, match=r"'Dismissal \(summary\)' fits '\*'"):
        by_words(tmp_path, "Dismissal (summary)", labels={"*": "no_action"})
    found = by_words(tmp_path, "Case dismissed", labels={"*": "no_action"})[0]["subjects"]
    assert found["sanction"].tolist() == ["no_action"]


def test_words_inside_a_word_are_not_meant(tmp_path):
    labels = {"contains: sustained": "gross_misconduct", "*": "not_stated"}
    mapping = {**PEOPLE_MAP, "columns": {**PERSON, "finding": "Finding"}}
    mapping = changed(mapping, labels={"finding": labels})
    text = people_text(
        "A,Driving,NFA,Mis,Unsustained",
        "B,Driving,NFA,Mis,Sustained in part",
        heading="Ref,Allegation,Outcome,Case to answer,Finding",
    )
    found = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)[0]["subjects"]
    assert found["finding"].tolist() == ["not_stated", "gross_misconduct"]


def test_nothing_means_not_given_in_any_column(tmp_path):
    mapping = changed(PEOPLE_MAP, columns={"rank": "Rank"}, labels={"rank": {"NA": "", "unk.": ""}})
    text = people_text(
        "A,Driving,NFA,Mis,NA", "B,Driving,NFA,Mis,UNK.", heading="Ref,Allegation,Outcome,Case to answer,Rank"
    )
    found = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)[0]["subjects"]
    assert found["rank"].tolist() == ["unknown", "unknown"]


def test_texts_that_mean_nothing_elsewhere_stay_texts(tmp_path):
    tables, _ = case("20", tmp_path)
    assert tables["subjects"]["sanction"].value_counts().to_dict() == {"no_action": 5, "dismissed": 1}


# --- findings and leavers ---------------------------------------------------------------------------------------------


def test_a_blank_finding_beside_a_dismissal_is_inferred(tmp_path):
    found = columns(case("13", tmp_path)[0], "finding", "finding_basis")
    assert found == [
        ["gross_misconduct", "inferred_from_outcome"],
        ["gross_misconduct", "stated"],
        ["not_stated", "not_applicable"],
    ]


def test_import_says_what_leavers_do_to_the_rate(tmp_path):
    rows = [f"C{n},Driving,{'Dismissed' if n < 8 else 'Resigned' if n < 15 else 'NFA'},Gross" for n in range(26)]
    _, told = imported(csv_file(tmp_path / "a.csv", people_text(*rows)), PEOPLE_MAP, tmp_path)
    said = "7 people left first, with no sanction stated: out of the rate, bounds 31% to 58% of all 26."
    assert said in told
    about = yaml.safe_load((tmp_path / "test_source" / "source.yml").read_text(encoding="utf-8"))
    assert said in about["known_limits"]


# --- rows and tables --------------------------------------------------------------------------------------------------


def test_rows_are_left_out_by_their_value(tmp_path):
    text = people_text("A,Driving,NFA,Mis", "B,,NFA,Mis", "C,Test row,NFA,Mis", "D,TEST 2,NFA,Mis")
    read = {"leave_out": {"Allegation": ["", "begins with: test"]}}
    tables, told = imported(csv_file(tmp_path / "a.csv", text), changed(PEOPLE_MAP, read=read), tmp_path)
    assert len(tables["subjects"]) == 1
    assert "1 row left out: Allegation is (empty)." in told
    assert "2 rows left out: Allegation is begins with: test." in told
    with pytest.raises(DataError, match="no row has 'Other' under 'Allegation', which is listed under `leave_out`"):
        wrong = changed(PEOPLE_MAP, read={"leave_out": {"Allegation": ["", "Test row", "TEST 2", "Other"]}})
        imported(csv_file(tmp_path / "a.csv", text), wrong, tmp_path)


@pytest.mark.parametrize(
    ("choice", "n", "said"), [("", 3, "counted too"), ("keep", 3, "as the mapping"), ("count once", 2, "left out")]
)
def test_identical_rows_are_told_and_can_count_once(choice, n, said, tmp_path):
    text = people_text("A,Driving,NFA,Mis", "A,Driving,NFA,Mis", "B,Driving,NFA,Mis")
    mapping = {**PEOPLE_MAP, **({"duplicates": choice} if choice else {})}
    tables, told = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)
    assert len(tables["subjects"]) == n
    [line] = [line for line in told if "1 row is the same in every cell" in line]
    assert said in line


def test_headings_of_groups_inside_a_column(tmp_path):
    changes = {"group_rows": {"complaint_type": "Outcome"}, "read": {"skip_rows": []}}
    mapping = yaml.load((CASES / "22.map.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    del mapping["constants"]["complaint_type"]
    file = csv_file(tmp_path / "a.csv", (CASES / "22_group_rows_rate.csv").read_text(encoding="utf-8"))
    rates = imported(file, changed(mapping, **changes), tmp_path)[0]["published_rates"]
    assert rates[["complaint_type", "numerator", "denominator"]].to_numpy().tolist() == [
        ["sexual_misconduct", 2, 5],
        ["use_of_force", 1, 10],
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Dismissed", 1], ["Driving", None], ["Total", 5]], "no heading of a group (complaint_type) stands above"),
        ([["Driving", None], ["Total", 5], ["A note on all this", None]], "which looks like the heading of a group"),
    ],
)
def test_a_row_without_a_heading_and_a_heading_without_rows_are_refused(rows, said, tmp_path):
    mapping = {
        **COUNT_MAP,
        "across": {"columns": ["2019"], "are": "period"},
        "group_rows": {"complaint_type": "Outcome"},
    }
    mapping = changed(mapping, labels={"outcome": {"Total": ""}})
    mapping["constants"] = {key: value for key, value in mapping["constants"].items() if key != "complaint_type"}
    with pytest.raises(DataError) as error:
        imported(workbook(tmp_path / "a.xlsx", [["Outcome", "2019"], *rows]), mapping, tmp_path)
    assert said in str(error.value)


TICKED = "Ref,Allegation,Case to answer,Dismissed,Written warning,None\n"


def test_ticks_in_columns_of_outcomes(tmp_path):
    text = TICKED + "A,Driving,Gross,x,,\nB,Driving,Mis,0,yes,no\nC,Driving,Mis,1,1,\nD,Driving,Mis,,,✓\n"
    mapping = {**PEOPLE_MAP, "ticks": {"sanction": ["Dismissed", "Written warning", "None"]}}
    mapping["columns"] = {key: value for key, value in PERSON.items() if key != "sanction"}
    mapping = changed(mapping, labels={"sanction": {"None": "no_action"}})
    found = imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)[0]["subjects"]
    assert found["sanction"].tolist() == ["dismissed", "written_warning", "dismissed", "no_action"]
    with pytest.raises(DataError, match="'maybe' is neither a tick"):
        imported(csv_file(tmp_path / "a.csv", TICKED + "A,Driving,Gross,maybe,,\n"), mapping, tmp_path)


def test_a_denominator_of_stated_outcomes_and_a_total_as_one(tmp_path):
    rows = [["Outcome", "2019", "2020"], ["Dismissed", 2, 1], ["No action", 3, "*"], ["Total", 5, 5]]
    rate = {"numerator": "dismissed", "of_stage": "outcome", "denominator_stage": "finalised"}
    mapping = changed(COUNT_MAP, labels={"outcome": {"Total": ""}}, suppressed={"*": "confidential"})
    summed = {**mapping, "rates": [{**rate, "of_outcome": ["dismissed", "no_action"]}]}
    assert counted(rows, summed, tmp_path) == [("2019", 2, 5)]
    assert counted(rows, {**mapping, "rates": [rate]}, tmp_path) == [("2019", 2, 5), ("2020", 1, 5)]
    with pytest.raises(DataError, match="the outcomes added up do not have dismissed among them"):
        counted(rows, {**mapping, "rates": [{**rate, "of_outcome": ["no_action"]}]}, tmp_path)


def test_sheets_of_one_shape_are_stacked(tmp_path):
    def change(book, _):
        for year, n in (("2020", 4), ("2021", 5)):
            sheet = book.create_sheet(year)
            for row in (["Outcome", "N"], ["Accused", 10 + n], ["Dismissed", n]):
                sheet.append(row)

    file = workbook(tmp_path / "a.xlsx", [["Outcome", "N"], ["Accused", 10], ["Dismissed", 3]], change, title="2019")
    mapping = {key: value for key, value in COUNT_MAP.items() if key != "across"}
    mapping |= {"read": {"sheet": "*"}, "columns": {"outcome": "Outcome", "value": "N", "period": "(sheet)"}}
    figures = imported(file, mapping, tmp_path)[0]["published_figures"]
    assert figures["value"].tolist() == [10, 3, 14, 4, 15, 5] and figures["figure_id"].is_unique
    assert [start[:4] for start in figures["period_start"]] == ["2019"] * 2 + ["2020"] * 2 + ["2021"] * 2
    two, _ = imported(file, changed(mapping, read={"sheet": ["2021", "2019"]}), tmp_path)
    assert two["published_figures"]["value"].tolist() == [15, 5, 10, 3]


def test_a_problem_names_its_sheet(tmp_path):
    def change(book, _):
        sheet = book.create_sheet("Second")
        for row in (["Ref", "Allegation", "Outcome", "Case to answer"], ["B", "Driving", "Vanished", "Mis"]):
            sheet.append(row)

    rows = [["Ref", "Allegation", "Outcome", "Case to answer"], ["A", "Driving", "NFA", "Mis"]]
    with pytest.raises(DataError, match="sheet Second, row 2, column Outcome: cell C2: 'Vanished'"):
        file = workbook(tmp_path / "a.xlsx", rows, change)
        imported(file, changed(PEOPLE_MAP, read={"sheet": "*"}), tmp_path)
