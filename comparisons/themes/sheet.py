"""All that is recorded of one theme: who sets it, in which words, with what money, with whom."""

from dataclasses import dataclass

import pandas as pd

from comparisons.axes import SELECTED
from comparisons.format import codes
from comparisons.pooling.needs import need
from comparisons.pooling.words import in_order
from comparisons.territories import LEVEL_NAMES
from comparisons.text import is_missing, number
from comparisons.themes.overview import known, overview
from comparisons.warehouse import query

MONEY_NOTE = (
    "Seuls figurent les montants qu’une source rattache à une priorité de ce thème. Chacun a son "
    "périmètre, son étape et sa période : ils ne s’additionnent pas."
)


@dataclass(frozen=True)
class Sheet:
    """A theme: its words, then the tables that the functions of this module give."""

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


def sheet(theme: str, named_only: bool = False) -> Sheet:
    """Gather what is recorded of a theme; with `named_only`, in the axes that documents name.

    `services` are the codes of those that answer it, `pourquoi` is a sentence that lists them and
    says why (`pooling.needs`: a reading, no fact). Raises `KeyError` for an unknown theme.
    """
    if theme not in codes("themes"):
        raise KeyError(theme)
    about = overview(named_only).set_index("theme").loc[theme]
    wanted = need(theme=theme)
    return Sheet(
        theme,
        about["libelle"],
        about["definition"],
        about["famille"],
        levels(theme, named_only),
        setters(theme, named_only),
        wordings(theme, named_only),
        budgets(theme),
        bodies(theme),
        wanted.services,
        wanted.explanation,
    )


def levels(theme: str, named_only: bool = False) -> pd.DataFrame:
    """Count the territories of each level that set a theme, among those of which one can tell.

    Returns `territoire_niveau`, `nb` (that set it), `nb_en_cours` (in a strategy of which nothing
    says that it is over), `nb_statut_inconnu` (of these, where nothing says either that it is in
    force or being prepared), `nb_connus` (whose priorities are recorded), `part` (of these; missing
    without any), `nb_territoires` (all those of the level: of most, nothing is recorded).
    """
    found = (
        setters(theme, named_only)
        .assign(over=lambda rows: rows["en_cours"].eq(False), silent=lambda r: r["en_cours"].isna())
        .groupby("territoire_niveau")
        .agg(nb=("cle", "size"), over=("over", "sum"), nb_statut_inconnu=("silent", "sum"))
    )
    rows = known(named_only).join(found, on="territoire_niveau")
    whole = ["nb", "nb_en_cours", "nb_statut_inconnu"]
    rows["nb_en_cours"] = rows["nb"] - rows["over"]
    # none where priorities are recorded and no one sets it; missing where nothing is recorded
    nobody = rows["nb"].isna() & (rows["nb_connus"] > 0)
    rows[whole] = rows[whole].mask(nobody, 0).astype("Int64")
    part = rows["nb"].astype("Float64") / rows["nb_connus"].where(rows["nb_connus"] > 0)
    rows = rows.assign(part=part.astype(float))
    return rows[["territoire_niveau", *whole, "nb_connus", "part", "nb_territoires"]]


def levels_sentences(rows: pd.DataFrame) -> list[str]:
    """Say each row of `levels`: how many of those recorded, out of how many."""
    said = []
    for row in rows.itertuples():
        who, total = LEVEL_NAMES[row.territoire_niveau], number(row.nb_territoires)
        if not row.nb_connus:
            said.append(f"{who} : aucune priorité relevée ({total} territoires).")
            continue
        said.append(
            f"{who} : {number(row.nb)} sur {number(row.nb_connus)} dont les priorités sont "
            f"relevées, dont {number(row.nb_en_cours)} dans une stratégie non terminée (statut non "
            f"renseigné : {number(row.nb_statut_inconnu)}) ; {total} territoires en tout."
        )
    return said


