"""The answer to « is this package right? », for a program and for a terminal."""

from dataclasses import dataclass

from comparisons.datapackage.problems import (
    ERROR,
    WARNING,
    Problem,
    count,
    strip_control_characters,
)
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.problem_groups import EXAMPLES, ProblemGroup, group_problems

_PLACES_SHOWN = 6


@dataclass(frozen=True)
class Report:
    """The faults of a package: errors stop it, warnings let it pass and are shown.

    `package` is what is loaded: its cells as they were understood. `sent` is what was read,
    cell for cell.
    """

    problems: tuple[Problem, ...]
    package: Package
    sent: Package

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return faults that stop the package."""
        return tuple(problem for problem in self.problems if problem.severity == ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return faults that let the package pass."""
        return tuple(problem for problem in self.problems if problem.severity == WARNING)

    @property
    def valid(self) -> bool:
        """Return whether the package may be loaded."""
        return self.usable and not self.errors

    @property
    def usable(self) -> bool:
        """Return whether at least one table could be read."""
        return bool(self.package.tables)

    @property
    def verdict(self) -> str:
        """Describe in one sentence whether the package may be loaded."""
        if not self.usable:
            return "Paquet inutilisable\u00a0: aucune table n’a pu être lue."
        errors = count(_total(self.errors), "erreur")
        warnings = count(_total(self.warnings), "avertissement")
        state = "Paquet valide" if self.valid else "Paquet à corriger"
        return f"{state}\u00a0: {errors}, {warnings}."

    def groups(self, examples: int = EXAMPLES) -> list[ProblemGroup]:
        """Group the faults by cause, the most blocking first, each with a few examples."""
        return group_problems(self.problems, examples)

    def to_dict(self) -> dict:
        """Return the report as plain values, ready for JSON."""
        return {
            "valid": self.valid,
            "errors": [problem.to_dict() for problem in self.errors],
            "warnings": [problem.to_dict() for problem in self.warnings],
            "causes": [cause.to_dict() for cause in self.groups()],
        }

    def to_text(self) -> str:
        """Write the report for a terminal, by cause."""
        rows = sum(len(table) for table in self.package.tables.values())
        tables = count(len(self.package.tables), "table")
        lines = [f"{self.package.name}\u00a0: {tables}, {count(rows, 'ligne')}."]
        groups = self.groups()
        for title, severity in (("Erreurs", ERROR), ("Avertissements", WARNING)):
            same = [cause for cause in groups if cause.severity == severity]
            if same:
                lines += ["", title]
            for cause in same:
                lines += ["", *_written(cause)]
        return "\n".join([*lines, "", self.verdict])


def _total(problems: tuple[Problem, ...]) -> int:
    return sum(problem.times for problem in problems)


def _written(cause: ProblemGroup) -> list[str]:
    lines = [f"  {cause.title} [{cause.code}]"]
    lines += [f"    {strip_control_characters(place)}" for place in cause.places[:_PLACES_SHOWN]]
    if len(cause.places) > _PLACES_SHOWN:
        lines.append(f"    et {count(len(cause.places) - _PLACES_SHOWN, 'autre colonne')}")
    for problem in cause.examples:
        where = f"ligne {problem.line}\u00a0: " if problem.line else ""
        lines += [f"    - {where}{problem.message}", f"      → {problem.remedy}"]
    return lines
