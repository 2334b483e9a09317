"""The answer to « is this package right? », for a program and for a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from comparisons.packages import Package
from comparisons.problems import ERROR, WARNING, Problem, count

# A terminal shows the first places of a fault; the JSON report has them all.
SHOWN_PER_CODE = 5


@dataclass(frozen=True)
class Report:
    """The faults of a package: errors stop it, warnings let it pass and are shown."""

    problems: tuple[Problem, ...]
    package: Package

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Faults that stop the package."""
        return tuple(problem for problem in self.problems if problem.severity == ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Faults that let the package pass."""
        return tuple(problem for problem in self.problems if problem.severity == WARNING)

    @property
    def valid(self) -> bool:
        """Whether the package may be loaded."""
        return self.usable and not self.errors

    @property
    def usable(self) -> bool:
        """Whether at least one table could be read."""
        return bool(self.package.tables)

    def to_dict(self) -> dict:
        """Give the report as plain values, ready for JSON."""
        return {
            "valid": self.valid,
            "errors": [problem.to_dict() for problem in self.errors],
            "warnings": [problem.to_dict() for problem in self.warnings],
        }

    def to_text(self) -> str:
        """Write the report for a terminal, the same faults together."""
        rows = sum(len(table) for table in self.package.tables.values())
        tables = count(len(self.package.tables), "table")
        head = f"{self.package.name}\u00a0: {tables}, {count(rows, 'ligne')}."
        parts = [head, *_section("Erreurs", self.errors)]
        parts += _section("Avertissements", self.warnings)
        return "\n".join([*parts, "", self._verdict()])

    def _verdict(self) -> str:
        if not self.usable:
            return "Paquet inutilisable\u00a0: aucune table n’a pu être lue."
        errors = count(len(self.errors), "erreur")
        warnings = count(len(self.warnings), "avertissement")
        state = "Paquet valide" if self.valid else "Paquet à corriger"
        return f"{state}\u00a0: {errors}, {warnings}."


def _section(title: str, problems: Iterable[Problem]) -> list[str]:
    def key(problem: Problem) -> tuple[str, str, str]:
        return problem.file, problem.code, problem.column

    lines: list[str] = []
    for (file, code, column), group in groupby(sorted(problems, key=key), key):
        same = list(group)
        place = f"{file}, colonne «\u00a0{column}\u00a0»" if column else file
        lines += ["", f"  {place} [{code}]"]
        for problem in same[:SHOWN_PER_CODE]:
            where = f"ligne {problem.line}\u00a0: " if problem.line else ""
            lines.append(f"    - {where}{problem.message}")
            lines.append(f"      → {problem.remedy}")
        if len(same) > SHOWN_PER_CODE:
            lines.append(f"    … et {count(len(same) - SHOWN_PER_CODE, 'autre')}.")
    return ["", title, *lines[1:]] if lines else []
