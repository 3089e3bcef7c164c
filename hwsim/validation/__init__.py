"""Comparisons with references and measurements."""
