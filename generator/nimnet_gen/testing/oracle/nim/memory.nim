## Memory for the calls that take a pointer: with room behind it, so that a call which goes too far
## shows what it did instead of tearing the program down.

const Slack = 1 shl 16

type Memory* = object
  bytes: seq[char]
  size: int

proc memory*(size: int): Memory =
  ## So many zero bytes.
  Memory(bytes: newSeq[char](size + Slack), size: size)

proc memory*(content: string): Memory =
  ## A copy of these bytes.
  result = memory(content.len)
  for i, c in content: result.bytes[i] = c

proc at*(memory: var Memory): pointer =
  ## Where it begins.
  addr memory.bytes[0]

proc text*(memory: Memory, count: int): string =
  ## The first bytes that it holds; none for a count that tells of an error.
  for c in memory.bytes[0 ..< max(count, 0)]: result.add c

proc text*(memory: Memory): string =
  ## All that it holds.
  memory.text(memory.size)
