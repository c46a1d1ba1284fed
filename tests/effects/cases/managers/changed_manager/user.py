from cases.managers.changed_manager.manager import Manager
from nimnet_effects import raises


@raises()
def caller() -> None:
    with Manager():  # E before: "Manager.__exit__" may raise "KeyError"
        pass
