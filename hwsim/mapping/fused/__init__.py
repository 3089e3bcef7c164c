"""Attention on a machine of two arrays: unfused, fused as FLAT does, fused as FuseMax does.

``fidelity: analytical``: closed forms over a cascade's iteration spaces, no fill or drain but where said.
Source: FuseMax, Nayak et al., MICRO 2024 (arXiv 2406.10491) and its public artifact; FLAT, Kao et al.,
ASPLOS 2023 (arXiv 2107.06419).

    shape           the attention layer and its linear layers
    machine         the grid (2D), the lanes (1D), the buffer and the DRAM of a machine's description
    operations      what one point of an Einsum costs, read off its expression
    configurations  which cascade, which Einsum on which array, what overlaps: the five published choices
    occupancy       cycles of every Einsum, of stages and of phases
    spills          how often scores move that do not stay in the buffer
    band            FuseMax's tile of rows of queries, and what moves
    blocks          the phases of an unfused kernel one by one, and what moves
    dataflow        FLAT's space of choices, what each costs, and the search over it
    actions         action counts of all components
    estimate        all of it together, for one layer
    linear          the projections and the feed-forward network around attention
"""
