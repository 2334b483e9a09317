"""Map of who sets a theme as a priority."""

import pandas as pd

from comparisons.analysis.map_layers import (
    ABSENT,
    PARTIAL,
    PRESENT,
    UNKNOWN,
    LegendClass,
    MapLayer,
    classified_layer,
)
from comparisons.formatting import MISSING, curly_apostrophes, format_number, pluralize
from comparisons.queries import thresholds
from comparisons.queries.strategies import theme_by_territory
from comparisons.schema.model import code_label

THEME_COLOURS = {
    "en_cours": PRESENT,
    "relevee": PARTIAL,
    "passee": "#92567f",
    "objet": "#f0a830",
    "absente": ABSENT,
    "hors_champ": "#c4c4c4",
    "inconnue": UNKNOWN,
}
# No class says « non »: « pas dans les axes relevés » holds of a list that may be partial, too.
_AXES_READ = ("listes entières", "listes partielles")
_ABOUT = {"objet": ("document consacré",), "inconnue": ("",)}


def theme_layer(
    level: str, theme_code: str, year: int | None = None, named_only: bool = False
) -> MapLayer:
    """Build the layer of territories that set this theme as a priority, in a year."""
    data = theme_by_territory(level, theme_code, year, named_only)
    labels = {
        "en_cours": "Priorité d’une stratégie adoptée",
        "relevee": "Priorité, adoption non établie",
        "passee": "Priorité d’une stratégie terminée",
        "objet": "Seulement un document consacré",
        "absente": "Pas dans les axes relevés",
        "hors_champ": "Documents anciens ou sur un sujet",
        "inconnue": f"Priorités : {MISSING}",
    }
    data["valeur"] = data["classe"].map(labels)
    data["detail"] = [
        " · ".join(curly_apostrophes(text) for text in texts[:2]) if len(texts) else ""
        for texts in data["intitules"].to_list()
    ]
    recent_documents = _describe_recent_documents(data)
    return classified_layer(
        data.drop(columns=["ensemble_lu", "ensemble_porte"]),
        [
            LegendClass(
                code,
                text,
                THEME_COLOURS[code],
                code == "inconnue",
                about=_ABOUT.get(code, _AXES_READ),
            )
            for code, text in labels.items()
        ],
        title=f"Qui fait une priorité de « {code_label('themes', theme_code)} » ?",
        note=recent_documents
        + _describe_axes_read(data, named_only)
        + "Thème principal ou secondaire d’au moins un axe relevé, hors des documents dont il est "
        "le sujet même. Une liste relevée peut être partielle : « pas dans les axes relevés » "
        "n’est pas « absent du document », et ne se dit que d’une stratégie d’ensemble de tout le "
        f"territoire, de {thresholds.RECENT_YEARS} ans au plus.",
        level=level,
    )


def _describe_recent_documents(data: pd.DataFrame) -> str:
    """Describe how many recent overall documents that are read set the theme."""
    read_count, setter_count = int(data["ensemble_lu"].sum()), int(data["ensemble_porte"].sum())
    subject_count = int((data["classe"] == "objet").sum())
    text = (
        f"{pluralize(read_count, 'territoire')} {'a' if read_count < 2 else 'ont'} une stratégie "
        f"d’ensemble de {thresholds.RECENT_YEARS} ans au plus dont des axes sont lus : "
        f"{format_number(setter_count)} en {'fait' if setter_count < 2 else 'font'} une priorité. "
    )
    if subject_count:
        text += (
            f"{pluralize(subject_count, 'autre territoire', 'autres territoires')} "
            f"{'n’a' if subject_count < 2 else 'n’ont'} qu’un document consacré. "
        )
    return text


def _describe_axes_read(data: pd.DataFrame, named_only: bool) -> str:
    """Describe how many territories set the theme in an axis, and in one that a document names."""
    if named_only:
        return "Seuls les axes que leur document nomme sont lus. "
    setters = data[data["nb_axes"] > 0]
    if setters.empty:
        return "Aucun axe relevé n’en fait une priorité. "
    named_count = int((setters["nb_axes_nommes"] > 0).sum())
    return (
        f"{pluralize(len(setters), 'territoire')} en {'a' if len(setters) == 1 else 'ont'} fait "
        f"une priorité par un axe relevé, dont {format_number(named_count)} par un axe que le "
        "document nomme. "
    )
