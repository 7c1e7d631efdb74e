"""Measure the site: `python -m tools.bench`; see docs/benchmarks.md."""
