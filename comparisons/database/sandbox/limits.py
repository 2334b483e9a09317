"""Limits of a query of the SQL console, and the reason of each value."""

from dataclasses import dataclass

# A whole question fits on a few pages; the parser's work grows with its length.
MAX_CHARACTERS = 20_000
# Every table is read whole, and joined to another, in well under a second.
_MAX_SECONDS = 10.0
# More rows are not read by anyone on a page; whole tables are files to download.
MAX_ROWS = 10_000
# Four tables side by side; beyond, formats and pages slow down with each column.
_MAX_COLUMNS = 120
# Cells, and items of the lists in them: what a workbook of this size takes is about 10 s.
_MAX_CELLS = 500_000
# What a phone downloads in a few seconds.
MAX_BYTES = 20_000_000
# A workbook of that many cells takes 10 s to write on a quiet machine.
_MAX_WRITE_SECONDS = 20.0
# The same rows as JSON, which repeats the names of columns in each.
_MAX_FILE_BYTES = 3 * MAX_BYTES
# The whole dataset takes a tenth of it in memory.
_MAX_MEMORY = 512_000_000
# Queries at once: each may keep two cores busy. The others wait a little, and few of them, so that
# a crowd at the console leaves the pages their threads.
MAX_CONCURRENT = 2
# Most queries end long before; those that do not leave their slot to others, and begin again among
# the slow ones, of which fewer run at once.
QUICK_SECONDS = 1.0
QUICK_WRITE_SECONDS = 2.0
MAX_SLOW = 1
MAX_QUEUED = 4
QUEUE_TIMEOUT = 3.0
# What a process may take to start on a busy machine (a quiet one: 0.15 s) and to hand over rows.
START_SECONDS = 5.0


@dataclass(frozen=True)
class Limits:
    """Limits of one query, and of the file of its rows: times in seconds, sizes in bytes."""

    seconds: float = _MAX_SECONDS
    write_seconds: float = _MAX_WRITE_SECONDS
    rows: int = MAX_ROWS
    columns: int = _MAX_COLUMNS
    cells: int = _MAX_CELLS
    bytes: int = MAX_BYTES
    file_bytes: int = _MAX_FILE_BYTES
    memory: int = _MAX_MEMORY
