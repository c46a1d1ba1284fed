## The conversation with the runner: lines on standard output, answers on standard input.
##
## The runner follows every step, so that it knows where a program waits or crashed. Lines it gets:
##
## - `step N`: step N begins; 0 is what the scenario is given
## - `signal NAME`: let the peer's `wait_for` of this name go on
## - `awaken NAME`: the same, as soon as the program waits in its next step
## - `listens HOST PORT`, `listens PATH`: where the subject can be reached
## - `ask NAME`: what is this? It answers with a line of hexadecimal digits
## - `agrees`, or `differs OBSERVATION`: the end

import posix, strutils

template undisturbed(body: untyped) =
  ## Leaves the system's last error as it was, for the calls that look at it.
  let last = errno
  body
  errno = last

proc say*(line: string) =
  ## Writes a line, at once.
  undisturbed:
    stdout.writeLine line
    stdout.flushFile

proc ask*(name: string): string =
  ## Returns what the runner knows by this name: addresses, files, numbers of the system.
  say "ask " & name
  undisturbed:
    result = parseHexStr(stdin.readLine)

proc finish*(verdict: string) {.noreturn.} =
  ## Ends the program with its verdict.
  ##
  ## It stays until the runner closes its standard input: the peer may have a part left to play, and
  ## the end of this process would close every connection.
  say verdict
  discard stdin.readAll
  quit 0
