import sys

from cases.calls import read
from nimnet_effects import raises


@raises()
def other_platform() -> int:
    if sys.platform == "win32":
        read()
    return 1


@raises()
def other_version() -> int:
    if sys.version_info < (3, 8):
        read()
    return 1


@raises()
def this_version() -> int:
    if sys.version_info >= (3, 8):
        read()  # E: "read" may raise "OSError"
    return 1
