"""The compiled core: a memory system that jumps from one cycle in which something happens to the next.

A run is four things, cheap to hand from function to function: ``setup``, one record of all that never
changes, and three tables of whole numbers with named rows and a column per bank, channel or request (module
``rows``). Banks are numbered through all channels: channel, rank, bank group, bank, the last fastest, so
that every node is a range of banks.
"""
