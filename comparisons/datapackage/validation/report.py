"""Build the validation report of a package, as an object, JSON or text."""

from dataclasses import dataclass

from comparisons.datapackage.problems import (
    ERROR,
    WARNING,
    Problem,
    strip_control_characters,
)
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.problem_groups import (
    MAX_EXAMPLES,
    ProblemGroup,
    group_problems,
)
from comparisons.formatting import NBSP, pluralize

_MAX_LOCATIONS = 6


@dataclass(frozen=True)
class Report:
    """Problems of a package: errors prevent its loading, warnings do not.

    `package` is the normalised package, which is loaded; `sent` the package as read.
    """

    problems: tuple[Problem, ...]
    package: Package
    sent: Package

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that prevent the loading of the package."""
        return tuple(problem for problem in self.problems if problem.severity == ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return the problems that do not prevent its loading."""
        return tuple(problem for problem in self.problems if problem.severity == WARNING)

    @property
    def is_valid(self) -> bool:
        """Return whether the package may be loaded."""
        return self.is_readable and not self.errors

    @property
    def is_readable(self) -> bool:
        """Return whether at least one table could be read."""
        return bool(self.package.tables)

    @property
    def verdict(self) -> str:
        """Describe in one sentence whether the package may be loaded."""
        if not self.is_readable:
            return f"Fichier inutilisable{NBSP}: aucune table n’a pu être lue."
        errors = pluralize(_count_problems(self.errors), "erreur")
        warnings = pluralize(_count_problems(self.warnings), "avertissement")
        state = "Fichier valide" if self.is_valid else "Fichier à corriger"
        return f"{state}{NBSP}: {errors}, {warnings}."

    def groups(self, examples: int = MAX_EXAMPLES) -> list[ProblemGroup]:
        """Group the problems by rule, errors first, each with at most `examples` examples."""
        return group_problems(self.problems, examples)

    def to_dict(self) -> dict:
        """Return the report as plain values, ready for JSON."""
        return {
            "valid": self.is_valid,
            "errors": [problem.to_dict() for problem in self.errors],
            "warnings": [problem.to_dict() for problem in self.warnings],
            "causes": [cause.to_dict() for cause in self.groups()],
        }

    def to_text(self) -> str:
        """Render the report as text for a terminal, by rule."""
        rows = sum(len(table) for table in self.package.tables.values())
        tables = pluralize(len(self.package.tables), "table")
        lines = [f"{self.package.name}{NBSP}: {tables}, {pluralize(rows, 'ligne')}."]
        groups = self.groups()
        for title, severity in (("Erreurs", ERROR), ("Avertissements", WARNING)):
            severity_groups = [group for group in groups if group.severity == severity]
            if severity_groups:
                lines += ["", title]
            for group in severity_groups:
                lines += ["", *_group_lines(group)]
        return "\n".join([*lines, "", self.verdict])


def _count_problems(problems: tuple[Problem, ...]) -> int:
    return sum(problem.occurrences for problem in problems)


def _group_lines(group: ProblemGroup) -> list[str]:
    lines = [f"  {group.title} [{group.code}]"]
    lines += [
        f"    {strip_control_characters(location)}" for location in group.locations[:_MAX_LOCATIONS]
    ]
    if len(group.locations) > _MAX_LOCATIONS:
        others = len(group.locations) - _MAX_LOCATIONS
        lines.append(f"    et {pluralize(others, 'autre endroit', 'autres endroits')}")
    for problem in group.examples:
        line_text = f"ligne {problem.line}{NBSP}: " if problem.line else ""
        lines += [f"    - {line_text}{problem.message}", f"      → {problem.remedy}"]
    return lines
