from cases.unchecked.imported import errors
from cases.unchecked.imported.errors import Broken as Renamed
from nimnet_effects import raises


@raises()
def both(flag: bool) -> None:
    if flag:
        raise errors.Broken
    raise Renamed
