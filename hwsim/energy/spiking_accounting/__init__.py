"""How papers on spiking networks count energy, and the traps in it."""
