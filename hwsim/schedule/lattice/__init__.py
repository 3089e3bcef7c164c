"""Exact scheduling without addresses on the lattice of downsets: all that may have run at some moment."""
