"""What scenarios do, resolved: which overloads are called, with what values, to what end.

Nothing here is of Python or of Nim. The tests in Python and the oracle in Nim are both written from
it, so that a scenario cannot mean one thing there and another here.
"""

from nimnet_gen.acting.calls import Calls, Readable
from nimnet_gen.acting.operations import FormOfOperation, forms
from nimnet_gen.acting.steps import (
    Act,
    ActedStep,
    Acting,
    Ending,
    Evaluation,
    Invocation,
    Performance,
    Question,
)

__all__ = [
    "Act",
    "ActedStep",
    "Acting",
    "Calls",
    "Ending",
    "Evaluation",
    "FormOfOperation",
    "Invocation",
    "Performance",
    "Question",
    "Readable",
    "forms",
]