def setters(theme: str, named_only: bool = False) -> pd.DataFrame:
    """List the territories that set a theme, the widest level first, then by name.

    A strategy counts for its lead, for those that share it and for their twins. Returns `cle`,
    `nom`, `territoire_niveau`, `depuis` (year of the first dated document that sets it; missing
    when none has a date), `en_cours` (true: a strategy that sets it is in force or being prepared;
    false: all are over; missing: of none that may go on is the status known), `meilleur_rang`
    (among the named axes of its strategy; missing where none bears it), `nomme` (a named axis
    does), `theme_principal` (main theme of an axis at least), `nb_intitules`, `strategie_ids`;
    with `named_only`, the last three and the years of the axes that documents name.
    """
    return query(
        f"""
        WITH bearing AS (
            SELECT c.territoire_niveau, c.territoire_code, bool_or(a.theme = $theme) AS principal,
                   count(*) AS nb_intitules, list_sort(list(DISTINCT strategie_id)) AS strategie_ids
            FROM territoires_couverts c JOIN {SELECTED} a USING (strategie_id)
            WHERE c.lien <> 'aire'
              AND (a.theme = $theme OR list_contains(a.themes_secondaires, $theme))
            GROUP BY c.territoire_niveau, c.territoire_code
        )
        SELECT b.territoire_niveau || '-' || b.territoire_code AS cle, t.nom, b.territoire_niveau,
               (SELECT min(e.annee_document) FROM etats_strategies e
                WHERE list_contains(b.strategie_ids, e.strategie_id)) AS depuis,
               (SELECT CASE WHEN bool_or(e.etat IN ('adoptee', 'en_revision', 'en_elaboration'))
                                THEN true
                            WHEN bool_and(e.etat = 'terminee') THEN false END
                FROM etats_strategies e
                WHERE list_contains(b.strategie_ids, e.strategie_id)) AS en_cours,
               p.meilleur_rang, p.presence_nommee AS nomme, b.principal AS theme_principal,
               b.nb_intitules::INTEGER AS nb_intitules, b.strategie_ids
        FROM bearing b
        JOIN priorites_par_theme p
          ON p.territoire_niveau = b.territoire_niveau
         AND p.territoire_code = b.territoire_code AND p.theme = $theme
        JOIN territoires t
          ON t.territoire_niveau = b.territoire_niveau AND t.territoire_code = b.territoire_code
        ORDER BY list_position(['region', 'departement', 'epci', 'commune'], b.territoire_niveau),
                 strip_accents(lower(t.nom)), cle
        """,
        {"theme": theme, "nommes": named_only},
    ).astype({"depuis": "Int64", "en_cours": "boolean"})


def wordings(theme: str, named_only: bool = False) -> pd.DataFrame:
    """Give the priorities that bear a theme, in their own words; of the lead of each strategy.

    Returns `cle`, `nom`, `territoire_niveau`, `strategie_id`, `titre`, `type`, `etat`,
    `annee_document` (missing when unknown), `rang`, `nomme`, `rang_nomme` (among the named axes of
    that document), `nb_axes`, `nb_axes_nommes` (recorded, named in it), `intitule`, `description`,
    `principal` (is it the main theme?), `certitude`, `localisation`, `source_id`, `source_titre`,
    `source_url`; the widest level first, then by name, year and rank.
    """
    return query(
        f"""
        SELECT s.territoire_niveau || '-' || s.territoire_code AS cle, t.nom, s.territoire_niveau,
               strategie_id, s.titre, s.type, e.etat, e.annee_document, a.rang, a.nomme,
               a.rang_nomme,
               a.nb_axes, a.nb_axes_nommes, a.intitule, a.description,
               a.theme = $theme AS principal, a.certitude,
               a.localisation, a.source_id, r.titre AS source_titre, r.url AS source_url
        FROM {SELECTED} a
        JOIN strategies s USING (strategie_id)
        JOIN etats_strategies e USING (strategie_id)
        JOIN territoires t
          ON t.territoire_niveau = s.territoire_niveau AND t.territoire_code = s.territoire_code
        JOIN sources r ON r.source_id = a.source_id
        WHERE a.theme = $theme OR list_contains(a.themes_secondaires, $theme)
        ORDER BY list_position(['region', 'departement', 'epci', 'commune'], s.territoire_niveau),
                 strip_accents(lower(t.nom)), cle, e.annee_document DESC NULLS LAST, strategie_id,
                 a.rang
        """,
        {"theme": theme, "nommes": named_only},
    ).astype({"annee_document": "Int64"})


