from cases.substituting.across_modules.protocols import use
from cases.substituting.across_modules.stores import Memory, handle


def caller() -> bytes:
    return use(Memory(), handle)
