## All that a generated scenario uses.

import nativesockets, net, openssl, os, strutils
import memory, observation, playing, protocol, stage, structures

export nativesockets, net, openssl, os, strutils
export memory, observation, playing, protocol, stage, structures
