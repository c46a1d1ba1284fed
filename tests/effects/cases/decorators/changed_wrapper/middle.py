from cases.calls import read
from cases.decorators.changed_wrapper.decorators import quietly
from nimnet_effects import raises


@quietly
@raises(OSError)
def fetch() -> bytes:
    return read()
