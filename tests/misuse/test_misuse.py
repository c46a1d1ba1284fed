"""What must be refused is, as the contract says, and leaves no trace."""

import pytest

from misuse.campaign import share

SHARES = 4


@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(SHARES))
def test_every_callable(number: int) -> None:
    tried = list(share(number, SHARES, whole=False, wanted=[]))
    wrong = [f"{one['label']}: {found}" for one in tried for found in one["findings"]]  # type: ignore[attr-defined]  # JSON
    assert not wrong, "\n".join(wrong)
    for one in tried:
        label = str(one["label"])
        if "Socket." in label:
            assert one["states"], label
        if "(" in label and not label.endswith("()"):
            assert one["arguments"], label
