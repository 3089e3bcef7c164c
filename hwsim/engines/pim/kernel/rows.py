"""Places of the vector that tells how far a PIM program is."""

from __future__ import annotations

# The next instruction to issue; instructions in the command queue and in the transaction queue, counted from
# the first; whether a load is under way, and the cycle before which PIM waits for it; cycles to spare before
# the next refresh; whether PIM waits for that; the row of the tile (-1: none); the first cycle for the next
# composite; the cycle of the last read-out.
HEAD, ARRIVED, ACCEPTED, LOADING, LOADED_AT, SLACK, SKIP, TILE_ROW, NEXT_COMPOSITE, LAST_READ_OUT = range(10)
PLACES = 10
