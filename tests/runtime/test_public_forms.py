"""Overloaded callables: whatever is given by place and whatever by name, the same form answers."""

from __future__ import annotations

import inspect
import itertools
import random
import re
import typing
from array import array
from collections.abc import Callable, Iterator
from enum import Flag

import nimnet
import nimnet.socket
import pytest
from _pytest.mark import ParameterSet
from harness.builds import pure_only
from nimnet import Domain, IpAddress, Port, Protocol, Socket, SocketFlag, SocketHandle, SockType
from nimnet._arguments import check
from nimnet._overloads import forms_of, overload, written

VALUES: dict[str, object] = {
    "str": "127.0.0.2",
    "bytes | bytearray | memoryview": b"data",
    "bytearray": bytearray(b"array"),
    "memoryview": memoryview(b"memory"),
    "SocketFlag | None": SocketFlag.SAFE_DISCONN,
    "Port": Port(9),
    "IpAddress": nimnet.parse_ip_address("::2"),
    "SocketHandle": SocketHandle(99),
}
for one in (Domain.AF_INET6, SockType.SOCK_DGRAM, Protocol.IPPROTO_UDP):
    VALUES[type(one).__name__] = VALUES[f"{type(one).__name__} | None"] = one


def value(parameter: inspect.Parameter) -> object:
    """An argument that is right, and of its type another one than other parameters have."""
    match parameter.annotation:
        case "int":
            return len(parameter.name)
        case "bool":
            return parameter.name == "inheritable"
    return VALUES[parameter.annotation]


OVERLOADED: dict[str, Callable[..., object]] = {
    name: written(function)
    for home in (nimnet, Socket)
    for name, function in inspect.getmembers(home, inspect.isroutine)
    if not name.startswith("_") and typing.get_overloads(written(function))
}


class Core:
    """Stands for the runtime: tells what was called, with what."""

    def __init__(self, told: list[tuple[str, tuple[object, ...]]], path: str = "") -> None:
        self.told = told
        self.path = path

    def __getattr__(self, name: str) -> Core:
        return Core(self.told, f"{self.path}.{name}")

    def __call__(self, *args: object) -> int:
        self.told.append((self.path, args))
        return 3


def forms() -> Iterator[ParameterSet]:
    for name, function in OVERLOADED.items():
        for form in typing.get_overloads(function):
            parameters = [
                one for one in inspect.signature(form).parameters.values() if one.name != "self"
            ]
            shown = ", ".join(one.name for one in parameters)
            yield pytest.param(name, parameters, id=f"{name}({shown})")


FORMS = list(forms())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    calls: list[tuple[str, tuple[object, ...]]] = []
    monkeypatch.setattr(nimnet.socket, "Endpoint", Core(calls))
    return calls


def called(name: str, told: list[tuple[str, tuple[object, ...]]]) -> Callable[..., object]:
    if name in vars(Socket):
        made = Socket.__new__(Socket)
        inspect.getattr_static(Socket, "_core").__set__(made, Core(told))
        return typing.cast("Callable[..., object]", getattr(made, name))
    return OVERLOADED[name]


def across(value: object) -> object:
    """What the runtime is given for an argument."""
    if isinstance(value, Flag):
        return value.value
    return value._packed if isinstance(value, IpAddress) else value


def same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and one == other)


@pure_only("no object can stand for a compiled one; scenarios call each form in either build")
@pytest.mark.parametrize(("name", "parameters"), FORMS)
def test_by_place_and_by_name(
    name: str,
    parameters: list[inspect.Parameter],
    told: list[tuple[str, tuple[object, ...]]],
) -> None:
    call = called(name, told)
    answering = set()
    optional = [one.name for one in parameters if one.default is not one.empty]
    for left_out in itertools.chain.from_iterable(
        itertools.combinations(optional, count) for count in range(len(optional) + 1)
    ):
        given = {one.name: value(one) for one in parameters if one.name not in left_out}
        expected = [given.get(one.name, one.default) for one in parameters]
        for places in range(len(parameters) + 1):
            placed = parameters[:places]
            by_place = [one.name for one in placed if one.kind is not one.KEYWORD_ONLY]
            if len(by_place) < places or not given.keys() >= set(by_place):
                break
            rest = {each: given[each] for each in given if each not in by_place}
            call(*(given[each] for each in by_place), **rest)
            [(path, args)] = told
            answering.add(path)
            assert all(map(same, args, map(across, expected))), (by_place, rest)
            assert len(args) >= len(given)
            told.clear()
    # A connection without a timeout has a function of its own.
    assert len(answering) == 1


