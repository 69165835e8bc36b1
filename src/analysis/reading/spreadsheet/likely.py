"""Which known label an unknown one probably is. Never the one that it negates: rather none than the opposite.

Of what was decided (DECIDED) only another spelling of a known label is proposed. A word more or less can turn it round:
"not dismissed", "case dismissed", "dismissal probation", "proven" for "not proven".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from analysis.errors import nearest
from analysis.reading.spreadsheet.periods import BETWEEN

DECIDED = (
    *("case_to_answer", "force_view", "proceeding", "finding", "sanction", "left_service", "criminal"),
    *("published_outcome", "published_stage"),
)
SILENT = ("", "unknown", "not stated", "not known", "not recorded", "n/a", "n/k", "null", "nan")
OPEN = (*SILENT, "not applicable", "pending", "ongoing", "in progress", "not yet known")  # an outcome that is not known
NOT_FOUND = ("not sustained", "no sustained findings", "unsustained", "unfounded", "exonerated", "not guilty")
SHORT = {"nfa": "no_action", "ww": "written_warning", "fww": "final_written_warning"}
MEANT = {  # label in small letters -> the code that it surely is, by vocabulary
    "case_to_answer": {"no case to answer": "none", **dict.fromkeys(SILENT, "unknown")},
    "finding": {
        **dict.fromkeys((*NOT_FOUND, "unsubstantiated", "not substantiated", "not upheld"), "not_proven"),
        **dict.fromkeys(SILENT, "not_stated"),
    },
    "sanction": {**dict.fromkeys(OPEN, "not_stated"), **SHORT},
    "published_outcome": SHORT,
    "proceeding": dict.fromkeys(SILENT, "not_stated"),
    "left_service": dict.fromkeys((*SILENT, "no", "n", "false"), "no_or_not_stated"),
    "criminal": dict.fromkeys(SILENT, "none_or_not_stated"),
    "rank": {
        **dict.fromkeys(SILENT, "unknown"),
        **dict.fromkeys(("pc", "dc", "police officer", "po", "ptl", "patrolman", "patrol officer"), "constable"),
        **{f"{kind} constable": "constable" for kind in ("police", "detective", "senior", "probationary")},
        **{f"{kind} sergeant": "sergeant" for kind in ("police", "detective", "acting")},
        **{f"{kind}inspector": "inspector" for kind in ("detective ", "chief ", "detective chief ")},
        **dict.fromkeys(("insp", "superintendent", "chief superintendent", "di", "dci"), "inspector"),
        **dict.fromkeys(("sgt", "ps", "ds"), "sergeant"),
        **dict.fromkeys(("chief constable", "deputy chief constable", "assistant chief constable"), "inspector"),
    },
    "published_stage": {
        **dict.fromkeys(("misconduct meetings", "meetings"), "meeting"),
        **dict.fromkeys(("misconduct hearings", "hearings"), "hearing"),
        **dict.fromkeys(("accelerated hearings", "accelerated misconduct hearings"), "accelerated_hearing"),
        "misconduct proceedings": "proceedings",
    },
    "published_person": {
        **dict.fromkeys(("police officer", "police officers", "officers"), "officer"),
        **dict.fromkeys(("police staff", "staff members"), "staff"),
    },
    "person_type": {**dict.fromkeys(SILENT, "unknown"), "police officer": "officer", "police staff": "staff"},
}
TELLING = {  # how texts begin that only one vocabulary has, also where none of them is a known label
    "sanction": r".*\b(dismiss|terminat|suspen|reprimand|warning|resign|demot)|training\b|counsel|letter\b|no action"
    r"|no further action|nfa\b|\d+ days?\b|management a",
    "finding": r"(not |no |un)?(sustain|substantiat)|unfounded|exonerat|(not )?upheld\b|(not )?guilty\b",
}
TELLING["person_type"] = TELLING["published_person"] = r"((police )?(officer|staff|special)s?\b|pcso).{0,20}$"
TELLING["published_outcome"] = TELLING["sanction"]
LEAVING = re.compile(
    r"(?<!\w)(dismiss|terminat|discharg|fired|sacked|remov|separat|resign|retire"
    r"|cong[ée]di|destitu|licenci|r[ée]voqu|révocation|d[ée]mission|retraite)"
)
OF_THINGS = ("discharg", "fired", "remov")  # of LEAVING, what is done with weapons and property too
OF_PEOPLE = re.compile(r"(discharged|fired|removed)( from (the )?(force|service|office|post|employment|department))?")
MADE_TO = re.compile(r"\b(require|order|direct|ask|forced|compulsor|in lieu|instead)")  # leave, which is a sanction
LEFT = {"resigned": "resign", "retired": "retire"}  # left_service of labels that say so, and nothing of a sanction
NEGATIONS = {
    "pas",
    "sans",
    "aucun",
    "aucune",
    "no",
    "not",
    "non",
    "never",
    "none",
    "nor",
    "neither",
    "nil",
    "without",
    "un",
    "nobody",
    "nothing",
}
RETURNED = {"overturned", "quashed", "rescinded", "reversed", "reinstated", "reinstatement", "rehired", "vacated"}
BACK = {"reinstated", "reinstatement", "rehired"}  # those of them that are of people alone
DECISIONS = {"dismissal", "termination", "decision", "sanction", "discipline", "penalty", "finding", "appeal", "review"}
DECISIONS |= {"arbitrator", "arbitration", "court", "panel", "tribunal", "pat", "board", "dismissed", "terminated"}
UNDONE = {  # words of an outcome that did not last, or was not carried out
    *RETURNED,
    *(
        "revoked",
        "annulled",
        "reduced",
        "commuted",
        "substituted",
        "replaced",
        "converted",
        "aside",
        "stayed",
        "abeyance",
    ),
    *("deferred", "avoided", "threatened", "considered", "proposed", "recommended", "lieu", "instead", "alternative"),
}
TURNING = {  # words of which one label has one and another not: then they need not mean the same
    *NEGATIONS,
    *("other", "except", "excluding"),
    *("case", "cases", "charge", "charges", "complaint", "complaints", "allegation", "allegations", "suspended"),
    *("probation", "withdrawn", "dropped", "discontinued", "overturned", "quashed", "rescinded", "reversed", "pending"),
    *("appeal", "appeals"),
}
PREFIX = re.compile(r"(un|in|im|ir|non|dis|mis|de)(?=\w{3})")  # that turns a word round
SMALL = {"n", "a", "an", "the", "of", "for", "s", "was", "were", "is", "officer", "officers", "number"}
ADDED = {"further", "taken", "issued", "given", "imposed"}  # words that change nothing: no further action
PHRASES = re.compile(
    r"\b(from (the )?(police )?(force|service)|with(out)? notice|(for )?\d+[ -]?(months?|years?)"
    r"|(during|while (on|in)|(?<=ed )on) (the |an? |his |her |their )?probation(ary (period|service))?"
    r"|(had|if) (s?he|they|the officer)? ?(not (resigned|retired|left)|(still )?(been |be )?(still )?serving))\b"
)  # that change nothing either
LATER = {"pending", "appeal", "appeals", *UNDONE}  # words that leave open whether it is turned round
BREACHES: tuple[list[str], ...] = ([], ["misconduct"], ["gross", "misconduct"])  # of what something was not proven
LEAVERS: tuple[list[str], ...] = ([], ["resigned"], ["retired"])  # what those did who would have been dismissed
WORD = re.compile(r"[^\W_]+")
SIGNS = re.compile(r"[^\w\s'’.,:;/()&–—-]")  # a tick, a cross or an equals sign: nobody knows what it does


def likely(label: str, words: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """The known label that `label` probably is, and its code; None where that is not sure.

    words: known labels in small letters -> code, of the vocabulary `name`.
    """
    folded = label.strip().casefold()
    meant = MEANT.get(name, {}).get(folded)
    if meant is not None:
        return folded, meant
    head, between, end = folded.rpartition(BETWEEN)
    if between and end in words and name.startswith("published"):  # the end of a heading of two rows
        is_clear = not SIGNS.search(head) and not TURNING & set(WORD.findall(head))
        return (end, words[end]) if is_clear else None
    find = {"force": force_of}.get(name, _same_decision if name in DECIDED else _spelt_alike)
    found = find(folded, words)
    return (found, words[found]) if found is not None else None


def force_of(label: str, words: Mapping[str, str]) -> str | None:
    """The known force of the same name, whatever it calls itself; else one that is spelt alike; none for a question."""
    if "?" in label:
        return None
    by_name, by_length = _forces(tuple(words))
    same = by_name.get(_bare_force(label), [])
    if len({words[word] for word in same}) == 1:
        return same[0]
    as_long = by_length.get(len(WORD.findall(label)), [])  # a name with a word more is another's, or said of it
    return _spelt_alike(label, {word: words[word] for word in as_long})


@cache
def _forces(words: tuple[str, ...]) -> tuple[dict[str, list[str]], dict[int, list[str]]]:
    """Names of forces by what they are without what the force calls itself, and by how many words they have."""
    by_name: dict[str, list[str]] = {}
    by_length: dict[int, list[str]] = {}
    for word in (word for word in words if not word[0].isdigit()):  # "28 other forces" is no name
        by_name.setdefault(_bare_force(word), []).append(word)
        by_length.setdefault(len(WORD.findall(word)), []).append(word)
    return {name: found for name, found in by_name.items() if name}, by_length


@cache
def _bare_force(label: str) -> str:
    """A force's name without what it calls itself: kent of Kent Police, avon and somerset of Avon & Somerset."""
    text = re.sub(r"\b(police|constabulary|service|force)\b", " ", label.casefold().replace("&", " and "))
    return " ".join(WORD.findall(text))


