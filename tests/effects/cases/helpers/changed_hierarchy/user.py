from cases.helpers.changed_hierarchy.errors import Problem, Small
from nimnet_effects import raises


@raises(Problem)
def declared() -> None:  # N after: declares "Problem"
    raise Small  # E after: "Small"


@raises()
def handled() -> None:
    try:
        raise Small  # E after: "Small"
    except Problem:
        pass
