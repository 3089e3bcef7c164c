"""The figures of a study: a module each, found by being here.

A module has ``ORDER``, ``TITLE``, and ``figure``, ``caption`` and ``table`` of a
:class:`hwsim.report.studies.survey.Survey`; a figure of None has nothing to show.
"""
