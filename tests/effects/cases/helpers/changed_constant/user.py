from cases.calls import read
from cases.helpers.changed_constant.limits import LIMIT, double
from nimnet_effects import raises


@raises()
def caller() -> bytes:
    return read(double(LIMIT))  # E: "read" may raise "OSError"
