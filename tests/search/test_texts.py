"""Full-text search: French as people type it, counts that can be checked, data that stay data."""

import re

import pytest
from effort import tries
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from comparisons.database.connection import query
from comparisons.schema.model import load_format, vocabulary_codes
from comparisons.search.engine import build, find
from comparisons.search.facets import FACETS, FacetFilters
from comparisons.search.query_parser import MAX_QUERY_LENGTH, parse_query
from comparisons.search.search import SearchResults, facet_options, results_table, search_texts
from comparisons.search.snippets import WIDTH, highlight_markdown, match_ranges, snippet
from comparisons.search.stemming import folded, root, stem
from comparisons.search.synonyms import synonym_sets

pytestmark = pytest.mark.usefixtures("database")


def search_hits(text: str, **filters: tuple[str, ...]) -> SearchResults:
    return search_texts(text, FacetFilters(**filters), limit=None)


def keys(text: str, **filters: tuple[str, ...]) -> set[tuple[str, str]]:
    hits = search_hits(text, **filters).hits
    return set(zip(hits["table"], hits["identifiant"], strict=True))


def texts(text: str) -> set[str]:
    return set(search_hits(text).hits["texte"])


OFFER = (
    "Améliorer la visibilité de l’offre de médiation numérique et la connaissance des attentes des "
    "Isérois"
)


# --- words as people type them --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "real"),
    [
        # accents, capitals, apostrophes of both kinds, ligatures
        ("EGALITE DES CHANCES", "Renforcer les compétences et l’égalité des chances"),
        ("l’action publique", "La dématérialisation et la modernisation de l'action publique"),
        # singular and plural, feminine and masculine
        ("réseau local", "Co-construction de réseaux locaux"),
        ("territoires durables", "Construire un territoire durable"),
        ("numériques inclusives", "Un numérique plus inclusif"),
        # one family: a verb, its noun, its participle
        ("développer les infrastructures", "Développement des infrastructures numériques"),
        ("accompagner les communes", "L’accompagnement des communes dans la transformation "
         "numérique et ses nouveaux usages (Territoires Intelligents et Durables)"),
        # hyphens, in either way
        ("co-construction", "Co-construction de réseaux locaux"),
        # acronyms, and what they abbreviate
        ("intelligence artificielle",
         "Faire de la région Sud un territoire leader en matière d’IA"),
        ("très haut débit", "Le THD dans les zones d'activités"),
        # letters wrong
        ("mediatoin numérique", OFFER),
    ],
)  # fmt: skip
def test_a_real_wording_is_found_as_people_type_it(typed, real):
    assert real in texts(typed)


@pytest.mark.parametrize(
    ("text", "similar_text"),
    [
        ("communication", "commune"),
        ("usagers", "usages"),
        ("communs", "communes"),
        ("date", "data"),
        ("département", "départ"),
        ("opérateurs", "opérations"),
        ("entreprise", "prise"),
    ],
)
def test_other_words_are_not_taken_for_it(text, similar_text):
    assert root(folded(text)) != root(folded(similar_text))


@pytest.mark.parametrize(
    ("text", "variant"),
    [
        ("Mégalis", "megalis"),
        ("« haut débit »", '"haut débit"'),
        ("tiers-lieux", "TIERS LIEU"),
        ("l’école", "les écoles"),
        ("cœur", "coeur"),
    ],
)
def test_two_ways_of_typing_give_the_same(text, variant):
    assert keys(text) == keys(variant) != set()


@pytest.mark.parametrize(
    ("typed", "taken_for"),
    [
        ("mediatoin", "médiation"),  # letters swapped
        ("cybersecurté", "cybersécurité"),  # one left out
        ("archivvage", "archivage"),  # one too many
        ("infrastrutcres", "infrastructures"),  # two, in a long word
    ],
)
def test_a_mistake_is_forgiven_and_said(typed, taken_for):
    message = search_hits(typed).comprises
    assert message.partition(" Y compris")[0] == f"Rien pour « {typed} ». Voici « {taken_for} »."
    assert keys(typed) == keys(taken_for)


@pytest.mark.parametrize("typed", ["xyz", "FFTH", "SDUSM", "fibre2"])  # short, acronyms, figures
def test_a_word_that_must_be_exact_is_not_corrected(typed):
    result = search_hits(typed)
    assert result.nombre == 0 and result.hits.empty and result.territoires.empty
    assert f"Rien pour « {typed} »." in result.comprises
    assert "Rien n’est trouvé" in result.comprises


