"""What marks the forms of overloaded functions."""

from typing import overload as overload
