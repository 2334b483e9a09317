"""What peers do that a territory does not: invented groups by hand, then the CSV packages."""

import random
import re
from collections import defaultdict

import pandas as pd
import pytest
from recounted import (
    OWN,
    STATES,
    STRATEGIES,
    TERRITORIES,
    YEAR,
    axes_read,
    borne,
    current,
    document_year,
    family,
    in_entire,
    theme_answer,
)
from test_position import BROKEN, LINKS, SERVICE_ANSWERS, groups, pools

from comparisons.analysis.peers.gap_documents import (
    compare_documents,
    describe_newer,
    newer_strategies,
)
from comparisons.analysis.peers.gap_services import (
    compare_organisations,
    compare_services,
    describe_service_gaps,
    nearby_partnerships,
    service_gaps,
    service_links,
)
from comparisons.analysis.peers.gap_themes import (
    compare_themes,
    describe_theme_gaps,
    theme_gaps,
    theme_wordings,
)
from comparisons.analysis.peers.gaps import describe_gaps
from comparisons.analysis.peers.group import Themes, peer_group
from comparisons.queries.axes import format_axis_counts
from comparisons.queries.partners import partnerships
from comparisons.queries.territories import neighbours
from comparisons.schema.model import family_of, vocabulary_codes

pytestmark = pytest.mark.usefixtures("database")

ME, A, B, C, D = "epci-1", "epci-2", "epci-3", "epci-4", "epci-5"
NAMES = {ME: "Moi", A: "Aval", B: "Bourg", C: "Combe", D: "Dune"}
PEERS = [A, B, C, D]


# --- themes, by hand ------------------------------------------------------------------------------


def invented(whole=(), about=(), **axes: str) -> Themes:
    """Themes of a group: `moi="donnees santé"`; `whole` have an overall strategy read entirely."""
    keys = {name.lower(): key for key, name in NAMES.items()}
    rows = [(keys[name], theme) for name, themes in axes.items() for theme in themes.split()]
    axes_rows = pd.DataFrame(rows, columns=["cle", "theme"])
    axes_rows = axes_rows.assign(
        strategie_id=axes_rows["cle"] + "-s", famille="ensemble", rang=1, nomme=True
    )
    document_families = [(key, "ensemble") for key in NAMES] + list(about)
    documents = pd.DataFrame(document_families, columns=["cle", "famille"])
    documents = documents.assign(strategie_id=documents["cle"] + "-s")
    entire = documents[documents["cle"].isin(whole) & (documents["famille"] == "ensemble")]
    return Themes(axes_rows, documents, entire)


def by_theme(table: pd.DataFrame) -> dict[str, tuple]:
    return {
        row.theme: (row.ici, row.sens, row.nb_pairs, row.nb_complets) for row in table.itertuples()
    }


def gap_texts(theme_table: Themes, own_known: bool = True) -> list[str]:
    lines = describe_theme_gaps(compare_themes(theme_table, ME, PEERS), NAMES, own_known)
    return [statement.texte.replace("\xa0", " ") for statement, _ in lines]


def test_a_theme_that_is_in_no_list_is_unknown_not_absent():
    """Lists may be partial: nobody has « non » here, and no peer is counted."""
    theme_table = invented(moi="donnees financement", aval="inclusion_mediation donnees",
                           bourg="inclusion_mediation", combe="sante_social")  # fmt: skip
    table = compare_themes(theme_table, ME, PEERS)
    assert by_theme(table) == {
        "inclusion_mediation": ("inconnu", "inconnu", 2, 0),
        "sante_social": ("inconnu", "inconnu", 1, 0),
        "donnees": ("oui", "inconnu", 1, 0),
        "financement": ("oui", "inconnu", 0, 0),
    }
    # the most widely set first, then in the order of the vocabulary
    assert list(table["theme"]) == ["inclusion_mediation", "sante_social", "donnees", "financement"]
    assert table["part"].isna().all() and table["pairs"].iloc[0] == [A, B]
    assert gap_texts(theme_table)[0] == (
        "Thème « Inclusion et médiation numériques » : relevé chez 2 pairs (Aval et Bourg) ; non "
        "relevé chez vous, ce qui ne dit pas qu’il soit absent."
    )
    assert (
        gap_texts(theme_table)[-1]
        == "Thème « Financement » : relevé chez aucun pair ; relevé chez vous."
    )


