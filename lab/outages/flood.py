"""A training that prints 12 MB for each line that it is given; each printed line begins with its number."""

import sys

import pilothouse

with pilothouse.init(name="flood") as job:
    for burst, _ in enumerate(sys.stdin):
        for line in range(burst * 200, burst * 200 + 200):
            print(f"{line:06d} " + "x" * 60_000)
        job.log({"burst": burst}, step=burst)
