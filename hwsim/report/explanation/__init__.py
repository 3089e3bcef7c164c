"""What each figure of a result is made of: totals, operators, components, each a tree down to its sources."""
