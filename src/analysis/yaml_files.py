"""YAML that is read with care: no key twice, no character that is not seen, and nothing that unfolds without end.

All limits are looked at before anything is made of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from analysis.characters import INVISIBLE
from analysis.errors import MisconductError, about
from analysis.paths import shown

MAX_BYTES = 1_000_000
MAX_DEPTH = 20  # of lists and keys in one another
MAX_ENTRIES = 100_000  # keys and values, each alias counted as what it stands for
MAX_TEXT = 20_000  # characters of one value
NOT_SEEN = "a character stands in it that is not seen or turns others about"


class NotYamlError(MisconductError):
    """A file that is not such YAML; `problem` says why without naming it."""

    def __init__(self, path: Path, problem: str) -> None:
        """Keep what is wrong."""
        self.problem = problem
        super().__init__(f"{shown(path)}: {problem}")


def read_yaml(path: Path, *, as_text: bool = False) -> Any:
    """What a YAML file says; as_text: every scalar as text ("No" stays "No").

    NotYamlError names the file, and the line where there is one, when it is not valid YAML, has a key twice, an
    alias that stands in itself, or is over a limit.
    """
    import yaml  # late: most commands read none

    with about(path):
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise NotYamlError(path, f"it has {size / 1e6:,.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read.")
        content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
        if problem := next(_beyond_limits(yaml, text), ""):
            raise NotYamlError(path, problem)
        return yaml.load(text, _loader(as_text))
    except UnicodeDecodeError as error:
        raise NotYamlError(path, "it is not UTF-8 text.") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist, a number too long
        raise NotYamlError(path, f"it is not valid YAML ({' '.join(str(error).split())}).") from error


def _beyond_limits(yaml: Any, text: str) -> Iterator[str]:
    """What is too much in a text, by what the parser meets one after the other: nothing is made of it yet."""
    sizes: dict[str, int] = {}  # of what has a name
    open_parts: list[tuple[str | None, int]] = []  # the name of each part that is not closed, and entries before it
    entries = 0
    for event in yaml.parse(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                yield f"it is not valid YAML (line {line}: *{event.anchor} stands for nothing that ended before)."
            entries += sizes.get(event.anchor, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            open_parts.append((event.anchor, entries))
            entries += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            name, before = open_parts.pop()
            sizes |= {name: entries - before} if name else {}
        elif isinstance(event, yaml.ScalarEvent):
            entries += 1
            sizes |= {event.anchor: 1} if event.anchor else {}
            if len(event.value) > MAX_TEXT:
                yield f"line {line}: a text of {len(event.value):,} characters; at most {MAX_TEXT:,} are read."
            if INVISIBLE.search(event.value):
                yield f"line {line}: {NOT_SEEN}."
        if len(open_parts) > MAX_DEPTH:
            yield f"line {line}: lists and keys stand in one another more than {MAX_DEPTH} deep."
        if entries > MAX_ENTRIES:
            yield f"line {line}: more than {MAX_ENTRIES:,} keys and values (an alias counts as what it stands for)."


@cache
def _loader(as_text: bool) -> Any:
    """Plain YAML, read fast, in which a key that stands twice is an error: the second would silently win."""
    import yaml

    kind = "BaseLoader" if as_text else "SafeLoader"

    class Loader(getattr(yaml, f"C{kind}", getattr(yaml, kind))):  # type: ignore[misc]
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            """A mapping; ConstructorError names a key that stands twice, or is no text, and its line."""
            met = set()
            for key, _ in node.value:
                said = key.value if isinstance(key, yaml.ScalarNode) else None
                if said is None or (key.tag, said) in met:
                    problem = "a key is not a text" if said is None else f"{said!r} stands twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                met.add((key.tag, said))
            return dict(super().construct_mapping(node, deep))

    return Loader
