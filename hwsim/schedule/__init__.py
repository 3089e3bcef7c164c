"""Order, addresses and replacement for a graph of operators and one scratchpad, exactly and checked."""
