## All that a generated scenario uses.

import nativesockets, net, openssl, os, strutils
import scenarios, structures

export nativesockets, net, openssl, os, strutils
export scenarios, structures
