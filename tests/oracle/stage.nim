## What a scenario is given: the subject's socket, made in the way that Nim's documentation tells.
##
## Pre-shared keys are the exception: Nim 1.6 crashes in each of its own callbacks, so that there a
## stage sets callbacks of OpenSSL itself. Else no scenario could be tried with such keys.

import nativesockets, net, openssl, strutils
from posix import dup
import protocol

type Stage* = object
  ## Attributes:
  ## - `transport`: for example `tcp6` or `psk13`
  ## - `buffered`: whether the sockets are
  ## - `socket`: the subject; nil where nothing is given but names
  transport*: string
  buffered*: bool
  socket*: Socket

const Loopback = "127.0.0.1"

# ---- names of the place ----------------------------------------------------------------------------

proc textOf*(name: string): string =
  ## A name of the place: a host, a path, a file.
  ask(name)

proc portOf*(name: string): Port =
  ## A port of the place.
  Port(parseInt(ask(name)))

proc numberOf*(name: string): int =
  ## A number of the system by its name in C.
  parseInt(ask("system " & name))

# ---- TLS -------------------------------------------------------------------------------------------

var pskIdentity, pskKey: string

proc identify(ssl: SslPtr, hint, identity: cstring, room: cuint, key: ptr uint8,
              keyRoom: cuint): cuint {.cdecl.} =
  copyMem(identity, pskIdentity.cstring, pskIdentity.len + 1) # with its NUL
  copyMem(key, pskKey.cstring, pskKey.len)
  pskKey.len.cuint

proc recognize(ssl: SslCtx, identity: cstring, key: ptr uint8, room: cint): cuint {.cdecl.} =
  if $identity != pskIdentity: return 0
  copyMem(key, pskKey.cstring, pskKey.len)
  pskKey.len.cuint

proc isSecured(stage: Stage): bool = stage.transport[0 .. 2] in ["tls", "psk"]
proc hasKey(stage: Stage): bool = stage.transport.startsWith("psk")

proc keyContext(): SslContext =
  result = newContext(verifyMode = CVerifyNone, cipherList = "PSK")
  pskIdentity = ask("psk_identity")
  pskKey = ask("psk_key")

proc clientContext(stage: Stage): SslContext =
  if not stage.hasKey:
    return newContext(verifyMode = CVerifyPeer, caFile = ask("ca_file"))
  result = keyContext()
  result.context.SSL_CTX_set_psk_client_callback(identify)

proc serverContext(stage: Stage): SslContext =
  if not stage.hasKey:
    return newContext(verifyMode = CVerifyNone, certFile = ask("cert_file"),
                      keyFile = ask("key_file"))
  result = keyContext()
  result.context.SSL_CTX_set_psk_server_callback(recognize)

# ---- sockets ---------------------------------------------------------------------------------------

proc fresh(stage: Stage): Socket =
  case stage.transport
  of "unix": newSocket(AF_UNIX, SOCK_STREAM, IPPROTO_IP, stage.buffered)
  of "tcp6": newSocket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, stage.buffered)
  of "udp": newSocket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, stage.buffered)
  of "udp6": newSocket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, stage.buffered)
  else: newSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, stage.buffered)

proc reach(stage: Stage, socket: Socket) =
  if stage.transport == "unix":
    socket.connectUnix(ask("path"))
  else:
    socket.connect(ask("host"), portOf("port"))

proc bound(stage: Stage): Socket =
  result = stage.fresh
  case stage.transport
  of "unix": result.bindUnix(ask("own_path"))
  of "tcp6", "udp6": result.bindAddr(address = "::1")
  else: result.bindAddr(address = Loopback)

proc announce(stage: Stage, socket: Socket) =
  if stage.transport == "unix":
    say "listens " & ask("own_path")
  else:
    let (host, port) = socket.getLocalAddr
    say "listens " & host & " " & $port

proc listening(stage: Stage): Socket =
  result = stage.bound
  result.listen
  if stage.isSecured:
    stage.serverContext.wrapSocket(result)
  stage.announce(result)

proc made*(given, transport: string, variants: seq[string]): Stage =
  ## Makes what a scenario is given.
  result = Stage(transport: transport, buffered: "buffered" in variants)
  case given
  of "connection":
    result.socket = result.fresh
    if result.isSecured:
      result.clientContext.wrapSocket(result.socket)
    result.reach(result.socket)
  of "accepted":
    let server = result.listening
    server.accept(result.socket)
    server.close
  of "server":
    result.socket = result.listening
  of "client":
    result.socket = result.fresh
    if result.isSecured:
      result.clientContext.wrapSocket(result.socket)
  of "unwrapped":
    result.socket = result.fresh
  of "unsecured":
    result.socket = result.fresh
    result.reach(result.socket)
  of "datagrams":
    result.socket = result.bound
    result.announce(result.socket)
  else:
    discard

var handle = osInvalidSocket

proc descriptor*(stage: Stage): SocketHandle =
  ## A connected, blocking descriptor that nobody owns yet; always the same.
  if handle == osInvalidSocket:
    let socket = stage.fresh
    stage.reach(socket)
    handle = SocketHandle(dup(socket.getFd.cint))
    socket.close
  handle