def test_a_theme_is_absent_from_a_whole_list_of_the_same_family_only():
    theme_table = invented(
        [ME, A, B],
        moi="donnees",
        aval="sante_social donnees",
        bourg="financement",
        combe="ecologie",
    )
    assert by_theme(compare_themes(theme_table, ME, PEERS)) == {
        "donnees": ("oui", "tous_deux", 1, 2),
        "sante_social": ("non", "eux_pas_moi", 1, 2),
        "financement": ("non", "eux_pas_moi", 1, 2),
    }
    assert "votre stratégie d’ensemble, lue en entier, ne le pose pas." in gap_texts(theme_table)[0]
    every = invented(NAMES, moi="donnees", aval="financement")
    assert by_theme(compare_themes(every, ME, PEERS))["donnees"] == ("oui", "moi_pas_eux", 0, 4)
    assert gap_texts(every)[-1].startswith("Thème « Données » : relevé chez aucun pair ; des 4")


def test_the_subject_of_a_document_is_neither_a_priority_nor_absent():
    """Nord has a plan of networks that was not read: the theme of networks must not be missing."""
    theme_table = invented([ME], about=[(ME, "reseaux"), (B, "reseaux")], moi="donnees",
                           aval="infrastructures")  # fmt: skip
    row = compare_themes(theme_table, ME, PEERS).set_index("theme").loc["infrastructures"]
    assert (row["ici"], row["sens"]) == ("oui_par_objet", "inconnu")
    assert (row["pairs"], row["pairs_par_objet"]) == ([A], [B])
    assert gap_texts(theme_table)[0] == (
        "Thème « Infrastructures et connectivité » : relevé chez 1 pair (Aval) ; sujet d’un "
        "document de 1 pair (Bourg) ; l’un de vos documents porte sur ce sujet."
    )


def test_nothing_is_a_gap_when_my_priorities_are_not_recorded():
    theme_table = invented([A, B], aval="donnees", bourg="donnees")
    assert by_theme(compare_themes(theme_table, ME, PEERS)) == {
        "donnees": ("inconnu", "inconnu", 2, 2)
    }
    assert gap_texts(theme_table, own_known=False) == [
        "Nous n’avons pas encore lu vos priorités (documents non terminés) : nous ne pouvons pas "
        "dire ce qui vous distingue.",
        "Thème « Données » : relevé chez 2 pairs (Aval et Bourg).",
    ]


def test_an_axis_of_no_named_theme_makes_no_row():
    theme_table = invented(moi="autre", aval="donnees", bourg="autre")
    assert by_theme(compare_themes(theme_table, ME, PEERS)) == {
        "donnees": ("inconnu", "inconnu", 1, 0)
    }


# --- services, by hand ----------------------------------------------------------------------------


def links(*rows: tuple[str, ...]) -> pd.DataFrame:
    """Build links of a territory, service and organisation; a fourth value: deduced, not stated."""
    frame = pd.DataFrame([row[:3] for row in rows], columns=["cle", "service", "partenaire_id"])
    frame["certitude"] = ["deduit" if len(row) > 3 else "explicite" for row in rows]
    return frame.assign(partenaire_nom="Syndicat " + frame["partenaire_id"], sigle=None,
                        forme="syndicat_mixte", partenaire_url=None, source_id="s",
                        nom=frame["cle"].map(NAMES))  # fmt: skip


INVENTED = links((ME, "ent", "x", "deduit"), (A, "sig_geomatique", "x"),
                 (B, "sig_geomatique", "x", "deduit"), (B, "sig_geomatique", "y"),
                 (D, "sig_geomatique", "y", "deduit"), (C, "ent", "x", "deduit"),
                 (ME, "formation", "z"), (D, "autre", "y"))  # fmt: skip


def test_services_of_an_invented_group():
    table = compare_services(INVENTED, ME, PEERS)
    assert [(row.service, row.ici, row.nb_cites, row.nb_deduits, row.nb_groupe, row.organismes)
            for row in table.itertuples()] == [
        ("sig_geomatique", "inconnu", 2, 1, 4, ["Syndicat x", "Syndicat y"]),
        ("ent", "oui_par_deduction", 0, 1, 4, ["Syndicat x"]),
    ]  # fmt: skip
    assert table["part_des_pairs"].isna().all()  # of four, no share
    assert list(table["pairs_cites"]) == [[A, B], []]
    assert list(table["pairs_deduits"]) == [[D], [C]]


