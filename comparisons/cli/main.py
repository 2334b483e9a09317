"""Command line: `python -m comparisons validate PATH`, `build`, `compare`, `export`, `import` …"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Self

_VALID, _INVALID, _UNUSABLE = 0, 1, 2
# formats that a terminal cannot display
_BINARY_FORMATS = ("xlsx", "zip", "pdf", "parquet", "gpkg")
_EXPORT_FORMATS = ("csv", "json", "xlsx", "parquet", "gpkg", "geojson", "zip")
_TERRITORY_HELP = (
    "identifiant (departement-35) ou nom (« ille et vilaine ») s’il n’en désigne qu’un"
)


class _Parser(argparse.ArgumentParser):
    """Argument parser whose messages are in French.

    `declare` adds its arguments when it parses: a command loads what it needs, the help nothing.
    """

    def __init__(self, declare: Callable[[Self], None] | None = None, **settings: object) -> None:
        super().__init__(add_help=False, **settings)
        self._declare = declare
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def parse_known_args(
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Declare the arguments, and parse them."""
        declare, self._declare = self._declare, None
        if declare:
            declare(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error in French, and exit with code `_UNUSABLE`."""
        for english, french in _TRANSLATIONS.items():
            message = message.replace(english, french)
        self.exit(_UNUSABLE, f"{self.format_usage()}Erreur : {message}\n")


_TRANSLATIONS = {
    "unrecognized arguments": "arguments inconnus",
    "the following arguments are required": "il manque",
    "expected one argument": "il faut une valeur",
    "expected at least one argument": "il faut au moins une valeur",
    "invalid choice": "valeur inconnue",
    "choose from": "valeurs possibles :",
    "argument ": "",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command named by the arguments and return its exit code."""
    options = _parser().parse_args(arguments)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m comparisons",
        description="Stratoscope : comparer les stratégies numériques des territoires.",
    )
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", required=True)
    for name, title, description, declare, run in _COMMANDS:
        command = commands.add_parser(name, help=title, description=description, declare=declare)
        command.set_defaults(run=run)
    return parser


def _declare_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="CHEMIN", type=Path, help="paquet à vérifier")
    parser.add_argument("--json", action="store_true", help="rapport au format JSON")


def _declare_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--database",
        metavar="FICHIER",
        type=Path,
        help="base à écrire (par défaut : celle du site)",
    )


def _declare_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("table", metavar="TABLE", help="nom d’une table, ou all")
    parser.add_argument(
        "--format", required=True, choices=_EXPORT_FORMATS, help="format du fichier"
    )
    parser.add_argument("--niveau", metavar="NIVEAU", help="region, departement, epci ou commune")
    parser.add_argument("--territoire", metavar="TERRITOIRE", help=_TERRITORY_HELP)
    parser.add_argument(
        "--filtre",
        metavar="COLONNE=VALEUR",
        nargs="+",
        action="extend",
        default=[],
        help="filtres de l’API, comme montant__gte=100000 ou _tri=-montant",
    )
    parser.add_argument(
        "-o", "--output", metavar="FICHIER", type=Path, help="fichier à écrire (sinon : la sortie)"
    )


def _declare_template(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", metavar="FICHIER.xlsx", type=Path, required=True, help="fichier à écrire"
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--court", action="store_true", help="une ligne par stratégie")
    kind.add_argument("--exemple", action="store_true", help="le modèle rempli d’un exemple")


def _declare_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="CHEMIN", type=Path, help="paquet à ajouter")
    parser.add_argument("--nom", default="", help="nom du dossier (par défaut : celui du paquet)")
    parser.add_argument("--oui", action="store_true", help="sans demander d’accord")


def _declare_compare(parser: argparse.ArgumentParser) -> None:
    from comparisons.analysis.comparison.request import ComparisonRequest
    from comparisons.cli.model_options import add_parameters

    parser.add_argument("territories", metavar="TERRITOIRE", nargs="+", help=_TERRITORY_HELP)
    add_parameters(parser, ComparisonRequest, closed=("montrer", "nommes"))
    _add_output(parser, _BINARY_FORMATS)


