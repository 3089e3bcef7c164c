"""One module a reference: each defines ``compare(data: Path | None) -> Comparison`` and is found by its name."""
