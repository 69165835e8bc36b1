"""Rows that are allegations, or cases, without persons are counted and worded as that, everywhere; and who is one."""

import io
import re

import openpyxl
import pytest
from imports import CASES, PEOPLE_MAP, PERSON, changed, csv_file, imported
from notebook_texts import texts_of

import analysis as an
from analysis.build.notebooks import find_notebook
from analysis.counting.rate_table import RateTable
from analysis.dataset import Dataset
from analysis.errors import DataError
from analysis.publishing.packs import pack_files
from analysis.publishing.wording import total_words

ABOUT_PEOPLE = re.compile(r"\b(people|persons?|somebody|everybody|nobody|investigations?)\b", re.IGNORECASE)
ALLOWED = (  # where people are rightly spoken of
    r"The source does not say which \w+ are about the same person, so these are not people\.",
    r"Nobody is told apart: rates are of \w+, not of people\.",
    r"(Everybody|Whether).{0,90}case to answer.{0,90}",
    r"nobody is in the group, or the law lets nobody in it be dismissed",
    r"Unknown outcomes: (nobody|everybody) dismissed",  # assumptions
    r"the source says that the person resigned, retired or left",
    r"the investigation.s flag for violence against women and girls|accused in an investigation flagged",
    r"the \*\*flag of the investigation|By the flag of the investigation|an investigation that is flagged",
    r"violence alleged against the person|rates_person|person type|person_type",
)


def file_of(folder, n=40):
    rows = [
        f"A{i // 2},{'Driving' if i % 3 else 'Use of force'},{'NFA' if i % 4 else 'Dismissed'},Gross" for i in range(n)
    ]
    return csv_file(folder / "a.csv", "\n".join(["Ref,Allegation,Outcome,Case to answer", *rows]) + "\n")


def load(folder, row: str, n=40, **changes):
    _, told = imported(file_of(folder, n), {**changed(PEOPLE_MAP, **changes), "row": row}, folder)
    return an.load(folder / "test_source"), told


@pytest.fixture(scope="module", params=["allegation", "case"])
def things(request, tmp_path_factory):
    """The rows as allegations (40, in 20 cases) or as cases, and what they are called."""
    return load(tmp_path_factory.mktemp("things"), request.param)[0], f"{request.param}s"


def about_people(text: str) -> list[str]:
    """What a text says of people."""
    for allowed in ALLOWED:
        text = re.sub(allowed, "", text)
    return [text[max(0, found.start() - 60) : found.end() + 40] for found in ABOUT_PEOPLE.finditer(text)]


def rates(data, among="case_to_answer", by="complaint_type") -> RateTable:
    return an.dismissal_rates(data, among=among, by=by)


def test_the_small_input_is_two_of_four_allegations_or_one_of_two_cases(tmp_path):
    text = (CASES / "24_allegation_rows_no_id.csv").read_text(encoding="utf-8")
    mapping = changed(PEOPLE_MAP, columns={"case_id": "Case No"}, constants={"case_to_answer": "misconduct"})
    mapping["columns"] = {key: value for key, value in mapping["columns"].items() if key != "case_to_answer"}
    said = {"allegation": "2 allegations in the data", "case": "1 case"}
    for row, count in (("allegation", (2, 4, 1, 2)), ("case", (1, 2, 1, 2))):
        _, told = imported(csv_file(tmp_path / "a.csv", text), {**mapping, "row": row}, tmp_path)
        assert f"Nobody is told apart: rates are of {row}s, not of people." in told
        table = rates(an.load(tmp_path / "test_source"), "all_subjects", ())
        total = table.total[["numerator", "denominator", "n_cases_counted", "n_cases"]]
        assert tuple(total) == count and table.counted == f"{row}s", said[row]


def test_a_rate_of_things_is_worded_as_theirs(things):
    data, counted = things
    table = rates(data)
    assert table.among_label == f"{counted} with a case to answer"
    assert table.share_label == "that ended in dismissal or would have"
    assert not about_people(f"{table!r} {table.interval_method} {total_words(table)}")
    if counted == "allegations":
        assert "10 of 40 allegations with a case to answer, in 10 of 20 cases, ended in dismissal" in total_words(table)
        assert "cases" in table.readable().columns
    for among in ("all_subjects", "proven_or_implied", "proceedings"):
        assert not about_people(f"{rates(data, among)!r}")


