"""Benchmarks: ratios against bare ib_async, measured in one run (`make bench`)."""
