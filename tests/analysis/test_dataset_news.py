"""What is new, by territory: counted again, row by row, from the two published corpora."""

import pandas as pd

from comparisons.analysis.dataset_news import describe_counts, news_by_territory, publication_days
from comparisons.settings import EDITIONS_DIR, STRATEGIES_DIR


def read(folder, table: str) -> pd.DataFrame:
    return pd.read_csv(next(folder.rglob(f"{table}.csv")), dtype=str, keep_default_na=False)


def test_documents_added_are_those_that_the_corpus_did_not_have(database):
    _, old, new = publication_days()[0]
    news = news_by_territory(old, new)
    before = set(read(EDITIONS_DIR / "corpus-2026-1.0.0", "strategies")["strategie_id"])
    strategies = read(STRATEGIES_DIR / "corpus-2026", "strategies")
    added = strategies[~strategies["strategie_id"].isin(before)]
    keys = added["territoire_niveau"] + "-" + added["territoire_code"]
    counts = dict(zip(news["cle"], news["documents"].map(len), strict=True))
    assert {key: count for key, count in counts.items() if count} == dict(keys.value_counts())


def test_counts_are_said_in_words():
    rows = pd.DataFrame(
        [("strategies", "ajoute")] * 2
        + [("priorites", "ajoute"), ("budgets", "modifie"), ("indicateurs", "retire")],
        columns=["table_nom", "nature"],
    )
    said = describe_counts(rows).replace("\xa0", " ")
    assert said == ("2 documents et 1 axe ajoutés ; 1 montant corrigé ; 1 indicateur retiré")
