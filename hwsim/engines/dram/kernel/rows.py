"""The rows of the tables of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEVER = 2**62
"""A cycle that no run reaches."""
POSTED = 2
"""Cycles from the acceptance of a write, or of a read that the write buffer answers, to its completion."""
FILTER = 1024
"""Places of a counting filter that tells in most cases that an address is not waiting."""

# Banks: the open row (-1: none), column commands since it opened, requests in the queue; a cycle before which
# the bank has no command to issue; places in the queue of the oldest read and write that the open row serves
# (-1: none); whether the row may be closed. In the column of a rank's first bank: its open banks, since when
# it has any, cycles for which it had. The first bank of the bank's own node of each scope; the row open for
# PIM where that has a row buffer of its own. Then, from setup.earliest, the first cycle for each command;
# from setup.queue, the queue; from setup.rings, in the column of a node's first bank, the last commands under
# each window, its place in setup.ring_places.
OPEN_ROW, HITS, LENGTH, WAKE, HIT_READ, HIT_WRITE, MAY_CLOSE, OPEN_BANKS, ACTIVE_SINCE, ACTIVE = range(10)
FIRST_IN_BANK, FIRST_IN_GROUP, FIRST_IN_RANK, FIRST_IN_CHANNEL, PIM_ROW = range(10, 15)
BANK_ROWS = 15

# Channels: requests in the read queue and in the write buffer, and waiting in bank queues; the bank of the
# last command; writes still to drain; the cycle of the next refresh, the node it is for, nodes that wait for
# one; whether a request may move; cycles before which there is nothing to do, and no command to issue; row
# hits, cycles with two commands; reads unanswered; commands recorded (first channel only). Then, from
# setup.reads and .writes, the queues of requests, each followed by their banks; from .refreshes, the queue of
# first banks of nodes; from .counts, the number of each command; from .reading and .writing, filters.
READS, WRITES, WAITING, POINTER, DRAINING, DUE, REFRESH_NEXT, REFRESHES, MOVING = range(9)
CHANNEL_WAKE, COMMAND_WAKE, READ_HITS, WRITE_HITS, PAIRS, UNANSWERED, RECORDED = range(9, 16)
CHANNEL_ROWS = 16

# Requests: what is asked (the address in requests; the bank through all channels), and the answer: cycles of
# acceptance and completion (-1: not yet), and the next read that waits for the same command (-1: none).
ARRIVAL, CHANNEL, BANK, ROW, UNIT, IS_WRITE, ACCEPTED, DONE, SAME = range(9)
REQUEST_ROWS = 9

# The trace: cycle, command, first bank, row or -1, request or -1.
TRACE_COLUMNS = 5
