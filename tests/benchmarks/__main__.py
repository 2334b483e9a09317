"""Measure the project and record the results: `make bench`, or some parts by their names.

    python -m tests.benchmarks [PART …]

Each part measures the project and what it is compared with in the same run, so that its ratios hold
on another machine. The tables are printed; figures and machine are kept in `docs/benchmarks.json`,
of which `docs/benchmarks.md` is the readable form. A part that is not run keeps its last results.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.benchmarks import records
from tests.benchmarks.records import PARTS, load_part


def main() -> None:
    """Run the requested parts, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART",
                        help=f"among {', '.join(PARTS)}; all of them without a name")  # fmt: skip
    for name in parser.parse_args().parts or PARTS:
        started = time.monotonic()
        print(f"\n## {load_part(name).TITLE}\n", flush=True)
        with tempfile.TemporaryDirectory(prefix="stratoscope-bench-") as folder:
            table = load_part(name).run(Path(folder))
        print(records.markdown(table), flush=True)
        records.record(name, table, seconds=time.monotonic() - started)


if __name__ == "__main__":
    main()
