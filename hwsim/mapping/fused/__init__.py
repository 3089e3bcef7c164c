"""Attention on a machine of two arrays: unfused, fused as FLAT does, fused as FuseMax does.

``fidelity: analytical``: closed forms over a cascade's iteration spaces, no fill or drain but where said.
Source: FuseMax, Nayak et al., MICRO 2024 (arXiv 2406.10491) and its public artifact; FLAT, Kao et al.,
ASPLOS 2023 (arXiv 2107.06419).

    groups          attention in a workload: which operators, which shape, or why it cannot be fused
    shape           the attention layer and its linear layers
    machine         the grid (2D), the lanes (1D), the buffer and the DRAM of a machine's description
    tiled           products on a grid that times tiles itself, as it keeps no scores in its elements
    operations      what one point of an Einsum costs, read off its expression
    done            which operations an array does for an Einsum, and how often
    handed          what passes the DRAM between arrays that reach no memory together
    configurations  which cascade, which Einsum on which array, what overlaps: the five published choices
    variants        the cascades with a layer's mask and biases, and the configurations that have them
    occupancy       cycles of every Einsum, of stages and of phases
    spills          how often scores move that do not stay in the buffer
    band            FuseMax's tile of rows of queries, and what moves
    blocks          the phases of an unfused kernel one by one, and what moves
    dataflow        FLAT's space of choices, what each costs, and the search over it
    actions         action counts of all components
    estimate        all of it together, for one layer of the published configurations
    choice          one point of the fused space, as a plan has it
    work            what a point costs on any machine and shape, tiles that are not full included
    search          the published points, and the best of all
    loops           the loop nest as text, the timeline of a tile
    need            buffer against the length of the sequence
    linear          the projections and the feed-forward network around attention
"""
