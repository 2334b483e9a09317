"""Command line: `python -m comparisons validate PATH`, `python -m comparisons build`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

VALID, INVALID, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; give its exit code."""
    options = _parser().parse_args(arguments)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m comparisons",
        description="Stratoscope : comparer les stratégies numériques des territoires.",
    )
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)

    validate = commands.add_parser(
        "validate",
        help="vérifier un paquet",
        description="Vérifie un paquet : dossier, archive .zip, classeur .xlsx ou table .csv. "
        "Code de retour : 0 valide, 1 erreurs, 2 inutilisable.",
    )
    validate.add_argument("path", metavar="CHEMIN", type=Path, help="paquet à vérifier")
    validate.add_argument("--json", action="store_true", help="rapport au format JSON")
    validate.set_defaults(run=_validate)

    build = commands.add_parser(
        "build",
        help="construire la base de données",
        description="Construit la base DuckDB à partir du format, des paquets et des territoires.",
    )
    build.add_argument(
        "--database",
        metavar="FICHIER",
        type=Path,
        help="base à écrire (par défaut : celle du site)",
    )
    build.set_defaults(run=_build)
    return parser


def _validate(options: argparse.Namespace) -> int:
    # Each command imports what it needs: the help must stay quick.
    from comparisons.merge import published_before
    from comparisons.validation import validate

    report = validate(options.path, published=published_before(options.path))
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print(report.to_text())
    if not report.usable:
        return UNUSABLE
    return VALID if report.valid else INVALID


def _build(options: argparse.Namespace) -> int:
    from comparisons.build import BuildError, build

    try:
        build(database=options.database, progress=print)
    except BuildError as error:
        print(error, file=sys.stderr)
        return INVALID
    return VALID


if __name__ == "__main__":
    sys.exit(main())
