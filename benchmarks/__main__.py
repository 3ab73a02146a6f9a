"""``make bench``: run every benchmark and write the tables that the documentation shows."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import batches, call_list, imports, launch, lookup, numbers, plugin, reads, results, waiting

BENCHMARKS = [launch, lookup, imports, call_list, numbers, batches, reads, waiting, plugin, results]
RESULTS = Path(__file__).resolve().parent.parent / "docs" / "_benchmarks"


def main() -> None:
    """Run all benchmarks, or those named on the command line."""
    wanted = sys.argv[1:]
    RESULTS.mkdir(exist_ok=True)
    for benchmark in BENCHMARKS:
        name = benchmark.__name__.rpartition(".")[2]
        if wanted and name not in wanted:
            continue
        table = benchmark.measure()
        (RESULTS / f"{name}.md").write_text(table + "\n")
        print(f"{name}\n{table}\n", flush=True)


if __name__ == "__main__":
    main()
