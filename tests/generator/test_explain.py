"""All that the specification says of a name, found under each of its names."""

from __future__ import annotations

import functools
import re
import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder, real_spec
from nimnet_gen.cli import main
from nimnet_gen.commands.explanation import UnknownNameError, explain
from nimnet_gen.model.surface import Spec

ROOT = Path(__file__).parents[2]
LIGHTS = Path(__file__).parent / "good" / "lights"
BASE = Path(__file__).parent / "base"
EVIDENCE = Path(__file__).parent / "evidence"


@functools.cache
def real() -> Spec:
    return real_spec()


def explained(name: str) -> str:
    output = "".join(f"{line}\n" for line in explain(name, real()))
    assert max(map(len, output.splitlines())) <= 100
    return output


@pytest.mark.parametrize("name", ["recvLine", "recv_line", "Socket.recvLine", "Socket.recv_line"])
def test_every_name_of_a_callable(name: str) -> None:
    output = explained(name)
    assert output.startswith("recvLine  (spec/net/socket.yaml:")
    assert "proc recvLine(socket: Socket; timeout = -1;" in output
    assert "Socket.recv_line(timeout: int = -1," in output
    assert "reader.recv_line" in output
    for section in ("Parameters", "Returns", "Raises", "Effects", "Statements"):
        assert f"\n{section}\n" in output
    assert "recv_line.blank-line-is-crlf" in output


def test_overloads_one_by_one_and_together() -> None:
    forms = [explained(f"recv/{number}") for number in (1, 2, 3, 4)]
    assert "Raises nothing." in forms[0]
    assert len(set(forms)) == 4
    together = explained("recv")
    assert all(form in together for form in forms)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Port", ["distinct, of Nim's nativesockets", "0 to 65535"]),
        ("SocketFlag", ["SAFE_DISCONN"]),
        ("OptNoDelay", ["SOBool", "OPT_NO_DELAY"]),
        ("OPT_NO_DELAY", ["SOBool", "OPT_NO_DELAY"]),
        ("MaxLineLength", ["MAX_LINE_LENGTH", "1000000"]),
        ("SOMAXCONN", ["the system's SOMAXCONN"]),
        ("SocketImpl", ["not there:"]),
        ("&=", ["template `&=`", "Amended"]),
        ("closed", ["extension:"]),
    ],
)
def test_other_entries(name: str, words: list[str]) -> None:
    output = explained(name)
    for word in words:
        assert word in output


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Socket.recv_lin", "no 'Socket.recv_lin'; did you mean 'Socket.recv_line'?"),
        ("recv/5", "'recv' has no overload 5; it has 4"),
        ("recv/x", "'recv/x' is no overload; write recv/1"),
        ("recv/0", "'recv/0' is no overload; write recv/1"),
        ("recv/" + "9" * 5_000, "is no overload; write recv/1"),
        ("zzzzzz", "the specification has no 'zzzzzz'"),
    ],
)
def test_unknown_names(name: str, message: str) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(message)):
        list(explain(name, real()))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(ROOT), "explain", "recv_line"]) == 0
    assert capsys.readouterr().out == explained("recv_line")
    assert main(["--root", str(ROOT), "explain", "zzzzzz"]) == 2
    assert "the specification has no 'zzzzzz'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("unplug", ["not there: These lamps have none."]),
        ("Amperes", ["not there: Nobody asks for it."]),
        ("MOST_VOLTS", ["Amended", "value: 230: The manual is an old one."]),
        ("rated", ["Amended", "returns: int: It returns how much is left.", "\n    rated(110)\n"]),
    ],
)
def test_what_the_real_specification_has_not(
    name: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(LIGHTS), "explain", name]) == 0
    output = capsys.readouterr().out
    for word in words:
        assert word in output


def test_what_checks_a_statement(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "net"
    shutil.copytree(BASE, folder)
    shutil.copy(EVIDENCE / "extra.yaml", folder)
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    lines = list(explain("peek", spec))
    expected = (EVIDENCE / "explained.txt").read_text(encoding="utf-8")
    assert "\n".join(lines[lines.index("Statements") :]) + "\n" == expected
