"""Profile of a theme: territories, wordings, amounts, organisations."""

from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.shared_services.needs import parse_need
from comparisons.analysis.shared_services.wording import sort_codes
from comparisons.analysis.statements import Statement, common_object
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.formatting import format_number, format_percent, is_missing, pluralize
from comparisons.queries import thresholds
from comparisons.queries.axes import SELECTED_AXES_SQL
from comparisons.queries.family_subjects import DESCRIPTION, OVERALL, families_about, speaks_first
from comparisons.queries.partners import IN_USE
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, load_format, vocabulary_codes
from comparisons.schema.territory import LEVEL_NAMES

MONEY_NOTE = (
    "Seuls figurent les montants qu’une source rattache à une priorité de ce thème. Chacun a son "
    "périmètre, son étape et sa période : ils ne s’additionnent pas."
)
OVERALL_NOTE = (
    "De chaque territoire, une stratégie d’ensemble dont des axes sont relevés : celle qui couvre "
    "toute son action, en vigueur plutôt qu’échue, puis la plus récente ; une page qui décrit une "
    "action sans nommer de document n’en est pas une. Les listes relevées peuvent être "
    "partielles : un thème qui n’y est pas n’est pas un thème absent. Un document spécialisé, lui, "
    "ne choisit pas son sujet parmi d’autres : il est compté à part. Des autres territoires, on ne "
    "sait rien."
)

# Overall strategy that represents each territory, among those whose axes are recorded.
_MAIN_STRATEGIES_SQL = f"""(
    SELECT c.territoire_niveau, c.territoire_code, e.strategie_id, e.famille, s.liste_axes
    FROM territoires_couverts c
    JOIN etats_strategies e USING (strategie_id)
    JOIN strategies s USING (strategie_id)
    WHERE c.lien <> 'aire' AND e.famille = $overall AND e.portee IS DISTINCT FROM '{DESCRIPTION}'
      AND e.strategie_id IN (SELECT strategie_id FROM {SELECTED_AXES_SQL})
    QUALIFY row_number() OVER (
        PARTITION BY c.territoire_niveau, c.territoire_code ORDER BY {speaks_first("e", "c")}) = 1
)"""


@dataclass(frozen=True)
class ThemeProfile:
    """A theme: code, label and definition, then the tables built by this module."""

    theme: str
    libelle: str
    definition: str
    famille: str
    niveaux: pd.DataFrame
    territoires: pd.DataFrame
    intitules: pd.DataFrame
    budgets: pd.DataFrame
    organismes: pd.DataFrame
    services: tuple[str, ...]
    pourquoi: str


@cached
def load_theme(theme: str, named_only: bool = False) -> ThemeProfile:
    """Build the profile of a theme; with `named_only`, in the axes that documents name.

    `services` are the codes of those that answer it, `pourquoi` is a sentence that lists them and
    says why (`analysis.shared_services.needs`: a reading, no fact). Raises `KeyError` for an
    unknown theme.
    """
    if theme not in vocabulary_codes("themes"):
        raise KeyError(theme)
    theme_row = load_format().vocabularies["themes"].set_index("code").loc[theme]
    need = parse_need(theme=theme)
    return ThemeProfile(
        theme,
        theme_row["libelle"],
        theme_row["definition"],
        theme_row["famille"],
        levels_of_theme(theme, named_only),
        territories_with_theme(theme, named_only),
        _theme_wordings(theme, named_only),
        _theme_budgets(theme),
        _theme_organisations(theme),
        need.services,
        need.explanation,
    )


