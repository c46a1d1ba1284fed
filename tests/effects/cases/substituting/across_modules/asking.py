from cases.substituting.across_modules.protocols import use
from cases.substituting.across_modules.stores import Memory, handle
from nimnet_effects import raises


@raises(KeyError)
def caller() -> bytes:
    return use(Memory(), handle)  # E after: "Memory.load" may raise "ValueError"  # E after: "handle" may raise "OSError"
