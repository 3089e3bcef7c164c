"""One module a reference: each has ``compare(data: Path | None) -> Comparison``; found by its name."""
