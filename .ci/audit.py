"""How old the locked versions are, and what is known against them. `make audit` runs it.

It ends with 1 if a vulnerability is known, and with 2 if nobody could be asked.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

CI = Path(__file__).parent
LOCK = CI / "tests.lock"  # holds what the application needs, too
SOURCES = (CI.parent / "requirements.txt", CI.parent / "tests" / "requirements.txt")
SERVICES = ("pypi", "osv")
TOOLS = Path(sys.executable).parent
_NAMED = re.compile(r"^[A-Za-z0-9].*")
_PINNED = re.compile(r"^([a-z0-9-]+)==([^\s;]+)", re.MULTILINE)


def requirements(files: Iterable[Path] = SOURCES) -> list[Requirement]:
    """Give what the project asks for itself, by name."""
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    asked = [Requirement(line.partition("#")[0]) for line in lines if _NAMED.match(line)]
    return sorted(asked, key=lambda requirement: requirement.name.lower())


def pinned(lock: str) -> dict[str, Version]:
    """Give the version of each package in a lock: the highest, where it depends on Python's."""
    versions: dict[str, Version] = {}
    for name, version in _PINNED.findall(lock):
        versions[name] = max(versions.get(name, Version("0")), Version(version))
    return versions


def newest(names: Iterable[str]) -> dict[str, Version]:
    """Ask the registry for the latest releases that Python 3.11 or later can have."""
    command = [TOOLS / "uv", "pip", "compile", "-", "--no-deps", "--universal", "--quiet"]
    answer = subprocess.run(
        [*command, "--python-version", "3.11", "--no-header", "--no-annotate"],
        input="\n".join(names),
        capture_output=True,
        text=True,
        check=True,
    )
    return pinned(answer.stdout)


def age(requirement: Requirement, locked: Version, latest: Version) -> str:
    """Say where a locked version stands."""
    if locked >= latest:
        return "newest"
    admitted = requirement.specifier.contains(latest)
    return "run `make lock`" if admitted else "a newer one is outside the range"


def vulnerabilities(service: str) -> list[dict]:
    """Ask a service what is known against each locked package; raises if it does not answer."""
    command = [TOOLS / "pip-audit", "--require-hashes", "--disable-pip", "-r", LOCK, "-f", "json"]
    answer = subprocess.run(
        [*command, "-s", service, "--progress-spinner", "off"], capture_output=True, text=True
    )
    return json.loads(answer.stdout)["dependencies"]


def verdict(packages: list[dict]) -> tuple[int, list[str]]:
    """Tell what a service answered; a package it does not know is not a safe one."""
    found = [
        f"{package['name']} {package['version']}: {known['id']}, "
        f"mended in {', '.join(known['fix_versions']) or 'no version yet'}"
        for package in packages
        for known in package.get("vulns", ())
    ]
    unchecked = sum("skip_reason" in package for package in packages)
    told = [f"{unchecked} of {len(packages)} packages could not be checked."] if unchecked else []
    if found:
        return 1, [*found, *told]
    return (2, told) if told else (0, [f"None known against {len(packages)} packages."])


def main() -> int:
    """Print both answers; give the exit code."""
    locked = pinned(LOCK.read_text("utf-8"))
    asked = requirements()
    latest = newest(requirement.name for requirement in asked)
    for requirement in asked:
        name = requirement.name.lower()
        versions = f"{locked[name]!s:<12} {latest[name]!s:<12}"
        where = age(requirement, locked[name], latest[name])
        print(f"{name:<24} {requirement.specifier!s:<14} {versions} {where}")
    print("\nVulnerabilities:")
    for service in SERVICES:
        try:
            code, told = verdict(vulnerabilities(service))
        except (ValueError, KeyError):
            print(f"  {service} does not answer.")
            continue
        print(*(f"  {service}: {line}" for line in told), sep="\n")
        if code < 2:
            return code
    print("  NOT CHECKED: nothing can be said about vulnerabilities from here.")
    return 2


if __name__ == "__main__":
    sys.exit(main())
