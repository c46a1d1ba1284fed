from cases.iterating.changed_generator.numbers import numbers
from nimnet_effects import raises


@raises()
def caller() -> None:
    for n in numbers():  # E before: "numbers" may raise "OSError"  # E after: "numbers" may raise "ValueError"
        print(n)
