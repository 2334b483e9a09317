"""Arguments of the command line, with help and errors in French."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, Self

UNUSABLE = 2
# formats that a terminal cannot display
BINARY_FORMATS = ("xlsx", "zip", "pdf", "docx", "pptx", "parquet", "gpkg")
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
    for name, title, description, declare in _COMMANDS:
        commands.add_parser(name, help=title, description=description, declare=declare)
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


def _declare_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", metavar="DOSSIER", type=Path, required=True, help="dossier à écrire"
    )
    parser.add_argument(
        "--depot", metavar="ADRESSE", default="", help="adresse du dépôt, que les fichiers citent"
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


def _declare_publish(parser: argparse.ArgumentParser) -> None:
    package = parser.add_mutually_exclusive_group(required=True)
    package.add_argument("path", metavar="CHEMIN", type=Path, nargs="?", help="paquet à publier")
    package.add_argument(
        "--from-files",
        action="store_true",
        help="publier tous les paquets de data/strategies/, et leurs états passés",
    )
    parser.add_argument("--nom", default="", help="nom du paquet (par défaut : le sien)")
    parser.add_argument("--auteur", default="", help="qui publie (par défaut : qui a contribué)")
    parser.add_argument("--message", default="", help="ce qui change (par défaut : le titre)")
    parser.add_argument(
        "--remplacer", action="store_true", help="remplacer le paquet publié sous ce nom"
    )


def _declare_snapshots(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="liste au format JSON")


def _declare_replies(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--territoires", metavar="TERRITOIRE", nargs="+", required=True, help=_TERRITORY_HELP
    )
    parser.add_argument(
        "-o", "--output", metavar="DOSSIER", type=Path, required=True, help="dossier des fiches"
    )


def _declare_check_links(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="DOSSIER", type=Path, help="paquet, qui a un sources.csv")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FICHIER.csv",
        type=Path,
        required=True,
        help="journal des liens : une vérification arrêtée y reprend",
    )
    parser.add_argument(
        "--pause",
        metavar="SECONDES",
        type=float,
        default=1.0,
        help="entre deux pages d’un site (1)",
    )
    parser.add_argument(
        "--ecrire", action="store_true", help="écrire l’état des liens dans sources.csv"
    )


def _declare_read_document(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FICHIER", type=Path, help="document à lire")
    parser.add_argument(
        "--territoire",
        metavar="TERRITOIRE",
        help="territoire du document : nom, code, Siren ou identifiant comme departement-35",
    )
    parser.add_argument("--url", metavar="ADRESSE", help="adresse où le document est publié")
    parser.add_argument(
        "-o", "--output", metavar="DOSSIER", type=Path, help="dossier des propositions et du paquet"
    )
    parser.add_argument("--json", action="store_true", help="propositions au format JSON")


def _declare_compare(parser: argparse.ArgumentParser) -> None:
    from comparisons.analysis.comparison.request import ComparisonRequest
    from comparisons.cli.model_options import add_parameters

    parser.add_argument("territories", metavar="TERRITOIRE", nargs="+", help=_TERRITORY_HELP)
    add_parameters(parser, ComparisonRequest, closed=("montrer", "nommes"))
    _add_output(parser, BINARY_FORMATS)


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


_COMMANDS = (
    (
        "validate",
        "vérifier un paquet",
        "Vérifie un paquet : dossier, archive .zip, classeur (.xlsx, .xlsm, .ods, .xls) ou .csv. "
        "Code de retour : 0 valide, 1 erreurs, 2 inutilisable.",
        _declare_validate,
    ),
    (
        "build",
        "construire la base de données",
        "Construit la base DuckDB à partir du format, des paquets et des territoires.",
        _declare_build,
    ),
    (
        "compare",
        "mettre des territoires côte à côte",
        "Met de deux à six territoires (ou documents) côte à côte, avec les nombres de "
        "la page Comparer. Code de retour : 0 fait, 1 comparaison impossible, 2 inutilisable.",
        _declare_compare,
    ),
    (
        "pairs",
        "trouver les pairs d’un territoire",
        "Trouve les territoires qui ressemblent à un autre, sa position parmi eux, ce "
        "qu’ils font et pas lui, avec les nombres de la page Pairs. Code de retour : 0 fait, "
        "1 demande impossible, 2 inutilisable.",
        _declare_pairs,
    ),
    (
        "export",
        "écrire une table, ou tout le jeu de données",
        "Écrit une table, entière ou filtrée comme à /api/v1/tables/, ou « all » : "
        "toutes les tables du format, en un paquet (zip) ou un classeur (xlsx). Code de retour : "
        "0 fait, 1 demande impossible, 2 inutilisable.",
        _declare_export,
    ),
    (
        "schema",
        "écrire le dépôt que schema.data.gouv.fr référence",
        "Écrit, dans un dossier nouveau, le format comme le demande schema.data.gouv.fr, et le "
        "vérifie : il reste à le mettre sur un dépôt Git public, avec l’étiquette de sa version. "
        "Code de retour : 0 conforme, 1 non conforme, 2 inutilisable.",
        _declare_schema,
    ),
    (
        "template",
        "écrire un classeur à remplir",
        "Écrit le modèle de tableur du format : une feuille par table, avec aide et "
        "listes de codes. Code de retour : 0 fait, 2 fichier impossible à écrire.",
        _declare_template,
    ),
    (
        "import",
        "ajouter un paquet aux données",
        "Ajoute un paquet valide à data/strategies/, après avoir montré ce qu’il "
        "remplace et demandé un accord. Code de retour : 0 fait, 1 refusé, 2 inutilisable.",
        _declare_import,
    ),
    (
        "publish",
        "publier un paquet dans le lac",
        "Vérifie un paquet, et le publie dans le lac que nomme STRATOSCOPE_LAKE : tout entier, ou "
        "rien. Code de retour : 0 fait, 1 refusé, 2 inutilisable (le paquet ou le lac).",
        _declare_publish,
    ),
    (
        "snapshots",
        "lister les instantanés du lac",
        "Liste ce qui a été publié dans le lac : instantané, date, édition, paquet, auteur, "
        "message. Code de retour : 0 fait, 2 lac inutilisable.",
        _declare_snapshots,
    ),
    (
        "replies",
        "écrire les fiches que des collectivités relisent",
        "Écrit, pour chaque territoire, la fiche à relire (.xlsx) avec ses faits et leurs sources, "
        "et sa lettre (.docx). La fiche rendue s’ajoute par « import », remplie ou non. Code de "
        "retour : 0 fait, 1 aucun fait, 2 inutilisable.",
        _declare_replies,
    ),
    (
        "check-links",
        "vérifier les adresses des sources",
        "Visite l’adresse de chaque source d’un paquet, et dit lesquelles sont mortes. Aucun fait "
        "n’est retiré. Code de retour : 0 fait, 1 des liens morts, 2 inutilisable.",
        _declare_check_links,
    ),
    (
        "read-document",
        "proposer des lignes d’après un document",
        "Lit une stratégie (PDF, .docx, .odt, .pptx, .html, .txt) et propose ce qu’elle énonce : "
        "propositions.csv, chaque valeur avec sa page et son passage, et un paquet à relire. Code "
        "de retour : 0 des propositions, 1 rien trouvé, 2 document inutilisable.",
        _declare_read_document,
    ),
)
