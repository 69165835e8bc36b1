"""Notebook 10: the answer to a choice of force, complaint type and out of whom, and the menus to choose and save it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from analysis import vocabulary
from analysis.charts import Chart
from analysis.charts.catalogue import chart
from analysis.charts.export import ALL_PICTURES, FORMATS
from analysis.counting.rate_table import RateTable
from analysis.counting.rate_words import FEW, few_words, percent, percent_range
from analysis.counting.rates import dismissal_rates
from analysis.dataset import Dataset
from analysis.paths import ROOT
from analysis.publishing.wording import rate_sentence

if TYPE_CHECKING:
    from ipywidgets import DOMWidget, Dropdown

EVERYTHING = "everything"  # every size and format
WHITE = "max-width: 36rem; background: white"  # the ground of the picture, also in a dark theme


@dataclass(frozen=True)
class Answer:
    """What a choice gives: its RateTable, what it says in words (Markdown), and its chart where there is anybody."""

    table: RateTable
    words: str
    chart: Chart | None


def answer(
    data: Dataset,
    force: str = "",
    complaint_type: str = "",
    among: str = "case_to_answer",
    count: str = "dismissed_or_would_have_been",
) -> Answer:
    """The answer to one choice; "" is all forces or complaint types. The chart is always of all complaint types.

    Raises MisconductError for a value that is not known, naming the nearest.
    """
    place = {"force": vocabulary.require_code("force", force)} if force else {}
    kind = {"complaint_type": complaint_type} if complaint_type else {}
    drawn = dismissal_rates(data, among=among, by="complaint_type", count=count, where=place)
    table = dismissal_rates(data, among=among, count=count, where={**place, **kind}) if kind else drawn
    row, about = table.total, force or "All forces"
    about += f", {vocabulary.label('complaint_type', complaint_type)}" if complaint_type else ""
    sentence = rate_sentence(row, table)
    words = f"**{about}.** {sentence[:1].upper()}{sentence[1:]}"
    if table.unavailable or not row["denominator"]:
        return Answer(table, f"{words}, so there is nothing to draw.", None)
    if row["denominator"] >= FEW:
        words += f": {percent(row['rate'])} (95% interval {percent_range(row['low'], row['high'])})"
    few = few_words(row, table.counted, table.cases)
    small = f" {few[:1].upper()}{few[1:]}: too few for a reliable rate." if row["reliability"] == "u" else ""
    return Answer(table, f"{words}.{small}", chart(drawn))


def meanings(name: str) -> str:
    """The codes of a vocabulary with their definitions, as a list in Markdown."""
    entries = [vocabulary.entry(name, code) for code in vocabulary.codes(name)]
    return "\n".join(f"- **{entry['label']}**: {entry['definition']}" for entry in entries)


def chart_menu(
    data: Dataset,
    force: str = "",
    complaint_type: str = "",
    among: str = "case_to_answer",
    count: str = "dismissed_or_would_have_been",
    folder: str = "build/my_charts",
) -> DOMWidget:
    """Menus with the chart of what is chosen under them, and a button that saves it with its data and words.

    The values are those that are chosen at first; folder: where it is saved, below the project's folder.
    """
    import ipywidgets as widgets

    class Menus(widgets.VBox):
        """The menus; where they have not been run there is a sentence in their place."""

        def __repr__(self) -> str:
            return "Here are the menus when the cells are run (the double arrow above)."

    cells = [force, *data.subjects["force"].unique()]
    forces = sorted({name for cell in cells for name in cell.split(vocabulary.SEPARATOR)} - {""})
    types = {*data.allegations["complaint_type"].unique(), complaint_type}
    every_force, every_type = ("All forces", ""), ("All complaint types", "")
    menus = {
        "force": _menu("Force", [every_force, *((name, name) for name in forces)], force),
        "complaint_type": _menu("Complaint type", [every_type, *_labels("complaint_type", types)], complaint_type),
        "among": _menu("Out of whom", _labels("denominator"), among),
        "count": _menu("Counted", _labels("numerator"), count),
    }
    kind = _menu("Format", [(name, name) for name in (EVERYTHING, *sorted(FORMATS))], EVERYTHING)
    button = widgets.Button(description="Save the chart", icon="download")
    shown, saved = widgets.HTML(), widgets.HTML()

    def chosen() -> Answer:
        return answer(data, **{name: menu.value for name, menu in menus.items()})

    def redraw(_: object = None) -> None:
        found = chosen()
        picture = f"<div style='{WHITE}'>{found.chart.inline_svg()}</div>" if found.chart else ""
        shown.value = f"<p>{escape(found.words.replace('**', ''))}</p>{picture}"

    def save(_: object) -> None:
        found = chosen()
        pictures = [picture for picture in ALL_PICTURES if kind.value in (EVERYTHING, picture[1])]
        files = found.chart.export(ROOT / Path(folder), pictures) if found.chart else []
        names = ", ".join(sorted(file.name for file in files))
        said = f"{len(files)} files written to {folder}: {names}" if files else found.words.replace("**", "")
        saved.value = escape(said)

    for menu in menus.values():
        menu.observe(redraw, names="value")
    button.on_click(save)
    redraw()
    return Menus([*menus.values(), kind, button, saved, shown])


def _labels(name: str, codes: set[str] | None = None) -> list[tuple[str, str]]:
    """The codes of a vocabulary (those of `codes`, where given) with what people read for them."""
    return [(vocabulary.label(name, code), code) for code in vocabulary.codes(name) if codes is None or code in codes]


def _menu(title: str, options: list[tuple[str, str]], value: str) -> Dropdown:
    """One menu of (words, code)."""
    import ipywidgets as widgets

    layout, style = {"width": "34rem"}, {"description_width": "9rem"}
    return widgets.Dropdown(options=options, value=value, description=title, layout=layout, style=style)
