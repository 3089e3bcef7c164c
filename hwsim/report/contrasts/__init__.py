"""The figures that set one run beside another, one module each: ``report --against`` shows them all.

A module has the same parts as one of ``hwsim.report.figures``; its functions take the run and the one it is
compared with.
"""
