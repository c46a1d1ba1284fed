## Values that scenarios write as text or bytes, made into what Nim's procs take.

import nativesockets, net, openssl, posix
import observation

type
  Boxed* = ref object of RootRef
    ## A text as the object that a context keeps.
    text*: string
  Kept = ref object of RootRef
    ## Another reference as such an object, which in Nim it need not be.
    address: pointer

proc boxed*(text: string): RootRef =
  ## The text as an object.
  Boxed(text: text)

proc boxed*(value: ref): RootRef =
  ## What a reference refers to as an object.
  when value is RootRef: value else: Kept(address: cast[pointer](value))

proc keeps*(kept: RootRef, value: ref): bool =
  ## Whether an object is this one.
  kept of Kept and Kept(kept).address == cast[pointer](value)

proc storage*(content: string): Sockaddr_storage =
  ## A structure with these bytes at its beginning.
  copyMem(addr result, cstring(content), min(content.len, sizeof(result)))

proc bytes*(structure: Sockaddr_storage, length: int): string =
  ## The bytes of a structure, from its beginning.
  result = newString(length)
  copyMem(cstring(result), unsafeAddr structure, min(length, sizeof(structure)))

proc show*(value: IpAddress): string = show($value)
proc show*(value: RootRef): string =
  if value of Boxed: show(Boxed(value).text) else: "an object"
proc show*(value: Sockaddr_storage): string = show(value.bytes(28))

proc like*(got: RootRef, wanted: string): bool =
  ## Whether an object is this text.
  got of Boxed and Boxed(got).text == wanted
proc like*[B: ref and not RootRef](got: RootRef, wanted: B): bool =
  ## Whether an object is this other one.
  got.keeps(wanted)
proc like*(got: Sockaddr_storage, wanted: string): bool =
  ## Whether a structure begins with these bytes.
  got.bytes(wanted.len) == wanted

proc CRYPTO_get_ex_new_index(class: cint, argl: clong, argp, make, copy, free: pointer): cint
  {.cdecl, dynlib: DLLUtilName, importc.}

proc getSslContextExtraDataIndex*(): int =
  ## A new index for the extra data of contexts.
  ##
  ## Nim's documentation speaks of this proc, and Nim only has OpenSSL's, under a name that OpenSSL
  ## has had as a macro alone since its version 1.1: this is what the macro stands for.
  const contexts = 1
  CRYPTO_get_ex_new_index(contexts, 0, nil, nil, nil, nil)
