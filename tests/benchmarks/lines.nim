## A worker in Nim: reads lines with its own `readLine`, block by block, and measures itself.
##
##     lines CONTROL SIZE
##
## It speaks with the peer, and with who has started it, as `worker.py` does.

import net, os, posix, strformat, strutils

var FIONREAD {.importc, header: "<sys/ioctl.h>".}: culong
proc ioctl(descriptor: SocketHandle, request: culong): cint {.importc, header: "<sys/ioctl.h>", varargs.}

const
  Host = "127.0.0.1"
  Buffer = 4 shl 20 ## as `BUFFER` of the orders
  Safe = 4 ## as in `works/streams.py`

proc seconds(clock: ClockId): float =
  var now: Timespec
  discard clock_gettime(clock, now)
  now.tv_sec.float + now.tv_nsec.float / 1e9

let
  size = parseInt(paramStr(2))
  control = newSocket()
control.connect(Host, Port(parseInt(paramStr(1))))
control.send(&"{{\"what\": \"produce\", \"size\": {size}, \"tls\": false}}\n")
let subject = newSocket()
subject.connect(Host, Port(parseInt(control.recvLine())))

var
  wanted = Buffer.cint
  room: cint
  length = sizeof(room).SockLen
discard subject.getFd.setsockopt(SOL_SOCKET, SO_RCVBUF, addr wanted, sizeof(wanted).SockLen)
discard subject.getFd.getsockopt(SOL_SOCKET, SO_RCVBUF, addr room, addr length)
let most = max(1, room.int div Safe div size)

proc arrived(): int =
  ## Bytes that nobody has read.
  var count: cint
  discard subject.getFd.ioctl(FIONREAD, addr count)
  count.int

echo ""
flushFile(stdout)
var line, asked: string
while stdin.readLine(asked):
  var
    left = parseInt(asked)
    cpu, wall = 0.0
  while left > 0:
    let some = min(left, most)
    control.send(&"{some * size}\n")
    for said in ["that it sends", "that it has sent"]:
      discard control.recvLine()
    while arrived() < some * size: sleep(1)
    let
      began = seconds(CLOCK_MONOTONIC)
      worked = seconds(CLOCK_PROCESS_CPUTIME_ID)
    for _ in 1 .. some:
      subject.readLine(line)
    cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - worked
    wall += seconds(CLOCK_MONOTONIC) - began
    left -= some
  echo &"{{\"cpu\": {cpu:.9f}, \"wall\": {wall:.9f}}}"
  flushFile(stdout)
