"""The consistency checks that NOTES.md of the published figures lists, as the rows of data/checks.

For a new edition of the source: python tests/convert_checks.py > data/checks/published_figures.yml

The expressions are parsed and never run: what is not a comparison of sums of the notes' own functions is refused.
"""

import ast
import re
import sys
from pathlib import Path

import yaml

PAGES, EVERYWHERE, CASES = "sdu_force_pages", "England and Wales", "case to answer for misconduct"
KINDS = {ast.Eq: "equal", ast.LtE: "at_most"}


def checks_of(notes: str) -> list[dict]:
    """The checks in the text of NOTES.md, in its order; ValueError names what cannot be read."""
    sections = re.findall(r"^(Pass|Fail)\b[^\n]*:\n+```\n(.*?)```", notes, re.MULTILINE | re.DOTALL)
    lines = {kind: [line.split(" | ", 1) for line in body.strip().splitlines()] for kind, body in sections}
    known = re.findall(r"^\| ([A-Z0-9-]+) \| (.+?) \| (.+?) \|$", notes, re.MULTILINE)
    failing = {name: {"found": found, "reason": reason} for name, found, reason in known}
    if {name for name, _ in lines["Fail"]} != set(failing):
        raise ValueError(f"failing checks and reasons differ: {set(failing) ^ {name for name, _ in lines['Fail']}}")
    return [
        {"id": name, **_comparison(name, expression), "expected": "fails" if name in failing else "holds"}
        | failing.get(name, {})
        for kind in lines
        for name, expression in lines[kind]
    ]


def _comparison(name: str, expression: str) -> dict:
    tree = ast.parse(expression, mode="eval").body
    each = ""
    match tree:
        case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp(elt=ast.Compare() as tree)]):
            each = "complaint_type_source"
        case ast.Compare(left=ast.Call(func=ast.Name(id="bad_forces"), args=[person, labels]), ops=[ast.Eq()]):
            sides = [_of_forces(_value(person), wanted, "all") for wanted in (_value(labels), CASES)]
            return {"kind": "equal", "each": "force", "left": [{"plus": sides[0]}], "right": [{"plus": sides[1]}]}
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1 or type(tree.ops[0]) not in KINDS:
        raise ValueError(f"{name}: {expression!r} is not a comparison by == or <=")
    sides = {"left": _terms(tree.left, "plus"), "right": _terms(tree.comparators[0], "plus")}
    return {"kind": KINDS[type(tree.ops[0])], **({"each": each} if each else {}), **sides}


def _terms(node: ast.expr, sign: str) -> list[dict]:
    other = {"plus": "minus", "minus": "plus"}[sign]
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _terms(left, sign) + _terms(right, sign)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _terms(left, sign) + _terms(right, other)
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Constant(value=int(times))):
            return _terms(left, sign) * times
        case ast.Constant(value=int(number)):
            return [{sign: number}]
        case ast.Call(func=ast.Name(id=function), args=arguments, keywords=named):
            return [{sign: _figures(function, [*map(_value, arguments)], {n.arg: _value(n.value) for n in named})}]
    raise ValueError(f"{ast.unparse(node)!r} is not a sum of figures")


def _value(node: ast.expr) -> object:
    match node:
        case ast.Name(id="EW"):
            return EVERYWHERE
        case ast.Name(id="t"):
            return {"not": "all"}  # each of the notes' THEMES
        case ast.Constant(value=str() | int() as value):
            return value
        case ast.Tuple(elts=parts):
            return [_value(part) for part in parts]
    raise ValueError(f"{ast.unparse(node)!r} is not a label")


def _figures(function: str, arguments: list, named: dict) -> dict:
    match function, arguments:
        case "v", [source]:
            return {"source_id": source, **named}
        case "national", [person, label]:
            about = {"source_id": PAGES, "force": EVERYWHERE, "person_type": person}
            return {**about, "outcome_source": label, "complaint_type": "all"}
        case "forces", [person, label, *theme]:
            return _of_forces(person, label, theme[0] if theme else "all")
    raise ValueError(f"{function} is not a function of the notes")


def _of_forces(person: object, label: object, theme: object) -> dict:
    about = {"source_id": PAGES, "force": {"not": EVERYWHERE}, "person_type": person}
    return {**about, "complaint_type_source": theme, "outcome_source": label}


def as_yaml(checks: list[dict]) -> str:
    head = (
        "# Sums of published figures that must agree (data/raw/published_figures, in the source's words); of those\n"
        "# known not to, what was found and why. Read by analysis.checking.consistency, which explains the form. Made\n"
        "# from NOTES.md of the source by tests/convert_checks.py.\n"
    )
    rows = yaml.safe_dump(checks, sort_keys=False, allow_unicode=True, width=118, default_flow_style=None)
    return head + rows


if __name__ == "__main__":
    notes = Path(__file__).parents[1] / "data" / "raw" / "published_figures" / "NOTES.md"
    sys.stdout.write(as_yaml(checks_of(notes.read_text(encoding="utf-8"))))