def levels_of_theme(theme: str, named_only: bool = False) -> pd.DataFrame:
    """Count, by level, the territories whose overall strategy was read and sets the theme.

    Returns the columns of `niveaux_theme`; of most territories, nothing is recorded.
    """
    territories = territories_with_theme(theme, named_only)
    in_overall = territories["dans_ensemble"].fillna(False).astype(bool)
    is_specialised = territories["specialise"] & ~in_overall
    flagged = territories.assign(nb=in_overall, nb_specialises=is_specialised)
    counts = flagged.groupby("territoire_niveau")[["nb", "nb_specialises"]].sum()
    rows = _count_read_strategies(named_only)
    counts = counts.reindex(rows["territoire_niveau"], fill_value=0)
    rows = rows.join(counts, on="territoire_niveau")
    rows["part"] = pd.Series(
        map(thresholds.bounded_share, rows["nb"], rows["nb_connus"]), dtype=float
    )
    rows["portee"], rows["reserves"] = _SCOPE, [_reserves(row) for row in iterate_rows(rows)]
    return rows[
        ["territoire_niveau", "nb_connus", "nb", "part", "nb_listes_completes", "nb_specialises",
         "nb_territoires", "portee", "reserves"]
    ]  # fmt: skip


_SCOPE = "stratégies d’ensemble dont des axes sont relevés, une par territoire"


def _reserves(row: object) -> list[str]:
    """Describe what a count of `levels_of_theme` leaves open."""
    reservations = ["des autres territoires, on ne sait rien"]
    if row.nb_listes_completes < row.nb_connus:
        reservations.append("listes d’axes parfois partielles : un minimum")
    if row.nb_connus and is_missing(row.part):
        reservations.append("trop peu de stratégies pour une part")
    return reservations


def _count_read_strategies(named_only: bool) -> pd.DataFrame:
    """Count the territories of each level, and those whose overall strategy was read."""
    rows = query(
        f"""
        SELECT territoire_niveau, count(p.strategie_id)::INTEGER AS nb_connus,
               count(*) FILTER (p.liste_axes = 'complete')::INTEGER AS nb_listes_completes,
               count(*)::INTEGER AS nb_territoires, list(DISTINCT p.famille) AS familles
        FROM territoires t
        LEFT JOIN {_MAIN_STRATEGIES_SQL} p USING (territoire_niveau, territoire_code)
        GROUP BY territoire_niveau
        ORDER BY list_position(['region', 'departement', 'epci', 'commune'], territoire_niveau)
        """,
        {"nommes": named_only, "overall": OVERALL},
    )
    # a count of unlike documents is refused
    common_object([family for families in rows["familles"] for family in families if family])
    return rows.drop(columns="familles")


def levels_statements(rows: pd.DataFrame) -> list[Statement]:
    """Describe each row of `levels_of_theme`.

    The overall strategies that were read, special documents apart.
    """
    return [
        Statement(_level_sentence(row), "themes", (row.territoire_niveau,), row.portee,
                  tuple(row.reserves))
        for row in iterate_rows(rows)
    ]  # fmt: skip


def _level_sentence(row: object) -> str:
    """Describe of a level: `27 départements sur 101 ont une stratégie d’ensemble lue : …`."""
    name = code_label("niveaux", row.territoire_niveau).lower()
    verb = "ont" if row.nb_connus > 1 else "a"
    text = (
        f"{pluralize(row.nb_connus, name)} sur {format_number(row.nb_territoires)} {verb} une "
        "stratégie d’ensemble lue"
    )
    if not row.nb_connus:
        text = f"{LEVEL_NAMES[row.territoire_niveau]} : aucune stratégie d’ensemble lue"
    else:
        verb_speak = "parlent" if row.nb > 1 else "parle"
        setter_count = (
            format_number(row.nb) if row.nb else ("aucun" if name == "département" else "aucune")
        )
        share = f" ({format_percent(row.part)})" if row.nb and not is_missing(row.part) else ""
        text += f" : {setter_count} {'' if row.nb else 'n’'}y {verb_speak} de ce thème{share}"
    if not row.nb_specialises:
        return f"{text}."
    other_noun, verb = ("autres", "ont") if row.nb_specialises > 1 else ("autre", "a")
    return (
        f"{text} ; {format_number(row.nb_specialises)} "
        f"{other_noun} {verb} un document spécialisé qui en parle."
    )


