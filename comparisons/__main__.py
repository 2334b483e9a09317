"""`python -m comparisons`: the commands are in `cli.main`."""

import signal
import sys

from comparisons.cli.main import main

if __name__ == "__main__":
    # « validate … | head » ends quietly; Windows has no such signal
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
