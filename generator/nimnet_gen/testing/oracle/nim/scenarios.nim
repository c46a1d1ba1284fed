## All that a generated scenario uses, whatever it is about.

import memory, observation, playing, protocol, stage

export memory, observation, playing, protocol, stage
