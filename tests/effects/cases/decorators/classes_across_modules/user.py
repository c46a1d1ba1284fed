from cases.decorators.classes_across_modules import shop
from cases.decorators.classes_across_modules.shop import command
from nimnet_effects import raises


@raises()
def callers() -> None:
    command("a")  # E: "command" may raise "OSError"  # E: "command" may raise "KeyError"
    shop.command("a")  # E: "command" may raise "OSError"  # E: "command" may raise "KeyError"


@raises(KeyError, OSError)
def declared() -> None:
    command("a")