def test_organisations_of_an_invented_group():
    around = links(("epci-9", "wifi_public", "y"), ("epci-9", "wifi_public", "x", "deduit")).assign(
        nom="Voisine"
    )
    table = compare_organisations(INVENTED, ME, PEERS, around)
    assert [(row.service, row.partenaire_id, row.nb_cites, row.nb_deduits, row.ici, row.proches)
            for row in table.itertuples()] == [
        ("ent", "x", 0, 1, "oui_par_deduction", []),
        ("sig_geomatique", "x", 1, 1, "oui_par_deduction", []),
        ("sig_geomatique", "y", 1, 1, "inconnu", ["Voisine"]),
    ]  # fmt: skip


def test_services_in_words():
    lines = describe_service_gaps(compare_services(INVENTED, ME, PEERS), NAMES)
    assert [statement.texte for statement, _ in lines] == [
        "Un service sans organisme connu peut être partagé sans que cela soit relevé : les nombres "
        "de pairs sont des minimums.",
        "Service « Information géographique » : 2\xa0pairs cités par une source (Aval et Bourg), "
        "1 par déduction (Dune), sur 4, avec Syndicat x et Syndicat y ; aucun organisme connu pour "
        "vous.",
        "Service « Espace numérique de travail » : 1\xa0pair par déduction seulement (Combe), sur "
        "4, avec Syndicat x ; vous aussi, par déduction.",
    ]


# --- documents, by hand ---------------------------------------------------------------------------


def documents(*rows: tuple) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cle", "type", "strategie_id", "annee_document", "etat"])
    frame["annee_document"] = frame["annee_document"].astype("Int32")
    frame["famille"] = frame["type"].map(family_of)
    return frame.assign(titre="Document " + frame["strategie_id"], source_id="s", source_url="u")


def test_documents_of_an_invented_group():
    table = compare_documents(
        documents(
            (ME, "sdtan", "m1", 2010, "terminee"),
            (ME, "sdtan", "m2", 2015, "adoptee"),
            (ME, "sdusn", "m3", None, "adoptee"),
            (A, "sdtan", "a1", 2020, "adoptee"),
            (A, "sdtan", "a2", 2012, "adoptee"),  # older than mine
            (B, "sdtan", "b1", 2021, "terminee"),  # over
            (B, "sdtan", "b2", None, "adoptee"),  # no year: nobody knows
            (B, "scoran", "b4", 2019, "suite_inconnue"),  # nobody knows whether it is in force
            (B, "strategie_numerique", "b3", 2022, "adoptee"),  # mine, a sdusn, bears no year
            (C, "sdtan", "m2", 2015, "adoptee"),  # mine too
            (C, "strategie_donnees", "c1", None, "en_elaboration"),
            (C, "strategie_donnees", "c2", 2023, "adoptee"),
            (C, "feuille_route_inclusion", "c3", 2012, "adoptee"),  # no news
            (D, "autre", "d1", 2025, "adoptee"),
        ),
        ME,
        NAMES,
    )
    # in the order of the vocabulary, the most recent first
    assert [(row.famille, row.strategie_id, row.relation) for row in table.itertuples()] == [
        ("donnees", "c2", "type_inconnu_ici"),
        ("reseaux", "a1", "plus_recente"),
    ]
    last = table.iloc[-1]
    assert (last["mienne"], last["mienne_annee"], last["nom"]) == ("m2", 2015, "Aval")
    assert table["mienne"].iloc[:-1].isna().all()
    assert [statement.texte for statement, _ in describe_newer(table)] == [
        "« Données » : aucun document de cette sorte n’est relevé pour vous ; "
        "1\xa0pair en a un : Combe (2023).",
        "« Réseaux » : 1\xa0pair a un document plus récent que le vôtre (2015) : Aval (2020).",
    ]


# --- real groups, counted again -------------------------------------------------------------------


def as_key(cle: str) -> tuple[str, str]:
    return tuple(cle.split("-"))


def axes_of(cle: str, named: bool = False) -> list[dict]:
    return [axis for id_ in current(as_key(cle)) for axis in axes_read(id_, named)]


either = pytest.mark.parametrize("named", [False, True], ids=["all", "named"])


def rich_groups() -> list[list[str]]:
    chance, pool = random.Random(3), pools()
    return [chance.sample(pool[level], 13) for level in ("region", "departement", "epci") * 2]


