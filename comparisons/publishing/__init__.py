"""Giving a package to others: the standard zip to host or propose, and adding one to this site."""

from comparisons.publishing.adding import ImportReport, import_package
from comparisons.publishing.standard import About, NotPublishableError, about_of, standard_package

__all__ = [
    "About",
    "ImportReport",
    "NotPublishableError",
    "about_of",
    "import_package",
    "standard_package",
]
