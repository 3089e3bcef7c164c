"""Kinds of description: how each is found, checked, shown, begun and told to an editor."""
