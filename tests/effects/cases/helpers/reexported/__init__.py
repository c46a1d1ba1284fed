from cases.helpers.reexported.inner import helper as helper
from cases.helpers.reexported.inner import *
