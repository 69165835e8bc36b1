"""A cell means what it shows: where that differs from what is stored, it is an error or what is shown."""

from types import SimpleNamespace as Part

import pytest
import xlrd
from attacked import SHEET, b2, ods, outcome, replaced, rezipped, sheet_of, xlsx
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule, DifferentialStyle, Rule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.numbers import NumberFormat

from analysis.reading.spreadsheet.cells import Cell
from analysis.reading.spreadsheet.number_formats import shows
from analysis.reading.spreadsheet.xls_cells import _xls_cell

SAME = (  # formats that show 3 as 3
    *("General", "0", "#,##0", "#,##0.00", "000", "@", "0.0E+00", "# ?/?", "[Red]0", "0;-0", "0;[Red](0);\\-", "£0"),
    *('_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', "[$£-809]#,##0", '[<5]0;"many"', '[>=5]"many";0', "GENERAL"),
)
SYMBOLS = {'"<5"': "<5", '"*"': "*", '"c"': "c", '"-";"-";"-"': "-", "[<5]-;0": "-", '[<5]"<5";0': "<5", "\\*": "*"}
OTHERS = (  # that show it as something else, or not at all
    *(";;;", "[<5] ;0", "#,##0,", "0,,", '0" of 10"', '0"0"', '"~"0', "0\\0", '"1"0', "0%%", "-0", "(0)", "**"),
    *('"4"', "0*x", "[=3];0", "0 x", "0/10", "#,##0,.0", "[$5-809]0", "x0"),
)


@pytest.mark.parametrize("number_format", SAME)
def test_a_format_that_shows_the_number_gives_it(number_format):
    assert shows(3, number_format) == ("number", "")


@pytest.mark.parametrize(("number_format", "text"), SYMBOLS.items())
def test_a_format_that_shows_a_symbol_gives_the_symbol(number_format, text):
    assert shows(3, number_format) == ("text", text)


@pytest.mark.parametrize("number_format", OTHERS)
def test_a_format_that_shows_something_else_is_an_error(number_format):
    assert shows(3, number_format)[0] == "masked"


@pytest.mark.parametrize(
    ("value", "number_format", "kind"),
    [
        *((0.25, "0%", "percent"), (25, '0"%"', "percent_sign"), (25, "0\\%", "percent_sign"), (0, "0;;", "masked")),
        *((12, '[<5]"<5";0', "number"), (12, "[>10]0,;0", "masked"), (0, '#,##0;-#,##0;"-"', "text")),
        *((2.5, "# ?/?", "masked"), (7, '[<5]"a";[<6]"b"', "masked"), (3, '[=3]"x";0', "text")),
    ],
)
def test_sections_and_conditions_choose_by_the_value(value, number_format, kind):
    assert shows(value, number_format)[0] == kind


def formatted(number_format, value=3):
    return xlsx(value, lambda book, sheet: setattr(sheet["B2"], "number_format", number_format))


@pytest.mark.parametrize(
    ("number_format", "found"),
    [('"<5"', "c"), ('"-"', "x"), (";;;", "format shows something else"), ('0"0"', "format shows something else")],
)
def test_an_import_of_a_formatted_number(number_format, found, tmp_path):
    said = outcome(tmp_path, formatted(number_format))
    assert said == found or found in said


def test_a_text_that_a_format_hides_is_an_error(tmp_path):
    assert b2(tmp_path, formatted(";;;", "7")).kind == "masked"
    assert b2(tmp_path, formatted('0;0;0;"x"', "7")).kind == "masked"
    assert b2(tmp_path, formatted("0;0;0;@", "7")).text == "7"


def test_a_condition_that_changes_the_format_is_an_error(tmp_path):
    def change(book, sheet):
        style = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode='"<5"'))
        sheet.conditional_formatting.add("B2:B9", Rule("cellIs", operator="lessThan", formula=["5"], dxf=style))

    assert "something else" in outcome(tmp_path, xlsx(3, change))


def test_a_condition_that_makes_text_invisible_is_told(tmp_path):
    def change(book, sheet):
        rule = CellIsRule("lessThan", formula=["5"], font=Font(color="FFFFFFFF"))
        sheet.conditional_formatting.add("B2", rule)

    assert "cannot be seen" in outcome(tmp_path, xlsx(3, change))


def rich(*runs):
    return CellRichText(*(TextBlock(InlineFont(**font), text) if font else text for text, font in runs))


def test_rich_text_is_what_is_seen(tmp_path):
    super_ = {"vertAlign": "superscript"}
    assert b2(tmp_path, xlsx(rich(("3", {}), ("2", super_)))).text == "3²"
    assert "footnote mark" in outcome(tmp_path, xlsx(rich(("3", {}), ("2", super_))))
    assert b2(tmp_path, xlsx(rich(("1", {"b": True}), ("2", {"i": True})))).text == "12"
    assert "something else" in outcome(tmp_path, xlsx(rich(("1", {"strike": True}), ("2", {}))))
    assert b2(tmp_path, xlsx(rich(("H", {}), ("2", {"vertAlign": "subscript"})))).text == "H₂"


