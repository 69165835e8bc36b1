"""Tables of documents and notebooks: a wide one can be laid out row by row on a phone, each cell with its heading."""

import re

import pandas as pd
import pytest

from analysis.publishing.glossary import with_terms
from analysis.publishing.page_tables import WIDEST, scrolling
from analysis.publishing.rendering import markdown

LONG = "x" * WIDEST


def test_a_cell_of_a_wide_table_names_its_column_and_the_first_names_the_row():
    made = markdown(f'| claim | what "we" <got> |\n|---|---|\n| {LONG} | **3** of 4 |\n| b | |')
    assert '<div class="scroll stack" role="region"' in made
    assert f'<th role="rowheader" scope="row">{LONG}</th>' in made
    assert '<td role="cell" data-label="what &quot;we&quot; &lt;got&gt;"><strong>3</strong> of 4</td>' in made
    assert made.count('role="row"') == 3 and made.count('role="columnheader" scope="col"') == 2


def test_a_table_that_a_phone_has_room_for_stays_a_table():
    made = markdown("| table | rows |\n|---|---|\n| subjects | 509 |")
    assert '<div class="scroll" role="region"' in made and "data-label" not in made


@pytest.mark.parametrize("named", [None, "group"])
def test_a_frame_has_its_headings_whatever_row_they_are_in(named):
    frame = pd.DataFrame({"how it ended": [LONG]}, index=pd.Index(["Driving"], name=named))
    made = scrolling(frame.to_html())
    assert f'<th role="rowheader" scope="row">Driving</th><td role="cell" data-label="how it ended">{LONG}</td>' in made


@pytest.mark.parametrize(("index", "first"), [(range(2), "Driving"), ([1, 2], "1"), (["0", "2"], "0")])
@pytest.mark.parametrize("text", ["no action", LONG])
def test_a_column_that_only_numbers_the_rows_is_left_out(index, first, text):
    made = scrolling(pd.DataFrame({"type": ["Driving", "Other"], "ended": [text, ""]}, index=index).to_html())
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr.*?</tr>", made, re.DOTALL)]
    assert {len(row) for row in rows} == {2 if first == "Driving" else 3}
    assert rows[1][0] == first and rows[0][-2:] == ["type", "ended"] and rows[1][-1] == text


def test_cells_over_several_columns_or_rows_are_left_where_they_are():
    frame = pd.DataFrame({("a", "b"): [LONG], ("a", "c"): ["d"]})
    assert "stack" not in scrolling(frame.to_html())


def test_a_row_with_fewer_cells_than_headings_leaves_its_table_as_it_is():
    rows = f"<tr><td>{LONG}</td><td>c</td></tr><tr><td>{LONG}</td></tr>"
    made = scrolling(f"<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>{rows}</tbody></table>")
    assert rows in made and "stack" not in made


def test_a_long_name_goes_on_in_the_next_line_and_is_no_word_to_explain():
    """A table of names (data dictionary, findings) was 3,550 pixels wide."""
    made = markdown("| name | where |\n|---|---|\n| `is_dismissal` | case_to_answer force=x_y dismissed, 4.4 of a.b |")
    assert (
        "<code>is_<wbr>dismissal</code>" in made
        and "case_<wbr>to_<wbr>answer force=<wbr>x_<wbr>y dismissed, 4.4 of a.<wbr>b" in made
    )
    shown = with_terms("<main>would_<wbr>dismissed or dismissed</main>", "")
    assert shown.startswith("<main>would_<wbr>dismissed or dismissed")
    assert "<code>data/<wbr>raw_<wbr>x.<wbr>csv</code> of 2016/17" in markdown("`data/raw_x.csv` of 2016/17")
    assert ">published_<wbr>figures/<wbr>sources</h3>" in markdown("### published_figures/sources")
    assert "<pre><code>a_b" in markdown("    a_b")
    assert 'data-label="a_b"' in markdown(f"| x | a_b |\n|---|---|\n| {LONG} | y |")


def test_an_arrow_stays_in_one_line():
    """A signature went on with ">" in the next line of a phone."""
    arrow = '<span class="together">-&gt;</span>'
    assert f".show() {arrow} None" in markdown("    .show() -> None") and f"a {arrow} b" in markdown("a -> b")
    assert '<img src="x.png" alt="a -&gt; b"' in markdown("![a -> b](x.png)")  # what is no text stays as it is
