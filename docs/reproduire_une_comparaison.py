"""Comparer deux départements par les adresses du site, et recalculer leurs euros par habitant.

Depuis un terminal, avec l’adresse du site :
python docs/reproduire_une_comparaison.py http://localhost:8501
"""

import sys

import pandas as pd

api = f"{sys.argv[1].rstrip('/')}/api/v1"
cells = pd.read_csv(f"{api}/comparaison.csv?t=departement-53,departement-49&rubrique=budgets")
print(cells.pivot(index="libelle", columns="cle", values="texte"))

asked = "territoire_niveau=departement&territoire_code__in=53,49"
rows = pd.read_csv(f"{api}/tables/budgets_comparables.csv?{asked}")
# une ligne dit l’objet du montant : périmètre, étape, étendue, payeur, durée, puis ce qu’il mesure
objet = ["perimetre", "etape", "etendue", "payeur", "duree"]
parts = cells["ligne"].str.split(".", expand=True)
cells[objet] = parts[range(5)]
cells["quoi"] = cells["ligne"].str.rsplit(".", n=1).str[-1]
shown = cells[(cells["quoi"] == "euros_par_habitant") & cells["valeur"].notna()]
both = shown.merge(rows, on=["strategie_id", *objet])
both["recalcule"] = both["montant"] / both["population"]
print(both[["cle", "perimetre", "etape", "valeur", "recalcule"]].to_string(index=False))
