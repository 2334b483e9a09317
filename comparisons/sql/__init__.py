"""SQL for researchers: one query on the tables, read-only, bounded, each in its own process."""

from comparisons.sql.examples import EXAMPLES, Example
from comparisons.sql.limits import Limits
from comparisons.sql.running import Result, run
from comparisons.sql.schema import schema

__all__ = ["EXAMPLES", "Example", "Limits", "Result", "run", "schema"]
