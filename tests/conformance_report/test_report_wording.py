"""Scripts and steps in words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from harness.specifications import real_spec
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import HostAnswer, PeerAction, Step
from nimnet_gen.report.markup import prose
from nimnet_gen.report.wording import action_text, answer_text, step_text, value_text
from nimnet_gen.source.position import Position

AT = Position("spec/net/wire.yaml", 1, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('a\r\n"b"', r'"a\r\n\"b\""'),
        (True, "true"),
        (3, "3"),
        (None, "nothing"),
        (("a", 1), '["a", 1]'),
        ({"the": "port"}, "port"),
        ({"any": True}, "anything"),
        ({"system": "SO_REUSEADDR"}, "the system's SO_REUSEADDR"),
        ({"repeat": "x", "times": 4000}, '"x" times 4000'),
        ({"hex": "00ff"}, "bytes 00ff"),
        ({"count": "data"}, "the length of data"),
        ({"fails": "no key"}, 'a callback that fails with "no key"'),
        ({"gives": "key"}, 'a callback that gives "key"'),
        (
            {"gives": ("me", "key"), "takes": "hint"},
            'a callback that gives ["me", "key"] for "hint"',
        ),
        ({"family": "IPv4"}, '{family: "IPv4"}'),
    ],
)
def test_values(value: Value, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("does", "text"),
    [
        ({"send": "ok"}, 'sends "ok"'),
        ({"byte_by_byte": "ok"}, 'sends byte by byte "ok"'),
        ({"byte_by_byte": "ok", "every": 5}, 'sends byte by byte "ok", one each 5 ms'),
        ({"expect": "ok"}, 'expects "ok"'),
        ({"expect_end": True}, "expects the end"),
        ({"garbage": {"hex": "00"}}, "sends beneath TLS bytes 00"),
        ({"wait_for": "go"}, "waits for the signal go"),
        ({"accept": "tls"}, "accepts a connection (tls)"),
        ({"connect": "plain"}, "connects (plain)"),
        ({"secure": "server"}, "does the server's side of the TLS handshake"),
        ({"half_close": True}, "ends its sending side"),
        ({"close": True}, "closes"),
        ({"drop": True}, "closes without close_notify"),
        ({"reset": True}, "resets the connection"),
        ({"silent": True}, "says nothing more"),
    ],
)
def test_actions(does: Mapping[str, Value], text: str) -> None:
    action = PeerAction(at=AT, keys={}, does=does)
    assert action_text(action, real_spec().stage) == text


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step(at=AT, keys={}, signal="go"), "signal go"),
        (Step(at=AT, keys={}, ends="reader", raises="OSError"), "reader ends, raises OSError"),
        (Step(at=AT, keys={}, value={"the": "Limit"}, as_=("limit",)), "value Limit, as limit"),
        (Step(at=AT, keys={}, on="other", then={"closed": True}), "other, then closed = true"),
        (Step(at=AT, keys={}, then={"closed": True}), "the subject, then closed = true"),
        (
            Step(at=AT, keys={"returns": AT}, do="read", with_={"size": 4}, returns="0123"),
            'read(size=4), returns "0123"',
        ),
        (
            Step(at=AT, keys={}, call="close", on="other", starts="closer"),
            "closer starts: other.close()",
        ),
        (
            Step(
                at=AT,
                keys={},
                call="recv/3",
                with_={"data": "old", "size": 4},
                raises="OSError",
                errno="ECONNRESET",
                message="reset",
                lacks=("data", "a key"),
                cause="ValueError",
                is_a=("OSError",),
                is_not=("TimeoutError", "SslError"),
                within=(50, 5000),
                leaves={"data": "old"},
            ),
            'recv/3(data="old", size=4), leaves data = "old", raises OSError, errno ECONNRESET, '
            'message with "reset", message without "data" or "a key", because of ValueError, '
            "which is OSError, which is not TimeoutError or SslError, within 50 to 5000 ms",
        ),
    ],
)
def test_steps(step: Step, text: str) -> None:
    assert step_text(step) == text


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            HostAnswer(at=AT, keys={}, addresses=("127.0.0.2", "::1"), full=("127.0.0.2",)),
            "answers 127.0.0.2 (full), ::1 for a.example",
        ),
        (
            HostAnswer(at=AT, keys={}, addresses=("::1",), after=50),
            "answers ::1 for a.example after 50 ms",
        ),
        (HostAnswer(at=AT, keys={}, addresses=()), "does not know a.example"),
    ],
)
def test_answers_of_the_resolver(answer: HostAnswer, text: str) -> None:
    assert answer_text("a.example", answer) == text


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain & simple", "plain &amp; simple"),
        ("`recv` and `<b>`", "<code>recv</code> and <code>&lt;b&gt;</code>"),
        ("one ` alone <", "one ` alone &lt;"),
        ("", ""),
    ],
)
def test_prose(text: str, markup: str) -> None:
    assert str(prose(text)) == markup
