"""Studies for people: progress and tables in a terminal, the page with its figures."""
