from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def retries() -> bytes:
    while True:
        try:
            return read()
        except OSError:
            continue


@raises()
def retries_a_few_times() -> bytes:
    for attempt in range(3):
        try:
            return read()
        except OSError:
            if attempt == 2:
                look_up("a")  # E: "look_up" may raise "KeyError"
    else:
        read()  # E: "read" may raise "OSError"
    return b""


@raises()
def conditions() -> int:
    if read():  # E: "read" may raise "OSError"
        return 1
    while look_up("a"):  # E: "look_up" may raise "KeyError"
        pass
    return 2 if read() else 3  # E: "read" may raise "OSError"