def _spelt_alike(label: str, words: Mapping[str, str]) -> str | None:
    """The known label that begins alike, or is spelt alike, without what would turn it round."""
    same = [word for word in words if not is_turned(label, word)]
    near = [word for word in same if 3 < len(label) <= 4 * len(word)]  # a sentence says more than its first word
    begins = [word for word in near if word.startswith(label) or label.startswith(word)]
    found = (
        begins[0]
        if len({words[word] for word in begins}) == 1
        else nearest(label, [word for word in same if _same_words(label, word)], alike=0.75)
    )
    return None if found is None or _names_more(label, found, words) else found


def _same_words(label: str, known: str) -> bool:
    """Whether each word of one is that of the other, misspelt at most: a senior constable is no special constable."""
    mine, theirs = WORD.findall(label), WORD.findall(known)
    return len(mine) == len(theirs) and all(
        difflib.SequenceMatcher(None, *pair).ratio() >= 0.6 for pair in zip(mine, theirs, strict=True)
    )


def _names_more(label: str, found: str, words: Mapping[str, str]) -> bool:
    """Whether a label names another known one beside that which was found: officer or staff."""
    mine = {*WORD.findall(label)}
    more = mine - {*WORD.findall(found)}
    named = ({*WORD.findall(word)} for word, code in words.items() if code != words[found])
    return any(tokens <= mine and tokens & more for tokens in named)


