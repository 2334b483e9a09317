"""Print the seconds that reading, validating or building some packages takes, imports left aside.

python -m tests.benchmarks.measured_build PACKAGES DATABASE read|validate|build
"""

import json
import sys
import time
from pathlib import Path

from comparisons.build import build
from comparisons.datapackage import merge
from comparisons.datapackage.reader import read_package
from comparisons.datapackage.validation import validator


def main() -> None:
    """Run one step on the packages of a folder instead of those of the corpus."""
    merge.STRATEGIES_DIR = Path(sys.argv[1])
    started = time.perf_counter()
    if sys.argv[3] == "build":
        build.build(Path(sys.argv[2]))
    else:
        packages = sorted(map(read_package, merge.package_folders()), key=merge.creation_date)
        if sys.argv[3] == "validate":
            _validate(packages)
    print(json.dumps(time.perf_counter() - started))


def _validate(packages: list) -> None:
    published = {}
    for package in packages:
        report = validator.validate(package, published=published)
        assert not report.errors, report.errors[0]
        published = merge.merge_package(published or merge.empty_dataset(), package)[0]


if __name__ == "__main__":
    main()
