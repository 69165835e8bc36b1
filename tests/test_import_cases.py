"""Each small file that was once read wrongly, from its first mapping and what a person decides to its figures."""

import openpyxl
import pytest
from imports import CASES, complete, first_mapping

import analysis as an
from analysis.checking.validation import validate_file
from analysis.errors import DataError
from analysis.publishing.packs import pack_files
from analysis.reading.spreadsheet.importer import import_file

KENT = {"force": "Kent Police"}
ALL = {"person_type": "all", "unit": "individuals", "stage": "outcome", "complaint_type": "all", "outcome": ""}
COUNTED = {"constants": {**ALL, **KENT}}
OFFICERS = {"outcome": {"Officers": {"outcome": "", "stage": "individuals_accused"}}}


def file_of(case: str):
    return next(path for path in CASES.glob(f"{case}_*") if path.suffix != ".yml")


def decided(case: str, decisions: dict) -> dict:
    """The first mapping of a case with what a person decides, and nothing that is still open."""
    mapping = first_mapping(file_of(case))
    for key, value in decisions.items():
        old = mapping.get(key)
        mapping[key] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return mapping


def dataset(folder, case: str, decisions: dict) -> tuple:
    target, told = complete(folder, file_of(case), decided(case, decisions))
    return an.load(target), told


def _decided(labels: dict) -> dict:
    return {label: code for label, code in labels.items() if code != "CHECK"}


def rate_of(data, among="all_subjects", by=()) -> tuple:
    total = an.dismissal_rates(data, among=among, by=by).total
    return int(total["numerator"]), int(total["denominator"])


CASE_4 = {
    "sanction": {
        **{"Dismissed - charges not proven": "no_action", "Case dismissed": "no_action", "Not dismissed": "no_action"},
        **{"Dismissal probation": "suspension", "Dismissed (complaint)": "no_action"},
    },
    "left_service": {"Did not resign": "no_or_not_stated", "Not retired": "no_or_not_stated", "Yes": "left"},
    "finding": {"Proven": "misconduct", "Sustained": "misconduct", "Gross misconduct not found": "not_proven"},
}
CASE_4["left_service"]["Resigned after hearing"] = "resigned"
PEOPLE = [  # case, what a person decides, dismissed and all; and what else the file says
    ("01", {"labels": {"finding": {"Upheld": "misconduct"}}}, (1, 3)),
    ("01b", {}, (1, 3)),
    ("01c", {}, (1, 3)),
    ("01d", {}, (1, 3)),
    ("02", {}, (1, 2)),
    ("04", {"labels": CASE_4}, (0, 6)),
    ("05", {"labels": {"complaint_type": {"begins with: total": "other", "begins with: overall": "other"}}}, (1, 3)),
    ("06", {}, (1, 2)),
    ("07", {}, (1, 2)),
    ("08", {}, (1, 2)),
    ("10", {"labels": {"year": {"NA": ""}}}, (1, 3)),
    ("11", {}, (4, 10)),
    ("12", {"labels": {"complaint_type": {"*": "driving"}, "sanction": {"@SUM(1,2)": "no_action"}}}, (1, 3)),
    ("13", {}, (2, 3)),
    ("20", {"labels": {"sanction": {"*": "no_action"}, "complaint_type": {"NA": "other"}}}, None),
    ("24", {"row": "allegation"}, (2, 4)),
    ("24", {"row": "case"}, (1, 2)),
    ("25", {}, (1, 2)),
    ("30", {"labels": {"sanction": dict.fromkeys(("Unfounded", "Exonerated"), "no_action")}}, (1, 4)),
    ("31", {"labels": {"sanction": {"SACKED": "dismissed"}}}, (2, 2)),
    ("32", {}, (1, 2)),
]


@pytest.mark.parametrize(
    ("case", "decisions", "counted"), PEOPLE, ids=[f"{case[0]}-{n}" for n, case in enumerate(PEOPLE)]
)
def test_people_of_a_case_count_as_they_should(case, decisions, counted, tmp_path):
    guessed = first_mapping(file_of(case))["labels"]
    own = decisions.get("labels", {})
    own = {name: {**_decided(guessed.get(name, {})), **labels} for name, labels in own.items()}
    data, told = dataset(tmp_path, case, {**decisions, "labels": own} if own else decisions)
    assert counted is None or rate_of(data) == counted
    SAID.get(case, lambda *_: None)(data, told)


def says(test):
    def check(data, told):
        assert test(data, told)

    return check