@lru_cache(maxsize=50_000)
def _words(label: str) -> frozenset[str]:
    """The words of a label, without PHRASES."""
    return frozenset(WORD.findall(PHRASES.sub(" ", label.casefold())))


def is_turned(label: str, known: str) -> bool:
    """Whether a label may say the opposite of a known one: another word of TURNING, or a word of it with a PREFIX."""
    mine, theirs = _words(label), _words(known)
    only_mine, only_theirs = mine - theirs, theirs - mine
    return bool(TURNING & (mine ^ theirs)) or any(
        _alike(PREFIX.sub("", word, count=1), other)
        for some, others in ((only_mine, only_theirs), (only_theirs, only_mine))
        for word in some
        if PREFIX.match(word)
        for other in others
    )


def reads_like_leaving(label: str) -> bool:
    """Whether a label seems to say that somebody was dismissed, or left, and no word of it turns that round."""
    return bool(_leaving(" ".join(word for word in WORD.findall(label.casefold()) if word not in LATER)))


def reads_like_dismissal(label: str) -> bool:
    """Whether a label seems to say so of somebody; what else is fired, discharged or removed says more than that."""
    said = {*LEAVING.findall(label.casefold())} - {*LEFT.values(), *OF_THINGS}
    return bool(said or OF_PEOPLE.fullmatch(label.strip().casefold())) and reads_like_leaving(label)


def _leaving(label: str) -> bool:
    found = LEAVING.search(label.casefold())
    return found is not None and not is_turned(label, found.group())


