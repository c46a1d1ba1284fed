"""Changing a specification: what somebody may mistype, misplace, or write on purpose."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Final

Tree = dict[str, object]
"""The content of each file, by its path in the folder without the suffix."""

HOSTILE: Final = (
    *("class", "None", "Self", "Final", "self", "int", "str", "bytes", "type", "property", "args"),
    *("named", "object", "Callable", "overload", "Flag", "IntEnum", "annotations", "ValueError"),
    *("TYPE_CHECKING", "TypeAlias", "OSError", "Exception", "hash", "len", "isinstance", "result"),
    *("__init__", "__eq__", "__str__", "__len__", "__class__", "__all__", "__new__", "__slots__"),
    *("_core", "_packed", "_x", "__", "_", "$", "==", "&=", "x=", "[]", "+", "name", "value"),
    *("index", "exceptions", "conformance", "oracle", "reference", "__init__", "con", "package"),
    *("a-b", "a b", "a.b", "../x", "/x", "a/b", "..", ".", "x/../../y", "a\\b", "C:\\x\\"),
    *("", " ", "\n", "a\nb", "a\n\nb", "\\", "\\\\", "\\n", "ends in \\", '"', '""', '"""', "'"),
    *("'''", '"""x"""', "#", "# x", "{", "}", "{}", "{{ x }}", "{% x %}", "%s", "{0}", "`x", "|"),
    *("*/", "<!-- x", "-->", "</script>", "é", "naïve", "漢字", "ﬁ", "\u00b2", "\u212a", "x\u0301"),
    *("\u200b", "\ufeffx", "\u2028", "0", "1", "-1", "1.5", "true", "null", "9" * 25, "0x10"),
    *("int", "cint", "string", "bool", "pointer", "void", "typed", "seq[int]", "set[int]"),
    *("array[0 .. 3, uint8]", "array[0..999999999999, uint8]", "(int, string)", "int | bool"),
    *("tuple[a: int, b: string]", "py:int", "py:list[str]", "py:x.y", "py:Iterator[Self]", "proc"),
    *("f(1)", "f(f(1))", "Port(0)", "{A}", "{}", "nil", "@[]", '"text"', '"a\\"b"', '"\\\\"'),
    *("x" * 80, "X" * 300, "aB" * 40, "test", "form", "param", "check_function", "stage", "system"),
    *("typing", "enum", "builtins", "os", "sys", "pytest", "harness", "errors", "platform"),
    *("text", "data", "kind", "error", "trace", "parts", "packed", "length", "other", "item"),
)
"""Texts that mean something somewhere: to Python, YAML, Markdown, a template, a file system."""

NUMBERS: Final = (0, 1, -1, 2, 255, 256, 65535, 65536, 2**31, 2**63 - 1, 2**63, -(2**63) - 1)
"""Numbers at which types end."""

KEYS: Final = (
    *("name", "kind", "doc", "type", "default", "mode", "as", "extension", "python", "runtime"),
    *("raises", "errors", "returns", "params", "members", "fields", "set", "pure", "range", "base"),
    *("python_bases", "platform", "value", "public", "case", "of", "omit", "amend", "statements"),
    *("from", "tags", "pragmas", "see", "ref", "when", "consts", "types", "procs", "modules"),
    *("since", "original", "first", "carries"),
)
"""Keys of a specification."""

