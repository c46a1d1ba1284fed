## Running one scenario of all that are compiled into the program.

import os
import observation, protocol, stage

type
  Scenario* = proc(stage: Stage) {.nimcall.}
  Entry* = tuple[name: string, run: Scenario]

proc play*(scenarios: varargs[seq[Entry]]) =
  ## Runs the scenario that the arguments of the program name: its proc, what it is given, the
  ## transport, and the variants.
  let name = paramStr(1)
  for module in scenarios:
    for entry in module:
      if entry.name == name:
        var prepared: Stage
        step 0:
          prepared = made(paramStr(2), paramStr(3), commandLineParams()[3 .. ^1])
        succeeded()
        entry.run(prepared)
        finish "agrees"
  finish "unknown " & name
