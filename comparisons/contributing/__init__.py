"""What one's package would change, and what it still lacks, before it is published."""

from comparisons.contributing.missing import missing
from comparisons.contributing.preview import Preview, PreviewError

__all__ = ["Preview", "PreviewError", "missing"]