def territories_with_theme(theme: str, named_only: bool = False) -> pd.DataFrame:
    """List the territories with a document that speaks of a theme, the widest level first.

    A document speaks of it in an axis, or is about it (`subjects`). It counts for its lead, for
    those that share it and for their twins. Returns the columns of `territoires_theme`. With
    `named_only`, of the axes that documents name.
    """
    return query(
        f"""
        WITH portent AS (
            SELECT strategie_id, bool_or(nomme) AS nomme, bool_or(theme = $theme) AS principal,
                   count(*) AS nb_intitules
            FROM {SELECTED_AXES_SQL}
            WHERE theme = $theme OR list_contains(themes_secondaires, $theme)
            GROUP BY strategie_id
        ),
        parlent AS (
            SELECT c.territoire_niveau, c.territoire_code, min(e.annee_document) AS premier,
                   list(DISTINCT e.famille) AS familles,
                   bool_or(list_contains($about, e.famille)) AS par_objet,
                   bool_or(e.famille <> $overall AND e.portee IS DISTINCT FROM '{DESCRIPTION}')
                       AS specialise,
                   bool_or(p.nomme) AS nomme,
                   bool_or(p.principal) AS principal, sum(p.nb_intitules) AS nb_intitules,
                   list_sort(list(DISTINCT e.strategie_id)) AS strategie_ids
            FROM territoires_couverts c
            JOIN etats_strategies e USING (strategie_id)
            LEFT JOIN portent p USING (strategie_id)
            WHERE c.lien <> 'aire'
              AND (p.strategie_id IS NOT NULL OR list_contains($about, e.famille))
            GROUP BY c.territoire_niveau, c.territoire_code
        )
        SELECT cle(territoire_niveau, territoire_code) AS cle, t.nom, territoire_niveau,
               b.premier AS premier_document,
               CASE WHEN list_contains(b.strategie_ids, o.strategie_id) THEN true
                    WHEN o.liste_axes = 'complete' THEN false END AS dans_ensemble,
               o.liste_axes, b.par_objet,
               b.familles, b.specialise, b.nomme, b.principal AS theme_principal,
               b.nb_intitules::INTEGER AS nb_intitules, b.strategie_ids
        FROM parlent b
        JOIN territoires t USING (territoire_niveau, territoire_code)
        LEFT JOIN {_MAIN_STRATEGIES_SQL} o USING (territoire_niveau, territoire_code)
        ORDER BY list_position(['region', 'departement', 'epci', 'commune'], territoire_niveau),
                 strip_accents(lower(t.nom)), cle
        """,
        {
            "theme": theme,
            "nommes": named_only,
            "about": families_about(theme),
            "overall": OVERALL,
        },
    ).assign(familles=lambda rows: [sort_codes("familles_strategie", f) for f in rows["familles"]])


def _theme_wordings(theme: str, named_only: bool = False) -> pd.DataFrame:
    """Return the priorities that bear a theme, in their own words; of the lead of each strategy.

    Returns the columns of `intitules_theme`; the widest level first, then by name, year and rank.
    """
    return query(
        f"""
        SELECT cle(s.territoire_niveau, s.territoire_code) AS cle, t.nom, s.territoire_niveau,
               strategie_id, s.titre, s.type, e.etat, e.annee_document, a.rang, a.nomme,
               a.rang_nomme,
               a.nb_axes, a.nb_axes_nommes, a.intitule, a.description,
               a.theme = $theme AS principal, a.certitude,
               a.localisation, a.source_id, source_titre, source_url
        FROM {SELECTED_AXES_SQL} a
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires t
          ON t.territoire_niveau = s.territoire_niveau AND t.territoire_code = s.territoire_code
        JOIN sources_citees() r ON r.source_id = a.source_id
        WHERE a.theme = $theme OR list_contains(a.themes_secondaires, $theme)
        ORDER BY list_position(['region', 'departement', 'epci', 'commune'], s.territoire_niveau),
                 strip_accents(lower(t.nom)), cle, e.annee_document DESC NULLS LAST, strategie_id,
                 a.rang
        """,
        {"theme": theme, "nommes": named_only},
    ).astype({"annee_document": "Int64"})


