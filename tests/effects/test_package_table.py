"""`nimnet.effects`: what programs ask it, and what it refuses to answer."""

from __future__ import annotations

import dataclasses
import inspect
import os
import subprocess
import sys
from pkgutil import resolve_name
from types import MappingProxyType

import nimnet
import pytest
from nimnet import effects
from nimnet.effects import Conditional


def test_each_form_has_its_signature_and_its_contract() -> None:
    by_address, by_place, by_name = effects.of(nimnet.Socket.connect)
    assert list(by_address.signature.parameters) == ["self", "address", "port"]
    assert by_place.signature.parameters["timeout"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert by_name.signature.parameters["timeout"].kind is inspect.Parameter.KEYWORD_ONLY
    for form in (by_address, by_place, by_name):
        assert form.name == "nimnet.socket.Socket.connect"
        assert form.raises == (OSError, nimnet.SslError)
        assert form.imposed == (nimnet.TimeoutError,)
        assert form.imposes == ()
        assert form.exceptions == {OSError, nimnet.SslError, nimnet.TimeoutError}
    assert by_address.given == ()
    assert by_name.given == (Conditional("timeout", "-1", (nimnet.TimeoutError,)),)
    assert by_address.tags == ("ReadIOEffect",)
    assert by_name.tags == ("ReadIOEffect", "WriteIOEffect")


def test_what_imposes_says_so() -> None:
    (form,) = effects.of(nimnet.fail_after)
    assert form.imposes == (nimnet.TimeoutError,)
    assert form.exceptions == {OSError}


RANGED = [
    (form.name, one)
    for forms in effects.table().values()
    for form in forms
    for one in form.given
    if ".." in one.unless
]


@pytest.mark.parametrize(("name", "condition"), RANGED)
def test_what_is_in_its_range_is_taken_and_nothing_else(name: str, condition: Conditional) -> None:
    make = resolve_name(name)
    lowest, highest = map(int, condition.unless.split(".."))
    for right in (lowest, highest):
        make(**{condition.parameter: right})
    for wrong in (lowest - 1, highest + 1):
        with pytest.raises(condition.raises):
            make(**{condition.parameter: wrong})


def test_there_are_ranges() -> None:
    assert {name.rpartition(".")[2] for name, _ in RANGED} == {"Port", "Deadline", "fail_after"}


def test_a_method_is_found_through_a_class_an_object_and_a_subclass() -> None:
    class Derived(nimnet.Deadline):
        """A class of a user's."""

    expected = effects.of(nimnet.Socket.recv)
    with nimnet.new_socket() as sock:
        assert effects.of(sock.recv) is expected
    assert effects.of(Derived.__repr__) is effects.of(nimnet.Deadline.__repr__)
    assert effects.table()["nimnet.socket.Socket.recv"] is expected


def test_a_property_has_a_contract_for_each_half() -> None:
    read, assign = effects.of(nimnet.SslContext.psk_identity_hint)
    assert (read.raises, assign.raises) == ((), (nimnet.SslError,))
    assert list(assign.signature.parameters) == ["self", "hint"]
    (closed,) = effects.of(nimnet.Socket.closed)
    assert closed.raises == ()


def test_a_class_has_that_of_its_constructor() -> None:
    (port,) = effects.of(nimnet.Port)
    assert port.given == (Conditional("value", "0..65535", (ValueError,)),)
    assert list(port.signature.parameters) == ["value"]


class _Own(nimnet.Deadline):
    """A class of a user's, which the package has no contract of."""


def _recv(size: int) -> bytes:
    """A function with the name of one of the package's."""
    return bytes(size)


_recv.__module__, _recv.__qualname__ = "nimnet.socket", "Socket.recv"
OTHERS: tuple[object, ...] = (3, None, [], {}, "nimnet.dial", object(), print, OSError, nimnet)
OWN: tuple[object, ...] = (
    nimnet.SslError,
    nimnet.Socket,
    nimnet.Domain,
    nimnet.AF_INET,
    effects.of,
)


@pytest.mark.parametrize(
    "called", [*OTHERS, *OWN, nimnet.raises, _Own, _recv], ids=lambda one: type(one).__name__
)
def test_what_is_not_called_or_not_of_the_package_is_refused(called: object) -> None:
    with pytest.raises(TypeError, match=r"nimnet has no contract of .*: give one of its functions"):
        effects.of(called)


def test_nobody_can_change_what_others_are_told() -> None:
    table = effects.table()
    assert isinstance(table, MappingProxyType)
    assert table == effects.table()
    for forms in table.values():
        for form in forms:
            with pytest.raises(dataclasses.FrozenInstanceError):
                form.raises = ()


def told_by(program: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        # What measures the lines of a run reads its own configuration first.
        env={name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")},
    )
    return ran.stdout.strip()


def test_it_is_loaded_and_read_when_somebody_asks() -> None:
    loaded = "print(*{'nimnet.effects', 'tomllib', 'mypy'} & sys.modules.keys())"
    assert told_by(f"import sys, nimnet; nimnet.new_socket().close(); {loaded}") == ""
    reads = "sys.addaudithook(lambda event, given: event == 'open' and seen.append(given[0]))"
    asks = "print([effects.table() is None, any('effects.toml' in str(one) for one in seen)])"
    program = f"import sys; seen = []; {reads}; from nimnet import effects; "
    assert told_by(program + "print(any('effects.toml' in str(one) for one in seen))") == "False"
    assert told_by(program + asks) == "[False, True]"


def test_many_may_ask_at_once() -> None:
    program = (
        "import threading; from nimnet import effects; import nimnet; found = []\n"
        "ask = lambda: found.append(len(effects.of(nimnet.Socket.recv)))\n"
        "threads = [threading.Thread(target=ask) for _ in range(8)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join(60)\n"
        "print(found)"
    )
    assert told_by(program) == str([4] * 8)


def test_raises_leaves_the_function_as_it_is() -> None:
    def fetch(timeout: int = -1) -> int:
        return timeout

    for declare in (nimnet.raises(OSError, timeout=nimnet.TimeoutError), nimnet.raises()):
        assert declare(fetch) is fetch  # type: ignore[raises]  # it declares nothing so
