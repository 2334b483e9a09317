"""Arguments of the command line, with help and errors in French."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from comparisons.queries.family_subjects import DEFAULT_DOCUMENT

UNUSABLE = 2
# formats that a terminal cannot display
BINARY_FORMATS = ("xlsx", "zip", "pdf", "parquet", "gpkg")
_EXPORT_FORMATS = ("csv", "json", "xlsx", "parquet", "gpkg", "geojson", "zip")
_NAMED_ONLY_HELP = "ne lire que les axes que leur document nomme"
_TERRITORY_HELP = (
    "identifiant (departement-35) ou nom (« ille et vilaine ») s’il n’en désigne qu’un"
)


class _Parser(argparse.ArgumentParser):
    """Argument parser whose messages are in French."""

    def __init__(self, **settings: object) -> None:
        super().__init__(add_help=False, **settings)
        self._positionals.title = "arguments"
        self.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def error(self, message: str) -> NoReturn:
        """Print the usage and the error in French, and exit with code `UNUSABLE`."""
        for english, french in _TRANSLATIONS.items():
            message = message.replace(english, french)
        self.exit(UNUSABLE, f"{self.format_usage()}Erreur : {message}\n")


_TRANSLATIONS = {
    "unrecognized arguments": "arguments inconnus",
    "the following arguments are required": "il manque",
    "expected one argument": "il faut une valeur",
    "expected at least one argument": "il faut au moins une valeur",
    "invalid choice": "valeur inconnue",
    "choose from": "valeurs possibles :",
    "argument ": "",
}


def build_parser() -> argparse.ArgumentParser:
    """Build the parser; the options hold the name of the `command`."""
    parser = _Parser(
        prog="python -m comparisons",
        description="Stratoscope : comparer les stratégies numériques des territoires.",
    )
    commands = parser.add_subparsers(
        title="commandes", metavar="COMMANDE", dest="command", required=True
    )
    for add_command in (
        _add_validate,
        _add_build,
        _add_compare,
        _add_pairs,
        _add_export,
        _add_template,
        _add_import,
    ):
        add_command(commands)
    return parser


def _add_validate(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "validate",
        help="vérifier un paquet",
        description="Vérifie un paquet : dossier, archive .zip, classeur .xlsx, .ods ou .xls, "
        "table .csv. Code de retour : 0 valide, 1 erreurs, 2 inutilisable.",
    )
    command.add_argument("path", metavar="CHEMIN", type=Path, help="paquet à vérifier")
    command.add_argument("--json", action="store_true", help="rapport au format JSON")


def _add_build(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "build",
        help="construire la base de données",
        description="Construit la base DuckDB à partir du format, des paquets et des territoires.",
    )
    command.add_argument(
        "--database",
        metavar="FICHIER",
        type=Path,
        help="base à écrire (par défaut : celle du site)",
    )


def _add_compare(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "compare",
        help="mettre des territoires côte à côte",
        description="Met de deux à six territoires (ou documents) côte à côte, avec les nombres de "
        "la page Comparer. Code de retour : 0 fait, 1 comparaison impossible, 2 inutilisable.",
    )
    command.add_argument(
        "territories",
        metavar="TERRITOIRE",
        nargs="+",
        help=_TERRITORY_HELP,
    )
    command.add_argument(
        "--doc",
        metavar="STRATEGIE",
        action="append",
        default=[],
        help=f"document à montrer (par défaut : {DEFAULT_DOCUMENT}) ; plusieurs d’un même "
        "territoire font autant de colonnes",
    )
    command.add_argument(
        "--montrer",
        default="tout",
        choices=("tout", "differences", "commun"),
        help="lignes à montrer (par défaut : tout)",
    )
    command.add_argument(
        "--famille", help="sorte de documents (par défaut, celle que la plupart ont) ; ou tout"
    )
    command.add_argument(
        "--nommes", choices=("oui", "non"), help=f"{_NAMED_ONLY_HELP} (oui par défaut)"
    )
    command.add_argument(
        "--rubrique", metavar="RUBRIQUE", action="append", default=[], help="rubrique à montrer"
    )
    _add_output(command, BINARY_FORMATS)


def _add_pairs(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "pairs",
        help="trouver les pairs d’un territoire",
        description="Trouve les territoires qui ressemblent à un autre, sa position parmi eux, ce "
        "qu’ils font et pas lui, avec les nombres de la page Pairs. Code de retour : 0 fait, "
        "1 demande impossible, 2 inutilisable.",
    )
    command.add_argument("territory", metavar="TERRITOIRE", help=_TERRITORY_HELP)
    command.add_argument(
        "--maniere",
        metavar="MANIERE",
        help="structure (par défaut), voisins, taille ou liste (par défaut avec --avec)",
    )
    command.add_argument(
        "--nommes", choices=("oui", "non"), help=f"{_NAMED_ONLY_HELP} (non par défaut)"
    )
    command.add_argument("--nombre", metavar="N", help="pairs au plus (10 par défaut)")
    command.add_argument(
        "--region", metavar="OU", help="toutes (par défaut), hors (de sa région) ou seule"
    )
    command.add_argument(
        "--poids",
        metavar="VARIABLE:POIDS",
        nargs="+",
        action="extend",
        default=[],
        help="poids d’une variable, de 0 (écartée) à 3, comme densite:2",
    )
    command.add_argument(
        "--avec",
        metavar="TERRITOIRE",
        nargs="+",
        action="extend",
        default=[],
        help="territoires de votre propre liste",
    )
    _add_output(command, ("xlsx", "zip"))


def _add_export(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "export",
        help="écrire une table, ou tout le jeu de données",
        description="Écrit une table, entière ou filtrée comme à /api/v1/tables/, ou « all » : "
        "toutes les tables du format, en un paquet (zip) ou un classeur (xlsx). Code de retour : "
        "0 fait, 1 demande impossible, 2 inutilisable.",
    )
    command.add_argument("table", metavar="TABLE", help="nom d’une table, ou all")
    command.add_argument(
        "--format", required=True, choices=_EXPORT_FORMATS, help="format du fichier"
    )
    command.add_argument("--niveau", metavar="NIVEAU", help="region, departement, epci ou commune")
    command.add_argument("--territoire", metavar="TERRITOIRE", help=_TERRITORY_HELP)
    command.add_argument(
        "--filtre",
        metavar="COLONNE=VALEUR",
        nargs="+",
        action="extend",
        default=[],
        help="filtres de l’API, comme montant__gte=100000 ou _tri=-montant",
    )
    command.add_argument(
        "-o", "--output", metavar="FICHIER", type=Path, help="fichier à écrire (sinon : la sortie)"
    )


def _add_template(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "template",
        help="écrire un classeur à remplir",
        description="Écrit le modèle de tableur du format : une feuille par table, avec aide et "
        "listes de codes. Code de retour : 0 fait, 2 fichier impossible à écrire.",
    )
    command.add_argument(
        "-o", "--output", metavar="FICHIER.xlsx", type=Path, required=True, help="fichier à écrire"
    )
    kind = command.add_mutually_exclusive_group()
    kind.add_argument("--court", action="store_true", help="une ligne par stratégie")
    kind.add_argument("--exemple", action="store_true", help="le modèle rempli d’un exemple")


def _add_import(commands: argparse._SubParsersAction) -> None:
    command = commands.add_parser(
        "import",
        help="ajouter un paquet aux données",
        description="Ajoute un paquet valide à data/strategies/, après avoir montré ce qu’il "
        "remplace et demandé un accord. Code de retour : 0 fait, 1 refusé, 2 inutilisable.",
    )
    command.add_argument("path", metavar="CHEMIN", type=Path, help="paquet à ajouter")
    command.add_argument("--nom", default="", help="nom du dossier (par défaut : celui du paquet)")
    command.add_argument("--oui", action="store_true", help="sans demander d’accord")


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