def left_by(label: str) -> str:
    """The code of left_service that an outcome says and nothing besides: resigned or retired; "" where it is not so."""
    said = {*LEAVING.findall(label.casefold())} if not MADE_TO.search(label.casefold()) else {*()}
    is_so = _leaving(label) and not is_undone(label)
    return next((code for code, stem in LEFT.items() if said == {stem}), "") if is_so else ""


def reads_like_return(label: str) -> bool:
    """Whether a label seems to say that a decision was undone: somebody was reinstated."""
    words = {*WORD.findall(label.casefold())}
    is_decision = len(words) == 1 or bool(DECISIONS & words)  # else it may be a car that was overturned
    return bool(RETURNED & words) and (is_decision or bool(BACK & words)) and not NEGATIONS & words


def is_undone(label: str, rule: str = "") -> bool:
    """Whether a label has a word of UNDONE that the words of a rule have not."""
    return bool(UNDONE & ({*WORD.findall(label.casefold())} - {*WORD.findall(rule.casefold())}))


def tells(name: str, text: str) -> bool:
    """Whether a text has words that only labels of one vocabulary have."""
    return name in TELLING and re.match(TELLING[name], text.casefold()) is not None


def _same_decision(label: str, words: Mapping[str, str]) -> str | None:
    """The known label of the same words, whatever their order; one that negates may follow the name of a breach."""
    tokens = _tokens(label, words)
    begin = {token[:1] for token in (*_all_tokens(tuple(words)), "misconduct", "gross", "resigned")}
    if tokens is None or any(token[:1] not in begin for token in tokens if token not in ADDED):
        return None  # a word that is like none of theirs
    found: dict[str, str] = {}
    for word, code in words.items():
        known = _known_tokens(word)
        mine = [token for token in tokens if token not in ADDED or token in known]
        is_negation = bool(NEGATIONS & {*known})
        same: Callable[[list[str], list[str]], bool] = _in_order if is_negation else _in_any_order
        starts = BREACHES if is_negation else LEAVERS if known[:1] == ["would"] else BREACHES[:1]
        if known and any(len(mine) == len(start) + len(known) and same(mine, [*start, *known]) for start in starts):
            found.setdefault(code, word)
    return next(iter(found.values())) if len(found) == 1 else None


@cache
def _all_tokens(words: tuple[str, ...]) -> frozenset[str]:
    """The words in some labels."""
    return frozenset(token for word in words for token in (*WORD.findall(word), *(_known_tokens(word))))


@cache
def _known_tokens(word: str) -> list[str]:
    """The words of a known label, worked out once."""
    return _tokens(word, {}) or []


def _tokens(text: str, words: Mapping[str, str]) -> list[str] | None:
    """The words of a label, "un-" and "non-" before a word of `words` as "not"; None with signs that are no words."""
    bare = re.sub(r"[\d*†‡]+$|\[\w+\]$", "", text.casefold().strip())  # footnote marks
    if SIGNS.search(bare):
        return None
    bare = PHRASES.sub(" ", bare.replace("_", " "))
    known = _all_tokens(tuple(words))
    tokens: list[str] = []
    for token in WORD.findall(bare):
        rest = re.sub(r"^(un|non)", "", token)
        if token == "non":
            tokens.append("not")
        elif rest != token and token not in known and any(_alike(rest, word) for word in known if rest):
            tokens += ["not", rest]
        elif token not in SMALL:
            tokens.append(token)
    return tokens


def _in_order(mine: list[str], known: list[str]) -> bool:
    return len(mine) == len(known) and all(map(_alike, mine, known))


def _in_any_order(mine: list[str], known: list[str]) -> bool:
    left = list(mine)
    for token in known:
        match = next((other for other in left if _alike(other, token)), None)
        if match is None:
            return False
        left.remove(match)
    return not left


def _alike(token: str, known: str) -> bool:
    """The same word: in another form, or misspelt after its beginning."""
    if token[:1] != known[:1]:
        return False
    if token == known or _stem(token) == _stem(known):
        return True
    is_long = min(len(token), len(known)) >= 7 and token[:3] == known[:3]
    return is_long and difflib.SequenceMatcher(None, token, known).ratio() >= 0.85


def _stem(token: str) -> str:
    """A word without the ending that makes dismissed of dismissal."""
    return re.sub(r"(ed|al|als|ing|s)$", "", token) if len(token) > 5 else token
