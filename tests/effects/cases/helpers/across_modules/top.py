from cases.helpers.across_modules.middle import resting, through
from nimnet_effects import raises


@raises()
def caller() -> bytes:
    resting()
    return through()  # E: "through" may raise "OSError" ... middle:5 calls "Worker.work" ... bottom:6 calls "read"


@raises(OSError)
def declared() -> bytes:
    return through()