def _declare_pairs(parser: argparse.ArgumentParser) -> None:
    from comparisons.analysis.peers.request import PeersRequest
    from comparisons.cli.model_options import add_parameters

    parser.add_argument("territory", metavar="TERRITOIRE", help=_TERRITORY_HELP)
    add_parameters(parser, PeersRequest, closed=("nommes",))
    _add_output(parser, ("xlsx", "zip"))


def _add_output(command: argparse.ArgumentParser, binary: Sequence[str]) -> None:
    """Add the options `--format` and `--output` to a command."""
    command.add_argument(
        "--format",
        default="text",
        choices=("text", "csv", "json", *binary),
        help="texte à lire (par défaut), ou fichier",
    )
    command.add_argument(
        "-o",
        "--output",
        metavar="FICHIER",
        type=Path,
        help="fichier à écrire (par défaut : la sortie ; obligatoire pour "
        f"{', '.join(binary[:-1])} et {binary[-1]})",
    )


def _validate(options: argparse.Namespace) -> int:
    # Each command imports its own modules, so that the help stays fast.
    from comparisons.datapackage.merge import MergeError, tables_before
    from comparisons.datapackage.validation.validator import validate

    try:
        published = tables_before(options.path)
    except MergeError as error:
        print(error, file=sys.stderr)
        return _UNUSABLE
    report = validate(options.path, published=published)
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print(report.to_text())
    if not report.is_readable:
        return _UNUSABLE
    return _VALID if report.is_valid else _INVALID


def _build(options: argparse.Namespace) -> int:
    from comparisons.build.build import BuildError, build

    try:
        build(database=options.database, progress=print)
    except BuildError as error:
        print(error, file=sys.stderr)
        return _INVALID
    except KeyboardInterrupt:
        print("Construction arrêtée : rien n’a été remplacé.", file=sys.stderr)
        return _INVALID
    return _VALID


def _compare(options: argparse.Namespace) -> int:
    def make() -> bytes:
        from comparisons.analysis.comparison.request import ComparisonRequest, parse_request
        from comparisons.cli import comparison
        from comparisons.cli.model_options import read_options
        from comparisons.exports import comparison_files
        from comparisons.exports.comparison_notes import ExportOptions

        keys = [_resolve_territory(text) for text in options.territories]
        request = parse_request(read_options(options, ComparisonRequest) | {"t": keys})
        export_options = ExportOptions(request.montrer, request.sections)
        if options.format == "text":
            return comparison.comparison_to_text(
                request.build_comparison(), export_options, _terminal_width()
            ).encode("utf-8")
        return comparison_files.encode(request.build_comparison(), options.format, export_options)

    return _make_and_write(options, make)


def _pairs(options: argparse.Namespace) -> int:
    def make() -> bytes:
        from comparisons.analysis.peers import study as peers_study
        from comparisons.analysis.peers.request import PeersRequest, parse_request
        from comparisons.cli import peers
        from comparisons.cli.model_options import read_options
        from comparisons.exports import peers_files

        parameters = read_options(options, PeersRequest)
        parameters["t"] = [_resolve_territory(options.territory)]
        if options.avec:
            parameters["avec"] = [_resolve_territory(text) for text in options.avec]
            parameters.setdefault("maniere", ["liste"])
        request = parse_request(parameters)
        key, choice, named_only = request.t, request.choice, request.nommes
        if options.format == "text":
            study = peers_study.load_report(key, choice, named_only)
            return peers.peers_to_text(study, _terminal_width()).encode("utf-8")
        return peers_files.encode(key, choice, options.format, named_only=named_only)

    return _make_and_write(options, make)


def _export(options: argparse.Namespace) -> int:
    def make() -> bytes:
        from comparisons.cli import tables

        key = _resolve_territory(options.territoire) if options.territoire else ""
        return tables.to_bytes(
            options.table, options.format, options.filtre, options.niveau or "", key
        )

    return _make_and_write(options, make)


def _template(options: argparse.Namespace) -> int:
    from comparisons.datapackage.template import templates

    make = templates.example_workbook if options.exemple else templates.workbook
    return _write_content(
        (templates.short_form_template if options.court else make)(), options.output
    )


