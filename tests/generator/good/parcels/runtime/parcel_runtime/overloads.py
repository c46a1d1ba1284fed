"""What marks overloads; there are none that anybody has to look up when the package is used."""

from typing import overload as overload
