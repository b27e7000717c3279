"""Text to plain values, with the place of each: the only module that knows YAML.

JSON is read by the same door, since it is YAML too. Values are what JSON has: mappings with text keys, lists, text,
numbers, booleans and null; nothing else is ever made of a file. Times stay text: YAML 1.1 would read `10:45` as 645.
A name that is given twice in one mapping is refused: one of the two would be lost without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from ironbridge.errors import InvalidInput

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 40
"""No file of ours nests deeper; aliases are refused, so that size bounds the work."""

Path = tuple[str | int, ...]
"""Where a value stands: names and positions from the top."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read.

    Parameters:
        name: of the file, for people.
        value: what it holds.
    """

    name: str
    value: Any
    _lines: dict[Path, int] = field(default_factory=dict, repr=False)

    def where(self, path: Path) -> str:
        """`I-05.yaml, line 12 (step 2, when)`."""
        line = next((self._lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self._lines), None)
        place = f"{self.name}, line {line}" if line is not None else self.name
        words = [f"{each} {index}" if index else each for each, index in _numbered(path)]
        return f"{place} ({', '.join(words)})" if words else place

    def wrong(self, path: Path, what: str, *, next_step: str = "") -> InvalidInput:
        """An error about one value."""
        return InvalidInput(f"{self.where(path)}: {what}", next_step=next_step)


def read_text(text: str, name: str) -> Document:
    """Read YAML.

    Parameters:
        text: of the file.
        name: of the file, for people.

    Raises:
        InvalidInput: it is no YAML, or uses more of YAML than plain values, with its line.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(f"{name} is longer than {MAX_CHARACTERS} characters.", next_step="Split it.")
    lines: dict[Path, int] = {}
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}" if mark is not None else ""
        raise InvalidInput(f"{name}{place}: this is not YAML: {error.problem or error.context}.") from None
    except RecursionError:
        raise InvalidInput(f"{name}: it nests too deep.") from None
    except yaml.YAMLError as error:
        raise InvalidInput(f"{name}: this is not YAML: {error}.") from None
    return Document(name, None if node is None else _value(node, (), lines, name, set()), lines)


def _value(node: yaml.Node, path: Path, lines: dict[Path, int], name: str, seen: set[int]) -> Any:
    line = lines[path] = node.start_mark.line + 1
    if len(path) > MAX_DEPTH:
        raise InvalidInput(f"{name}, line {line}: it nests too deep.")
    if id(node) in seen and not isinstance(node, yaml.ScalarNode):
        raise InvalidInput(f"{name}, line {line}: aliases are not read.", next_step="Write the value out.")
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, name, line)
    if node.tag.rpartition(":")[2] not in {"seq", "map"}:
        raise InvalidInput(f"{name}, line {line}: {node.tag} is not read.", next_step="Use plain lists and mappings.")
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*path, at), lines, name, seen) for at, each in enumerate(node.value)]
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise InvalidInput(f"{name}, line {key.start_mark.line + 1}: a name must be plain text.")
        if key.value in found:
            raise InvalidInput(
                f"{name}, line {key.start_mark.line + 1}: {key.value!r} is given twice.", next_step="Keep one of them."
            )
        found[key.value] = _value(value, (*path, key.value), lines, name, seen)
        lines[(*path, key.value)] = key.start_mark.line + 1
    return found


def _scalar(node: yaml.ScalarNode, name: str, line: int) -> Any:
    kind, text = node.tag.rpartition(":")[2], str(node.value)
    try:
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() in {"yes", "true", "on"}
            case "int" if ":" not in text:
                return int(text.replace("_", ""), 0) if not text.lstrip("+-0").isdigit() else int(text)
            case "float" if ":" not in text:
                return float(text.replace("_", "").replace(".inf", "inf").replace(".Inf", "inf").replace(".nan", "nan"))
            case "str" | "int" | "float" | "timestamp" | "value":
                return text
    except ValueError:
        return text
    raise InvalidInput(f"{name}, line {line}: {node.tag} is not read.", next_step="Use plain text and numbers.")


def _numbered(path: Path) -> list[tuple[str, int]]:
    """`("steps", 1, "when")` as people count: step 2, when."""
    words: list[tuple[str, int]] = []
    for part in path:
        if isinstance(part, int):
            words.append((words.pop()[0].removesuffix("s") if words else "entry", part + 1))
        else:
            words.append((part, 0))
    return words
