"""Map of who did what a question asks, with its proof."""

from comparisons.analysis.map_layers import ABSENT, PRESENT, UNKNOWN, LegendClass, MapLayer
from comparisons.analysis.questions import describe_choice, keep_chosen
from comparisons.formatting import curly_apostrophes, format_number, pluralize
from comparisons.page_parameters import QuestionParameters
from comparisons.queries.questions import ANSWERS, answers_of_level, proofs, questions
from comparisons.schema.territory import LEVEL_NOUNS

_COLOURS = {"oui": PRESENT, "pas_releve": ABSENT, "non_cherche": UNKNOWN, "sans_objet": "#c4c4c4"}
# Territories of another size, or that are no peers: drawn, so that the map stays one, not counted.
_LEFT_OUT = LegendClass("hors_choix", "Hors de ce choix", "#f7f7f7", missing=True)
NOTE = (
    "« Pas dans ce qui est relevé » n’est pas « non » : des documents ou des liens de ce "
    "territoire sont connus, et aucun ne le dit. « Non cherché » : rien n’en est connu, qui "
    "aurait pu le dire."
)


def proof_layer(view: QuestionParameters) -> MapLayer:
    """Build the layer of who did it, of the territories of a size, or the peers of one."""
    data = answers_of_level(view.question, view.niveau)
    chosen = data["territoire_code"].isin(keep_chosen(data, view)["territoire_code"])
    facts = proofs(view.niveau, view.question)
    first = facts.drop_duplicates("territoire_code").set_index("territoire_code")["preuve"]
    others = facts["territoire_code"].value_counts() - 1
    data["detail"] = [
        curly_apostrophes(first[code])
        + (
            f" (et {pluralize(others[code], 'autre preuve', 'autres preuves')})"
            if others[code]
            else ""
        )
        if code in first.index
        else ""
        for code in data["territoire_code"]
    ]
    question = questions().loc[view.question]
    return MapLayer(
        title=question["libelle"],
        note=f"{question['critere']} {NOTE}",
        level=view.niveau,
        classes=tuple(
            LegendClass(code, label, _COLOURS[code], missing=code != "oui")
            for code, label in ANSWERS.items()
        )
        + (_LEFT_OUT,) * (not chosen.all()),
        data=data.assign(
            classe=data["reponse"].where(chosen, _LEFT_OUT.code),
            valeur=data["reponse"].map(ANSWERS),
        )[["territoire_code", "nom", "classe", "valeur", "detail"]],
        subtitle=describe_choice(view),
        known_words="avec une preuve",
        unknown_words="aucune preuve relevée",
    )


def describe_answers(layer: MapLayer) -> str:
    """Return in a sentence how many territories gave each answer to a question."""
    counts = layer.counts
    noun = LEVEL_NOUNS[layer.level]
    if counts["sans_objet"]:
        return f"La question ne se pose pas aux {noun}s."
    done = counts["oui"]
    others = [
        f"{ANSWERS[code].lower()} pour {format_number(counts[code])}"
        for code in ("pas_releve", "non_cherche")
        if counts[code]
    ]
    total = format_number(done + counts["pas_releve"] + counts["non_cherche"])
    first = (
        f"{pluralize(done, noun)} sur {total} {'l’a' if done < 2 else 'l’ont'} fait, "
        "preuve à l’appui"
        if done
        else f"Aucune preuve relevée, sur {total} {noun}s"
    )
    return f"{' ; '.join([first, *others])}."