HIDING = {
    "struck out": lambda sheet: setattr(sheet["B2"], "font", Font(strike=True)),
    "white on white": lambda sheet: setattr(sheet["B2"], "font", Font(color="FFFFFFFF")),
    "white by the theme": lambda sheet: setattr(sheet["B2"], "font", Font(color=white())),
    "black on black": lambda sheet: black(sheet["B2"]),
}


def white():
    from openpyxl.styles.colors import Color

    return Color(theme=0)


def black(cell):
    cell.font, cell.fill = Font(color="FF000000"), PatternFill("solid", fgColor="FF000000")


THIN = {
    "a row without height": (b'<row r="2"', b'<row r="2" ht="0" customHeight="1"'),
    "a column without width": (b"<sheetData>", b'<cols><col min="2" max="2" width="0"/></cols><sheetData>'),
}


@pytest.mark.parametrize("name", [*HIDING, *THIN])
def test_what_cannot_be_seen_needs_a_decision_and_is_counted(name, tmp_path):
    content = xlsx(3, lambda book, sheet: HIDING[name](sheet)) if name in HIDING else replaced(xlsx(), *THIN[name])
    assert "hidden: read or hidden: leave_out" in outcome(tmp_path, content)
    assert outcome(tmp_path, content, read={"hidden": "read"}) == 3
    left = outcome(tmp_path, content, read={"hidden": "leave_out"})
    assert left == (3 if "column" in name else 5)


def ods_cell(inside: str, more: str = 'office:value-type="string"') -> bytes:
    styles = (
        '<style:style style:name="up" style:family="text"><style:text-properties style:text-position="super 58%"/>'
        '</style:style><style:style style:name="out" style:family="text"><style:text-properties '
        'style:text-line-through-style="solid"/></style:style><style:style style:name="bold" style:family="text">'
        '<style:text-properties fo:font-weight="bold"/></style:style><style:style style:name="gone" '
        'style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="white" style:family="table-cell"><style:text-properties fo:color="#ffffff"/>'
        "</style:style>"
    )
    return ods(f"<table:table-cell {more}><text:p>{inside}</text:p></table:table-cell>", styles=styles)


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        *(("12<text:line-break/>34", "12 34"), ("12<text:tab/>34", "12 34"), ('1<text:s text:c="3"/>2', "1 2")),
        *(('3<text:span text:style-name="up">2</text:span>', "3²"), ("12</text:p><text:p>34", "12 34")),
        *(('1<text:span text:style-name="bold">2</text:span>', "12"), ("a<text:a>b</text:a>", "ab")),
    ],
)
def test_text_of_ods_is_what_is_seen(inside, text, tmp_path):
    assert b2(tmp_path, ods_cell(inside), "a.ods").text == text


@pytest.mark.parametrize("style", ["out", "unknown"])
def test_digits_of_ods_that_may_not_be_one_number_are_an_error(style, tmp_path):
    cell = b2(tmp_path, ods_cell(f'1<text:span text:style-name="{style}">2</text:span>'), "a.ods")
    assert cell.kind == "masked"


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        *(("3", "3"), ("3.00", "3"), ("£3", "3"), ("3,00", "3"), ("<5", "<5"), ("1-4", "1-4"), ("*", "*")),
        *(("5 or fewer", "5 or fewer"), ("", "masked"), ("99", "masked"), ("30", "masked"), ("0.3", "masked")),
    ],
)
def test_numbers_of_ods_are_what_is_shown(shown, found, tmp_path):
    cell = b2(tmp_path, ods_cell(shown.replace("<", "&lt;"), 'office:value-type="float" office:value="3"'), "a.ods")
    assert found in (cell.text, cell.kind) and (cell.kind == "masked") == (found == "masked")


@pytest.mark.parametrize("style", ["gone", "white"])
def test_what_cannot_be_seen_in_ods_needs_a_decision(style, tmp_path):
    content = ods_cell("3", f'table:style-name="{style}" office:value-type="float" office:value="3"')
    assert "cannot be seen" in outcome(tmp_path, content, "a.ods")


def test_a_covered_cell_of_ods_holds_nothing_that_is_seen(tmp_path):
    covered = '<table:covered-table-cell office:value-type="float" office:value="3"><text:p>3</text:p>'
    assert b2(tmp_path, ods(f"{covered}</table:covered-table-cell>"), "a.ods").kind == "masked"