@either
@pytest.mark.parametrize("keys", rich_groups(), ids=lambda keys: keys[0])
def test_themes_are_those_of_the_packages(keys, named):
    me, *peers = keys
    table = theme_gaps(me, peers, named)
    presence = {
        (key, theme): theme_answer(as_key(key), theme, named)
        for key in keys
        for theme in set(vocabulary_codes("themes")) - {"autre"}
    }
    every = {theme for (_, theme), state in presence.items() if state.startswith("oui")}
    assert set(table["theme"]) == every and not table["theme"].duplicated().any()
    for row in table.itertuples():
        for column, state in (("pairs", "oui"), ("pairs_par_objet", "oui_par_objet")):
            expected = sorted(peer for peer in peers if presence[peer, row.theme] == state)
            assert getattr(row, column) == expected
        entire_answers = [in_entire(as_key(peer), row.theme, named) for peer in peers]
        entire_answers = [set_ for set_ in entire_answers if set_ is not None]
        assert (row.nb_complets, row.nb_complets_oui) == (len(entire_answers), sum(entire_answers))
        assert row.ici == presence[me, row.theme]
        if row.sens == "eux_pas_moi":
            assert row.ici == "non" and sum(entire_answers)
        if row.sens == "tous_deux":
            assert in_entire(as_key(me), row.theme, named) and sum(entire_answers)
        if row.sens == "moi_pas_eux":
            assert len(entire_answers) == len(peers) and not (row.nb_pairs or row.nb_par_objet)
    order = {theme: rank for rank, theme in enumerate(vocabulary_codes("themes"))}
    row_order = [(-row.nb_pairs, order[row.theme]) for row in table.itertuples()]
    assert row_order == sorted(row_order)


@either
@pytest.mark.parametrize("keys", rich_groups()[:3], ids=lambda keys: keys[0])
def test_wordings_are_all_those_of_the_theme(keys, named):
    for theme in theme_gaps(keys[0], keys[1:], named)["theme"]:
        rows = theme_wordings(theme, keys, named)
        actual = sorted(zip(rows["cle"], rows["strategie_id"], rows["rang"], strict=True))
        expected = sorted((key, axis["strategie_id"], int(axis["rang"])) for key in keys
                          for axis in axes_of(key, named) if theme in borne(axis))  # fmt: skip
        assert actual == expected
        assert rows["source_url"].str.startswith("http").all()
        assert list(dict.fromkeys(rows["cle"])) == [k for k in keys if k in set(rows["cle"])]


@either
@pytest.mark.parametrize("keys", rich_groups(), ids=lambda keys: keys[0])
def test_axes_read_are_counted_and_among_them_the_named_ones(keys, named):
    # a strategy of several territories of the group is read once
    axes_by_rank = {(a["strategie_id"], a["rang"]): a for key in keys for a in axes_of(key, named)}
    explicit = [axis for axis in axes_by_rank.values() if axis["certitude"] == "explicite"]
    counts_of_axes = [
        p for p in describe_gaps(keys[0], keys[1:], named)["phrase"] if p.startswith("Lus dans")
    ]
    counted = f"Lus dans ce groupe : {format_axis_counts(len(axes_by_rank), len(explicit))}."
    assert counts_of_axes == ([counted] if axes_by_rank else [])


def organisations_of(key: str, peers: list[str]) -> pd.DataFrame:
    members = peer_group(key, peers)["cle"]
    links = partnerships(members)
    return compare_organisations(
        links, members.iloc[0], list(members[1:]), nearby_partnerships(key)
    )


@pytest.mark.parametrize("keys", rich_groups(), ids=lambda keys: keys[0])
def test_services_are_those_of_the_packages(keys):
    me, *peers = keys
    table = service_gaps(me, peers)
    every = {service for peer in peers for service in LINKS[as_key(peer)]} - {"autre"}
    assert set(table["service"]) == every
    organisations = organisations_of(me, peers)
    for row in table.itertuples():
        links_by_peer = {peer: LINKS[as_key(peer)].get(row.service) for peer in peers}
        assert row.pairs_cites == sorted(peer for peer in peers if links_by_peer[peer])
        assert row.pairs_deduits == sorted(peer for peer in peers if links_by_peer[peer] is False)
        assert pd.isna(row.part_des_pairs) and len(peers) < 20
        assert row.ici == SERVICE_ANSWERS[LINKS[as_key(me)].get(row.service)]
        sharing = [*row.pairs_cites, *row.pairs_deduits]
        same = organisations[organisations["service"] == row.service]
        assert len(same) == len(row.organismes)
        served_peers = {*same["pairs_cites"].explode(), *same["pairs_deduits"].explode()}
        assert {peer for peer in served_peers if isinstance(peer, str)} == set(sharing)
        proof = service_links(row.service, peers)
        assert set(proof["cle"]) == set(sharing) and proof["source_url"].notna().all()
        assert set(proof["partenaire_id"]) == set(same["partenaire_id"])


