"""Extended Einsums and cascades of them: text, passes over every rank, footprints, traffic bounds, execution.

A cascade's YAML file has ``inputs`` (tensors and their ranks), ``einsums`` (in order) and, where needed,
``partitions`` (a family of ranks and its leaves), ``iterative`` (leaves walked with carried state) and
``index_ranks``; ``text.parse`` has the grammar of one Einsum.

    read        a file to a ``Cascade``, checked; and back
    text        words, grammar, places in a file
    checks      what makes a cascade sensible
    dependence  which Einsum needs which; ``walk`` puts them into loops
    passes      direct, lineage, asap and footprint of every tensor and rank; ``evidence`` says why
    live        live elements; ``traffic`` a lower bound on DRAM traffic for a buffer
    answer      all of it as plain data
    interpreter the cascade on numpy arrays (the only part that imports numpy)
"""
