"""Make documents of drawn axes and amounts, worded and laid out in many ways."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.documents.content import Element, Trial

LABELS = {
    "axe": ("Axe {n} : {t}", "Axe {n} – {t}", "AXE {n}. {t}", "Priorité n° {n} : {t}",
            "Défi n° {n} – {t}", "Enjeu {n} : {t}", "Ambition {n} | {t}", "Pilier {n} : {t}",
            "{n}. {t}", "{r}. {t}", "Chantier {n} : {t}", "Axe stratégique {r} – {t}"),
    "orientation": ("Orientation {n}.{m} : {t}", "{n}.{m} {t}", "Orientation {n}.{m} – {t}"),
}  # fmt: skip
ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII")
VERBS = ("Accompagner", "Moderniser", "Protéger", "Ouvrir", "Former", "Soutenir", "Simplifier",
         "Relier", "Valoriser", "Réduire", "Développer", "Mutualiser")  # fmt: skip
OBJECTS = ("tous les habitants éloignés du numérique", "l’administration et ses métiers",
           "les données publiques", "les communes rurales", "les entreprises du territoire",
           "l’empreinte environnementale", "les agents et les élus", "les réseaux très haut débit",
           "la relation avec les usagers", "les écoles et les collèges")  # fmt: skip
PROJECTS = ("Le portail des démarches", "La plateforme de données", "Le bus numérique",
            "Le réseau de capteurs", "La formation des secrétaires de mairie",
            "Le centre de réponse aux incidents")  # fmt: skip
STAGES = {
    "prevu": ("{p} mobilise {a}, prévus au programme.", "Un budget de {a} est prévu pour {l}."),
    "vote": ("{p} : {a}, votés par l’assemblée.", "L’assemblée a voté {a} pour {l}."),
    "estime": ("{p} est estimé à {a}.", "Le coût de ce projet ({l}) est évalué à {a}."),
    "engage": ("Une subvention de {a} a été notifiée pour {l}.",),
    "realise": ("{p} a coûté {a}.", "En 2022, {a} ont été dépensés pour {l}."),
}


@dataclass(frozen=True)
class Amount:
    """An amount of a made document: thousands of euros, stage, project, ways to word it."""

    thousands: int
    stage: str
    project: int
    way: int
    unit: int


def written(thousands: int, unit: int) -> str:
    """Write thousands of euros in one of the French ways that lose no digit."""
    euros = f"{thousands * 1000:,}".replace(",", " ")
    millions = f"{thousands / 1000:.3f}".rstrip("0").rstrip(".").replace(".", ",")
    plural = "s" if thousands >= 2000 else ""
    ways = (f"{euros} €", f"{euros} euros", f"{thousands:,} k€".replace(",", " "),
            f"{millions} M€", f"{millions} million{plural} d’euros")  # fmt: skip
    return ways[unit % len(ways)]


def sentence(amount: Amount) -> str:
    """Return the sentence that states an amount."""
    ways = STAGES[amount.stage]
    project = PROJECTS[amount.project % len(PROJECTS)]
    lower = project[0].lower() + project[1:]
    return ways[amount.way % len(ways)].format(
        p=project, l=lower, a=written(amount.thousands, amount.unit)
    )


def make_trial(
    titles: Sequence[str],
    below: Sequence[Sequence[str]],
    amounts: Sequence[Amount],
    way: int,
    kind: str,
    table_unit: int = 0,
) -> Trial:
    """Build a document: its title, its axes with what is below them, its amounts.

    With a `table_unit` (1: k€, 2: M€) the amounts are those of a table, all of them planned.
    """
    trial = Trial("made", {"format": kind, "running": "Département de la Mayenne, document fictif"})
    add = trial.elements.append
    add(Element("title", "Stratégie numérique du Département de la Mayenne 2022-2027"))
    add(Element("text", "Document fictif. La présente stratégie a été préparée avec les communes."))
    label = LABELS["axe"][way % len(LABELS["axe"])]
    inner = LABELS["orientation"][way % len(LABELS["orientation"])]
    for number, title in enumerate(titles, start=1):
        text = label.format(n=number, r=ROMAN[number], t=title)
        add(Element("heading", text, 1))
        add(Element("text", "Les services en ligne complètent l’accueil, sans le remplacer, et "
                            "chacun doit pouvoir choisir."))  # fmt: skip
        for rank, other in enumerate(below[number - 1] if number <= len(below) else (), start=1):
            add(Element("heading", inner.format(n=number, m=rank, t=other), 2))
            add(Element("text", "Le travail commence dès la première année."))
        for amount in amounts[number - 1 :: len(titles)] if not table_unit else ():
            add(Element("text", sentence(amount)))
    if table_unit and amounts:
        add(Element("heading", "Budget", 1))
        add(Element("text", f"Montants prévus, en {('', 'k€', 'M€')[table_unit]}"))
        rows = [("Opération", "Montant")]
        for amount in amounts:
            value = f"{amount.thousands:,}".replace(",", " ")
            if table_unit == 2:
                value = f"{amount.thousands / 1000:.3f}".replace(".", ",")
            rows.append((PROJECTS[amount.project % len(PROJECTS)], value))
        add(Element("table", rows=tuple(rows)))
    return trial
