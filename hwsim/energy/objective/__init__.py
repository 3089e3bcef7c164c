"""Loop nests for an objective: least latency, energy or their product, or all that no other beats.

A plan is made as always; then the nest of every contraction is chosen again among the declared set
(``mapping.declared``), this time by what its whole step takes: the cycles of the simulation and the joules of
the price list, leakage included. So what the search predicts is what ``hwsim run`` reports. Candidates are
tried by their bounds, the most promising first, until no bound is below the best: that proves it. Nests of an
inner level are those that the planner finds for the outermost one; what is on the chip stays as planned.

Steps run one after the other, so latencies and energies add up. The product is least at a corner of the hull
of all sums, and corners of sums are sums of corners: it is proved as well. The frontier has the corners, and
what lies between two of them because some of many equal steps have changed already.

    judge      cycles and joules of a step, and the price of a bit by memory
    choice     the best nests of one step
    frontier   from the corners of every step to those of the whole
    refine     all of it, for a plan
"""
