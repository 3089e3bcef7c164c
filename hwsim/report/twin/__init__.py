"""A spiking network against its dense int8 twin: energies, and where they break even."""