def test_a_word_that_texts_hold_is_never_corrected():
    # a letter away from « fibre », which is said a hundred times more
    assert "Voici" not in search_hits("fibra").comprises
    assert keys("fibra") - keys("fibre") and len(keys("fibra")) < 10


# --- what is asked --------------------------------------------------------------------------------


def test_all_words_are_in_what_is_found():
    every = keys("fibre"), keys("entreprises"), keys("zones")
    assert keys("fibre entreprises zones") == set.intersection(*every) != set()


def test_what_is_excluded_is_not_found():
    assert keys("fibre -optique") == keys("fibre") - keys("optique") != keys("fibre")
    assert keys("fibre -« haut débit »") == keys("fibre") - keys("« haut débit »")
    everything = keys("")
    assert keys("-fibre") == everything - keys("fibre")
    assert "Sans « optique »." in search_hits("fibre -optique").comprises


def test_a_phrase_is_found_as_it_is_written():
    """Against a plain search of the letters, in SQL."""
    rows = query(
        """
        SELECT strategie_id AS id FROM strategies
        WHERE regexp_matches(strip_accents(lower(concat_ws(' | ', titre, resume, gouvernance))),
                             '\\btres hauts? debits?\\b')
        """
    )
    hits = search_hits("« très haut débit »", table=("strategies",)).hits
    assert set(hits["identifiant"]) == set(rows["id"])
    # not its words apart, nor the other way round
    assert set() < keys("« territoire numérique »") < keys("territoire numérique")
    assert not keys("« débit haut très »")


def test_most_words_do_when_no_text_has_them_all():
    typed = "parapheur hyperviseur éclairage"
    result = search_hits(typed)
    assert "Aucun texte ne réunit tous ces mots : voici ceux qui en ont 2 sur 3." in (
        result.comprises
    )
    first_keys, two, three = keys("parapheur"), keys("hyperviseur"), keys("éclairage")
    assert keys(typed) == (first_keys & two) | (first_keys & three) | (two & three) != set()
    # one of three is less than half
    assert search_hits("parapheur kayak montgolfière").nombre == 0


def test_small_words_do_not_count_unless_they_are_alone():
    assert keys("la médiation et le numérique") == keys("médiation numérique")
    assert search_hits("de la").nombre > 100
    assert search_hits(" ?! … ").comprises == search_hits("").comprises


@settings(max_examples=tries(60), deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from('«»"“”-fibre l’, zéro(*'.split(" "))).map("".join)
)
def test_anything_can_be_typed(typed):
    result = search_texts(typed, limit=3)
    assert len(result.hits) == min(result.nombre, 3)
    assert result.territoires["nb"].sum() == result.nombre
    assert result.comprises


# --- counts ---------------------------------------------------------------------------------------


def test_every_row_of_the_tables_is_searched():
    counted = {
        name: query(f"SELECT count(*) AS nb FROM {name}")["nb"].iloc[0]
        for name in ("priorites", "strategies", "budgets", "indicateurs", "partenaires")
    }
    counted["mutualisations"] = query(
        "SELECT count(*) AS nb FROM (SELECT DISTINCT partenaire_id, service, solution "
        "FROM mutualisations)"
    )["nb"].iloc[0]
    result = search_hits("")
    assert result.nombre == sum(counted.values())
    assert counts(result, "table") == counted
    assert not result.hits.duplicated(["table", "identifiant"]).any()


def counts(result: SearchResults, facet: str) -> dict[str, int]:
    rows = result.facettes[result.facettes["facette"] == facet]
    return dict(zip(rows["code"], rows["nombre"], strict=True))


def test_facets_are_those_that_sql_counts():
    chosen = {"niveau": ("departement",), "theme": ("inclusion_mediation", "donnees")}
    result = search_hits("", **chosen)
    base = """
        FROM (
            SELECT p.*, s.type, s.territoire_niveau, s.territoire_code, e.annee_document,
                   list_concat([p.theme], coalesce(p.themes_secondaires, [])) AS themes,
                   1 + (SELECT count(*) FROM budgets b WHERE b.strategie_id = p.strategie_id
                        AND b.priorite_rang = p.rang) AS nb
            FROM priorites p JOIN strategies s USING (strategie_id)
            JOIN etats_strategies e USING (strategie_id)
        )
    """
    level = "territoire_niveau = 'departement'"
    theme = "list_has_any(themes, ['inclusion_mediation', 'donnees'])"

    def by_sql(code: str, where: str, unnested: str = base) -> dict[str, int]:
        rows = query(f"SELECT {code} AS code, sum(nb) AS nb {unnested} WHERE {where} GROUP BY ALL")
        return {row.code: int(row.nb) for row in rows.itertuples()}

    assert counts(result, "type") == by_sql("type", f"{level} AND {theme}")
    # without its own filter
    assert counts(result, "niveau") == by_sql("territoire_niveau", theme)
    assert counts(result, "theme") == by_sql(
        "code", level, base.replace("FROM (", "FROM (SELECT *, unnest(themes) AS code FROM (") + ")"
    )
    bands = by_sql(
        "coalesce((annee_document // 5 * 5) || '-' || (annee_document // 5 * 5 + 4), 'sans_date')",
        f"{level} AND {theme}",
    )
    assert counts(result, "periode") == bands
    assert result.nombre == sum(bands.values())


