## The stage of a project that has none: nothing is given. The module of this name beside a project's
## own support comes before it.

type Stage* = object
  ## What a scenario is given.

proc made*(given, transport: string, variants: seq[string]): Stage =
  ## Makes what a scenario is given.
  doAssert given == "nothing", "there is no stage for " & given
