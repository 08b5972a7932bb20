"""Benchmarks and load tests: what Liftgate costs, measured against floors in the same run."""
