"""« Qui l’a fait ? »: answers counted again in plain Python; nothing unknown is read as « no »."""

import re

import pytest
import recounted

from comparisons.analysis import questions as analysis
from comparisons.analysis.map_questions.views import build_layer, headline
from comparisons.analysis.peers.population_bands import BANDS
from comparisons.analysis.peers.search import find_peers
from comparisons.database.connection import query
from comparisons.errors import BadRequestError
from comparisons.page_parameters import QuestionParameters
from comparisons.queries.questions import (
    ANSWERS,
    MIN_CASES,
    answers_of_level,
    answers_of_territory,
    proofs,
    questions,
)
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import LEVELS

pytestmark = pytest.mark.usefixtures("database")

# --- the same questions, asked of the CSV files ---------------------------------------------------


def of_documents(is_proof) -> set:
    return {
        key
        for strategy in recounted.STRATEGIES.values()
        if is_proof(strategy)
        for key in recounted.covered(strategy)
    }


def strategies_with(table: str, is_proof) -> set[str]:
    return {row["strategie_id"] for row in recounted.facts(table) if is_proof(row)}


def of_rows(table: str, is_proof) -> set:
    ids = strategies_with(table, is_proof)
    return of_documents(lambda strategy: strategy["strategie_id"] in ids)


def of_links(is_proof, users=("epci", "commune")) -> set:
    """Return who is linked: as a member; as a user too, at these levels."""
    found = set()
    for row in recounted.facts("mutualisations"):
        pending = re.search(r"\((en projet|expérimentation)\)\s*$", row["solution"])
        if row["certitude"] != "explicite" or pending or not is_proof(row):
            continue
        key = row["territoire_niveau"], row["territoire_code"]
        year = recounted.year(row["annee_debut"])
        for level, code in (key, *recounted.twins_of(key, "vaut_pour", year, undated=False)):
            if row["role"] in ("fondateur", "membre", "porteur") or (
                row["role"] == "beneficiaire" and level in users
            ):
                found.add((level, code))
    return found


def themes(row: dict) -> list[str]:
    return [row["theme"], *row["themes_secondaires"].split("|")]


def is_stated(row: dict) -> bool:
    return row["certitude"] == "explicite"


def service(name: str):
    return lambda: of_links(lambda row: row["service"] == name)


def led_by(code: str):
    return lambda: of_documents(lambda strategy: strategy["pilotage"] == code)


def several_funders() -> set:
    funders = recounted.defaultdict(set)
    for row in recounted.facts("budgets"):
        if is_stated(row) and row["perimetre"] != "infrastructures" and row["financeur_type"]:
            funders[row["strategie_id"]].add(row["financeur_type"])
    return of_documents(
        lambda s: s["type"] not in ("sdtan", "scoran") and len(funders[s["strategie_id"]]) > 1
    )


def target_and_result(left_out: tuple[str, ...]) -> set:
    natures = recounted.defaultdict(set)
    for row in recounted.facts("indicateurs"):
        if is_stated(row) and row["indicateur"] not in left_out:
            key = row["territoire_niveau"], row["territoire_code"], row["indicateur"]
            natures[key].add(row["nature"])
    return {key[:2] for key, kinds in natures.items() if len(kinds) == 2}


RECOUNTED = {
    "pilotage_dgs": led_by("dgs"),
    "pilotage_elu": led_by("elu"),
    "pilotage_structure_commune": led_by("syndicat"),
    "deuxieme_generation": lambda: of_documents(lambda s: s["remplace"]),
    "concertation_chiffree": lambda: of_documents(
        lambda s: any(text for name, text in s.items() if name.startswith("concertation_"))
    ),
    "numerique_responsable": lambda: (
        of_documents(lambda s: s["type"] == "numerique_responsable")
        | of_rows("priorites", lambda r: is_stated(r) and r["theme"] == "numerique_responsable")
    ),
    "ia_dans_strategie": lambda: (
        of_documents(
            lambda s: (
                s["type"] == "intelligence_artificielle"
                or re.search(r"intelligences? artificielles?|\bia\b", s["titre"].lower())
            )
        )
        | of_rows("priorites", lambda r: is_stated(r) and "intelligence_artificielle" in themes(r))
    ),
    "budget_par_axe": lambda: of_rows("budgets", lambda r: is_stated(r) and r["priorite_rang"]),
    "financement_partage": several_funders,
    "cible_et_resultat": lambda: target_and_result(("autre",)),
    "cible_et_resultat_usages": lambda: target_and_result(("autre", "prises_ftth", "taux_ftth")),
    "cybersecurite_partagee": service("cybersecurite"),
    "dpo_partage": service("dpo_rgpd"),
    "donnees_ouvertes_partagees": service("open_data"),
    "ent_partage": service("ent"),
    "relation_usagers_partagee": service("grc"),
    "objets_connectes_partages": service("reseau_iot"),
    "videoprotection_partagee": service("videoprotection"),
    "logiciel_libre_partage": lambda: of_links(lambda row: row["licence"] == "libre"),
    "service_porte": lambda: of_links(lambda row: row["role"] == "porteur"),
    "archivage_propose": lambda: {
        key
        for key in of_links(lambda row: row["service"] == "archivage_electronique", LEVELS)
        if key[0] in ("region", "departement")
    },
}


