"""A small network of organisations, made up, on the real territories: every answer is known.

Mayenne (53) lies in Pays de la Loire (52); Laval (commune 53130) in Laval Agglomération
(200083392), Mayenne (commune 53147) in Mayenne Communauté (200055887).
"""

from package_files import amount_row, source_row, strategy_row

LAVAL, LAVAL_AGGLO = "commune-53130", "epci-200083392"
MAYENNE, MAYENNE_CO = "commune-53147", "epci-200055887"
# an EPT, one of its communes, a commune of another EPT
EST_ENSEMBLE, BOBIGNY, CRETEIL = "epci-200057875", "commune-93008", "commune-94028"
GRAND_PARIS, GRAND_LYON = "epci-200054781", "epci-200046977"


def partner(partenaire_id: str, nom: str, forme: str, **columns) -> dict:
    return {"partenaire_id": partenaire_id, "nom": nom, "forme": forme, "source_id": "s1"} | columns


def link(partenaire_id: str, key: str, role: str, service: str, **columns) -> dict:
    level, code = key.split("-")
    return {
        "partenaire_id": partenaire_id,
        "territoire_niveau": level,
        "territoire_code": code,
        "role": role,
        "service": service,
        "certitude": "explicite",
        "source_id": "s1",
    } | columns


INVENTED = {
    "sources": [source_row("s1"), source_row("s2"), source_row("s3")],
    "partenaires": [
        partner("alpha", "Syndicat Alpha numérique", "syndicat_mixte", sigle="ALF", effectif="12.5",
                siege_departement="53", budget_annuel="1000000", annee_budget="2024",
                aire_niveau="departement", aire_code="53", ouvert_a="collectivites_aire"),
        partner("beta", "Bêta, l’école des données", "association"),
        partner("gamma", "Gamma", "entreprise", nb_adherents="0", ouvert_a="aucun"),
        partner("delta", "Delta", "autre"),  # linked to nobody known
        partner("epsilon", "Epsilon", "gip", aire_niveau="pays", aire_code="FR"),
    ],
    "mutualisations": [
        link("alpha", "departement-53", "membre", "site_web", solution="Élan", licence="libre",
             annee_debut="2015"),
        link("alpha", LAVAL_AGGLO, "beneficiaire", "site_web", solution="ELAN", certitude="deduit",
             annee_debut="2018", source_id="s2"),
        link("beta", LAVAL, "membre", "site_web", source_id="s3"),
        link("beta", "departement-53", "partenaire", "open_data", certitude="deduit"),
        # two bodies for one service, and two for no service in particular
        link("alpha", "departement-53", "membre", "dpo_rgpd", solution="Élan"),
        link("beta", "departement-53", "beneficiaire", "dpo_rgpd", certitude="deduit"),
        link("alpha", "departement-53", "membre", "autre"),
        link("beta", "departement-53", "membre", "autre"),
        link("gamma", "region-52", "porteur", "cybersecurite", solution="Bouclier",
             licence="proprietaire", annee_debut="2022"),
        # twins: Alsace since 2021, Corse, Paris; Lyon is out of the Rhône
        link("gamma", "departement-67", "membre", "sig_geomatique", annee_debut="2022"),
        link("gamma", "departement-68", "membre", "formation"),
        link("epsilon", "region-94", "beneficiaire", "cybersecurite"),
        link("epsilon", "departement-69", "membre", "formation", annee_debut="2012"),
        link("epsilon", "commune-75056", "fondateur", "archivage_electronique"),
        link("epsilon", GRAND_PARIS, "membre", "wifi_public"),
        link("epsilon", EST_ENSEMBLE, "membre", "wifi_public"),
    ],
    "strategies": [
        strategy_row("ancienne", "53", date_adoption="2015"),
        strategy_row("recente", "53", date_adoption="2021"),
        strategy_row("region", "region-52", date_adoption="2020"),
    ],
    "budgets": [
        amount_row("vieux", "ancienne", 900, financeur_type="prive"),
        amount_row("tout", "recente", 100, financeur_type="multiple"),
        amount_row("part-region", "recente", 40, inclus_dans="tout", financeur_type="region"),
        amount_row("part-prive", "recente", 20, inclus_dans="tout", financeur_type="prive"),
        amount_row("autre-etape", "recente", 7, etape="realise", financeur_type="prive"),
        amount_row("reseaux", "recente", 7000, perimetre="infrastructures", financeur_type="etat"),
        amount_row("chaque-annee", "recente", 5, recurrence="annuel", financeur_type="commune"),
        amount_row("regional", "region", 60, financeur_type="europe"),
    ],
}  # fmt: skip
