"""`python -m comparisons`: the commands are in `cli.main`."""

import sys

from comparisons.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
