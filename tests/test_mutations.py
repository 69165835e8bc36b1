"""Some of the malformed inputs, the same each time; `make attack` tries all of them."""

import pytest
from mutations import documents, inputs, lost, tried, tried_document


@pytest.fixture(scope="module")
def malformed():
    return inputs()


def test_there_are_hundreds_of_malformed_inputs(malformed):
    assert len(malformed) + len(documents()) >= 600 and len({given.name for given in malformed}) == len(malformed)


def test_a_malformed_input_is_refused_in_words_or_read_as_it_shows(malformed, tmp_path):
    results = {given.name: tried(tmp_path, given) for given in malformed[::9]}
    assert {name: result for name, result in results.items() if result not in ("refused", "read")} == {}
    assert {"refused", "read"} == {*results.values()}


@pytest.mark.parametrize("name", documents())
def test_malformed_yaml_and_json_of_the_project_are_refused(name, tmp_path):
    assert tried_document(tmp_path, name) == "refused"


def test_rows_that_are_lost_would_be_found(tmp_path):
    from attacked import MAP, mapping_file

    from analysis.reading.spreadsheet.importer import make_tables, read_file
    from analysis.reading.spreadsheet.mapping import read_mapping

    (tmp_path / "a.csv").write_text("Year,Dismissed\n2019,3\n2020,5\n")
    mapping = read_mapping(mapping_file(tmp_path, MAP))
    reader = read_file(tmp_path / "a.csv", mapping)
    make_tables(reader)
    assert lost(tmp_path / "a.csv", mapping, reader) == 0
    reader.told = [line.replace("2 rows", "1 rows") for line in reader.told]
    assert lost(tmp_path / "a.csv", mapping, reader) == 1
