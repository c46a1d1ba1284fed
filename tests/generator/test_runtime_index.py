"""The index of a runtime package, read without importing it."""

from __future__ import annotations

from pathlib import Path

from nimnet_gen.runtime.index import index_runtime

SOURCES = {
    "__init__.py": "",
    "endpoint.py": """
from __future__ import annotations
from typing import Final
from demo.reader import Reader
from demo.tls.engine import Engine as TlsEngine

raise RuntimeError("imported")

class Base(Endpoint):
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
    "circle.py": "from demo.round import Wheel\nfrom demo.circle import Wheel as Other\n",
    "round.py": "from demo.circle import Wheel\n",
    "fallback.py": """
try:
    def fast() -> None: ...
except ImportError:
    def slow(a: int) -> None: ...
else:
    def other(a: int, b: int) -> None: ...
finally:
    def last() -> None: ...
""",
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
    assert takes("reader.Reader.missing") is None
    assert takes("reader.wait") == [1]
    assert takes("reader.other") == [0]
    assert [takes(f"fallback.{n}") for n in ("fast", "slow", "other", "last")] == [
        [0], [1], [2], [0],
    ]  # fmt: skip
    closed = index.function("endpoint.Endpoint.closed")
    assert closed is not None
    assert closed.is_property
    for missing in ("nowhere.f", "endpoint.f", "endpoint", "endpoint.Endpoint.x.y", "broken.f"):
        assert index.function(missing) is None
    assert index.has_class("endpoint.Endpoint")
    assert not index.has_class("endpoint.Nothing")
    assert not index.has_class("circle.Wheel")
    assert index.function("circle.Wheel.turn") is None
    assert "pump" in index.names("endpoint.Endpoint.engine.pumpp")
    assert list(index.names("endpoint.Endpoint.x.y")) == list(index.names("endpoint.No.f")) == []
    assert "slow" in index.names("fallback.slo")
    assert "reader" in index.names("raeder.f")
    assert index.place("endpoint.Endpoint.x.y") == "demo/endpoint.py"
    assert index.place("endpoint.Endpoint.reader.recv") == "demo/reader.py"
    assert index.place("new.f") == "demo/new.py"
    assert list(index.unreadable) == ["broken.py"]


def test_a_runtime_that_is_not_there(tmp_path: Path) -> None:
    assert index_runtime(tmp_path / "none").modules == {}


def test_the_names_of_a_module_at_run_time(tmp_path: Path) -> None:
    (tmp_path / "platform.py").write_text(
        """
import os.path, sys
from socket import SO_ERROR as ERROR
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from typing import Never
else:
    Never = None
FIRST, (SECOND, THIRD) = 1, (2, 3)
FOURTH: int = 4
declared: int
try:
    import fast
except ImportError:
    SLOW = True
def function(): inner = 1
class Class: attribute = 1
""",
        encoding="utf-8",
    )
    (tmp_path / "starred.py").write_text("from socket import *", encoding="utf-8")
    (tmp_path / "dynamic.py").write_text("def __getattr__(name): ...", encoding="utf-8")
    index = index_runtime(tmp_path)
    assert index.modules["platform"].names == {
        *("os", "sys", "ERROR", "TYPE_CHECKING", "Never", "FIRST", "SECOND", "THIRD", "FOURTH"),
        *("fast", "SLOW", "function", "Class"),
    }
    assert index.has_name("platform", "ERROR")
    assert not index.has_name("platform", "SO_ERROR")
    assert not index.has_name("nowhere", "ERROR")
    assert index.has_name("starred", "AF_INET")
    assert index.has_name("dynamic", "anything")
