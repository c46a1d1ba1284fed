"""The index of a runtime package, read without importing it."""

from __future__ import annotations

from pathlib import Path

from nimnet_generator.runtime_index import index_runtime

SOURCES = {
    "__init__.py": "",
    "endpoint.py": """
from __future__ import annotations
from typing import Final
from demo.reader import Reader
from demo.tls.engine import Engine as TlsEngine

raise RuntimeError("imported")

class Base:
    reader: "Reader"
    def close(self) -> None: ...

class Endpoint(Base):
    def __init__(self) -> None:
        self.engine: Final[TlsEngine | None] = None
    @property
    def closed(self) -> bool: ...
    @classmethod
    def create(cls, domain: int, buffered: bool = True) -> Endpoint: ...
    @staticmethod
    def limit(number: int, /, *rest: int) -> int: ...
""",
    "reader.py": """
import sys
class Reader(Reader_):
    def recv(self, size: int, *, needed: int) -> bytes: ...
if sys.platform == "linux":
    def wait(timeout: int) -> None: ...
else:
    def other() -> None: ...
""",
    "tls/__init__.py": "",
    "tls/engine.py": "class Engine:\n    def pump(self): ...\n",
    "broken.py": "def f(:\n",
}


def test_index(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    for name, text in SOURCES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    index = index_runtime(folder)

    def takes(path: str) -> list[int] | None:
        function = index.function(path)
        return None if function is None else [n for n in range(5) if function.accepts(n)]

    assert takes("endpoint.Endpoint.create") == [1, 2]
    assert takes("endpoint.Endpoint.limit") == [1, 2, 3, 4]
    assert takes("endpoint.Endpoint.close") == [0]
    assert takes("endpoint.Endpoint.engine.pump") == [0]
    assert takes("endpoint.Endpoint.reader.recv") == []
    assert takes("tls.engine.Engine.pump") == [0]
    assert takes("reader.wait") == [1]
    assert takes("reader.other") == [0]
    closed = index.function("endpoint.Endpoint.closed")
    assert closed is not None
    assert closed.is_property
    for missing in ("nowhere.f", "endpoint.f", "endpoint", "endpoint.Endpoint.x.y", "broken.f"):
        assert index.function(missing) is None
    assert index.has_class("endpoint.Endpoint")
    assert not index.has_class("endpoint.Nothing")
    assert index.place("endpoint.Endpoint.reader.recv") == "demo/reader.py"
    assert index.place("new.f") == "demo/new.py"
    assert list(index.unreadable) == ["broken.py"]


def test_a_runtime_that_is_not_there(tmp_path: Path) -> None:
    assert index_runtime(tmp_path / "none").modules == {}