@pure_only("no object can stand for a compiled one; scenarios call each form in either build")
@pytest.mark.parametrize(("name", "parameters"), FORMS)
def test_nothing_twice_and_no_more(
    name: str,
    parameters: list[inspect.Parameter],
    told: list[tuple[str, tuple[object, ...]]],
) -> None:
    call = called(name, told)
    placed = [value(one) for one in parameters if one.kind is not one.KEYWORD_ONLY]
    named = {one.name: value(one) for one in parameters if one.kind is one.KEYWORD_ONLY}
    longest = max(
        sum(one.kind is not one.KEYWORD_ONLY for one in inspect.signature(form).parameters.values())
        for form in typing.get_overloads(OVERLOADED[name])
    )
    for extra in range(longest + 1 - len(placed), longest + 4):
        with pytest.raises(TypeError):
            call(*placed, *(None for _ in range(extra)), **named)
    for index, one in enumerate(placed):
        with pytest.raises(TypeError, match=r"multiple values|unexpected keyword|positional"):
            call(*placed[: index + 1], **named, **{parameters[index].name: one})
    with pytest.raises(TypeError, match="nowhere"):
        call(*placed, **named, nowhere=1)
    assert not told


def test_what_is_left_out() -> None:
    made = Socket.__new__(Socket)
    for call, needs in (
        (made.recv, "'size'"),
        (made.send, "'data'"),
        (made.connect, "'address'"),
        (made.send_to, "'address', 'port', and 'data'"),
    ):
        with pytest.raises(TypeError, match=rf"Socket\.\w+\(\) missing .* argument.*{needs}"):
            call()  # type: ignore[call-overload]  # that is the question


@pytest.mark.parametrize("name", ["recv", "send", "recv_some"])
def test_what_has_a_place_alone_cannot_be_named(name: str) -> None:
    with nimnet.new_socket() as sock:
        call = getattr(sock, name)
        signature = inspect.signature(written(getattr(Socket, name)), follow_wrapped=False)
        assert "object at" not in str(signature)
        placed = [
            each for each in signature.parameters.values() if each.kind is each.POSITIONAL_ONLY
        ]
        assert [each.name for each in placed[1:]]
        for parameter in placed[1:]:
            with pytest.raises(TypeError):
                call(**{parameter.name: 1})


KINDS: tuple[object, ...] = (
    *(3, 0, -1, True, None, "127.0.0.1", b"bytes", bytearray(b"array"), bytearray()),
    *(memoryview(b"fixed"), memoryview(bytearray(4)), SocketFlag(0), SocketFlag.PEEK),
    *(nimnet.parse_ip_address("::2"), Port(9), Domain.AF_INET, SockType.SOCK_STREAM),
    *(Protocol.IPPROTO_TCP, SocketHandle(-1), 1.5, object()),
)
CALLS = 2000
RIGHT, OFTEN, SELDOM = 0.8, 0.9, 0.3
"""How probable it is that an argument is of its type, that one is there that its form requires, and
that any other one is."""


