"""Match the names of a header to the columns of the format, and tell which table it is of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz, process

from comparisons.datapackage.column_names import name_key
from comparisons.datapackage.csv_reader import RawTable
from comparisons.datapackage.problems import WARNING, Problem, quoted
from comparisons.datapackage.short_form.table import SHEET, load_short_form
from comparisons.formatting import fold
from comparisons.schema.model import Table, load_format

# Columns that only the short form has.
_SHORT_COLUMNS = frozenset(
    {"priorites", "montant_total", "partenaires", "maj_le", "contact_generique"}
)
# What people write after a name: « Montant (en €) », « Date (jj/mm/aaaa) : ».
_PRECISION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|:\s*$")
# Tables share three columns at most with another that is not theirs.
_MANY_COLUMNS = 3
# Minimal similarity of a name with the name, title or synonyms of a column.
_MIN_SCORE = 78

# Names of the columns in files of local authorities, beside their titles in the format.
_SYNONYMS = {
    "strategie_id": "identifiant de la stratégie|id stratégie|code de la stratégie",
    "territoire_code": "code insee|insee|cog|code géographique|code commune|code département|"
    "code insee commune|code insee département|code du département|code région|code officiel",
    "territoire_niveau": "niveau|échelon|type de territoire|niveau territorial|échelle",
    "titre": "titre de la stratégie|nom de la stratégie|intitulé de la stratégie|nom du document|"
    "titre du document",
    "type": "type de document|nature du document|type stratégie",
    "statut": "état|avancement|état d’avancement",
    "date_adoption": "date de délibération|date de la délibération|date du vote|adoption|"
    "adoptée le",
    "annee_debut": "début|année de début|date de début|année début",
    "annee_fin": "fin|année de fin|date de fin|année fin|échéance",
    "porteur_nom": "collectivité|nom du porteur|porteur de la stratégie|nom de la collectivité",
    "porteur_siren": "siren|numéro siren|siret|siren de la collectivité",
    "gouvernance": "comité de pilotage|instances",
    "resume": "synthèse|présentation",
    "certitude": "fiabilité|niveau de certitude",
    "source_id": "source|identifiant de la source|référence",
    "localisation": "page|pages|n° de page",
    "rang": "numéro|n°|ordre|numéro de l’axe|n° axe",
    "intitule": "priorité|axe|objectif|nom de l’axe|intitulé de l’axe|axe stratégique|orientation",
    "theme": "thématique|domaine|thème de l’axe",
    "description": "détail|commentaire|contenu",
    "montant": "montant en euros|montant (€)|montant €|coût|budget|somme",
    "financeur_nom": "financeur|nom du financeur|qui paie",
    "perimetre": "périmètre du montant|objet",
    "recurrence": "par an|fréquence",
    "approximatif": "environ|estimation",
    "partenaire_id": "partenaire|identifiant du partenaire|structure de mutualisation",
    "nom": "nom de la structure|structure|organisme|nom de l’organisme|nom du partenaire",
    "sigle": "acronyme",
    "forme": "statut juridique|forme juridique",
    "siege_departement": "département|siège",
    "nb_adherents": "adhérents|nombre d’adhérents|nombre de membres",
    "effectif": "agents|nombre d’agents|etp",
    "url": "lien|site|site web|adresse du site|lien vers le document|adresse web|lien internet|"
    "adresse internet|lien du document|url du document|lien web|document",
    "valeur": "chiffre|nombre|résultat chiffré",
    "unite": "unité de mesure",
    "annee": "millésime|date",
    "editeur": "auteur|publié par|organisme éditeur",
    "date_publication": "publié le|date du document|date",
    "consulte_le": "date de consultation|consulté le|date de la recherche",
    "note": "remarque|observation|observations|commentaire",
    "priorites": "axes|axes stratégiques|objectifs|orientations",
    "montant_total": "montant|budget|budget total|coût total|montant (€)",
    "montant_etape": "étape|stade",
    "montant_perimetre": "périmètre|objet du montant",
    "montant_annees": "années|période|période du montant",
    "partenaires": "partenaires de la stratégie",
    "maj_le": "mis à jour|mis à jour le|date de mise à jour|mise à jour le",
    "contact_generique": "contact|courriel|e-mail|mail|adresse électronique",
}


def match_columns(table: Table, header: Iterable[str]) -> dict[str, str]:
    """Return the likely absent column of each unknown name of a header (name → column).

    Each column is used once, for the closest name.
    """
    names = list(dict.fromkeys(name for name in header if name))
    absent = [column for column in table.columns if column not in names]
    wordings = [
        (wording, column) for column in absent for wording in column_wordings(table, column)
    ]
    scores = []
    for name in names:
        if name in table.columns or not wordings:
            continue
        folded_name = fold(name.replace("_", " "))[:80]
        matches = process.extract(
            folded_name,
            [wording for wording, _ in wordings],
            scorer=_name_similarity,
            score_cutoff=_MIN_SCORE,
            limit=5,
        )
        scores += [
            (-score, names.index(name), wordings[index][1], name) for _, score, index in matches
        ]
    column_by_name: dict[str, str] = {}
    for _, _, column, name in sorted(scores):
        if name not in column_by_name and column not in column_by_name.values():
            column_by_name[name] = column
    return column_by_name


def exact_columns(table: Table, header: Iterable[str]) -> dict[str, str]:
    """Return the absent columns whose title or synonym a header holds as it is (name → column).

    A wording of two columns, or two wordings of one column, are not taken.
    """
    names = list(dict.fromkeys(name for name in header if name))
    columns_by_wording: dict[str, list[str]] = {}
    for column in table.columns:
        if column not in names:
            for wording in column_wordings(table, column):
                columns_by_wording.setdefault(name_key(wording), []).append(column)
    candidates = {
        name: columns_by_wording.get(name_key(name))
        or columns_by_wording.get(name_key(_PRECISION.sub("", name)), [])
        for name in names
        if name not in table.columns
    }
    columns_meant = [columns[0] for columns in candidates.values() if len(columns) == 1]
    return {
        name: columns[0]
        for name, columns in candidates.items()
        if len(columns) == 1 and columns_meant.count(columns[0]) == 1
    }


def detect_table(header: Sequence[str], stem: str = "") -> str | None:
    """Find which table, or short form, a header is of: by the name of its file, else by columns.

    All mandatory columns must be there, and no other table have many more of the columns.
    """
    tables = load_format().tables
    if stem.lower() in tables:
        return stem.lower()
    if _is_short_form(header):
        return SHEET
    counts = {table.name: len(_common_columns(table, header)) for table in tables.values()}
    complete = [name for name in counts if not _missing_columns(tables[name], header)]
    if complete:
        name = max(complete, key=counts.__getitem__)
        return name if max(counts.values()) - counts[name] < _MANY_COLUMNS else None
    named = [name for name in counts if name in stem.lower()]
    return max(named, key=counts.__getitem__, default=None)


def closest_table(header: Sequence[str]) -> tuple[str, list[str]]:
    """Return the table with the most columns of a header, and its mandatory ones that are absent.

    ("", []) if few are in common.
    """
    tables = load_format().tables.values()
    table = max(tables, key=lambda table: len(_common_columns(table, header)))
    if len(_common_columns(table, header)) <= _MANY_COLUMNS:
        return "", []
    return table.name, _missing_columns(table, header)


def _is_short_form(header: Sequence[str]) -> bool:
    """Return whether a header has columns that only the short form has, and no `strategie_id`."""
    names = {name_key(name) for name in header} | _common_columns(load_short_form(), header)
    return (
        {"territoire_code", "titre"} <= names
        and bool(names & _SHORT_COLUMNS)
        and "strategie_id" not in names
    )


def _common_columns(table: Table, header: Sequence[str]) -> set[str]:
    names = {name_key(name) for name in header}
    return (names & set(table.columns)) | set(exact_columns(table, header).values())


def _missing_columns(table: Table, header: Sequence[str]) -> list[str]:
    common = _common_columns(table, header)
    return [column for column in table.required_columns if column not in common]


def rename_columns(raw: RawTable, table: Table, file: str) -> tuple[RawTable, list[Problem]]:
    """Give the columns of a table their names in the format, where they have their titles."""
    renamed = exact_columns(table, raw.header.names)
    if not renamed:
        return raw, []
    header = replace(
        raw.header,
        names=tuple(renamed.get(name, name) for name in raw.header.names),
        extra_columns={
            name: cells for name, cells in raw.header.extra_columns.items() if name not in renamed
        },
    )
    return replace(raw, header=header), [
        Problem(
            file,
            header.line,
            column,
            name,
            "valeur-interpretee",
            f"La colonne {quoted(name)} a été lue comme {quoted(column)}.",
            "Rien à faire si c’est bien elle ; sinon, changez son nom.",
            WARNING,
        )
        for name, column in renamed.items()
    ]


def column_wordings(table: Table, column: str) -> set[str]:
    """Return the names that people give to a column, folded: its name, its title, synonyms."""
    names = {column.replace("_", " "), table.field(column).title}
    return {fold(name) for name in (*names, *_SYNONYMS.get(column, "").split("|")) if name}


def _name_similarity(first_name: str, second_name: str, **_: object) -> float:
    """Return the similarity of two names (0-100), nearly regardless of the order of words."""
    return max(
        fuzz.ratio(first_name, second_name), fuzz.token_sort_ratio(first_name, second_name) - 1
    )
