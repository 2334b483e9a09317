"""Vertical alignment: the themes a territory sets, beside those of the territories above and below.

A theme's state, for one territory: `en_cours` (a priority of a strategy that is not over),
`passee` (of one that is), `absente` (not among its recorded priorities). A territory whose
priorities are not recorded has no row at all: nothing can be said of it.
"""

import pandas as pd

from comparisons.format import codes, label
from comparisons.territories import LEVEL_NAMES, LEVEL_NOUNS, containing, described, parse_key
from comparisons.text import enumeration, plural, typographic
from comparisons.warehouse import query


def aligned(key: str) -> pd.DataFrame:
    """Themes of a territory and of those it lies in (for at least half of its people).

    Returns one row per territory with recorded priorities × theme: `cle`, `nom`,
    `territoire_niveau`, `theme`, `etat`, `rang` (the best, of the axes of that state),
    `intitules`; the widest territory first, the territory itself last.
    """
    keys = [*_above(key)[::-1], key]
    return query(
        """
        SELECT p.territoire_niveau || '-' || p.territoire_code AS cle, t.nom, p.territoire_niveau,
               p.theme,
               CASE WHEN presence_en_cours THEN 'en_cours' WHEN presence THEN 'passee'
                    ELSE 'absente' END AS etat,
               coalesce(p.meilleur_rang_en_cours, p.meilleur_rang) AS rang,
               coalesce(p.intitules, []) AS intitules
        FROM priorites_par_theme p
        JOIN territoires t USING (territoire_niveau, territoire_code)
        JOIN vocabulaires v ON v.vocabulaire = 'themes' AND v.code = p.theme
        WHERE list_contains($keys, p.territoire_niveau || '-' || p.territoire_code)
        ORDER BY list_position($keys, cle), v.ordre
        """,
        {"keys": keys},
    )


def _above(key: str) -> list[str]:
    """Territories in which at least half of the people of one live, the nearest level first."""
    wider = containing(key)
    return list(wider[wider["part_population"] >= 0.5]["cle"])


def below(key: str) -> pd.DataFrame:
    """Count the territories inside one that set each theme in a strategy that is not over.

    Returns one row per level below × theme: `territoire_niveau`, `theme`, `nb_en_cours`,
    `nb_connus` (those whose priorities are recorded).
    """
    territory = parse_key(key)
    return query(
        """
        SELECT p.territoire_niveau, p.theme,
               count(*) FILTER (p.presence_en_cours)::INTEGER AS nb_en_cours,
               count(*)::INTEGER AS nb_connus
        FROM appartenances a
        JOIN priorites_par_theme p USING (territoire_niveau, territoire_code)
        WHERE a.dans_niveau = ? AND a.dans_code = ? AND a.part_population >= 0.5
        GROUP BY p.territoire_niveau, p.theme
        ORDER BY p.territoire_niveau, p.theme
        """,
        [territory.niveau, territory.code],
    )


def alignment_table(key: str) -> pd.DataFrame:
    """Lay out who sets which theme, above, here and below: one row per theme that somebody sets.

    The index is the theme's code; a column per territory (above, here), then per level below. A
    cell says `axe 2`, `axe 3 (terminée)` or `–`; below, `4 sur 7`. Empty when nothing is recorded.
    """
    rows, counts = aligned(key), below(key)
    columns: dict[str, dict[str, str]] = {}
    for _, part in rows.groupby("cle", sort=False):
        name = typographic(part["nom"].iloc[0])
        # a commune and its département may bear one name
        noun = LEVEL_NOUNS[part["territoire_niveau"].iloc[0]]
        name = f"{name} ({noun})" if name in columns else name
        columns[name] = dict(zip(part["theme"], map(_cell, part.itertuples()), strict=True))
    for level, part in counts.groupby("territoire_niveau", sort=False):
        known = plural(part["nb_connus"].iloc[0], "connue" if level != "departement" else "connu")
        columns[f"{LEVEL_NAMES[level]} ({known})"] = {
            row.theme: f"{row.nb_en_cours} sur {row.nb_connus}" if row.nb_en_cours else "–"
            for row in part.itertuples()
        }
    table = pd.DataFrame(columns, index=codes("themes")).fillna("–")
    return table[(table != "–").any(axis=1)] if len(columns) else pd.DataFrame()


def _cell(row: object) -> str:
    match row.etat:
        case "en_cours":
            return f"axe {row.rang}"
        case "passee":
            return f"axe {row.rang} (terminée)"
        case _:
            return "–"


def alignment_sentences(key: str) -> list[str]:
    """Say which themes the territory shares with those above, and which it does not.

    One sentence per territory above whose priorities are recorded, and one for those of which
    nothing is recorded; every statement is a set operation on the rows of `aligned`.
    """
    rows = aligned(key)
    set_by = {
        cle: set(part.loc[part["etat"] == "en_cours", "theme"]) for cle, part in rows.groupby("cle")
    }
    names = described([parse_key(cle) for cle in [*_above(key), key]])
    names = names.set_index("cle")
    sentences = []
    for cle in names.index:
        if cle == key or cle not in set_by or not set_by.get(key):
            continue
        common = [code for code in codes("themes") if code in set_by[key] & set_by[cle]]
        here_only = [code for code in codes("themes") if code in set_by[key] - set_by[cle]]
        whom = typographic(names.loc[cle, "nom"])
        sentences.append(
            f"Avec {whom} : {plural(len(common), 'thème')} en commun{_list(common)} ; "
            f"{plural(len(here_only), 'thème')} ici seulement{_list(here_only)}."
        )
    silent = [typographic(row.nom) for row in names.itertuples() if row.Index not in set_by]
    if silent:
        sentences.append(f"Priorités non renseignées : {enumeration(silent)}.")
    return sentences


def _list(themes: list[str]) -> str:
    return f" ({enumeration(label('themes', code).lower() for code in themes)})" if themes else ""
