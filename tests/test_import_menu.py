"""The assistant in a notebook: the same answers write the mapping that a terminal writes, byte for byte."""

import shutil

from imports import CASES
from test_import_asking import PEOPLE, asked, contents

from analysis.publishing.ask_menu import ask_menu

__all__ = ["asked"]  # a fixture


def test_the_menus_write_what_the_terminal_writes(asked, tmp_path, monkeypatch):
    name = "30_no_case_column"
    asked(f"{name}.csv", *PEOPLE)
    here = tmp_path / "menu"
    here.mkdir()
    shutil.copy(CASES / f"{name}.csv", here)
    monkeypatch.chdir(here)
    menu = ask_menu(f"{name}.csv", here / "out")
    title, answer, button, said = menu.children
    typed = {
        "Which police force is it?": "Kent Police",
        "What do these in 'Result' mean?": "no_action",
        "Who published it, or sent it to you?": "A force",
        "Where can others find it? The address of its page, or of its publisher's:": "https://example.org/reply",
        "Which period and which people does it cover?": "2020",
    }
    while button.description == "Next":
        value = next((found for text, found in typed.items() if text.replace("'", "&#x27;") in title.value), None)
        if value == "A force":
            button.click()
            assert "This needs an answer." in said.value
        for field in answer.children if value else ():
            field.value = value
        button.click()
    assert "1 of 4 people dismissed; 0 unknown." in title.value and "Dismissed" in title.value
    button.click()
    assert button.disabled and "an.load(&quot;file_30_no_case_column&quot;)" in said.value
    assert (here / f"{name}.yml").read_bytes() == (tmp_path / f"{name}.yml").read_bytes()
    assert contents(here / "out") == contents(tmp_path / "out")


def test_a_mapping_that_is_complete_is_imported_and_stays_the_only_one(asked, tmp_path):
    asked("30_no_case_column.csv", *PEOPLE)
    title, _, button, said = ask_menu("30_no_case_column.csv", tmp_path / "menu").children
    assert button.description == "Import" and "1 of 4 people dismissed" in title.value
    button.click()
    assert button.disabled and "Your answers are in 30_no_case_column.yml." in said.value
    assert [path.name for path in tmp_path.glob("*.yml")] == ["30_no_case_column.yml"]
    assert contents(tmp_path / "menu") == contents(tmp_path / "out") != {}


def test_answers_that_cannot_read_the_file_end_the_questions_and_import_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("Case No,Allegation,Outcome,Finding\n1,Driving,Dismissed,Exonerated\n")
    title, answer, button, said = ask_menu("a.csv", tmp_path / "out").children
    typed = {"Which police force": "Kent Police", "published it": "A force", "Where can": "https://example.org/reply"}
    typed |= {"Of which country": "Here", "Which period": "2020"}
    for _ in range(12):
        value = next((found for text, found in typed.items() if text in title.value), None)
        for field in answer.children if value else ():
            field.value = value
        button.click()
    assert title.value == "<b>The file cannot be read by these answers. Run the cell again to give others.</b>"
    assert "needs misconduct or gross misconduct found" in said.value and answer.children == () and button.disabled
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