def test_an_organisation_that_serves_a_neighbour_says_so():
    # Mégalis Bretagne serves the Finistère's peers and neighbours, and the Finistère itself
    table = organisations_of("departement-29", ["departement-35"])
    megalis = table[table["partenaire_id"] == "megalis-bretagne"]
    assert len(megalis) and (megalis["ici"] == "oui").all()
    near = {TERRITORIES[as_key(key)]["nom"].replace("'", "’")
            for key in neighbours("departement-29")}  # fmt: skip
    assert near == {"Côtes-d’Armor", "Morbihan"}
    assert megalis["proches"].map(lambda names: near <= set(names)).all()


@pytest.mark.parametrize("keys", rich_groups(), ids=lambda keys: keys[0])
def test_newer_documents_are_those_of_the_packages(keys):
    me, *peers = keys
    mine = defaultdict(list)
    for id_ in OWN[as_key(me)]:
        mine[family(id_)].append(document_year(STRATEGIES[id_]))
    expected = set()
    for peer in peers:
        for id_ in OWN[as_key(peer)]:
            kind, when = family(id_), document_year(STRATEGIES[id_])
            in_force = STATES[id_] in ("adoptee", "en_revision") and (when or 0) >= YEAR - 10
            if kind == "autre" or not in_force or id_ in OWN[as_key(me)]:
                continue
            my_years = mine[kind]
            if not my_years or (when and all(my_years) and when > max(my_years)):
                expected.add((peer, id_, "plus_recente" if my_years else "type_inconnu_ici"))
    table = newer_strategies(me, peers)
    assert set(zip(table["cle"], table["strategie_id"], table["relation"], strict=True)) == expected
    assert len(table) == len(expected) and table["source_url"].str.startswith("http").all()


# --- any group ------------------------------------------------------------------------------------


def test_any_group_has_sentences_without_broken_words():
    for key, *peers in groups(seed=100, count=16):
        rows = describe_gaps(key, peers)
        assert len(rows) and rows["phrase"].str.endswith(".").all()
        broken = [text for text in rows["phrase"] if BROKEN.search(text)]
        assert not broken, (key, broken[:3])
        silent = rows["phrase"].str.startswith("Vos priorités ne sont pas relevées").any()
        if silent:
            assert not rows["phrase"].str.contains("pas relevé chez vous").any()
            counted = rows["phrase"].str.startswith("Lus dans ce groupe : ")
            themes_only = rows[(rows["rubrique"] == "themes") & ~counted]
            assert set(themes_only["sens"]) <= {"inconnu"} and counted.sum() <= 1
        if not peers:
            assert list(rows["phrase"]) == [
                "Le groupe ne compte aucun pair : aucun écart n’est calculé."
            ]
            assert service_gaps(key, peers).empty and newer_strategies(key, peers).empty
            assert set(theme_gaps(key, peers)["sens"]) <= {"inconnu"}


def test_the_order_of_peers_and_oneself_among_them_change_nothing():
    for seed, (key, *peers) in enumerate(rich_groups()[1:3]):
        shuffled = [*peers, key, *peers[:2]]
        random.Random(seed).shuffle(shuffled)
        for function in (
            theme_gaps,
            service_gaps,
            organisations_of,
            newer_strategies,
            describe_gaps,
        ):
            pd.testing.assert_frame_equal(function(key, peers), function(key, shuffled))


def test_sentences_judge_nothing():
    words = re.compile(r"\b(retard|avance|meilleur|pire|bon|mauvais|faible|fort|manque)", re.I)
    for key, *peers in rich_groups():
        # names of territories and titles of documents are not ours
        texts = [
            re.sub(r"\([^()]*\)|« [^»]* »", "", text)
            for text in describe_gaps(key, peers)["phrase"]
        ]
        assert not [text for text in texts if words.search(text)]