def test_facets_tell_what_another_value_would_give():
    text = "fibre"
    whole = search_hits(text)
    for facet in FACETS:
        for code, number in list(counts(whole, facet).items())[:2]:
            narrowed = search_hits(text, **{facet: (code,)})
            assert narrowed.nombre == number
            assert counts(narrowed, facet) == counts(whole, facet)
    two = search_hits(text, region=("53", "52"))
    assert two.nombre == counts(whole, "region")["53"] + counts(whole, "region")["52"]


def test_a_chosen_value_without_any_text_stays_among_the_choices():
    result = search_hits("parapheur", region=("94",), table=("budgets",))
    assert result.nombre == 0
    assert counts(result, "region")["94"] == 0 and counts(result, "table")["budgets"] == 0
    assert "Les filtres écartent tout" in result.comprises


def test_territories_are_grouped_the_best_first():
    result = search_hits("intelligence artificielle")
    by_hand = result.hits.groupby("cle")["score"].agg(["size", "max"])
    grouped = result.territoires.set_index("cle")
    assert dict(grouped["nb"]) == dict(by_hand["size"])
    assert dict(grouped["score"]) == dict(by_hand["max"])
    assert grouped["score"].is_monotonic_decreasing
    assert result.hits["score"].is_monotonic_decreasing


def test_without_a_word_the_largest_come_first():
    result = search_hits("", table=("strategies",))
    largest = query(
        """
        SELECT s.territoire_niveau || '-' || s.territoire_code AS cle
        FROM strategies s JOIN territoires USING (territoire_niveau, territoire_code)
        GROUP BY ALL ORDER BY max(population) DESC LIMIT 10
        """
    )
    assert list(result.territoires["cle"][:10]) == list(largest["cle"])
    assert result.hits["score"].isna().all()
    assert result.comprises.startswith("Tous les textes")


def test_a_rare_word_a_name_and_a_short_text_weigh_more():
    index = build(
        [
            [("la fibre dans les écoles", 1.0)],
            [("un autre titre", 1.0), ("la fibre dans les écoles", 0.6)],
            [("la fibre dans les écoles et les collèges, avec les communes et le pays", 1.0)],
            [("une école et une bibliothèque", 1.0)],
        ]
    )
    documents, scores = find(index.searcher, index.any_phrase([stem("fibre")]))
    assert list(documents) == [0, 2, 1] and scores[0] > scores[1] > scores[2] > 0
    rare, common = (
        find(index.searcher, index.any_phrase([stem(word)]))[1].max()
        for word in ("bibliothèque", "école")
    )
    assert rare > common


def test_no_phrase_spans_two_texts():
    index = build([[("très haut", 1.0), ("débit", 1.0)]])
    assert index.holds([stem("très haut")]) and not index.holds([stem("haut débit")])


# --- what is shown of a text ----------------------------------------------------------------------


def test_every_text_leads_to_its_territory_and_source():
    rows = search_hits("").hits
    sources = query("SELECT source_id, titre, url FROM sources").set_index("source_id")
    assert list(sources.loc[rows["source_id"], "url"]) == list(rows["source_url"])
    assert list(sources.loc[rows["source_id"], "titre"]) == list(rows["source_titre"])
    of_organisation = rows["partenaire_id"].notna()
    assert (
        rows.loc[of_organisation, "cle"]
        == "organisme-" + rows.loc[of_organisation, "partenaire_id"]
    ).all()
    assert set(rows.loc[of_organisation, "table"]) == {"partenaires", "mutualisations"}
    lead = query(
        "SELECT strategie_id, territoire_niveau || '-' || territoire_code AS cle FROM strategies"
    ).set_index("strategie_id")["cle"]
    ours = rows[rows["table"].isin(["priorites", "strategies", "budgets"])]
    assert list(lead[ours["strategie_id"]]) == list(ours["cle"])


