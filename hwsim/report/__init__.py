"""Looking at results: the page, its figures, the terminal table, the notebook view, explanations."""