Place = tuple[object, object]
"""A list or mapping, and the index or key in it."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Mutator:
    """Changes one specification after another, each from the same beginning."""

    def __init__(self, tree: Tree, chance: random.Random) -> None:
        """Change a tree in place, by a chance that can be repeated."""
        self._tree = tree
        self._chance = chance
        self._places = list(_places(tree, surface=True))
        self._others = list(_places(tree, surface=False))
        self._texts = sorted({value for _, value in self._scalars() if isinstance(value, str)})

    def mutate(self) -> list[str]:
        """Change the tree in one to three places; return what was done."""
        kinds: tuple[Callable[[], str], ...] = (
            *(self._scalar, self._scalar, self._scalar, self._rename, self._rename, self._rename),
            *(self._drop, self._double, self._swap, self._swap, self._key, self._add, self._add),
            *(self._copy, self._exchange, self._misspell, self._misspell),
        )
        times = self._chance.choice((1, 1, 1, 1, 2, 3))
        return [self._chance.choice(kinds)() for _ in range(times)]

    def _scalars(self) -> list[tuple[Place, object]]:
        return [
            ((holder, key), value)
            for holder, key in self._places
            if not isinstance(value := _get(holder, key), dict | list)
        ]

    def _place(self) -> Place:
        """Return any place; most in the surface, which is the smaller part."""
        places = self._others if self._others and self._chance.random() < 0.15 else self._places
        return self._chance.choice(places)

    def _other(self, value: object) -> object:
        """Return another scalar for a place that has this one."""
        chance = self._chance
        match chance.randrange(8):
            case 0 | 1 | 2:
                return chance.choice(HOSTILE)
            case 3 | 4:
                return chance.choice(self._texts)
            case 5 if isinstance(value, int) and not isinstance(value, bool):
                return value + chance.choice((-1, 1, 100))
            case 5:
                return chance.choice(NUMBERS)
            case 6:
                return chance.choice((True, False, None, [], {}, [value], {"a": value}))
            case _:
                return f"{value}{chance.choice(HOSTILE)}"

    def _scalar(self) -> str:
        (holder, key), value = self._chance.choice(self._scalars())
        other = self._other(value)
        _set(holder, key, other)
        return f"{key}: {value!r} becomes {other!r}"

    def _rename(self) -> str:
        """Rename something wherever it is named: what holds together stays so."""
        names = [
            value
            for (_, key), value in self._scalars()
            if key == "name" and isinstance(value, str) and _NAME.fullmatch(value)
        ]
        if not names:
            return "nothing"
        old = self._chance.choice(names)
        new = self._chance.choice(
            (*HOSTILE, *names, old.upper(), old.lower(), f"{old}_", f"{old}1")
        )
        word = re.compile(rf"\b{re.escape(old)}\b")
        for holder, key in [*self._places, *self._others]:
            value = _get(holder, key)
            if isinstance(value, str) and key not in ("doc", "says", "why"):
                _set(holder, key, word.sub(lambda _: new, value))
        return f"{old!r} is called {new!r} everywhere"

    def _drop(self) -> str:
        holder, key = self._place()
        _remove(holder, key)
        return f"without {key}"

    def _double(self) -> str:
        lists = [(holder, key) for holder, key in self._places if isinstance(holder, list)]
        holder, key = self._chance.choice(lists)
        assert isinstance(holder, list)
        if isinstance(key, int) and key < len(holder):
            holder.insert(self._chance.randrange(len(holder) + 1), copied(holder[key]))
        return f"item {key} twice"

    def _swap(self) -> str:
        """Let two items of one list change places."""
        lists = {id(holder): holder for holder, _ in self._places if isinstance(holder, list)}
        long = [one for one in lists.values() if len(one) > 1]
        if not long:
            return "nothing"
        items = self._chance.choice(long)
        first, second = self._chance.sample(range(len(items)), 2)
        items[first], items[second] = items[second], items[first]
        return f"items {first} and {second} swapped"

    def _key(self) -> str:
        holder, key = self._place()
        new = self._chance.choice((*KEYS, *HOSTILE))
        if isinstance(holder, dict) and key in holder:
            holder[new] = holder.pop(key)
        return f"key {key} is {new!r}"

    def _add(self) -> str:
        holder, _ = self._place()
        key = self._chance.choice(KEYS)
        if not isinstance(holder, dict):
            return "nothing"
        same = [_get(other, name) for other, name in self._places if name == key]
        value = copied(self._chance.choice(same)) if same and self._chance.random() < 0.7 else None
        holder[key] = self._other("x") if value is None else value
        return f"with {key}: {holder[key]!r:.60}"

    def _copy(self) -> str:
        """Put what stands at one place at another, most often under the same key."""
        holder, key = self._place()
        same = [place for place in self._places if place[1] == key]
        other, name = self._chance.choice(same or self._places)
        value = copied(_get(other, name))
        _set(holder, key, value)
        return f"{key} is {value!r:.60}"

    def _exchange(self) -> str:
        """Let the scalars of two places change places."""
        (first, a), one = self._chance.choice(self._scalars())
        (second, b), other = self._chance.choice(self._scalars())
        _set(first, a, other)
        _set(second, b, one)
        return f"{a} {one!r:.40} and {b} {other!r:.40} swapped"

    def _misspell(self) -> str:
        words = [(place, value) for place, value in self._scalars() if isinstance(value, str)]
        (holder, key), value = self._chance.choice(words)
        if not value:
            return "nothing"
        at = self._chance.randrange(len(value))
        wrong = self._chance.choice(
            (
                value[:at] + value[at + 1 :],
                value[:at] + value[at] + value[at:],
                value[:at] + value[at].swapcase() + value[at + 1 :],
                value[:at] + self._chance.choice('x1_ "\\#') + value[at:],
            )
        )
        _set(holder, key, wrong)
        return f"{key}: {value!r:.60} is written {wrong!r:.60}"


def copied(value: object) -> object:
    """Return a copy of a part of a tree."""
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    return [copied(part) for part in value] if isinstance(value, list) else value


def _places(value: object, *, surface: bool, inside: bool = False) -> Iterator[Place]:
    """Yield every place of a tree; of its surface, or in what is stated of that."""
    if isinstance(value, dict):
        for key, part in value.items():
            # What is stated of a module has keys of its own in it, or a file in another folder.
            within = inside or key in ("statements", "operations") or "/" in str(key)
            if within is not surface:
                yield value, key
            yield from _places(part, surface=surface, inside=within)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            if inside is not surface:
                yield value, index
            yield from _places(part, surface=surface, inside=inside)


def _get(holder: object, key: object) -> object:
    """Return what stands at a place; an earlier change may have taken the place away."""
    if isinstance(holder, list) and isinstance(key, int):
        return holder[key] if key < len(holder) else None
    return holder.get(key) if isinstance(holder, dict) else None


def _set(holder: object, key: object, value: object) -> None:
    match holder:
        case dict():
            holder[key] = value
        case list() if isinstance(key, int) and key < len(holder):
            holder[key] = value


def _remove(holder: object, key: object) -> None:
    if isinstance(holder, dict):
        holder.pop(key, None)
    elif isinstance(holder, list) and isinstance(key, int) and key < len(holder):
        del holder[key]
