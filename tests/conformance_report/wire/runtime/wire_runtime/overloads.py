"""`typing.overload`, which every runtime gives to its generated package."""

from typing import overload as overload
