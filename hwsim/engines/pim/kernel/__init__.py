"""The compiled core: a channel with PIM beside normal requests, and one that only works through streams."""
