"""« Qui l’a fait ? »: the territories chosen, their answers with the proofs, whom to ask."""

import pandas as pd

from comparisons.analysis.peers.population_bands import BANDS, format_band, is_in_band
from comparisons.analysis.peers.population_bands import population_band as band_of
from comparisons.analysis.peers.search import MAX_DISTANCE, find_nearest, find_peers
from comparisons.database.cache import cached
from comparisons.errors import BadRequestError
from comparisons.formatting import curly_apostrophes, fold, format_partial_date
from comparisons.page_parameters import QuestionParameters
from comparisons.parameters import Query
from comparisons.queries.questions import (
    ANSWERS,
    answers_of_level,
    answers_of_territory,
    proofs,
    questions,
)
from comparisons.queries.sources import source_link
from comparisons.queries.territories import contained_codes, load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.registry import described_tables
from comparisons.schema.territory import LEVELS, parse_key
from comparisons.search.resolution import require_territories

# Territories to ask that are named.
MAX_ASKED = 5


def parse_request(query: Query) -> QuestionParameters:
    """Parse the parameters of a question; raise `BadRequestError` for one without effect."""
    view = QuestionParameters.read_strictly(query)
    if "question" not in query:
        raise BadRequestError(
            "Aucune question : donnez son code, comme question=service_porte ; la table questions "
            "les donne tous."
        )
    require_territories([key for key in (view.t, view.zone) if key])
    if view.zone and not LEVELS.index(parse_key(view.zone).niveau) < LEVELS.index(view.niveau):
        raise BadRequestError(
            f"« zone » n’a pas d’effet : aucun territoire du niveau {view.niveau} n’est dans "
            f"{view.zone}."
        )
    if view.taille and int(view.taille) not in BANDS[view.niveau]:
        raise BadRequestError(
            f"« taille » de ce niveau : {', '.join(map(str, BANDS[view.niveau]))}."
        )
    if view.pairs and not view.t.startswith(f"{view.niveau}-"):
        raise BadRequestError(
            f"« pairs » : donnez un territoire du niveau {view.niveau} avec « t », comme "
            "t=departement-53."
        )
    return view


def keep_chosen(rows: pd.DataFrame, view: QuestionParameters) -> pd.DataFrame:
    """Return the rows (`territoire_code`, `population`) of the chosen size, or peers of `t`."""
    if view.taille:
        rows = rows[is_in_band(rows["population"], band_of(int(view.taille), view.niveau))]
    if view.pairs:
        rows = rows[rows["territoire_code"].isin(find_peers(view.t).table["territoire_code"])]
    return rows.reset_index(drop=True)


def describe_choice(view: QuestionParameters) -> str:
    """Describe the chosen size and peers, after a comma; empty where all are kept."""
    size = f", {format_band(band_of(int(view.taille), view.niveau))}" if view.taille else ""
    if not view.pairs:
        return size
    name = load_territories([view.t])["nom_de"].iloc[0]
    return f"{size}, pairs {curly_apostrophes(name)}"


@cached
def answers_table(view: QuestionParameters) -> pd.DataFrame:
    """Return the answers of the chosen territories (columns of `reponses_question.json`).

    Those that did it first, by name; a row per proof, or one without.
    """
    rows = keep_chosen(answers_of_level(view.question, view.niveau), view)
    if view.zone:
        rows = rows[rows["territoire_code"].isin(contained_codes(view.niveau, view.zone))]
    ranks = {code: rank for rank, code in enumerate(ANSWERS)}
    rows = rows.assign(rang=rows["reponse"].map(ranks), mots=rows["nom"].map(fold))
    rows = rows.sort_values(["rang", "mots", "territoire_code"])
    rows["reponse_libelle"] = rows["reponse"].map(ANSWERS)
    facts = proofs(view.niveau, view.question).drop(columns="question")
    columns = described_tables("questions")["reponses_question"].columns
    return rows.merge(facts, "left", "territoire_code")[list(columns)].reset_index(drop=True)


def proofs_to_read(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the proofs of a table of answers in words, with links; columns in French."""
    return pd.DataFrame(
        {
            "Preuve": [curly_apostrophes(row.preuve) + _format_certainty(row)
                       for row in iterate_rows(rows)],
            "Source": [source_link(row.source_editeur or row.source_titre, row.source_url)
                       for row in iterate_rows(rows)],
            "Date": [format_partial_date(date) for date in rows["source_date"]],
        }
    )  # fmt: skip


def _format_certainty(row: object) -> str:
    deduced = " (déduit)" if row.certitude == "deduit" else ""
    link = {"partagee": " (document partagé)", "jumeau": " (par son jumeau)"}.get(row.lien, "")
    return deduced + link


def territories_to_ask(view: QuestionParameters) -> pd.DataFrame:
    """Return the nearest peers of `t` that did it, nearest first (columns of a search for peers).

    Empty if none of the territories that resemble it is known to have done it.
    """
    territory = parse_key(view.t)
    answers = answers_of_level(view.question, territory.niveau)
    codes = tuple(answers.loc[answers["reponse"] == "oui", "territoire_code"])
    rows = find_nearest(view.t, PeerOptions(), codes, MAX_ASKED)
    return rows[rows["distance"] <= MAX_DISTANCE]


@cached
def territory_answers(key: str) -> pd.DataFrame:
    """Return what is known of a territory, question by question, for its page.

    Columns: `question`, `reponse`, `Question`, and of one proof, where there is one, `Preuve`,
    `Source`, `Date`.
    """
    territory = parse_key(key)
    facts = proofs(territory.niveau, code=territory.code).drop_duplicates("question")
    rows = answers_of_territory(key)[["question", "reponse"]]
    rows["Question"] = rows["question"].map(questions()["libelle"])
    return rows.join(proofs_to_read(facts).set_axis(facts["question"]), on="question")
