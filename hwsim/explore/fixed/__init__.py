"""Points of mappings with fixed tiles, many at a time: equal to ``simulate``, number for number.

With tiles fixed, no plan depends on the bandwidth of the outermost memory, steps do not depend on each other,
and like steps are equal. So each kind of step is planned once for all bandwidths, what it moves and does is
kept for all machines that cut it alike, and only its time is worked out anew, for all bandwidths at once.
"""
