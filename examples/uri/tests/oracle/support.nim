## All that a scenario uses: Nim's own module, and what every oracle has.

import sequtils, strutils, uri
import scenarios

export sequtils, strutils, uri
export scenarios
