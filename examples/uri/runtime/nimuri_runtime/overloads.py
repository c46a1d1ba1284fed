"""The mark of the forms of overloaded functions."""

from typing import overload

__all__ = ["overload"]
