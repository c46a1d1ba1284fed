from cases.decorators.changed_wrapper.middle import fetch
from nimnet_effects import raises


@raises()
def caller() -> bytes:
    return fetch()  # E after: "fetch" may raise "OSError"
