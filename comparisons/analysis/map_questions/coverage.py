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
from comparisons.queries.strategies import coverage_by_territory, covered_years
from comparisons.schema.model import code_label, vocabulary_codes
from comparisons.schema.territory import LEVEL_NOUNS

# Years before the dataset's only.
PAST_STATES = {
    "pas_encore": ("Pas encore de stratégie connue", "#fde89a"),
    "sans_date": ("Stratégie connue, sans date", "#8c8070"),
}
# What is known of an overall strategy, else of other documents.
OVERVIEW = {
    "adoptee": ("Stratégie d’ensemble adoptée", STATE_COLOURS["adoptee"]),
    "ensemble_autre": ("Stratégie d’ensemble connue, autre état", "#6baed6"),
    "autres_documents": ("Seulement des documents sur un sujet", "#f0a830"),
    "reseaux": ("Seulement un plan de réseaux", "#92567f"),
}
_STATES = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")[:6]
}
_UNKNOWN_STATES = {
    code: (code_label("etats_couverture", code), STATE_COLOURS[code])
    for code in vocabulary_codes("etats_couverture")[6:]
}
COVERAGE_ORDER = tuple(
    dict.fromkeys((*OVERVIEW, *_STATES, *COVERED_BY_WIDER, *PAST_STATES, *_UNKNOWN_STATES))
)


def _objects_by_class(family: str) -> dict[str, tuple[str, ...]]:
    """Return what each class is about: documents of which family, or why none is known."""
    if family:
        documents = dict.fromkeys(_STATES, (family,))
    else:
        subjects = set(vocabulary_codes("familles_strategie")) - {"ensemble", "reseaux"}
        documents = dict.fromkeys(OVERVIEW, ("ensemble",))
        documents |= {"autres_documents": tuple(sorted(subjects)), "reseaux": ("reseaux",)}
    wider = {
        code: (f"{family or 'ensemble'} {code.removeprefix('couverte_')}",)
        for code in COVERED_BY_WIDER
    }
    nothing_known = dict.fromkeys(_UNKNOWN_STATES, ("recherche générale",)) | {
        "pas_encore": ("autre année",),
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
    labelled_states = kinds | COVERED_BY_WIDER | PAST_STATES | _UNKNOWN_STATES
    data["valeur"] = data["classe"].map({code: text for code, (text, _) in labelled_states.items()})
    data["detail"] = [
        curly_apostrophes(f"{title} ({bearer})" if bearer else title) if title else ""
        for title, bearer in zip(data["titre"].fillna(""), data["porteur"], strict=True)
    ]
    present = set(data["classe"])
    about = _objects_by_class(family)
    classes = [
        LegendClass(code, text, colour, missing=code not in kinds, about=about[code])
        for code, (text, colour) in labelled_states.items()
        if code in kinds or code in present
    ]
    name = f" ({code_label('familles_strategie', family)})" if family else ""
    main_note = (
        "Pour chaque territoire, ce qu’on sait de sa stratégie d’ensemble ; à défaut, des "
        "documents qui portent sur un seul sujet. "
        if not family
        else "Pour chaque territoire, le document qui parle pour lui dans cette famille : un "
        "document d’ensemble avant un projet, en vigueur avant échu, puis le plus récent. "
    )
    wider_note = (
        "Être dans l’aire d’un document plus large n’est pas une information sur le territoire : "
        "cela a sa propre couleur, et n’est pas compté."
        if wider
        else "Les stratégies des territoires plus larges ne comptent pas."
    )
    past_note = (
        " État établi par les dates des documents ; les autres ne sont pas placés."
        if year and year < covered_years()[-1]
        else ""
    )
    return classified_layer(
        data,
        classes,
        title=f"Qui a une stratégie numérique ?{name}",
        note=main_note + wider_note + past_note,
        level=level,
        sentence=overview_sentence(level, data["classe"]) if not family else "",
    )


def overview_sentence(level: str, classes: pd.Series) -> str:
    """Describe how many territories have an overall strategy, and what the others have."""
    counts = classes.value_counts()
    noun = LEVEL_NOUNS[level]
    adopted, other_overall = (int(counts.get(code, 0)) for code in ("adoptee", "ensemble_autre"))
    single_subject, networks = (
        int(counts.get(code, 0)) for code in ("autres_documents", "reseaux")
    )
    singular_verb, plural_verb = ("a", "ont")
    return (
        f"{pluralize(adopted, noun)} "
        f"{singular_verb if adopted < 2 else plural_verb} une stratégie d’ensemble "
        "adoptée, "
        f"{format_number(other_overall)}"
        f" une autre, dont on ne sait pas qu’elle soit adoptée aujourd’hui ; "
        f"{format_number(single_subject)} n’ont de connu que des documents sur un seul sujet, "
        f"{format_number(networks)} "
        "qu’un plan de réseaux. "
    )
