"""The types of everything public and private in the package can be asked for at run time."""

from __future__ import annotations

import importlib
import inspect
import ipaddress
import pkgutil
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import nimnet
import pytest
from nimnet._later import Later
from nimnet._overloads import written
from nimnet_runtime.tls.context import Context
from OpenSSL import SSL

ROOT = Path(__file__).parents[2]


def of_class(cls: type) -> Iterator[types.FunctionType]:
    """Yields the functions of a class: methods, and the halves of its properties."""
    for value in vars(cls).values():
        if isinstance(value, property):
            halves = (value.fget, value.fset)
            yield from (half for half in halves if isinstance(half, types.FunctionType))
        elif isinstance(value, classmethod | staticmethod):
            assert isinstance(value.__func__, types.FunctionType)
            yield value.__func__
        elif isinstance(value, types.FunctionType):
            yield value


def defined() -> Iterator[types.FunctionType | type]:
    """Yields every class and function that a module of the package defines."""
    for found in pkgutil.iter_modules(nimnet.__path__):
        module = importlib.import_module(f"nimnet.{found.name}")
        for value in vars(module).values():
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if isinstance(value, type):
                yield value
                yield from of_class(value)
            elif isinstance(value, types.FunctionType):
                yield value


EVERYTHING = {f"{one.__module__}.{one.__qualname__}": one for one in defined()}


@pytest.mark.parametrize("name", EVERYTHING)
def test_hints(name: str) -> None:
    one = EVERYTHING[name]
    for form in (one, *typing.get_overloads(one)):
        hints = typing.get_type_hints(form)
        if isinstance(form, types.FunctionType):
            assert hints.keys() == form.__annotations__.keys()
        assert not any(isinstance(hint, str | Later) for hint in hints.values())


def test_nothing_is_missed() -> None:
    assert {"nimnet.socket.Socket.recv", "nimnet.types.Port.__new__", "nimnet.socket.dial"} <= set(
        EVERYTHING
    )
    assert len(EVERYTHING) > 100


def test_what_is_loaded_later_is_the_thing_itself() -> None:
    hints = typing.get_type_hints
    assert hints(nimnet.from_ipaddress)["address"] == ipaddress.IPv4Address | ipaddress.IPv6Address
    assert hints(nimnet.Socket.__enter__)["return"] is typing.Self
    assert hints(nimnet.SslContext._from_core)["core"] is Context
    context = vars(nimnet.SslContext)["context"]
    assert hints(context.fget)["return"] is SSL.Context


def test_it_works_where_nothing_of_it_was_loaded() -> None:
    code = """
import sys
import nimnet
for name in vars(nimnet.tls).values():
    hasattr(name, "__wrapped__")
assert not {"typing", "ipaddress", "OpenSSL"} & sys.modules.keys()
import typing
assert typing.get_type_hints(nimnet.Socket.__enter__)["return"] is typing.Self
assert "OpenSSL" not in sys.modules
assert typing.get_type_hints(nimnet.SslContext._from_core)
assert "OpenSSL" in sys.modules
"""
    paths = [str(ROOT / "generated"), str(ROOT / "runtime"), *sys.path]
    setting = f"import sys; sys.path[:] = {paths!r}\n"
    subprocess.run([sys.executable, "-S", "-E", "-c", setting + code], check=True)


def test_help_shows_the_form_that_people_use_most() -> None:
    for one in (nimnet.Socket.recv, nimnet.Socket.send, nimnet.new_socket):
        [first, *_] = typing.get_overloads(written(one))
        shown = inspect.signature(one).parameters
        assert [*shown] == [*inspect.signature(first).parameters]
        assert inspect.signature(written(one)) == inspect.signature(first)
        assert one.__doc__ == written(one).__doc__ or nimnet.compiled
        assert inspect.getdoc(one) == inspect.getdoc(written(one))
