"""The text of Einsums: words, grammar, positions in a file, and back to text."""