def _import(options: argparse.Namespace) -> int:
    from comparisons.build.import_package import import_package

    def ask_confirmation(text: str) -> bool:
        print(text)
        if options.oui:
            return True
        try:
            answer = input("L’ajouter ? (oui/non) ")
        except EOFError:
            answer = ""
        return answer.strip().casefold() == "oui"

    report = import_package(options.path, name=options.nom, confirm=ask_confirmation)
    is_imported = report.outcome == "fait"
    print(report.message, file=sys.stdout if is_imported else sys.stderr)
    return {"fait": _VALID, "inutilisable": _UNUSABLE}.get(report.outcome, _INVALID)


def _resolve_territory(text: str) -> str:
    """Return the key of the territory named by a text; print how it was understood, if need be."""
    from comparisons.search.resolution import resolve_territory

    key, note = resolve_territory(text)
    if note:
        print(note, file=sys.stderr)
    return key


def _terminal_width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _make_and_write(options: argparse.Namespace, make: Callable[[], bytes]) -> int:
    """Write the content that `make` builds and return an exit code; print errors in French."""
    from comparisons.database.connection import DatabaseMissingError
    from comparisons.errors import BadRequestError

    if options.format in _BINARY_FORMATS and options.output is None:
        print(f"Un fichier {options.format} s’écrit avec -o FICHIER.", file=sys.stderr)
        return _UNUSABLE
    try:
        content = make()
    except BadRequestError as error:
        print(error, file=sys.stderr)
        return _INVALID
    except DatabaseMissingError as error:
        print(f"{error} Lancez « python -m comparisons build ».", file=sys.stderr)
        return _UNUSABLE
    return _write_content(content, options.output)


def _write_content(content: bytes, path: Path | None) -> int:
    """Write bytes to a file, or to the standard output, and return an exit code."""
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return _VALID
    try:
        path.write_bytes(content)
    except OSError as error:
        print(f"Impossible d’écrire {path} : {error.strerror}.", file=sys.stderr)
        return _UNUSABLE
    return _VALID


_COMMANDS = (
    (
        "validate",
        "vérifier un paquet",
        "Vérifie un paquet : dossier, archive .zip, classeur .xlsx ou table .csv. "
        "Code de retour : 0 valide, 1 erreurs, 2 inutilisable.",
        _declare_validate,
        _validate,
    ),
    (
        "build",
        "construire la base de données",
        "Construit la base DuckDB à partir du format, des paquets et des territoires.",
        _declare_build,
        _build,
    ),
    (
        "compare",
        "mettre des territoires côte à côte",
        "Met de deux à six territoires (ou documents) côte à côte, avec les nombres de "
        "la page Comparer. Code de retour : 0 fait, 1 comparaison impossible, 2 inutilisable.",
        _declare_compare,
        _compare,
    ),
    (
        "pairs",
        "trouver les pairs d’un territoire",
        "Trouve les territoires qui ressemblent à un autre, sa position parmi eux, ce "
        "qu’ils font et pas lui, avec les nombres de la page Pairs. Code de retour : 0 fait, "
        "1 demande impossible, 2 inutilisable.",
        _declare_pairs,
        _pairs,
    ),
    (
        "export",
        "écrire une table, ou tout le jeu de données",
        "Écrit une table, entière ou filtrée comme à /api/v1/tables/, ou « all » : "
        "toutes les tables du format, en un paquet (zip) ou un classeur (xlsx). Code de retour : "
        "0 fait, 1 demande impossible, 2 inutilisable.",
        _declare_export,
        _export,
    ),
    (
        "template",
        "écrire un classeur à remplir",
        "Écrit le modèle de tableur du format : une feuille par table, avec aide et "
        "listes de codes. Code de retour : 0 fait, 2 fichier impossible à écrire.",
        _declare_template,
        _template,
    ),
    (
        "import",
        "ajouter un paquet aux données",
        "Ajoute un paquet valide à data/strategies/, après avoir montré ce qu’il "
        "remplace et demandé un accord. Code de retour : 0 fait, 1 refusé, 2 inutilisable.",
        _declare_import,
        _import,
    ),
)
