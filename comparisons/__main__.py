"""Command line: `python -m comparisons validate PATH`, `build`, `compare T1 T2`."""

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

VALID, INVALID, UNUSABLE = 0, 1, 2
# formats of a comparison that a terminal cannot show
_BINARY = ("xlsx", "zip", "pdf")


class _Parser(argparse.ArgumentParser):
    """A parser that speaks French."""

    def __init__(self, **settings: object) -> None:
        super().__init__(add_help=False, **settings)
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def error(self, message: str) -> NoReturn:
        """Say it, and leave with the code of what cannot be used."""
        for english, french in _WORDS.items():
            message = message.replace(english, french)
        self.exit(UNUSABLE, f"{self.format_usage()}Erreur : {message}\n")


_WORDS = {
    "unrecognized arguments": "arguments inconnus",
    "the following arguments are required": "il manque",
    "expected one argument": "il faut une valeur",
    "invalid choice": "valeur inconnue",
    "choose from": "valeurs possibles :",
    "argument ": "",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; give its exit code."""
    options = _parser().parse_args(arguments)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
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

    compare = commands.add_parser(
        "compare",
        help="mettre des territoires côte à côte",
        description="Met de deux à six territoires (ou documents) côte à côte, avec les nombres de "
        "la page Comparer. Code de retour : 0 fait, 1 comparaison impossible, 2 inutilisable.",
    )
    compare.add_argument(
        "territories",
        metavar="TERRITOIRE",
        nargs="+",
        help="identifiant (departement-35) ou nom (« ille et vilaine ») s’il n’en désigne qu’un",
    )
    compare.add_argument(
        "--doc",
        metavar="STRATEGIE",
        action="append",
        default=[],
        help="document à montrer, au lieu de celui en vigueur ; plusieurs d’un même territoire "
        "font autant de colonnes",
    )
    compare.add_argument(
        "--montrer",
        default="tout",
        choices=("tout", "differences", "commun"),
        help="lignes à montrer (par défaut : tout)",
    )
    compare.add_argument(
        "--rubrique", metavar="RUBRIQUE", action="append", default=[], help="rubrique à montrer"
    )
    compare.add_argument(
        "--format",
        default="text",
        choices=("text", "csv", "json", *_BINARY),
        help="texte à lire (par défaut), ou fichier",
    )
    compare.add_argument(
        "-o",
        "--output",
        metavar="FICHIER",
        type=Path,
        help="fichier à écrire (par défaut : la sortie ; obligatoire pour xlsx, zip et pdf)",
    )
    compare.set_defaults(run=_compare)
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


def _compare(options: argparse.Namespace) -> int:
    from comparisons.comparison import files, terminal
    from comparisons.comparison.notes import About
    from comparisons.comparison.request import Refused, read, understood
    from comparisons.warehouse import DatabaseMissingError

    if options.format in _BINARY and options.output is None:
        print(f"Un fichier {options.format} s’écrit avec -o FICHIER.", file=sys.stderr)
        return UNUSABLE
    try:
        keys = []
        for words in options.territories:
            key, note = understood(words)
            keys.append(key)
            if note:
                print(note, file=sys.stderr)
        asked = read(
            {
                "t": keys,
                "doc": options.doc,
                "montrer": [options.montrer],
                "rubrique": options.rubrique,
            }
        )
        about = About(asked.view.montrer, asked.sections)
        if options.format == "text":
            width = shutil.get_terminal_size((100, 24)).columns
            content = terminal.as_text(asked.compared(), about, width).encode("utf-8")
        else:
            content = files.encoded(asked.compared(), options.format, about)
    except Refused as error:
        print(error, file=sys.stderr)
        return INVALID
    except DatabaseMissingError as error:
        print(f"{error} Lancez « python -m comparisons build ».", file=sys.stderr)
        return UNUSABLE
    return _written(content, options.output)


def _written(content: bytes, path: Path | None) -> int:
    """Write a file, or to the output."""
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return VALID
    try:
        path.write_bytes(content)
    except OSError as error:
        print(f"Impossible d’écrire {path} : {error.strerror}.", file=sys.stderr)
        return UNUSABLE
    return VALID


if __name__ == "__main__":
    sys.exit(main())
