"""The changes between two specifications, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from nimnet_gen.comparison.impact import Added, Change, Impact

FORMAT: Final = 1
"""The version of the document's form: keys may be added to it, and none changes its meaning."""

_TITLES: Final[Mapping[Impact, str]] = {
    Impact.BREAKING: "breaking: callers may have to change",
    Impact.ADDITION: "addition: callers can go on as they are",
    Impact.WORDING: "wording: only what is said has changed",
    Impact.INTERNAL: "internal: users see nothing of it",
}


def report(changes: Sequence[Change], between: str) -> Iterator[str]:
    """Yield the lines for people, the gravest changes first.

    Args:
        changes: What has changed.
        between: What is compared, as the sentence about no change ends.
    """
    if not changes:
        yield f"nothing has changed for users {between}"
        return
    is_first = True
    for impact in Impact:
        found = [change for change in changes if change.impact is impact]
        if not found:
            continue
        if not is_first:
            yield ""
        is_first = False
        yield _TITLES[impact]
        for change in found:
            yield f"  {change.text}"
            for added in change.added:
                yield from _added(added)


def _added(added: Added) -> Iterator[str]:
    yield f"    {added.signature}"
    if added.is_call:
        yield f"      raises: {', '.join(added.raises) or 'nothing'}"
        if added.tags:
            yield f"      effects: {', '.join(added.tags)}"
    if added.since:
        yield f"      since: {added.since}"


def document(changes: Sequence[Change], before: str, now: str | None) -> str:
    """Return the changes as JSON, for programs.

    Its form is documented where people look for it: in the help of the command.

    Args:
        changes: What has changed.
        before: The earlier revision.
        now: The later one, or None for the files as they are.
    """
    impacts = [impact for impact in Impact if any(change.impact is impact for change in changes)]
    return json.dumps(
        {
            "format": FORMAT,
            "before": before,
            "now": now,
            "gravest": impacts[0].value if impacts else None,
            "changes": [
                {
                    "impact": change.impact.value,
                    "text": change.text,
                    "added": [
                        {
                            "signature": added.signature,
                            "raises": list(added.raises) if added.is_call else None,
                            "tags": list(added.tags) if added.is_call else None,
                            "since": added.since or None,
                        }
                        for added in change.added
                    ],
                }
                for impact in Impact
                for change in changes
                if change.impact is impact
            ],
        },
        indent=2,
        ensure_ascii=False,
    )
