"""What a level must and may do, and whose duty is what it need not do, in words."""

import pandas as pd

from comparisons.database.cache import cached
from comparisons.formatting import format_partial_date, join_words
from comparisons.queries.competences import (
    DEGREES,
    DUTY,
    NOT_CONCERNED,
    competences,
    known_degrees,
    levels_of_powers,
    responsible_rows,
)
from comparisons.queries.sources import source_link
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.territory import LEVEL_NOUNS, parse_key

_ARTICLES = {
    "region": "de la région",
    "departement": "du département",
    "epci": "de l’intercommunalité",
    "commune": "de la commune",
}


def service_title(service: str, key: str) -> str:
    """Return the label of a service, with the school levels that are a territory's duty."""
    return _with_degrees(code_label("services", service), known_degrees(service, key))


def degree_title(service: str, degree: str) -> str:
    """Return the label of a service for one school level."""
    return _with_degrees(code_label("services", service), {degree})


def _with_degrees(label: str, degrees: frozenset[str] | set[str]) -> str:
    names = [name for code, name in DEGREES.items() if code in degrees]
    return f"{label} ({', '.join(names)})" if names else label


def describe_owner(service: str, degree: str = "") -> str:
    """Return whose duty a service is: `du ressort de la région`."""
    levels = responsible_rows(service, degree)["territoire_niveau"]
    return f"du ressort {join_words((_ARTICLES[level] for level in levels), 'ou')}"


def describe_rule(service: str, degree: str = "") -> str:
    """Return the rule by which a service is somebody's duty, and when it was read."""
    rules = []
    for row in iterate_rows(responsible_rows(service, degree).drop_duplicates("reference")):
        certainty = " (déduit)" if row.certitude == "deduit" else ""
        rules.append(f"{row.reference}{certainty}, relevé le {format_partial_date(row.releve_le)}")
    return " ; ".join(rules)


@cached
def duties_table(key: str) -> pd.DataFrame:
    """Return what a territory must, then may do, service by service and theme by theme.

    Columns in French; `Référence` links to the page where the rule was read. Of two levels whose
    powers it has, the stronger rule.
    """
    rows = competences()
    levels = levels_of_powers(key)
    rows = rows[
        rows["territoire_niveau"].isin(levels)
        & (rows["competence"] != NOT_CONCERNED)
        & (rows["objet_code"] != "autre")
    ]
    rows = rows.sort_values("competence", key=lambda codes: codes != DUTY, kind="stable")
    rows = rows.drop_duplicates(["objet_type", "objet_code", "degre"])
    return pd.DataFrame(
        {
            "Service ou thème": [
                _with_degrees(code_label(f"{row.objet_type}s", row.objet_code), {row.degre})
                + (" (thème)" if row.objet_type == "theme" else "")
                for row in iterate_rows(rows)
            ],
            "Doit ou peut": [
                "Doit" if competence == DUTY else "Peut" for competence in rows["competence"]
            ],
            "Précision": list(rows["precision"]),
            "Référence": [
                source_link(
                    row.reference + (" (déduit)" if row.certitude == "deduit" else ""),
                    row.source_url,
                )
                for row in iterate_rows(rows)
            ],
            "Relevée le": [format_partial_date(day) for day in rows["releve_le"]],
        }
    )


def duties_title(key: str) -> str:
    """Return the title of `duties_table`."""
    level = parse_key(key).niveau
    article = "un" if level == "departement" else "une"
    return f"Ce que doit et peut {article} {LEVEL_NOUNS[level]}"


def duties_note(key: str) -> str:
    """Return what to know of `duties_table`: it is no legal advice; whose powers are in it."""
    others = join_words(_ARTICLES[level] for level in levels_of_powers(key)[1:])
    twin = f"Ce territoire exerce aussi les compétences {others}. " if others else ""
    return (
        f"{twin}« Peut » : la loi le permet, ou l’impose au-delà du seuil que dit la précision. "
        "« Déduit » : la règle suit de la clause générale ou de la nature du niveau. Ce n’est pas "
        "un avis juridique : le texte fait foi, et la page citée peut n’en être qu’un résumé."
    )