class AnyCalls:
    """Calls of an overloaded function with arguments of any kind, by place and by name."""

    def __init__(self, function: Callable[..., object], seed: str) -> None:
        self.forms = [
            (inspect.signature(form), typing.get_type_hints(form))
            for form in typing.get_overloads(function)
        ]
        self.random = random.Random(seed)
        self.method = ["self"] * ("self" in self.forms[0][0].parameters)
        names = {name for signature, _ in self.forms for name in signature.parameters}
        self.names = re.compile(rf"\b({'|'.join(sorted(names - {'self'}))})\b|positional argument")

    def __iter__(self) -> Iterator[tuple[list[object], dict[str, object]]]:
        for _ in range(CALLS):
            signature, types = self.random.choice(self.forms)
            parameters = [one for one in signature.parameters.values() if one.name != "self"]
            places = [one for one in parameters if one.kind is not one.KEYWORD_ONLY]
            placed = places[: self.random.choice((0, self.random.randint(0, len(places))))]
            named = [
                one
                for one in parameters[len(placed) :]
                if self.random.random() < (OFTEN if one.default is one.empty else SELDOM)
            ]
            yield (
                [self.argument(types[one.name]) for one in placed],
                {one.name: self.argument(types[one.name]) for one in named},
            )

    def argument(self, wanted: object) -> object:
        is_right = self.random.random() < RIGHT
        return self.random.choice([one for one in KINDS if not is_right or is_of(one, wanted)])

    def fits(self, args: list[object], named: dict[str, object], *, loosely: bool) -> bool:
        """Whether one of the forms can be called so."""
        for signature, types in self.forms:
            try:
                given = signature.bind(*self.method, *args, **named).arguments
            except TypeError:
                continue
            if all(
                is_of(given[name], types[name]) or (loosely and is_number(given[name], types[name]))
                for name in given
                if name != "self"
            ):
                return True
        return False


def is_of(value: object, wanted: object) -> bool:
    """Whether a value is of the very type, or of one of a union."""
    return type(value) in (typing.get_args(wanted) or (wanted,))


def is_number(value: object, wanted: object) -> bool:
    """Whether both are whole numbers: which are taken for one another is not for here."""
    members = typing.get_args(wanted) or (wanted,)
    return isinstance(value, int) and any(issubclass(one, int) for one in members)


def refusal(call: Callable[..., object], args: list[object], named: dict[str, object]) -> str:
    """What a call says of its arguments; nothing if a form has taken them."""
    try:
        result = call(*args, **named)
    except OSError:
        return ""
    except TypeError as error:
        return str(error)
    if isinstance(result, Socket):
        result.close()
    else:
        assert result == -1
    return ""


@pytest.mark.parametrize("name", OVERLOADED)
def test_one_form_has_the_types_or_one_parameter_is_named(name: str) -> None:
    calls = AnyCalls(OVERLOADED[name], name)
    told = 0
    with nimnet.new_socket() as closed:
        closed.close()
        call = getattr(closed if calls.method else nimnet, name)
        for args, named in calls:
            said = refusal(call, args, named)
            shown = f"{name}(*{args}, **{named}): {said}"
            assert calls.names.search(said) or not said, shown
            fits = calls.fits(args, named, loosely=not said)
            assert fits is not bool(said), shown
            told += bool(said)
    assert CALLS / 20 < told < CALLS - CALLS / 20


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("send", {"data": memoryview(b"ab"), "flags": 3}, "flags must be .*: size takes that"),
        ("recv_some", {"data": 3}, "data must be memoryview, not int: size takes that"),
        (
            "recv",
            {"size": bytearray()},
            "size must be int, not bytearray: data takes that, and size must be given as well",
        ),
        ("recv", {"size": bytearray(), "timeout": 1}, "size must be .*: data takes that"),
    ],
)
def test_what_another_parameter_takes(name: str, given: dict[str, object], message: str) -> None:
    with nimnet.new_socket() as sock, pytest.raises(TypeError, match=rf"{message}$"):
        getattr(sock, name)(**given)


@overload
def sized(data: bytes | bytearray | memoryview) -> int: ...
@overload
def sized(data: str) -> int: ...
def sized(data: object) -> int:
    """Two forms that have one name for what they take, and a body each."""
    return of_text(data) if isinstance(data, str) else of_bytes(data)  # type: ignore[arg-type]  # as generated


def of_bytes(data: bytes | bytearray | memoryview) -> int:
    check(of_bytes, data)
    return memoryview(data).nbytes


def of_text(data: str) -> int:
    check(of_text, data)
    return len(data)


forms_of(sized, of_bytes, of_text)


def test_a_body_takes_what_its_own_form_takes() -> None:
    assert sized("text") == sized(b"data") == 4
    four: typing.Any = array("b", b"four")
    assert sized(four) == 4
    with pytest.raises(TypeError, match=r"sized\(\): data must be str, not array\.array$"):
        of_text(four)