def test_a_shared_strategy_is_found_once_and_the_others_are_named():
    rows = search_hits("", table=("strategies",)).hits.set_index("strategie_id")["aussi"]
    by_sql = query(
        """
        SELECT strategie_id, list(t.nom) AS noms
        FROM territoires_couverts JOIN territoires t USING (territoire_niveau, territoire_code)
        WHERE lien IN ('partagee', 'jumeau') GROUP BY strategie_id
        """
    )
    names_by_id = {id_: sorted(set(names)) for id_, names in zip(*by_sql.T.to_numpy(), strict=True)}
    assert {id_: sorted(names) for id_, names in rows.items() if len(names)} == names_by_id
    first_hit = search_hits("Parapheur électronique", table=("mutualisations",)).hits.iloc[0]
    assert first_hit["partenaire_id"] == "megalis-bretagne" and len(first_hit["aussi"]) >= 1


@pytest.mark.parametrize("typed", ["médiation numérique", "THD", "« haut débit »", "co-construire"])
def test_what_is_marked_is_what_was_asked(typed):
    hits = search_texts(typed, limit=30).hits
    roots = {root(folded(w)) for w in re.findall(r"\w+", f"{typed} très haut débit coconstruire")}
    for row in hits.itertuples():
        assert row.trouves or row.trouve_par != row.champ, row.texte
        assert row.extrait.strip("…") in row.texte
        for start, end in row.trouves:
            words = re.findall(r"[^\W_]+", row.extrait[start:end])
            assert words and {root(folded(word)) for word in words} <= roots


def test_a_label_of_ours_is_never_shown_as_what_a_territory_wrote():
    rows = search_hits("inclusion numérique").hits
    assert not set(rows["champ"]) & {"theme", "service"} - set(
        rows.loc[rows["table"] == "mutualisations", "champ"]
    )
    ours = rows[(rows["table"] == "priorites") & (rows["trouve_par"] == "theme")]
    assert len(ours) > 20
    axes = query("SELECT strategie_id || '/' || rang AS id, intitule, description FROM priorites")
    axes_by_id = axes.set_index("id")
    for row in ours.itertuples():
        assert row.texte == axes_by_id.loc[row.identifiant, row.champ]
    reunion = "Le numérique pour une société solidaire et inclusive"
    assert reunion in set(ours["texte"])
    plain_rows = rows[~rows["trouve_par"].isin(["theme", "service"])]
    assert list(plain_rows["trouve_par"]) == list(plain_rows["champ"])


def test_two_words_are_also_looked_for_as_one():
    apart, whole = search_hits("cyber sécurité"), keys("cybersécurité")
    assert whole <= keys("cyber sécurité") and len(whole) > 50
    assert "Cherché aussi en un mot : « cybersécurité »." in apart.comprises
    assert "en un mot" not in search_hits("inclusion numérique").comprises


def test_filters_alone_that_leave_nothing_are_said_so():
    result = search_hits("", niveau=("region",), table=("partenaires",))
    assert result.nombre == 0 and "Les filtres écartent tout" in result.comprises


FIBRE = build([[("fibre", 1.0)]])


def cut(text: str) -> tuple[str, tuple]:
    """The excerpt of a text in which « fibre » is looked for."""
    return snippet(text, match_ranges(text, parse_query("fibre", FIBRE).terms))


def test_a_long_text_is_cut_around_what_is_found():
    text = f"{'avant ' * 80}la fibre optique {'après ' * 80}".strip()
    shown, ranges = cut(text)
    assert [shown[start:end] for start, end in ranges] == ["fibre"]
    assert shown.startswith("…avant") and shown.endswith("après…")
    assert len(shown) <= WIDTH + 2
    assert snippet("court", []) == ("court", ())


HOSTILE = [
    "<script>alert(1)</script> fibre **gras** [lien](javascript:x) `code` $x$ :red[y]",
    "# fibre\n- liste\n1. un\n=== ![i](x) <img src=x onerror=y> fibre_optique *fibre*",
    "fibre &lt;b&gt; fibre\\ ~~fibre~~ | a | b | fibre",
]


@settings(max_examples=tries(80), deadline=None)
@given(st.sampled_from(HOSTILE) | st.text("fibre*_<>[]()`~#-+!&\\ \n.:|’œé", max_size=80))
def test_data_stay_data_in_markdown(text):
    excerpt, ranges = cut(text)
    rendered = (
        MarkdownIt("commonmark", {"html": True})
        .enable(["table", "strikethrough"])
        .render(highlight_markdown(excerpt, ranges))
    )
    assert set(re.findall(r"<[^>]*>", rendered)) <= {"<p>", "</p>", "<strong>", "</strong>"}
    assert rendered.count("<strong>") == len(ranges)