SAID = {
    "02": says(lambda data, _: sorted(data.allegations["complaint_type"]) == ["driving", "driving", "use_of_force"]),
    "07": says(lambda data, _: data.subjects["date"].tolist() == ["2016-01-01", "2016-01-04"]),
    "08": says(lambda data, _: data.subjects["date"].tolist() == ["2016-01-31", "2016-02-03"]),
    "10": says(lambda data, _: data.subjects["year"].fillna(0).tolist() == [2016, 0, 2017]),
    "11": says(lambda data, _: an.dismissal_rates(data, among="all_subjects").total[["low", "high"]].isna().all()),
    "13": says(lambda data, _: data.subjects["finding_basis"].tolist()[:2] == ["inferred_from_outcome", "stated"]),
    "20": says(lambda data, _: len(data.subjects) == 6),
    "25": says(lambda data, _: not data.subjects.astype("str").isin(["Alpha", "One"]).any(axis=None)),
    "30": says(lambda data, _: an.dismissal_rates(data, among="case_to_answer").total["denominator"] == 0),
    "32": says(lambda data, _: data.subjects["year"].tolist() == [2019, 2020]),
}


def figures_of(folder, case: str, decisions: dict):
    target, _ = complete(folder, file_of(case), decided(case, decisions))
    return (validate_file(target / f"published_{name}.csv", f"published_{name}") for name in ("figures", "rates"))


RATE = {"numerator": "dismissed", "of_stage": "finalised", "denominator_stage": "finalised"}
TOTAL = {"outcome": {"Total": {"outcome": "", "stage": "finalised"}}}
COUNTS = [  # case, decisions, values in their order, rates as (complaint type, numerator, denominator)
    ("03", {**COUNTED, "labels": OFFICERS}, [3, 40, 4, 50], []),
    ("14", COUNTED, [4, 5, 1, 2], []),
    ("15", COUNTED, [4, 5, 1, 2], []),
    ("16", COUNTED, [4, 5, 1, 2], []),
    ("18", COUNTED, [2, 1, 3, 4, 0, 1, 9, 8], []),
    (
        "22",
        {**COUNTED, "read": {"total_rows": []}, "labels": TOTAL, "rates": [RATE]},
        [2, 5, 1, 10],
        [("sexual_misconduct", 2, 5), ("use_of_force", 1, 10)],
    ),
    (
        "23",
        {**COUNTED, "read": {"total_rows": []}, "labels": TOTAL, "rates": [RATE]},
        [2, 1, 3, 4, 5, 5],
        [("all", 2, 5), ("all", 1, 5)],
    ),
]


@pytest.mark.parametrize(("case", "decisions", "values", "rates"), COUNTS, ids=[case[0] for case in COUNTS])
def test_counts_of_a_case_are_read_as_they_should(case, decisions, values, rates, tmp_path):
    constants = {k: v for k, v in decisions["constants"].items() if k in first_mapping(file_of(case))["constants"]}
    figures, made = figures_of(tmp_path, case, {**decisions, "constants": constants})
    assert figures["value"].tolist() == values
    assert [*zip(made["complaint_type"], made["numerator"], made["denominator"], strict=True)] == rates
    if case == "15":
        assert figures["force"].unique().tolist() == ["Avon and Somerset Constabulary", "Kent Police"]
    if case in ("15", "16"):
        assert figures["period_start"].tolist() == ["2018-04-01", "2019-04-01"] * 2
    if case == "18":
        assert figures["complaint_type"].tolist() == ["sexual_misconduct"] * 4 + ["use_of_force"] * 4


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("02", "'Use of force; Driving' is not a known label"),
        ("21", "formula whose result was never stored"),
        ("22", "say the same of the same group"),
        ("28", 'write force: ""'),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_once_and_in_words(case, said, tmp_path):
    with pytest.raises(DataError, match=said) as refused:
        import_file(file_of({"28": "24"}.get(case, case)), CASES / f"{case}.map.yml", tmp_path)
    assert len({(problem.rule, problem.value) for problem in refused.value.problems}) == len(refused.value.problems)


@pytest.mark.parametrize(
    ("case", "counted"),
    [("10", (1, 3)), ("11", (4, 10)), ("13", (2, 3)), ("24", (2, 4)), ("31", (2, 2)), ("32", (1, 2))],
)
def test_a_given_mapping_counts_what_is_there(case, counted, tmp_path):
    assert rate_of(an.load(import_file(file_of(case), CASES / f"{case}.map.yml", tmp_path)[0])) == counted


def test_rows_that_say_the_same_of_the_same_group_are_told(tmp_path):
    """Headings of groups that were left out: both rows of dismissals seem to be of all types."""
    _, told = import_file(file_of("18"), CASES / "18.map.yml", tmp_path)
    assert any(line.startswith("8 figures say something else of the same group as another") for line in told)


def test_signs_that_programs_run_stay_text_in_a_pack(tmp_path):
    labels = {"complaint_type": {"*": "driving"}, "sanction": {"@SUM(1,2)": "no_action"}}
    data, _ = dataset(tmp_path, "12", {"labels": labels})
    [book] = [content for name, content in pack_files(data).items() if name.endswith(".xlsx")]
    (tmp_path / "a.xlsx").write_bytes(book)
    for sheet in openpyxl.load_workbook(tmp_path / "a.xlsx"):
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
