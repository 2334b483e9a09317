"""Comparer deux régions par les adresses du site, et recalculer ses euros par habitant.

Depuis un terminal, avec l’adresse du site :
python docs/reproduire_une_comparaison.py http://localhost:8501
"""

import sys

import pandas as pd

api = f"{sys.argv[1].rstrip('/')}/api/v1"
cells = pd.read_csv(f"{api}/comparaison.csv?t=region-53,region-28&rubrique=budgets")
print(cells.pivot(index="libelle", columns="cle", values="texte"))

asked = "territoire_niveau=region&territoire_code__in=53,28"
rows = pd.read_csv(f"{api}/tables/budgets_comparables.csv?{asked}")
cells["perimetre"], cells["etape"], cells["quoi"] = zip(*cells["ligne"].str.split("."), strict=True)
shown = cells[(cells["quoi"] == "euros_par_habitant") & cells["valeur"].notna()]
both = shown.merge(rows, on=["strategie_id", "perimetre", "etape"])
both["recalcule"] = both["montant"] / both["population"]
print(both[["cle", "perimetre", "etape", "valeur", "recalcule"]].to_string(index=False))
