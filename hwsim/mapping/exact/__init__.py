"""The best loop nest of an Einsum on a machine, proved.

The space: every choice of what each memory keeps and what passes it by, every order of the storages (uneven
mapping), every rank the arrays may unroll, and tiles of any size: where a loop stands in another over the
same rank, the outer tile is a multiple of the inner one or the whole rank, and the last tile is trimmed. A
storage takes its tile anew whenever a loop above it steps, with two exceptions: one of a sliding window keeps
what the loop right above it leaves (halo), and one right below arrays may stay while storages above the
arrays change, as long as no loop moves its own tensor. A window's ranks lie along no array.

Why so little has to be tried, and nothing is lost (after Turbo-Charged Mapper and LoopTree):

* Only the order of storages matters, not of the loops between two: a loop that does not move a tensor is no
  use right above its storage, as the storage could stand above the loop and be filled less often. So above a
  storage there are loops over its tensor's own ranks only.
* A rank enters the costs through its tile at each storage it moves, and through the number of its tiles at
  each storage it does not move. Of two ways to cut a rank, one that is nowhere smaller is left out.
* The elements that a window's tiles bring are the product of its ranks' sizes less a product of one number of
  each rank, so its ranks are thinned out one by one like others, and again when they are put together.
* Costs grow with every one of these numbers, so ranks are joined one by one, and a part is left out when even
  the best rest does not fit the memories, or does not beat the best that is known.

    skeleton   storages, arrays and where a storage begins to stay
    space      what may be kept, ordered and unrolled: all skeletons
    cuts       where a skeleton lets a rank be cut
    windows    two ranks that move one coordinate
    chains     every way to cut a rank, and the numbers it enters the costs with
    front      leaving out what is nowhere smaller
    chosen     chains that are left, and pairs of them for windows; ways assigns them to a skeleton's terms
    forms      energy and port times as sums over products of these numbers
    search     joining ranks, with bounds
    found      the result: the nest, its cost by ``loopnest``, and the certificate
    rules      what a user fixes, or a whole nest
    fused      two Einsums with loops in common; series: any number, every one alone or fused with a neighbour
"""
