"""One matrix product through one explicit buffer: the least words to and from the outermost memory, proved.

C[M,N] = sum over k of A[M,K] * B[K,N], a word an element. The buffer holds one tile of each of A, B and C,
a tile stays while its index pair does not change; tiles need not divide, loops walk ascending. The model is
that of ``../shared/reference/mapper/README.md``; ``tests/mapping/one_buffer`` walks it word by word.

    model     the words a tile and an order move
    families  which trip counts matter, and the few families of mappings that have to be tried
    optimum   the best of them, over all tiles or over those that divide
    answer    both as plain data
"""
