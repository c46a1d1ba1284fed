"""A scenario's script and steps in words: one short line each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import HostAnswer, PeerAction, Scenario, Step
from nimnet_gen.model.stage import NOTHING, Stage
from nimnet_gen.stage.script import deed
from nimnet_gen.stage.setting import given, variant_labels


def action_text(action: PeerAction, stage: Stage) -> str:
    """Return what the peer does."""
    done = deed(action, stage)
    value = value_text(done.value) if done.action.takes == "data" else str(done.value)
    said = done.action.says.replace("{value}", value)
    for beside in done.action.beside:
        if beside.name in done.beside:
            said += beside.says.replace("{value}", str(done.beside[beside.name]))
    return said


def step_text(step: Step) -> str:
    """Return what the subject does, and what that must give."""
    parts = [_doing(step), *_outcome(step)]
    return ", ".join(part for part in parts if part)


def _doing(step: Step) -> str:
    if step.signal is not None:
        return f"signal {step.signal}"
    if step.ends is not None:
        return f"{step.ends} ends"
    if step.value is not None:
        return f"value {value_text(step.value)}"
    name = step.do or step.call
    if name is None:
        return step.on or "the subject"
    given = ", ".join(f"{key}={value_text(value)}" for key, value in step.with_.items())
    owner = f"{step.on}." if step.on else ""
    start = f"{step.starts} starts: " if step.starts else ""
    return f"{start}{owner}{name}({given})"


def _outcome(step: Step) -> Iterator[str]:
    if "returns" in step.keys:
        yield f"returns {value_text(step.returns)}"
    for name, value in step.leaves.items():
        yield f"leaves {name} = {value_text(value)}"
    if step.raises is not None:
        yield f"raises {step.raises}"
    if step.errno is not None:
        yield f"errno {step.errno}"
    if step.message is not None:
        yield f"message with {value_text(step.message)}"
    if step.lacks:
        yield f"message without {' or '.join(map(value_text, step.lacks))}"
    if step.carries:
        held = (f"{name} = {value_text(value)}" for name, value in step.carries.items())
        yield f"with {', '.join(held)}"
    if step.cause is not None:
        yield f"because of {step.cause}"
    if step.is_a:
        yield f"which is {' and '.join(step.is_a)}"
    if step.is_not:
        yield f"which is not {' or '.join(step.is_not)}"
    if step.within is not None:
        yield f"within {' to '.join(str(bound) for bound in step.within)} ms"
    if step.as_:
        yield f"as {', '.join(step.as_)}"
    if step.then:
        demands = (f"{name} = {value_text(value)}" for name, value in step.then.items())
        yield f"then {', '.join(demands)}"


def answer_text(host: str, answer: HostAnswer) -> str:
    """Return what the resolver answers for a host name."""
    after = f" after {answer.after} ms" if answer.after else ""
    if not answer.addresses:
        return f"does not know {host}{after}"
    shown = (f"{a} (full)" if a in answer.full else a for a in answer.addresses)
    return f"answers {', '.join(shown)} for {host}{after}"


def restriction_text(scenario: Scenario, stage: Stage) -> str:
    """Return what a scenario is restricted to; empty for nothing."""
    parts: list[str] = []
    own = stage.own_means
    if own is not None and given(scenario, stage).name == NOTHING and scenario.because:
        parts.append(own.says)
    if scenario.transports is not None:
        parts.append(", ".join(scenario.transports))
    return "; ".join([*parts, *variant_labels(scenario.variants)])


def value_text(value: Value) -> str:
    """Return a value of a scenario, in a notation of its own for everything that is no literal."""
    match value:
        case {"the": name}:
            return str(name)
        case {"any": _}:
            return "anything"
        case {"system": name}:
            return f"the system's {name}"
        case {"repeat": text, "times": times}:
            return f"{value_text(text)} times {times}"
        case {"hex": digits}:
            return f"bytes {digits}"
        case {"count": name}:
            return f"the length of {name}"
        case {"fails": words}:
            return f"a callback that fails with {value_text(words)}"
        case {"gives": given, "takes": taken}:
            return f"a callback that gives {value_text(given)} for {value_text(taken)}"
        case {"gives": given}:
            return f"a callback that gives {value_text(given)}"
        case Mapping():
            inner = ", ".join(f"{key}: {value_text(item)}" for key, item in value.items())
            return f"{{{inner}}}"
        case tuple():
            return f"[{', '.join(value_text(item) for item in value)}]"
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return str(value)
