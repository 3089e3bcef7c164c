"""Readers of other tools' model formats."""
