from cases.generators.changed_result.helper import made
from nimnet_effects import raises


@raises()
def loops() -> None:
    for x in made():  # E before: "made" may raise "OSError"
        print(x)
