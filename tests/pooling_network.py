"""A small network of organisations, made up, on the real territories: every answer is known.

Mayenne (53) lies in Pays de la Loire (52); Laval (commune 53130) in Laval Agglomération
(200083392), Mayenne (commune 53147) in Mayenne Communauté (200055887).
"""

import csv
from pathlib import Path

import pytest

from comparisons.build import build
from comparisons.datapackage import merge

LAVAL, LAVAL_AGGLO = "commune-53130", "epci-200083392"
MAYENNE, MAYENNE_CO = "commune-53147", "epci-200055887"
# an EPT, one of its communes, a commune of another EPT
EST_ENSEMBLE, BOBIGNY, CRETEIL = "epci-200057875", "commune-93008", "commune-94028"
GRAND_PARIS, GRAND_LYON = "epci-200054781", "epci-200046977"


def source(source_id: str) -> dict:
    return {"source_id": source_id, "url": f"https://exemple.fr/{source_id}",
            "titre": f"Titre {source_id}", "editeur": "Un éditeur", "type": "institutionnel",
            "date_publication": "2026", "consulte_le": "2026-11-01"}  # fmt: skip


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


def edition(strategie_id: str, when: int, key: str = "departement-53") -> dict:
    level, code = key.split("-")
    return {"strategie_id": strategie_id, "territoire_niveau": level, "territoire_code": code,
            "titre": strategie_id, "type": "sdusn", "date_adoption": str(when),
            "certitude": "explicite", "source_id": "s1"}  # fmt: skip


def amount(budget_id: str, strategie_id: str, montant: int, **columns) -> dict:
    return {"budget_id": budget_id, "strategie_id": strategie_id, "perimetre": "usages",
            "libelle": budget_id, "etape": "vote", "montant": montant, "certitude": "explicite",
            "source_id": "s1"} | columns  # fmt: skip


INVENTED = {
    "sources": [source("s1"), source("s2"), source("s3")],
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
        link("alpha", "departement-53", "membre", "ent", solution="Élan", licence="libre",
             annee_debut="2015"),
        link("alpha", LAVAL_AGGLO, "beneficiaire", "ent", solution="ELAN", certitude="deduit",
             annee_debut="2018", source_id="s2"),
        link("beta", LAVAL, "membre", "ent", source_id="s3"),
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
        edition("ancienne", 2015), edition("recente", 2021),
        edition("region", 2020, "region-52"),
    ],
    "budgets": [
        amount("vieux", "ancienne", 900, financeur_type="prive"),
        amount("tout", "recente", 100, financeur_type="multiple"),
        amount("part-region", "recente", 40, inclus_dans="tout", financeur_type="region"),
        amount("part-prive", "recente", 20, inclus_dans="tout", financeur_type="prive"),
        amount("autre-etape", "recente", 7, etape="realise", financeur_type="prive"),
        amount("reseaux", "recente", 7000, perimetre="infrastructures", financeur_type="etat"),
        amount("chaque-annee", "recente", 5, recurrence="annuel", financeur_type="commune"),
        amount("regional", "region", 60, financeur_type="europe"),
    ],
}  # fmt: skip

_built: dict[str, Path] = {}


def built(factory: pytest.TempPathFactory) -> Path:
    """Build the database of the network, once per process."""
    if "path" in _built:
        return _built["path"]
    folder = factory.mktemp("strategies") / "reseau"
    folder.mkdir()
    (folder / "datapackage.json").write_text('{"created": "2026-11-01"}')
    for name, rows in INVENTED.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(c for row in rows for c in row)))
            writer.writeheader()
            writer.writerows(rows)
    path = factory.mktemp("base") / "reseau.duckdb"
    with pytest.MonkeyPatch.context() as patch:
        for module in (build, merge):
            patch.setattr(module, "STRATEGIES_DIR", folder.parent)
        build.build(path)
    _built["path"] = path
    return path
