"""Need of a territory: a service, or a theme and the services that answer it.

The table theme → services interprets the two vocabularies, with reasons: a service is listed under
a theme when its definition names the subject of the theme. It only selects what is searched.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from comparisons.schema.model import code_label, vocabulary_codes

# theme → (services, reason)
THEME_SERVICES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "infrastructures": (
        ("infrastructures_thd", "reseau_iot", "wifi_public", "telephonie_reseau"),
        "les réseaux que ce thème nomme : très haut débit, objets connectés, wifi, télécoms",
    ),
    "hebergement_archivage": (
        ("hebergement_cloud", "archivage_electronique"),
        "les centres de données, le nuage et l’archivage électronique",
    ),
    "cybersecurite_confiance": (
        ("cybersecurite", "dpo_rgpd"),
        "la sécurité des systèmes et la protection des données personnelles",
    ),
    "inclusion_mediation": (
        ("mediation_numerique", "wifi_public"),
        "les lieux et conseillers qui accompagnent les habitants, et l’accès public",
    ),
    "services_usagers": (
        ("grc", "site_web"),
        "les démarches en ligne et les sites par lesquels on y accède",
    ),
    "participation_citoyenne": (
        ("site_web", "grc"),
        "aucun service ne lui est propre : les sites et la relation usagers portent ces outils",
    ),
    "education_formation": (
        ("ent", "ecole_numerique"),
        "l’espace numérique de travail et l’équipement des écoles et collèges",
    ),
    "sante_social": (("e_sante",), "la télémédecine et les outils de santé"),
    "culture_tourisme": (
        ("site_web",),
        "aucun service ne lui est propre : les sites portent l’offre en ligne",
    ),
    "economie_innovation": (
        ("mediation_numerique", "conseil_ingenierie"),
        "l’animation de tiers-lieux et l’ingénierie de projets",
    ),
    "territoire_intelligent": (
        ("reseau_iot", "sig_geomatique", "videoprotection"),
        "les capteurs, le jumeau numérique et les équipements connectés de l’espace public",
    ),
    "numerique_responsable": (
        ("numerique_responsable", "maintenance_materiel"),
        "le réemploi, la sobriété, et la durée de vie du parc",
    ),
    "attractivite_cohesion": (
        ("infrastructures_thd", "mediation_numerique"),
        "l’égalité d’accès : le réseau et l’accompagnement",
    ),
    "modernisation_interne": (
        (
            "logiciels_metiers",
            "dematerialisation_marches",
            "teletransmission_actes",
            "signature_parapheur",
            "archivage_electronique",
            "messagerie_collaboratif",
            "maintenance_materiel",
        ),
        "le système d’information et les outils des agents",
    ),
    "competences_agents_elus": (("formation",), "la formation des agents et des élus"),
    "donnees": (("open_data", "sig_geomatique"), "les données ouvertes et la géomatique"),
    "intelligence_artificielle": (
        ("intelligence_artificielle",),
        "les outils et l’accompagnement mutualisés d’intelligence artificielle",
    ),
    "gouvernance_transversalite": (
        ("conseil_ingenierie",),
        "l’assistance au pilotage et les schémas directeurs",
    ),
    "mutualisation": (
        ("achats_groupes", "conseil_ingenierie"),
        "l’achat en commun et l’ingénierie partagée ; tout service peut être mutualisé",
    ),
    "financement": (
        ("achats_groupes", "conseil_ingenierie"),
        "l’achat en commun et l’ingénierie financière",
    ),
    "autre": (("autre",), "ce qu’aucun autre thème ne décrit"),
}


@dataclass(frozen=True)
class Need:
    """A need: the services that answer it, the themes that show it, and its French wording.

    `themes` are those whose presence in a strategy that is not over shows that a territory has the
    need; `stated` is whether a theme was requested (or only follows from the service).
    """

    services: tuple[str, ...]
    themes: tuple[str, ...]
    stated: bool
    words: str
    explanation: str


def parse_need(service: str = "", theme: str = "") -> Need:
    """Parse a need from the code of a service, of a theme, or of both (the service then decides).

    Raises `ValueError` (in French) without either, or for an unknown code.
    """
    for kind, code in (("services", service), ("themes", theme)):
        if code and code not in vocabulary_codes(kind):
            raise ValueError(f"« {code} » n’est pas un code du vocabulaire « {kind} ».")
    if not service and not theme:
        raise ValueError("Choisissez un service ou un thème : c’est le besoin à mutualiser.")
    if service:
        themes = (theme,) if theme else themes_of_service(service)
        words = f"« {code_label('services', service)} »"
        theme_names = ", ".join(code_label("themes", code) for code in themes)
        explanation = (
            f"Thèmes qui montrent ce besoin dans une stratégie : {theme_names}."
            if theme_names
            else ""
        )
        if theme:
            words += f" (thème « {code_label('themes', theme)} »)"
        return Need((service,), themes, bool(theme), words, explanation)
    services, reason = THEME_SERVICES[theme]
    service_names = ", ".join(code_label("services", code) for code in services)
    return Need(
        services,
        (theme,),
        True,
        f"le thème « {code_label('themes', theme)} »",
        f"Services qui répondent à ce thème : {service_names} ({reason}).",
    )


def themes_of_service(service: str) -> tuple[str, ...]:
    """Return the themes that list a service."""
    return tuple(theme for theme, (services, _) in THEME_SERVICES.items() if service in services)
