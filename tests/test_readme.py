"""README's code runs as shown, against itself."""

from __future__ import annotations

import ast
import contextlib
import io
import queue
import re
import shutil
import threading
from pathlib import Path

import nimnet
import pytest
from nimnet_gen.cli import main
from nimnet_gen.testing.sentences import sentences

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def test_server_and_client_talk() -> None:
    server, client = blocks("python")[:2]
    ports: queue.Queue[int] = queue.Queue()
    # The server's own code on a free port, with one more statement that tells which it is.
    server = server.replace("Port(7000)", "Port(0)").replace(
        "server.listen()", "server.listen(); ports.put(server.get_local_addr()[1])"
    )
    thread = threading.Thread(target=exec, args=(server, {"ports": ports}), daemon=True)
    thread.start()
    client = client.replace("7000", str(ports.get(timeout=10)))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(client, {})
    thread.join(10)
    assert not thread.is_alive()
    first, second = printed.getvalue().splitlines()
    assert first == "b'HELLO'"
    assert "200 ms" in second


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.M))
    assert {"test", "test-lowest"} <= named
    assert named <= targets


def test_every_path_and_test_named_exists() -> None:
    named = re.findall(r"`((?:spec|generator|runtime|generated|tests|examples)/[^`]*)`", README)
    assert named
    for name in named:
        path, _, test = name.partition("::")
        assert list(ROOT.glob(path.rstrip("/"))), name
        assert not test or f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_the_wrong_edit_shown_is_answered_as_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (shown,) = blocks("text")
    spec = shutil.copytree(ROOT / "spec", tmp_path / "spec") / "net" / "socket.yaml"
    text = spec.read_text(encoding="utf-8")
    shutil.copytree(ROOT / "runtime", tmp_path / "runtime")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    command = ["--root", str(tmp_path), "lint"]
    assert main(command) == 0
    capsys.readouterr()
    assert "{name: port, type: Port, mode: out" in text
    spec.write_text(text.replace("type: Port,", "type: Prot,", 1), encoding="utf-8")
    assert main(command) == 1
    printed = capsys.readouterr().err
    # The line number moves with every edit of the specification.
    assert re.sub(r"yaml:\d+:", "yaml:N:", shown).strip() in re.sub(
        r"yaml:\d+:", "yaml:N:", printed
    )


def test_the_failure_shown_is_of_a_scenario_that_exists() -> None:
    (shown,) = blocks("console")
    first, says, scenario, *_, step = shown.strip().splitlines()
    place, _, statement = first.partition(": ")
    assert re.fullmatch(r"spec/net/evidence/socket\.yaml:\d+", place)
    assert sentences(ROOT)[statement].says == says
    tests = (ROOT / "generated/conformance/test_socket_scenarios.py").read_text(encoding="utf-8")
    assert f'@scenario(\n    "{statement}",\n    "{scenario.partition(": ")[2]}",' in tests
    assert step in tests


def test_what_you_write_instead_is_there() -> None:
    """Each call in the second column of the table is one that sockets, or the package, have."""
    section = README.partition("## Coming from")[2].partition("\n## ")[0]
    column = "\n".join(re.findall(r"^\| .*\| (.*) \|$", section, re.M))
    codes = [code for code in re.findall(r"`([^`]+)`", column) if "(" in code]
    assert len(codes) > 15
    for code in codes:
        tree = ast.parse(f"{code} pass" if code.startswith("with ") else code)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = nimnet if node.value.id == "nimnet" else nimnet.Socket
                assert hasattr(owner, node.attr), code
            elif isinstance(node, ast.Name) and node.id.isupper():
                assert hasattr(nimnet, node.id), code
