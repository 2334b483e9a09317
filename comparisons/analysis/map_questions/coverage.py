"""Map of who has a strategy: overall, or in one family of documents."""

import pandas as pd

from comparisons.analysis.map_layers import (
    COVERED_BY_WIDER,
    STATE_COLOURS,
    LegendClass,
    MapLayer,
    classified_layer,
)
from comparisons.formatting import curly_apostrophes, format_number, pluralize
from comparisons.queries.coverage import coverage_by_territory
from comparisons.queries.strategies import covered_years
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NOUNS

# Years before the dataset's only.
PAST_STATES = {
    "pas_encore": ("Document antérieur inconnu", "#f2dcb4"),
    "sans_date": ("Document connu, sans date", "#8c8070"),
}
# Documents that are not those of the whole territory, and pages that name none.
PART = "partie_du_territoire"
DESCRIPTION = {
    "description": (code_label("etats_couverture", "description"), STATE_COLOURS["description"])
}
# What is known of an overall strategy, else of other documents.
OVERVIEW = {
    "adoptee": ("Stratégie d’ensemble adoptée", STATE_COLOURS["adoptee"]),
    "ensemble_autre": ("Stratégie d’ensemble connue, autre état", "#6baed6"),
    "autres_documents": ("Seulement des documents sur un sujet", "#f0a830"),
    "reseaux": ("Seulement des plans de réseaux", "#92567f"),
    PART: ("Document d’une partie de la région", STATE_COLOURS[PART]),
}
_STATES = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")[:6]
} | {PART: OVERVIEW[PART]}
_UNKNOWN_STATES = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")
    if code not in (_STATES | DESCRIPTION)
}
COVERAGE_ORDER = tuple(
    dict.fromkeys(
        (*OVERVIEW, *_STATES, *DESCRIPTION, *COVERED_BY_WIDER, *PAST_STATES, *_UNKNOWN_STATES)
    )
)


def _objects_by_class(family: str) -> dict[str, tuple[str, ...]]:
    """Return what each class is about: documents of which family, or why none is known."""
    if family:
        documents = dict.fromkeys(_STATES, (family,))
    else:
        subjects = set(vocabulary_codes("familles_strategie")) - {"ensemble", "reseaux"}
        documents = dict.fromkeys(OVERVIEW, ("ensemble",))
        documents |= {
            "autres_documents": (*sorted(subjects), "reseaux et autres"),
            "reseaux": ("reseaux",),
        }
    families = (family,) if family else vocabulary_codes("familles_strategie")
    documents[PART] = tuple(f"{name} en partie" for name in families)
    wider = {
        code: (f"{family or 'ensemble'} {code.removeprefix('couverte_')}",)
        for code in COVERED_BY_WIDER
    }
    nothing_known = dict.fromkeys(_UNKNOWN_STATES, ("recherche générale",)) | {
        "description": ("page sans document",),
        "pas_encore": ("autre année", "page sans document"),
        "sans_date": ("sans date",),
        "non_cherchee": ("",),
    }
    return documents | wider | nothing_known


def coverage_layer(
    level: str, family: str = "", year: int | None = None, wider: bool = False
) -> MapLayer:
    """Build the layer of coverage by a family of strategies (by default overall), in a year."""
    data = coverage_by_territory(level, family, year, wider)
    kinds = OVERVIEW if not family else _STATES
    labelled_states = kinds | DESCRIPTION | COVERED_BY_WIDER | PAST_STATES | _UNKNOWN_STATES
    data["valeur"] = data["classe"].map({code: text for code, (text, _) in labelled_states.items()})
    titled = data["titre"].fillna("") != ""
    data["detail"] = ""
    data.loc[titled, "detail"] = [
        curly_apostrophes(f"{row.titre} ({row.porteur})" if row.porteur else row.titre)
        for row in iterate_rows(data[titled])
    ]
    present = set(data["classe"])
    about = _objects_by_class(family)
    classes = [
        LegendClass(code, text, colour, missing=code not in kinds, about=about[code])
        for code, (text, colour) in labelled_states.items()
        # only régions have documents of a part of them
        if code in present or (code in kinds and code != PART)
    ]
    name = f" ({code_label('familles_strategie', family)})" if family else ""
    past_year = year if year and year < covered_years()[-1] else None
    return classified_layer(
        data,
        classes,
        title=f"Qui a une stratégie numérique ?{name}",
        note=_note(family, wider, past_year),
        level=level,
        sentence=overview_sentence(level, data["classe"], past_year) if not family else "",
        year=past_year,
        **_coverage_words(family, past_year),
    )


def _note(family: str, wider: bool, past_year: int | None) -> str:
    """Describe which document is read for each territory, and what does not count."""
    main_note = (
        "Pour chaque territoire, ce qu’on sait de sa stratégie d’ensemble ; à défaut, des "
        "documents qui portent sur un seul sujet. "
        if not family
        else "Pour chaque territoire, le document qui parle pour lui dans cette famille : celui du "
        "territoire entier avant celui d’une partie, un document d’ensemble avant un projet, en "
        "vigueur avant échu, puis le plus récent. "
    )
    wider_note = (
        "Être dans l’aire d’un document plus large n’est pas une information sur le territoire : "
        "cela a sa propre couleur, et n’est pas compté."
        if wider
        else "Les stratégies des territoires plus larges ne comptent pas."
    )
    past_note = (
        " État établi par les dates des documents ; les autres ne sont pas placés."
        if past_year
        else ""
    )
    return main_note + wider_note + past_note


def _coverage_words(family: str, past_year: int | None) -> dict[str, str]:
    """Return the words of the territories that have a document, and of those that have none."""
    kind = " de cette sorte" if family else ""
    if past_year:
        return {
            "known_words": f"avec un document connu{kind} daté de {past_year} ou d’avant",
            "unknown_words": f"aucun document{kind} daté d’alors ou d’avant n’est connu",
        }
    if family:
        return {
            "known_words": "avec un document connu de cette sorte",
            "unknown_words": "aucun document de cette sorte relevé",
        }
    return {
        "known_words": "avec un document connu",
        "unknown_words": "aucun document n’est connu",
    }


def overview_sentence(level: str, classes: pd.Series, past_year: int | None = None) -> str:
    """Describe how many territories have an overall strategy, and what the others have."""
    counts = {code: int(count) for code, count in classes.value_counts().items()}
    adopted, other_overall, single_subject, networks, part, described = (
        counts.get(code, 0) for code in (*OVERVIEW, *DESCRIPTION)
    )
    when = "cette année-là" if past_year else "aujourd’hui"
    text = (
        f"{pluralize(adopted, LEVEL_NOUNS[level])} {'a' if adopted < 2 else 'ont'} une stratégie "
        f"d’ensemble adoptée, {format_number(other_overall)} une autre, dont on ne sait pas "
        f"qu’elle soit adoptée {when} ; {format_number(single_subject)} "
        f"{'n’a' if single_subject < 2 else 'n’ont'} de connu que des documents sur un seul sujet"
    )
    if networks:
        text += f", {format_number(networks)} que des plans de réseaux"
    if part:
        text += (
            f" ; pour {format_number(part)}, la stratégie d’ensemble, à défaut le seul document "
            "connu, n’est que d’une partie du territoire (ancienne région)"
        )
    if described:
        text += (
            f" ; pour {format_number(described)}, une page décrit une action sans nommer de "
            "document"
        )
    return f"{text}. "