@pytest.mark.parametrize("name", ["dismissal_rates_by_complaint_type", "bounds_leaving", "attrition"])
def test_a_chart_of_things_is_worded_as_theirs(name, things):
    from analysis.charts.catalogue import draw_attrition, draw_chart, exhibit

    data, counted = things
    among = "case_to_answer" if name != "attrition" and exhibit(name).by else ""
    chart = draw_attrition(data) if name == "attrition" else draw_chart(data, name, among=among)
    assert counted in chart.alt_text
    assert not about_people(re.sub(r"about people who left", "", chart.alt_text))


def test_a_pack_of_things_is_worded_as_theirs(things):
    data, counted = things
    files = pack_files(data)
    texts = [content.decode() for name, content in files.items() if name.endswith((".txt", ".html", ".md"))]
    assert any(f"of 40 {counted}" in text or f"of 20 {counted}" in text for text in texts)
    assert not [found for text in texts for found in about_people(text)]
    [book] = [content for name, content in files.items() if name.endswith(".xlsx")]
    for sheet in openpyxl.load_workbook(io.BytesIO(book)):
        if sheet.title not in ("published_rates", "known_problems", "definitions"):
            cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
            assert not [found for cell in cells for found in about_people(cell)], sheet.title


def test_the_projects_rates_are_still_of_people(data):
    table = an.dismissal_rates(data, among="case_to_answer")
    assert (table.counted, table.cases) == ("people", "investigations") and "People whose outcome" in table.definition


def test_of_several_rows_of_a_case_the_most_severe_outcome_counts(tmp_path):
    data, _ = load(tmp_path, "case", 6)
    assert data.subjects["sanction"].tolist() == ["dismissed", "no_action", "dismissed"]
    assert len(data.allegations) == 5  # of the third case both rows are of one type


def test_rows_with_a_person_are_people(tmp_path):
    data, told = load(tmp_path, "allegation", columns={"subject_id": "Ref"})
    assert rates(data, by=()).counted == "people" and not any("Nobody is told apart" in line for line in told)


# --- a person told by several columns ---------------------------------------------------------------------------------


def test_a_person_can_be_told_by_two_columns_and_no_name_is_kept(tmp_path):
    file = csv_file(tmp_path / "a.csv", (CASES / "25_two_name_columns.csv").read_text(encoding="utf-8"))
    columns = {key: value for key, value in PERSON.items() if key not in ("case_id", "case_to_answer")}
    mapping = {**PEOPLE_MAP, "columns": {**columns, "subject_id": ["Surname", "First name"]}, "row": "allegation"}
    tables, _ = imported(file, mapping, tmp_path)
    assert tables["subjects"]["sanction"].tolist() == ["dismissed", "no_action"]
    assert len(tables["allegations"]) == 3
    written = b"".join(path.read_bytes() for path in (tmp_path / "test_source").iterdir())
    assert not any(name in written for name in (b"Alpha", b"Beta", b"One"))


def test_the_same_surname_is_not_the_same_person(tmp_path):
    text = (
        "Surname,First name,Allegation,Outcome\nAlpha,One,Driving,NFA\nAlpha,Two,Driving,NFA\nAlphaO,ne,Driving,NFA\n"
    )
    columns = {"complaint_type": "Allegation", "sanction": "Outcome", "subject_id": ["Surname", "First name"]}
    mapping = {**PEOPLE_MAP, "columns": columns, "row": "allegation"}
    assert len(imported(csv_file(tmp_path / "a.csv", text), mapping, tmp_path)[0]["subjects"]) == 3
    with pytest.raises(DataError, match="nobody knows whose row it is"):
        imported(csv_file(tmp_path / "a.csv", text + ",,Driving,NFA\n"), mapping, tmp_path)


def test_one_case_has_no_interval(tmp_path):
    columns = {"case_id": "Case No", "complaint_type": "Allegation", "sanction": "Outcome", "subject_id": "Person"}
    file = csv_file(tmp_path / "a.csv", (CASES / "11_one_case.csv").read_text(encoding="utf-8"))
    imported(file, {**PEOPLE_MAP, "columns": columns, "labels": {"sanction": {"No action": "no_action"}}}, tmp_path)
    total = rates(an.load(tmp_path / "test_source"), "all_subjects", ()).total
    assert (total["numerator"], total["denominator"], total["n_cases"]) == (4, 10, 1) and total[
        ["low", "high"]
    ].isna().all()


OF_OTHERS = ("published_", "chicago_", "new_orleans_", "repeat_complaints")  # what is not of the imported rows