def budgets(theme: str) -> pd.DataFrame:
    """Give the amounts that a source ties to a priority bearing a theme; never to be summed.

    Returns `perimetre`, `etape`, `nature`, `recurrence`, `annee_debut`, `annee_fin`, `montant` (€;
    per year when `recurrence` is `annuel`), `approximatif`, `libelle`, `financeur_type`,
    `financeur_nom`, `budget_id`, `inclus_dans` (the amount of which it is a part), `cle`, `nom`,
    `strategie_id`, `titre`, `rang`, `intitule`, `principal`, `certitude`, `localisation`,
    `source_id`, `source_titre`, `source_url`; those that compare side by side, the largest first.
    """
    return query(
        """
        SELECT b.perimetre, b.etape, b.nature, b.recurrence, b.annee_debut, b.annee_fin, b.montant,
               b.approximatif, b.libelle, b.financeur_type, b.financeur_nom, b.budget_id,
               b.inclus_dans, s.territoire_niveau || '-' || s.territoire_code AS cle, t.nom,
               b.strategie_id, s.titre, a.rang, a.intitule, a.theme = $theme AS principal,
               b.certitude, b.localisation, b.source_id, r.titre AS source_titre,
               r.url AS source_url
        FROM budgets b
        JOIN priorites a ON a.strategie_id = b.strategie_id AND a.rang = b.priorite_rang
        JOIN strategies s ON s.strategie_id = b.strategie_id
        JOIN territoires t
          ON t.territoire_niveau = s.territoire_niveau AND t.territoire_code = s.territoire_code
        JOIN sources r ON r.source_id = b.source_id
        JOIN vocabulaires v ON v.vocabulaire = 'perimetres' AND v.code = b.perimetre
        JOIN vocabulaires w ON w.vocabulaire = 'etapes' AND w.code = b.etape
        WHERE a.theme = $theme OR list_contains(a.themes_secondaires, $theme)
        ORDER BY v.ordre, w.ordre, b.recurrence NULLS FIRST, b.montant DESC NULLS LAST, b.budget_id
        """,
        {"theme": theme},
    ).astype({"annee_debut": "Int64", "annee_fin": "Int64"})


def bodies(theme: str) -> pd.DataFrame:
    """List the bodies that offer a service which answers a theme, the most widely linked first.

    Which services answer which theme is a reading of the vocabularies (`pooling.needs`), no fact.
    Returns `partenaire_id`, `nom`, `sigle`, `forme`, `services` (codes, of those of the theme),
    `solutions`, `nb_territoires` (with a link said of themselves, for one of these services),
    `certitude` (`explicite` when one link at least is), `source_id`, `source_titre`, `source_url`
    (of one of the links, an explicit one if there is).
    """
    rows = query(
        """
        WITH liens AS (
            SELECT partenaire_id, list(DISTINCT service) AS services,
                   list_sort(list(DISTINCT solution) FILTER (solution IS NOT NULL)) AS solutions,
                   count(DISTINCT (territoire_niveau, territoire_code))::INTEGER AS nb_territoires,
                   CASE WHEN bool_or(certitude = 'explicite') THEN 'explicite' ELSE 'deduit' END
                       AS certitude,
                   arg_min(source_id, (certitude <> 'explicite', source_id)) AS source_id
            FROM mutualisations WHERE list_contains(?, service) GROUP BY partenaire_id
        )
        SELECT l.partenaire_id, p.nom, p.sigle, p.forme, l.services, l.solutions, l.nb_territoires,
               l.certitude, l.source_id, r.titre AS source_titre, r.url AS source_url
        FROM liens l
        JOIN partenaires p USING (partenaire_id)
        JOIN sources r ON r.source_id = l.source_id
        ORDER BY l.nb_territoires DESC, strip_accents(lower(p.nom)), l.partenaire_id
        """,
        [list(need(theme=theme).services)],
    )
    return rows.assign(
        services=[in_order("services", found) for found in rows["services"]],
        solutions=[[] if is_missing(found) else list(found) for found in rows["solutions"]],
    )