@pytest.mark.parametrize("code", RECOUNTED)
def test_who_did_it_is_counted_again_in_plain_python(code):
    found = {
        (level, row.territoire_code)
        for level in LEVELS
        for row in answers_of_level(code, level).itertuples()
        if row.reponse == "oui"
    }
    assert found == RECOUNTED[code]()


# --- what is not known ----------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_every_territory_has_one_answer_and_only_a_proof_makes_a_yes(level):
    for code in questions().index:
        answers = answers_of_level(code, level)
        assert len(answers) == len(query("FROM territoires WHERE territoire_niveau = ?", [level]))
        assert answers["territoire_code"].is_unique and answers["reponse"].isin(ANSWERS).all()
        done = set(answers.loc[answers["reponse"] == "oui", "territoire_code"])
        assert done == set(proofs(level, code)["territoire_code"])


def test_nobody_looked_is_told_from_nothing_recorded():
    answers = answers_of_territory("commune-01001").set_index("question")["reponse"]
    assert set(answers) == {"non_cherche", "sans_objet"}
    # searched, no document found: documents tell nothing; nobody looked for its organisations
    (key,) = query(
        """
        SELECT territoire_niveau || '-' || territoire_code AS cle FROM dernieres_recherches r
        WHERE etat = 'non_trouvee' AND territoire_niveau = 'epci'
          AND NOT EXISTS (FROM territoires_couverts c WHERE c.territoire_code = r.territoire_code)
          AND NOT EXISTS (FROM mutualisations m WHERE m.territoire_code = r.territoire_code)
        ORDER BY cle LIMIT 1
        """
    )["cle"]
    answers = answers_of_territory(key).set_index("question")["reponse"]
    assert answers["pilotage_elu"] == "pas_releve"
    assert answers["cybersecurite_partagee"] == "non_cherche"


def test_questions_with_few_cases_are_to_be_completed():
    rows = questions()
    assert (rows["a_completer"] == (rows["cas"] < MIN_CASES)).all()
    assert rows["a_completer"].sum() == 12 and len(rows) == 30
    assert set(rows["themes"].explode()) <= set(
        query("SELECT code FROM vocabulaires WHERE vocabulaire = 'themes'")["code"]
    )


# --- what is chosen is what is shown --------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_a_size_keeps_the_populations_that_its_words_name(level):
    kept = 0
    for low in BANDS[level]:
        view = QuestionParameters(niveau=level, taille=str(low))
        words = analysis.describe_choice(view)
        low_word, *high_word = [
            int(n.replace("\u202f", "")) for n in re.findall(r"\d[\d\u202f]*", words)
        ]
        bounds = (0, low_word - 1) if "moins de" in words else (low_word, *high_word)
        populations = analysis.answers_table(view).drop_duplicates("territoire_code")["population"]
        assert populations.between(bounds[0], bounds[1] if len(bounds) > 1 else 10**9).all()
        kept += len(populations)
    assert kept == len(answers_of_level("service_porte", level))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"question": ["inconnue"]}, "inconnue"),
        ({"niveau": ["canton"]}, "canton"),
        ({"taille": ["123"]}, "taille"),
        ({"zone": ["region-53"], "niveau": ["region"]}, "zone"),
        ({"zone": ["region-99"]}, "Aucun"),
        ({"pairs": ["oui"]}, "pairs"),
        ({"pairs": ["oui"], "t": ["region-53"]}, "pairs"),
        ({"couleur": ["bleu"]}, "couleur"),
    ],
)
def test_a_filter_without_effect_is_refused_and_never_gives_everything(client, wrong, words):
    asked = {"question": ["service_porte"]} | wrong
    with pytest.raises(BadRequestError, match=words):
        analysis.parse_request(asked)
    assert client.get("/api/v1/questions.json", params=asked).status_code == 400
    assert client.get("/api/v1/questions.json").status_code == 400


@pytest.mark.parametrize(
    "view",
    [
        QuestionParameters(question="service_porte", niveau="region"),
        QuestionParameters(question="ent_partage", zone="region-27"),
        QuestionParameters(question="pilotage_elu", t="departement-53", pairs=True),
        QuestionParameters(question="deuxieme_generation", niveau="epci", taille="100000"),
    ],
)
def test_map_sentence_and_table_count_the_same_territories(view):
    layer = build_layer(view.unselected())
    rows = analysis.answers_table(view).drop_duplicates("territoire_code")
    counts = rows["reponse"].value_counts()
    assert {code: counts.get(code, 0) for code in ANSWERS} == {
        code: layer.counts[code] for code in ANSWERS
    }
    numbers = [
        int(n.replace("\u202f", "")) for n in re.findall(r"\d[\d\u202f]*", headline(view, layer))
    ]
    assert len(rows) in numbers and counts["pas_releve"] in numbers
    if view.pairs:
        assert set(rows["territoire_code"]) == set(find_peers(view.t).table["territoire_code"])


def test_whom_to_ask_are_the_nearest_peers_that_did_it():
    view = QuestionParameters(question="cible_et_resultat", t="departement-53")
    asked = analysis.territories_to_ask(view)
    assert 0 < len(asked) <= analysis.MAX_ASKED and asked["distance"].is_monotonic_increasing
    answers = answers_of_level(view.question, "departement").set_index("territoire_code")["reponse"]
    # every other peer that did it is farther
    peers = find_peers(view.t, PeerOptions(nombre=101)).table
    did_it = peers[peers["territoire_code"].map(answers) == "oui"]["territoire_code"]
    assert list(asked["territoire_code"]) == list(did_it.head(analysis.MAX_ASKED))
