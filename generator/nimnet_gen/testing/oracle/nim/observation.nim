## The steps of a scenario, and what is said of the first that differs from the specification.
##
## `step` runs a call and keeps what it did; the procs below judge that. The first that is not
## satisfied ends the program with the one canonical wording for what Nim did instead.

import options, os, std/monotimes, strutils, times, typetraits
import protocol

type
  Anything* = object ## Equal to every value.

const anything* = Anything()

var
  number: int ## of the current step
  failure: ref Exception ## what its call raised, or nil
  began: MonoTime
  lasting: Duration

# ---- values ----------------------------------------------------------------------------------------

const Shown = 60 ## The longest text, in bytes, that an observation has in full.

proc show*(text: string): string =
  ## A text as a Nim literal; of a long one the beginning and the length.
  result = "\""
  for c in text[0 ..< min(text.len, Shown)]:
    case c
    of '\r': result.add "\\r"
    of '\n': result.add "\\n"
    of '\t': result.add "\\t"
    of '"', '\\': result.add "\\" & c
    of ' ', '!', '#' .. '[', ']' .. '~': result.add c
    else: result.add "\\x" & toHex(ord(c), 2)
  if text.len > Shown:
    result.add "... of " & $text.len & " bytes"
  result.add '"'

# A project's own module has `show` for its own types, and `like` for values of them that scenarios
# write in another way; both are found where these procs are used.

proc show*(value: bool | SomeNumber | enum): string = $value
proc show*(value: char): string = "'" & show($value)[1 .. ^2] & "'"
proc show*[T: enum](value: set[T]): string = $value
proc show*(value: ref object): string =
  if value.isNil: "nil" else: "an object"
proc show*(value: pointer): string =
  if value.isNil: "nil" else: "a pointer"
proc show*(value: proc): string =
  if value.isNil: "nil" else: "a proc"
proc joined*[N](value: array[N, uint8]): string =
  ## The bytes as a text.
  for byte in value: result.add chr(byte)
proc show*[N](value: array[N, uint8]): string = show(value.joined)
proc show*[T: distinct](value: T): string =
  mixin show
  show(distinctBase(T)(value))
proc show*[T](value: seq[T]): string =
  mixin show
  for item in value:
    result.add (if result.len == 0: "@[" else: ", ") & show(item)
  result = if result.len == 0: "@[]" else: result & "]"
proc show*[T](value: Option[T]): string =
  mixin show
  if value.isSome: "some(" & show(value.get) & ")" else: "none"
proc show*(value: tuple): string =
  mixin show
  for item in value.fields:
    result.add (if result.len == 0: "(" else: ", ") & show(item)
  result.add ")"
proc show*(value: object): string =
  mixin show
  for name, item in value.fieldPairs:
    result.add (if result.len == 0: "(" else: ", ") & name & ": " & show(item)
  result.add ")"

proc same*[A, B](got: A, wanted: B): bool =
  ## Whether a value is what was written for it: as itself, as its number, or as its bytes.
  mixin like
  when B is Anything: true
  elif compiles(like(got, wanted)): like(got, wanted)
  elif B is typeof(nil): got.isNil
  elif A is tuple:
    result = same(got[0], wanted[0])
    when compiles(got[1]):
      result = result and same(got[1], wanted[1])
    when compiles(got[2]):
      result = result and same(got[2], wanted[2])
    when compiles(got[3]):
      result = result and same(got[3], wanted[3])
  elif A is seq:
    result = got.len == wanted.len
    for i in 0 ..< min(got.len, wanted.len):
      result = result and same(got[i], wanted[i])
  elif A is array: same(got.joined, wanted)
  elif A is distinct and B isnot A: same(distinctBase(A)(got), wanted)
  elif A is enum and B is SomeInteger: got.ord == wanted.int
  elif A is SomeInteger and B is SomeInteger | enum: got.int == wanted.int
  else: got == wanted

# ---- exceptions ------------------------------------------------------------------------------------

proc fits(error: ref Exception, name: string): bool =
  ## Whether an exception is the one that the specification names.
  ##
  ## The specification has one `OSError` for Nim's `OSError` and `IOError`, and documentation can be
  ## older than the Nim release that renamed the errors of programmers to `...Defect`.
  case name
  of "OSError": error of OSError or error of IOError
  of "ValueError": error of ValueError
  else: $error.name in [name, name.replace("Error", "Defect")]

proc said(error: ref Exception): string =
  ## What an exception nobody expected is to its caller: one to catch, or the program's end.
  (if error of Defect: "crashes " else: "raises ") & $error.name

# ---- steps -----------------------------------------------------------------------------------------

proc differs*(observation: string) {.noreturn.} =
  ## Ends the program: the current step did this instead.
  finish "differs step " & $number & " " & observation

proc begin*(step: int) =
  ## The part of `step` before the call.
  number = step
  failure = nil
  say "step " & $step
  began = getMonoTime()

proc conclude*(error: ref Exception) =
  ## The part of `step` after the call.
  lasting = getMonoTime() - began
  failure = error

template step*(ordinal: int, body: untyped) =
  ## Runs the call of a step, and keeps what it raises.
  begin ordinal
  try:
    body
    conclude nil
  except Exception as error: # a Defect, too: it would end the program without a word
    conclude error

proc succeeded*() =
  ## Demands that the call raised nothing.
  if failure != nil:
    differs said(failure)

proc raised*(name: string, returned = "nothing") =
  ## Demands an exception; `returned` is what is said of a call that raised none.
  if failure == nil:
    differs "returns " & returned
  if not failure.fits(name):
    differs said(failure)

proc wasA*(name: string) =
  ## Demands that the exception is also one of these.
  if not failure.fits(name):
    differs said(failure)

proc wasNo*(name: string) =
  ## Demands that the exception is none of these.
  if failure.fits(name):
    differs said(failure)

proc hadErrno*(name: string) =
  ## Demands the system's number of the error.
  let code = if failure of OSError: (ref OSError)(failure).errorCode else: 0
  if $code != ask("system " & name):
    differs "has errno " & ask("errno " & $code)

proc lasted*(least, most: int) =
  ## Demands how many milliseconds the call took.
  if lasting.inMilliseconds < least:
    differs "takes less"
  if lasting.inMilliseconds > most:
    differs "takes longer"

proc gave*[A, B](got: A, wanted: B) =
  ## Demands what the call returned.
  mixin show
  if not same(got, wanted):
    differs "returns " & (when A is enum and B is SomeInteger: $got.ord else: show(got))

proc left*[A, B](name: string, got: A, wanted: B) =
  ## Demands what an argument holds after the call.
  mixin show
  if not same(got, wanted):
    differs "leaves " & name & " = " & show(got)

template then*(name: string, asked, wanted: untyped) =
  ## Demands what something is after the call.
  try:
    let got = asked
    if not same(got, wanted):
      differs "then " & name & " = " & show(got)
  except Exception as error:
    differs "then " & name & " " & said(error)

proc signal*(step: int, name: string) =
  ## Lets the peer go on.
  number = step
  say "step " & $step
  say "signal " & name

proc signalToWaiting*(step: int, name: string) =
  ## Lets the peer go on once the next step waits for it.
  number = step
  say "step " & $step
  say "awaken " & name

# ---- callbacks -------------------------------------------------------------------------------------

proc refuse*(argument: string) {.noreturn.} =
  ## What a callback does with an argument that is not the one it takes.
  raise newException(ValueError, "not expected: " & argument)
