import json
import json as other
import time
from json import loads
from json.decoder import JSONDecodeError

from nimnet_effects import raises


@raises()
def undeclared() -> None:
    json.loads("{}")  # E: "loads" may raise "JSONDecodeError"
    loads("{}")  # E: "loads" may raise "JSONDecodeError"
    other.loads("{}")  # E: "loads" may raise "JSONDecodeError"


@raises(JSONDecodeError)
def declared() -> None:
    json.loads("{}")


@raises(ValueError)
def declared_by_its_base() -> None:
    json.loads("{}")


@raises()
def handled() -> None:
    try:
        loads("{}")
    except json.JSONDecodeError:
        pass


@raises()
def without_a_contract() -> int:
    # None is imposed.
    json.dumps({})
    return int("a")


@raises()
def with_a_range(seconds: float) -> None:
    time.sleep(0)
    time.sleep(2.5)
    time.sleep(-1)  # E: "sleep" may raise "ValueError"
    time.sleep(seconds)  # E: "sleep" may raise "ValueError"