# --- files and programs ---------------------------------------------------------------------------


def test_a_text_is_of_a_column_of_its_table():
    rows, columns = results_table(search_hits("médiation").hits), load_format().tables
    for table, field in zip(rows["table"], rows["champ"], strict=True):
        assert field in columns[table].columns


def test_programs_get_what_the_page_shows(client):
    response = client.get("/api/v1/textes?q=médiation&niveau=departement,region&limite=3")
    payload, here = response.json(), search_hits("médiation", niveau=("departement", "region"))
    assert response.headers["access-control-allow-origin"] == "*"
    assert payload["nombre"] == here.nombre and payload["message"] == here.comprises
    assert [row["identifiant"] for row in payload["textes"]] == list(here.hits["identifiant"][:3])
    first = payload["textes"][0]
    assert [first["extrait"][a:b] for a, b in first["trouves"]]
    assert {row["code"]: row["nombre"] for row in payload["facettes"]["niveau"]} == counts(
        here, "niveau"
    )
    assert client.get("/api/v1/textes").json()["nombre"] == search_hits("").nombre
    etag = {"If-None-Match": response.headers["etag"]}
    assert client.get(response.url, headers=etag).status_code == 304


@pytest.mark.parametrize(
    ("query_string", "message"),
    [
        ("motif=fibre", "Paramètre inconnu : « motif »"),
        (f"q={'a' * (MAX_QUERY_LENGTH + 1)}", "301\u00a0caractères"),
        ("niveau=canton", "« canton » n’est pas une valeur de « niveau »"),
        ("periode=2017", "« 2017 » n’est pas une valeur de « periode »"),
        ("limite=beaucoup", "un nombre entier de 1 à 1"),
    ],
)
def test_what_programs_ask_wrongly_is_refused(client, query_string, message):
    response = client.get(f"/api/v1/textes?{query_string}")
    assert response.status_code == 400
    assert message in response.json()["erreur"]


def test_choices_are_codes_with_their_labels():
    options = facet_options()
    assert tuple(options) == FACETS
    assert options["niveau"]["organisme"] == "Organismes"
    assert (
        options["periode"]["sans_date"] == "Sans date"
        and list(options["periode"])[-1] == "sans_date"
    )
    assert set(options["theme"]) == set(vocabulary_codes("themes")) and len(options["region"]) == 18


# --- words of the trade, and searching where one is ---------------------------------------------


def test_words_of_the_trade_are_said_weigh_less_and_go_away_at_a_click():
    result, exact = search_hits("illectronisme"), search_texts("illectronisme", exact=True)
    assert "Y compris : exclusion numérique." in result.comprises.replace("\xa0", " ")
    assert result.including == ("exclusion numérique",) and exact.including == ()
    typed = len(exact.hits)
    assert 0 < typed < result.nombre
    # what is typed comes first, and is all that an exact search finds
    assert list(result.hits["identifiant"][:typed]) == list(exact.hits["identifiant"])
    assert all("xclusion numérique" in text for text in result.hits["texte"][typed:])
    # a word that no text holds is no mistake when it says what others do
    assert "Rien pour" not in search_texts("GRU").comprises and search_texts("GRU").nombre


def test_the_sets_of_synonyms_are_reviewed_ones():
    sets = synonym_sets()
    assert 140 <= len(sets) <= 180 and all(len(equivalent) >= 2 for equivalent in sets)
    owners = [term for equivalent in sets for term in equivalent]
    assert len(owners) == len(set(owners))  # a term says one thing


def test_a_search_keeps_to_the_territories_asked_for():
    key = "departement-35"
    everything, inside = search_texts("", limit=None), search_texts("", limit=None, within=(key,))
    rows = query(
        """SELECT strategie_id FROM territoires_couverts
           WHERE lien <> 'aire' AND territoire_niveau = 'departement' AND territoire_code = '35'"""
    )
    strategies = set(rows["strategie_id"])
    of_documents = everything.hits[everything.hits["table"].isin(["strategies", "priorites"])]
    found = inside.hits[inside.hits["table"].isin(["strategies", "priorites"])]
    wanted = of_documents[of_documents["strategie_id"].isin(strategies)]
    assert set(found["identifiant"]) == set(wanted["identifiant"]) != set()
    # a territory of which no text speaks has none: never all of them
    assert search_texts("", within=("commune-01001",)).nombre == 0