def _theme_budgets(theme: str) -> pd.DataFrame:
    """Return the amounts that a source ties to a priority bearing a theme; never to be summed.

    Returns the columns of `budgets_theme`; those that compare side by side, the largest first.
    """
    return query(
        """
        SELECT b.perimetre, b.etape, b.nature, b.recurrence, b.annee_debut, b.annee_fin, b.montant,
               b.approximatif, b.libelle, b.financeur_type, b.financeur_nom, b.budget_id,
               b.inclus_dans, cle(s.territoire_niveau, s.territoire_code) AS cle, t.nom,
               b.strategie_id, s.titre, a.rang, a.intitule, a.theme = $theme AS principal,
               b.certitude, b.localisation, b.source_id, source_titre, source_url
        FROM budgets b
        JOIN priorites a ON a.strategie_id = b.strategie_id AND a.rang = b.priorite_rang
        JOIN strategies s ON s.strategie_id = b.strategie_id
        JOIN territoires t
          ON t.territoire_niveau = s.territoire_niveau AND t.territoire_code = s.territoire_code
        JOIN sources_citees() r ON r.source_id = b.source_id
        JOIN vocabulaires v ON v.vocabulaire = 'perimetres' AND v.code = b.perimetre
        JOIN vocabulaires w ON w.vocabulaire = 'etapes' AND w.code = b.etape
        WHERE a.theme = $theme OR list_contains(a.themes_secondaires, $theme)
        ORDER BY v.ordre, w.ordre, b.recurrence NULLS FIRST, b.montant DESC NULLS LAST, b.budget_id
        """,
        {"theme": theme},
    ).astype({"annee_debut": "Int64", "annee_fin": "Int64"})


def _theme_organisations(theme: str) -> pd.DataFrame:
    """List the organisations that offer a service answering a theme, in use, most cited first.

    Which services answer which theme is a reading of the vocabularies
    (`analysis.shared_services.needs`), no fact. Returns the columns of `organismes_theme`; the
    source is of one of the links, an explicit one if there is.
    """
    rows = query(
        f"""
        WITH liens AS (
            SELECT partenaire_id, list(DISTINCT service) AS services,
                   list_sort(list(DISTINCT solution) FILTER (solution IS NOT NULL)) AS solutions,
                   count(DISTINCT (territoire_niveau, territoire_code))
                       FILTER (certitude = 'explicite')::INTEGER AS nb_cites,
                   count(DISTINCT (territoire_niveau, territoire_code))::INTEGER - nb_cites
                       AS nb_deduits,
                   CASE WHEN bool_or(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END
                       AS certitude,
                   arg_min(source_id, (certitude <> 'explicite', source_id)) AS source_id
            FROM mutualisations WHERE list_contains(?, service) AND {IN_USE}
            GROUP BY partenaire_id
        )
        SELECT l.partenaire_id, p.nom, p.sigle, p.forme, l.services, l.solutions, l.nb_cites,
               l.nb_deduits, l.certitude, l.source_id, source_titre, source_url
        FROM liens l
        JOIN partenaires p USING (partenaire_id)
        JOIN sources_citees() r ON r.source_id = l.source_id
        ORDER BY l.nb_cites DESC, l.nb_deduits DESC, strip_accents(lower(p.nom)), l.partenaire_id
        """,
        [list(parse_need(theme=theme).services)],
    )
    return rows.assign(
        services=[sort_codes("services", values) for values in rows["services"]],
        solutions=[[] if is_missing(values) else list(values) for values in rows["solutions"]],
    )
