"""Loop nests of one Einsum over any tree of memories: what they move, counted exactly, in closed form.

A nest is a list of nodes, outermost first: temporal loops, spatial loops, and storages, one for each tensor
and memory, at the place in the nest where its tile changes. So every tensor's storage stands at its own loop
(uneven mapping), a tensor without a storage for a memory bypasses it, and tiles need not divide.

    problem   ranks, tensors and how a tensor's coordinates follow from the ranks (sliding windows too)
    nodes     what a nest is made of, and which nests make sense
    extents   how a loop cuts the instances' parts of a rank
    frames    the coordinates that all instances hold at one time, and what two frames share
    reuse     how many elements arrive at a storage over the whole nest
    actions   reads and writes by memory, tensor and direction
    machine   memories and arrays with capacities, ports, energies; cost prices actions and times ports
"""
