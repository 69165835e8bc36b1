"""What a mapping's own labels say: exact ones, letter case aside, then those by words, then the one for all others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from analysis import vocabulary
from analysis.reading.spreadsheet.cell_numbers import without_marks
from analysis.reading.spreadsheet.likely import DECIDED, is_turned, is_undone, reads_like_leaving
from analysis.reading.spreadsheet.mapping import Codes

REST = "*"  # the label that stands for all others
CONTAINS, BEGINS = "contains:", "begins with:"
NOT_GIVEN = {  # what a person's column says where the file has nothing on it
    "force": "",
    "person_type": "unknown",
    "rank": "unknown",
    "case_to_answer": "unknown",
    "force_view": "not_stated",
    "proceeding": "not_stated",
    "finding": "not_stated",
    "left_service": "no_or_not_stated",
    "criminal": "none_or_not_stated",
    "discrimination_ground": "",
    "vawg": "",
    "vawg_flag": "",
    "confidence": "high",
}


def own_meaning(own: Mapping[str, Codes], text: str, marks: list[str]) -> Codes | None:
    """What a mapping's labels say of a text word for word, letter case and footnote marks aside; None if nothing."""
    bare = without_marks(text, marks)
    if text in own or bare in own:
        return own.get(text, own.get(bare))
    folded = {label.casefold(): codes for label, codes in own.items()}
    return folded.get(text.casefold(), folded.get(bare.casefold()))


def rule_for(rules: Iterable[str], text: str) -> str | None:
    """The first of some rules by words ("contains: dismiss", "begins with: sustained") that a text fits; else None.

    Words are looked for from their beginning: "sustained" is not in "unsustained".
    """
    folded = text.casefold()
    for rule in rules:
        for sign, before in ((CONTAINS, r"(?<!\w)"), (BEGINS, r"\A")):
            words = rule.casefold().removeprefix(sign).strip()
            if rule.casefold().startswith(sign) and words and re.search(before + re.escape(words), folded):
                return rule
    return None


def words_of(rule: str) -> str:
    """The words that a rule looks for."""
    return re.sub(rf"^({CONTAINS}|{BEGINS})", "", rule.casefold()).strip()


def fits(values: Sequence[str], text: str, marks: list[str]) -> str | None:
    """The first of some values, labels or rules by words, that a text is or fits; None if there is none."""
    bare = without_marks(text, marks).casefold()
    found = next((value for value in values if value.casefold() in (text.casefold(), bare)), None)
    return rule_for(values, text) if found is None and text else found


def may_turn(rule: str, text: str, codes: Codes, name: str) -> bool:
    """Whether a text that fits a rule may say something else than the rule does.

    Of what was decided (likely.DECIDED): a rule by words must not have its words negated, and the label for all others
    must not decide what reads like a dismissal or a departure, unless it says that it is a dismissal; and no rule says
    that somebody was dismissed of a label by whose words that did not last.
    """
    if name not in DECIDED:
        return False
    dismissals = {*vocabulary.codes_with("sanction", "is_dismissal_or_would_have_been"), "dismissed_or_would_have_been"}
    said = codes if isinstance(codes, str) else codes.get("sanction", codes.get("outcome", ""))
    if rule != REST:
        return is_turned(text, words_of(rule)) or (said in dismissals and is_undone(text, words_of(rule)))
    is_outcome = name in ("sanction", "published_outcome")
    return is_outcome and (is_undone(text) if said in dismissals else reads_like_leaving(text))
