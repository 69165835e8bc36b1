"""What the format of a cell shows of what is stored in it (ECMA-376 part 1, 18.8.31): the same, a symbol, or neither.

shows(3, '#,##0')    ("number", "")
shows(3, '"<5"')     ("text", "<5")
shows(3, '0"0"')     ("masked", "")
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*(?P<filler>.)|\[(?P<note>[^\]]*)\]|(?P<bare>[eE][+-]|.)', re.DOTALL
)
CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
COMPARE = {
    **{"<": operator.lt, ">": operator.gt, "=": operator.eq},
    **{"<=": operator.le, ">=": operator.ge, "<>": operator.ne},
}
COLOUR = re.compile(r"(black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+)|\$-[\w,]*", re.IGNORECASE)
CURRENCY = re.compile(r"\$([^\d-]*)(-[\w,]*)?")
HARMLESS = re.compile(r"[\s£$€¥]*")  # what may stand beside a number without making it another
NUMBER = re.compile(r"[0#?,.]*[0#?][0#?,.]*(e[+-][0#?]+)?|general|@", re.IGNORECASE)
DIGITS, DIGITS_OF_NOUGHT = re.compile(r"[0#?@]|general", re.IGNORECASE), re.compile(r"[0@]|general", re.IGNORECASE)
FRACTION = re.compile(r"[#0? ]*[#0?]+/[#0?]+")
SCALED = re.compile(r",+(?![0#?,])")  # thousands left away


@dataclass(frozen=True)
class Section:
    """A part of a format: for which numbers it is ("" and 0: by their sign), its placeholders, what it writes beside
    them, and whether it is of a kind that is not known."""

    compare: str
    than: float
    pattern: str
    written: str
    is_strange: bool


@lru_cache(maxsize=1000)
def _sections(number_format: str) -> tuple[Section, ...]:
    found: list[Section] = []
    compare, than, pattern, written, is_strange = "", 0.0, "", "", False
    for token in [*TOKEN.finditer(number_format), None]:
        bare = token["bare"] if token else ";"
        if bare == ";":
            found.append(Section(compare, than, pattern.strip(), written, is_strange))
            compare, than, pattern, written, is_strange = "", 0.0, "", "", False
        elif token and (note := token["note"]) is not None:
            condition, currency = CONDITION.fullmatch(note.strip()), CURRENCY.fullmatch(note)
            if condition:
                compare, than = condition[1], float(condition[2])
            elif currency:
                written += currency[1]
            is_strange = is_strange or not (condition or currency or COLOUR.fullmatch(note))
        elif token and token["filler"]:
            is_strange = is_strange or token["filler"] != " "
        elif token and (text := token["quoted"] if token["quoted"] is not None else token["escaped"]):
            written += text
        elif bare and bare in "£$€¥-+()":
            written += bare
        elif bare:
            pattern += bare
    return tuple(found)


def _candidates(value: float, sections: tuple[Section, ...]) -> list[Section]:
    """The sections that may be meant for a number: one, but where some have conditions and others do not."""
    numeric = sections[:3]
    if not any(section.compare for section in numeric):
        place = 0 if len(numeric) == 1 or value > 0 else 1 if value < 0 else 2 if len(numeric) > 2 else 0
        return [numeric[place]]
    found = []
    for section in numeric:
        if not section.compare or COMPARE[section.compare](value, section.than):
            found.append(section)
        if found and section.compare and found[-1] is section:
            break
    return found


def shows(value: float, number_format: str) -> tuple[str, str]:
    """What is shown of a number: its kind and, of a symbol, its text.

    number: the number itself, rounded at most; percent: a hundred times it with %; percent_sign: itself with %; text: a
    symbol in its place; masked: something else, or nothing.
    """
    if number_format in ("General", "0", "@"):
        return "number", ""
    found = {_shown(value, section) for section in _candidates(value, _sections(number_format))}
    return found.pop() if len(found) == 1 else ("masked", "")


def _shown(value: float, section: Section) -> tuple[str, str]:
    pattern, written = section.pattern, section.written
    if section.is_strange:
        return "masked", ""
    if not re.search(DIGITS_OF_NOUGHT if value == 0 else DIGITS, pattern):  # what is written is all there is
        is_symbol = not pattern.strip("#?, ") and not re.fullmatch(r"[\d.,\s%]*", written)
        return ("text", written.strip()) if is_symbol else ("masked", "")
    is_sign = written.strip() == "%"
    if value < 0:  # with a minus or in brackets
        written = re.sub(r"[-()]", "", written)
    if pattern.count("%") == 1 and not is_sign and HARMLESS.fullmatch(written):
        rest = pattern.replace("%", "").strip()
        return ("percent", "") if NUMBER.fullmatch(rest) and not SCALED.search(rest) else ("masked", "")
    is_number = NUMBER.fullmatch(pattern) or (FRACTION.fullmatch(pattern) and value == int(value))
    if not is_number or SCALED.search(pattern) or not (is_sign or HARMLESS.fullmatch(written)):
        return "masked", ""
    return ("percent_sign" if is_sign else "number"), ""


def hides_text(number_format: str) -> bool:
    """Whether a format shows something else than the text of a cell: by its fourth section."""
    if ";" not in number_format:
        return False
    sections = _sections(number_format)
    return len(sections) > 3 and (sections[3].pattern != "@" or bool(sections[3].written.strip()))
