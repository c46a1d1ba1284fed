## A worker in Nim: reads lines with its own `readLine`, block by block, and measures itself.
##
##     lines CONTROL SIZE
##
## It speaks with the peer, and with who has started it, as `worker.py` does.

import net, os, posix, strformat, strutils

var FIONREAD {.importc, header: "<sys/ioctl.h>".}: culong
var TCP_QUICKACK {.importc, header: "<netinet/tcp.h>".}: cint
proc ioctl(descriptor: SocketHandle, request: culong): cint {.importc, header: "<sys/ioctl.h>", varargs.}

const
  Host = "127.0.0.1"
  Buffer = 4 shl 20 ## as `BUFFER` of the orders
  Safe = 4 ## as in `works/streams.py`
  Late = 0.1 ## as in `works/streams.py`

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

proc awaitArrival(size: int) =
  ## Waits until so many bytes have arrived that nobody has read, or no more do, as `_await` there.
  var
    on, now: cint = 1
    arrived = -1
    since = seconds(CLOCK_MONOTONIC)
  while arrived < size and seconds(CLOCK_MONOTONIC) < since + Late:
    discard subject.getFd.ioctl(FIONREAD, addr now)
    if now > arrived:
      arrived = now
      since = seconds(CLOCK_MONOTONIC)
    if arrived < size:
      discard subject.getFd.setsockopt(posix.IPPROTO_TCP, TCP_QUICKACK, addr on, sizeof(on).SockLen)
      sleep(1)

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
    discard control.recvLine() # that it sends
    awaitArrival(some * size)
    let
      began = seconds(CLOCK_MONOTONIC)
      worked = seconds(CLOCK_PROCESS_CPUTIME_ID)
    for _ in 1 .. some:
      subject.readLine(line)
    cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - worked
    wall += seconds(CLOCK_MONOTONIC) - began
    discard control.recvLine() # that it has sent
    left -= some
  echo &"{{\"cpu\": {cpu:.9f}, \"wall\": {wall:.9f}}}"
  flushFile(stdout)
