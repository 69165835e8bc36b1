"""The questions of `misconduct import` in a notebook: one at a time, with menus; the same answers, the same mapping."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.errors import MisconductError
from analysis.provenance.own_data import LOCAL
from analysis.reading.spreadsheet.answering import answered
from analysis.reading.spreadsheet.importer import import_file
from analysis.reading.spreadsheet.preview import preview
from analysis.reading.spreadsheet.questions import Question, begun, questions
from analysis.writing import write_beside

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

UNREADABLE = "The file cannot be read by these answers. Run the cell again to give others."
WIDE = {"width": "40rem"}


def ask_menu(file: str | Path, folder: Path = LOCAL) -> DOMWidget:
    """Ask what is open of a spreadsheet, one question at a time; then show its first rows, and import it on a press.

    folder: where imported data lie. The mapping is written beside the file, as FILE.yml or under the first free name;
    one that is complete is taken as it is.
    Raises DataError when the file cannot be read.
    """
    import ipywidgets as widgets

    file = Path(file)
    there = file.with_suffix(".yml")
    draft = begun(file, there if there.exists() else None)
    written = there if draft.is_confirmed and not questions(draft) else None
    title, answer, said = widgets.HTML(), widgets.VBox(), widgets.HTML()
    button = widgets.Button(description="Next")
    given: Callable[[], Any] = dict

    def show() -> None:
        nonlocal given, draft
        waiting = questions(draft)
        if waiting:
            title.value = f"<b>{escape(waiting[0].text)}</b>"
            answer.children, given = _form(waiting[0])
            return
        draft, answer.children, button.disabled = draft.settled(), (), True
        title.value = f"<b>{UNREADABLE}</b>"  # unless the next line gives what it is
        rows, result = preview(draft, there)
        button.description, button.disabled = "Import", False
        title.value = f"<b>{escape(result)}</b>{rows.to_html(index=False)}"

    def press(_: object) -> None:
        nonlocal draft, written
        if button.disabled:
            return
        said.value = ""
        try:
            if waiting := questions(draft):
                draft = answered(draft, waiting[0], given())
                show()
                return
            written = written or write_beside(there, draft.text.encode())
            target, told = import_file(file, written, folder)
            lines = [*told, f"Your answers are in {written}.", f'Use it: data = an.load("{target.name}")']
            said.value, button.disabled = "<br>".join(map(escape, lines)), True
        except MisconductError as error:
            said.value = escape(str(error)).replace("\n", "<br>")

    button.on_click(press)
    show()
    return widgets.VBox([title, answer, button, said])


def _form(question: Question) -> tuple[tuple[DOMWidget, ...], Callable[[], Any]]:
    """The fields of one question, and what gives the answer that is in them."""
    import ipywidgets as widgets

    if question.is_of_some:
        some = widgets.SelectMultiple(options=[*question.labels], value=question.default, layout=WIDE)
        return (some,), lambda: [*some.value]
    menu = [(words if code == words else f"{words} ({code})", code) for code, words in question.choices.items()]
    if question.labels:
        style = {"description_width": "18rem"}
        fields = {
            label: widgets.Dropdown(
                options=menu, value=question.default.get(label), description=label, layout=WIDE, style=style
            )
            for label in question.labels
        }
        return (*fields.values(),), lambda: {
            label: field.value for label, field in fields.items() if field.value is not None
        }
    field = widgets.Dropdown(options=menu, layout=WIDE) if menu else widgets.Text(layout=WIDE)
    field.value = question.default if menu else question.default or ""
    return (field,), lambda: field.value
