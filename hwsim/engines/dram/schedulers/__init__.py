"""Schedulers: which waiting command goes next. One small compiled module each, with a ``pick``.

``pick(setup, banks, channels, channel, cycle)`` returns the bank, the command and the place in the bank's
queue (all -1: nothing can go in this cycle) and, where nothing can, a cycle before which nothing will.
Banks of a node that waits for its refresh (``frozen``) are passed over. They are called by their number in
``controller.SCHEDULERS``.
"""
