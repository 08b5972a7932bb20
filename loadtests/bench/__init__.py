"""The benchmark harness: `python -m loadtests.bench NAME` measures ours and a floor, interleaved, in one run."""
