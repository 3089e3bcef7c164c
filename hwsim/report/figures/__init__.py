"""The figures of the report, one module each: add a module and the report shows it.

A module has ``SECTION`` (a key of ``gallery.SECTIONS``), ``ORDER`` (place in the section), ``TITLE`` and
three functions of a ``Run``: ``figure`` (None where the run has nothing to show), ``caption`` (what it
tells, one or two sentences) and ``table`` (the same as a table, for those who cannot see or point).
"""
