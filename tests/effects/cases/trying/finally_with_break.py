from cases.calls import read
from nimnet_effects import raises


@raises()
def leaves_the_loop() -> None:
    while True:
        try:
            read()
        finally:
            break


@raises()
def goes_on() -> None:
    for _ in (1, 2):
        try:
            read()
        finally:
            continue


@raises()
def breaks_a_loop_of_its_own() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    finally:
        for _ in (1, 2):
            break