def test_no_exhibit_of_things_speaks_of_people(things):
    """Every chart that is drawn of the imported rows, or the sentence on why it is not."""
    from analysis.charts.catalogue import EXHIBITS, draw_chart

    data, _ = things
    said = {}
    for exhibit in EXHIBITS:
        if not exhibit.name.startswith(OF_OTHERS):
            try:
                said[exhibit.name] = draw_chart(data, exhibit.name, among="all_subjects" if exhibit.by else "").alt_text
            except an.MisconductError as error:
                said[exhibit.name] = str(error)
    found = {name: about_people(text.replace("about people who left", "")) for name, text in said.items()}
    assert len(said) > 8 and not {name: words for name, words in found.items() if words}


def test_comparisons_of_things_are_worded_as_theirs(things):
    from analysis.counting.comparisons import against_rest, rest_words
    from analysis.counting.funnel import funnel

    data, counted = things
    kent = Dataset({**data, "subjects": against_rest(data.subjects, "force", "Kent Police")}, data.own)
    assert f"no other {counted} to compare" in rest_words(rates(kent, "all_subjects", "force"), "Kent Police")
    few = rest_words(rates(data, "all_subjects"), "driving")
    shape = funnel(rates(data, "all_subjects", "force"))
    assert not about_people(few) and not about_people(f"{shape.small_words} {shape.outside_words(named=True)}")


def test_the_limits_of_things_are_worded_as_theirs(things):
    data, counted = things
    assert f"has fewer than 10 {counted}" in an.limits(rates(data, "all_subjects").sources)


# --- notebooks --------------------------------------------------------------------------------------------------------


def rich_file(folder):
    """Sixty rows in twenty-five cases in which every sentence of the notebooks has something to say."""
    ended = (
        *("NFA,Not proven,Meeting", "Dismissed,Proven,Hearing", "Would have,Proven,Hearing"),
        *("?,-,-", "NFA,Proven,Hearing"),
    )
    rows = [
        f"A{case},{('Driving', 'Sexual', 'Force')[i % 3]},{ended[case % 5]},{('Gross', 'Mis')[i % 4 // 3]},"
        f"{('Yes', '-')[case % 2]},{('Kent', 'Sussex')[case % 3 % 2]} Police,"
        f"{('PC', 'Staff')[case % 4 // 3]},{2015 + case % 3},{('Guilty', 'Cleared', '-')[case % 3]}"
        for i, case in ((i, i * 5 // 12) for i in range(60))
    ]
    heading = "Ref,Allegation,Outcome,Finding,Proceeding,Case to answer,Left,Force,Who,Year,Court"
    return csv_file(folder / "a.csv", "\n".join([heading, *rows]) + "\n")


@pytest.fixture(scope="module", params=["allegation", "case"])
def rich(request, tmp_path_factory):
    """The folder of such rows, imported as allegations or as cases."""
    folder = tmp_path_factory.mktemp("rich")
    columns = {**PERSON, "finding": "Finding", "proceeding": "Proceeding", "left_service": "Left", "force": "Force"}
    columns |= {"person_type": "Who", "year": "Year", "criminal": "Court"}
    labels = {
        **PEOPLE_MAP["labels"],
        "complaint_type": {"Sexual": "sexual_misconduct", "Force": "use_of_force"},
        "finding": {"Proven": "gross_misconduct", "Not proven": "not_proven", "-": "not_stated"},
        "proceeding": {"Hearing": "hearing", "Meeting": "meeting", "-": "not_stated"},
        "person_type": {"PC": "officer", "Staff": "staff"},
        "criminal": {"Guilty": "convicted", "Cleared": "acquitted", "-": "none_or_not_stated"},
        "left_service": {"Yes": "resigned", "-": "no_or_not_stated"},
    }
    labels["sanction"] = {**labels["sanction"], "?": "not_stated", "Would have": "would_have_been_dismissed"}
    mapping = {**PEOPLE_MAP, "columns": columns, "constants": {}, "labels": labels, "row": request.param}
    imported(rich_file(folder), mapping, folder)
    return folder / "test_source", f"{request.param}s"


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "06", "07", "13", "14"])
def test_a_notebook_of_things_speaks_of_no_people(number, rich):
    folder, counted = rich
    told = texts_of(find_notebook(number), folder)
    found = {name: about_people(text) for name, text in told.items()}
    assert not {name: words for name, words in found.items() if words}
    assert sum(counted in text for text in told.values()) > 2