def formula_parts(name: str) -> bytes:
    content = xlsx("=1+2")
    if name == "newline in the tag":
        return replaced(content, b"<f>", b"<f\n>")
    if name == "attribute":
        return replaced(content, b"<f>", b'<f ca="1">')
    if name == "empty result":
        return replaced(content, b"<v />", b"<v></v>")
    if name == "prefix":
        whole = {b"<": b"<x:", b"<x:/": b"</x:", b"<x:?": b"<?", b"xmlns=": b"xmlns:x="}

        def prefixed(member, text):
            for old, new in whole.items() if member == SHEET else ():
                text = text.replace(old, new)
            return member, text

        return rezipped(content, prefixed)
    if name == "another part":
        moved = replaced(content, b"worksheets/sheet1.xml", b"other/table.xml")
        return rezipped(moved, lambda member, text: (member.replace("worksheets/sheet1", "other/table"), text))
    return rezipped(  # in UTF-16
        content, lambda member, text: (member, text.decode().encode("utf-16") if member == SHEET else text)
    )


@pytest.mark.parametrize(
    "name", ["plain", "newline in the tag", "attribute", "empty result", "prefix", "another part", "utf-16"]
)
def test_a_formula_without_a_result_is_an_error_however_it_is_spelt(name, tmp_path):
    content = xlsx("=1+2") if name == "plain" else formula_parts(name)
    assert "whose result was never stored" in outcome(tmp_path, content)


def test_results_that_are_to_be_computed_again_are_not_read(tmp_path):
    def change(book, sheet):
        book.calculation.fullCalcOnLoad = True

    content = replaced(xlsx("=1+2", change), b"<v />", b"<v>0</v>")
    assert "whose result was never stored" in outcome(tmp_path, content)


def test_a_result_that_is_stored_is_read(tmp_path):
    assert outcome(tmp_path, replaced(xlsx("=1+2"), b"<v />", b"<v>3</v>")) == 3


@pytest.mark.parametrize("text", ["3\u202e2", "\u20663", "1\x1b2"])
def test_characters_that_change_what_is_seen_are_an_error(text, tmp_path):
    file = tmp_path / "a.csv"
    assert b2(tmp_path, f"Year,Dismissed\n2019,{text}\n2020,5\n".encode(), file.name).kind == "masked"


def test_columns_hidden_in_ods_by_width_are_hidden(tmp_path):
    styles = (
        '<style:style style:name="thin" style:family="table-column"><style:table-column-properties '
        'style:column-width="0cm"/></style:style>'
    )
    columns = '<table:table-column/><table:table-column table:style-name="thin"/>'
    assert sheet_of(tmp_path, ods(styles=styles, columns=columns), "a.ods").hidden_columns == {2}


def xls_cell(value, number_format="General", *, struck=False, colour=8, ground=(0, 65), runs=(), kind=None):
    """A cell of an .xls file as the library gives it: fonts 0 (of the cell), 1 (superscript) and 2 (struck out)."""
    fonts = [(struck, colour, 0), (False, 8, 1), (True, 8, 0)]
    font_list = [Part(struck_out=line, colour_index=number, escapement=up) for line, number, up in fonts]
    pattern = Part(fill_pattern=ground[0], pattern_colour_index=ground[1])
    style = Part(background=pattern, font_index=0, format_key=0)
    colours = {8: (0, 0, 0), 9: (255, 255, 255), 65: None}
    formats = {0: Part(format_str=number_format)}
    book = Part(xf_list=[style], format_map=formats, font_list=font_list, colour_map=colours, datemode=0)
    kind = kind if kind is not None else xlrd.XL_CELL_TEXT if isinstance(value, str) else xlrd.XL_CELL_NUMBER
    return _xls_cell(book, Part(ctype=kind, value=value, xf_index=0), runs)


@pytest.mark.parametrize(
    ("given", "cell", "why"),
    [
        ({"value": 3.0}, Cell("3", "number"), ""),
        ({"value": 3.0, "number_format": '"<5"'}, Cell("<5"), ""),
        ({"value": 3.0, "number_format": ";;;"}, Cell("3", "masked"), ""),
        ({"value": "7", "number_format": ";;;"}, Cell("7", "masked"), ""),
        ({"value": 3.0, "struck": True}, Cell("3", "number"), "struck out"),
        ({"value": 3.0, "colour": 9}, Cell("3", "number"), "in the colour of its ground"),
        ({"value": 3.0, "ground": (1, 8)}, Cell("3", "number"), "in the colour of its ground"),
        ({"value": 3.0, "colour": 9, "ground": (1, 8)}, Cell("3", "number"), ""),
        ({"value": "32", "runs": [(1, 1)]}, Cell("3²"), ""),
        ({"value": "12", "runs": [(1, 2)]}, Cell("12", "masked"), ""),
        ({"value": 1, "kind": xlrd.XL_CELL_BOOLEAN}, Cell("true"), ""),
    ],
)
def test_cells_of_xls_are_what_is_shown(given, cell, why):
    assert xls_cell(**given) == (cell, why)
