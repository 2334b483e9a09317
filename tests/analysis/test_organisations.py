"""Organisations, their sheets, their solutions, their kinds: an invented network, known answers."""

import pandas as pd
import pytest
from pooling_network import (
    BOBIGNY,
    CRETEIL,
    EST_ENSEMBLE,
    GRAND_LYON,
    GRAND_PARIS,
    LAVAL,
    LAVAL_AGGLO,
    MAYENNE,
    MAYENNE_CO,
)
from recounted import TERRITORIES

from comparisons.analysis.shared_services import public_private
from comparisons.analysis.shared_services.links import describe_link_path, effective_links
from comparisons.analysis.shared_services.matrix import (
    describe_matrix,
    matrix_table,
    service_matrix,
)
from comparisons.analysis.shared_services.organisation import load_organisation, service_area
from comparisons.analysis.shared_services.organisations import (
    OrganisationFilters,
    list_organisations,
)
from comparisons.analysis.shared_services.solutions import (
    NOT_STATED,
    describe_names,
    fold,
    list_solutions,
    load_solution,
)
from comparisons.analysis.shared_services.wording import format_share
from comparisons.schema.model import vocabulary_codes
from comparisons.search.names import build_names

pytestmark = pytest.mark.usefixtures("invented_network")


def ids(**filters) -> list[str]:
    return list(list_organisations(OrganisationFilters(**filters))["partenaire_id"])


def link_paths(key: str, service: str) -> set[tuple[str, str, str]]:
    rows = effective_links(keys=[key])
    rows = rows[rows["service"] == service]
    return set(rows[["partenaire_id", "lien", "via"]].itertuples(index=False, name=None))


# --- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "service", "expected"),
    [
        (LAVAL, "site_web", {("beta", "direct", LAVAL), ("alpha", "par_epci", LAVAL_AGGLO)}),
        (LAVAL_AGGLO, "site_web", {("alpha", "direct", LAVAL_AGGLO)}),
        # nearest wider territory of which it is said
        (MAYENNE, "site_web", {("alpha", "par_departement", "departement-53")}),
        (MAYENNE_CO, "site_web", {("alpha", "par_departement", "departement-53")}),
        # nothing goes up
        ("departement-53", "site_web", {("alpha", "direct", "departement-53")}),
        ("region-52", "site_web", set()),
        (MAYENNE, "cybersecurite", {("gamma", "par_region", "region-52")}),
        ("departement-53", "cybersecurite", {("gamma", "par_region", "region-52")}),
        # cooperation is known, not inherited
        ("departement-53", "open_data", {("beta", "direct", "departement-53")}),
        (MAYENNE, "open_data", set()),
        # twins: said of the other, one's own; only if dated since the two are one
        ("departement-68", "sig_geomatique", {("gamma", "direct", "departement-67")}),
        ("commune-68066", "sig_geomatique", {("gamma", "par_departement", "departement-68")}),
        ("departement-67", "formation", set()),
        ("commune-67482", "formation", set()),
        ("departement-2A", "cybersecurite", {("epsilon", "direct", "region-94")}),
        ("commune-2A004", "cybersecurite", {("epsilon", "par_region", "region-94")}),
        ("departement-75", "archivage_electronique", {("epsilon", "direct", "commune-75056")}),
        ("commune-75056", "archivage_electronique", {("epsilon", "direct", "commune-75056")}),
        (GRAND_PARIS, "archivage_electronique", set()),
        # the Département du Rhône does not act in the Métropole de Lyon
        ("commune-69264", "formation", {("epsilon", "par_departement", "departement-69")}),
        ("commune-69123", "formation", set()),
        (GRAND_LYON, "formation", set()),
        # an EPT rather than the metropolis it lies in
        (EST_ENSEMBLE, "wifi_public", {("epsilon", "direct", EST_ENSEMBLE)}),
        (BOBIGNY, "wifi_public", {("epsilon", "par_epci", EST_ENSEMBLE)}),
        (CRETEIL, "wifi_public", {("epsilon", "par_epci", GRAND_PARIS)}),
        ("commune-75056", "wifi_public", {("epsilon", "par_epci", GRAND_PARIS)}),
    ],
)
def test_where_a_link_comes_from(key, service, expected):
    assert link_paths(key, service) == expected


def test_links_of_the_territory_alone():
    rows = effective_links(keys=[LAVAL, MAYENNE], inherited=False)
    assert list(rows[["cle", "partenaire_id"]].itertuples(index=False, name=None)) == [
        (LAVAL, "beta")
    ]


def test_a_link_explained():
    assert describe_link_path("direct", "Laval", "Bêta") == (
        "Le lien avec Bêta est connu pour ce territoire lui-même."
    )
    assert describe_link_path("par_departement", "Mayenne", "ALF") == (
        "Le lien avec ALF est connu pour le département (Mayenne), où se trouve ce territoire ; "
        "aucune source ne dit qu’il reçoit lui-même le service."
    )


# --- directory ------------------------------------------------------------------------------------


def test_the_directory():
    rows = list_organisations().set_index("partenaire_id")
    assert list(rows.index) == ["beta", "delta", "epsilon", "gamma", "alpha"]  # by name
    alpha = rows.loc["alpha"]
    assert alpha["services"] == ["site_web", "dpo_rgpd", "autre"]
    assert alpha["solutions"] == ["ELAN", "Élan"] and alpha["roles"] == ["membre", "beneficiaire"]
    assert (alpha["nb_cites"], alpha["nb_deduits"]) == (1, 1)  # Mayenne, Laval Agglomération
    assert alpha["siege_nom"] == "Mayenne" and alpha["certitude"] == "deduit"
    assert alpha["source_url"] == "https://exemple.fr/s1"
    # unknown is not zero; a zero that a source states stays zero
    assert pd.isna(rows.loc["gamma", "nb_deduits"]) and rows.loc["gamma", "nb_cites"] == 3
    assert pd.isna(alpha["nb_adherents"]) and rows.loc["gamma", "nb_adherents"] == 0
    delta = rows.loc["delta"]
    assert (
        pd.isna(delta["nb_cites"]) and pd.isna(delta["nb_deduits"]) and pd.isna(delta["certitude"])
    )
    assert delta["services"] == [] and delta["roles"] == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"service": "site_web"}, {"alpha", "beta"}),
        ({"forme": "gip"}, {"epsilon"}),
        ({"service": "site_web", "forme": "gip"}, set()),
        ({"zone": "departement-53"}, {"alpha", "beta", "gamma"}),  # in it, and the région around
        ({"zone": LAVAL}, {"alpha", "beta", "gamma"}),
        ({"zone": MAYENNE}, {"alpha", "beta", "gamma"}),
        # the service must be known there
        ({"zone": "departement-53", "service": "sig_geomatique"}, set()),
        ({"zone": "departement-68", "service": "sig_geomatique"}, {"gamma"}),
        ({"zone": "region-94"}, {"epsilon"}),
        ({"zone": "commune-2A004"}, {"epsilon"}),
        ({"zone": GRAND_LYON}, set()),
        ({"zone": "commune-69123"}, set()),
        ({"zone": "commune-69264"}, {"epsilon"}),
        ({"zone": "region-99"}, set()),
    ],
)
def test_filters(filters, expected):
    assert set(ids(**filters)) == expected


def test_a_filter_chooses_and_changes_nothing():
    everything = list_organisations().set_index("partenaire_id")
    chosen = list_organisations(OrganisationFilters(service="dpo_rgpd", zone=MAYENNE)).set_index(
        "partenaire_id"
    )
    pd.testing.assert_frame_equal(chosen, everything.loc[chosen.index])


def test_a_zone_must_be_a_key():
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        list_organisations(OrganisationFilters(zone="Mayenne"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["beta", "delta", "epsilon", "gamma", "alpha"]),
        ("  ", ["beta", "delta", "epsilon", "gamma", "alpha"]),
        ("alpha", ["alpha"]),
        ("ALF", ["alpha"]),
        ("numerique alpha", ["alpha"]),  # any order
        ("INTERNET", ["alpha", "beta"]),  # its services
        ("sitess", ["alpha", "beta"]),  # a letter too many
        ("alphanumerique", []),  # only whole texts are one word
        ("syndicatalphanumerique", ["alpha"]),
        ("beta ecole", ["beta"]),
        ("les données", ["alpha", "beta"]),  # small words do not matter
        ("bouclier", ["gamma"]),
        ("syndicat bouclier", []),
        ("laval", ["beta", "alpha"]),  # whom it serves: Laval, Laval Agglomération
        ("gip", ["epsilon"]),
        ("!?", []),
        ("'; DROP TABLE partenaires; --", []),
        ("%", []),
    ],
)
def test_words_typed(text, expected):
    partner_ids = ids(texte=text)
    assert sorted(partner_ids) == sorted(expected)
    if not text.strip():
        assert partner_ids == expected


def test_a_name_comes_before_a_place_or_a_service():
    names = [[("lieu", "laval")], [("nom", "laval numerique")], []]
    index = build_names(names, {"nom": 1.0, "lieu": 0.4})
    assert index.rank("laval", range(3)) == [1, 0]
    assert index.rank("laval", [0, 2]) == [0]
    # what is right is never mixed with what is nearly so
    near = build_names([[("nom", "gamma")], [("nom", "gamme")]], {"nom": 1.0})
    assert near.rank("gamme", range(2)) == [1]
    assert near.rank("gommes", range(2)) == [] and near.rank("gomme", range(2)) == [1]
    assert build_names([], {"nom": 1.0}).rank("gamma", ()) == []


# --- sheet ----------------------------------------------------------------------------------------


def test_the_sheet_of_an_organisation():
    profile = load_organisation("alpha")
    values_by_fact = dict(zip(profile.faits["fait"], profile.faits["valeur"], strict=True))
    assert values_by_fact["Siège (département)"] == "Mayenne (53)"
    assert (
        values_by_fact["Effectif (agents)"] == "12,5"
        and values_by_fact["Budget annuel"] == "1\xa0M€"
    )
    assert values_by_fact["Siren"] == values_by_fact["Adhérents"] == "non renseigné"
    budget = profile.faits.set_index("fait").loc["Budget annuel"]
    assert budget["annee"] == 2024 and budget["source_titre"] == "Titre s1"
    assert profile.faits.set_index("fait").loc["Siren", "source_url"] is None
    assert list(zip(profile.membres["cle"], profile.membres["role"], strict=True)) == [
        ("departement-53", "membre"),
        (LAVAL_AGGLO, "beneficiaire"),
    ]
    first, second = profile.membres.to_dict("records")
    assert first["services"] == ["site_web", "dpo_rgpd", "autre"] and first["solutions"] == ["Élan"]
    assert first["depuis"] == 2015 and first["certitude"] == "explicite"
    assert (second["certitude"], second["source_url"]) == ("deduit", "https://exemple.fr/s2")
    ent, dpo, _ = profile.services.to_dict("records")
    assert (ent["service"], ent["licences"]) == ("site_web", ["libre"])
    assert (ent["nb_cites"], ent["nb_deduits"]) == (1, 1)
    assert ent["certitude"] == "deduit" and ent["source_ids"] == ["s1", "s2"]
    assert dpo["licences"] == [] and pd.isna(dpo["depuis"])
    assert dict(zip(profile.faits["fait"], profile.faits["valeur"], strict=True)) == values_by_fact


def test_an_organisation_without_links_has_a_sheet():
    profile = load_organisation("delta")
    assert profile.membres.empty and profile.services.empty and len(profile.faits) == 10
    assert all(service_area("delta", level).empty for level in ("region", "commune"))
    adherents = load_organisation("gamma").faits.set_index("fait").loc["Adhérents", "valeur"]
    assert adherents == "0"
    for unknown in ("zeta", "", "'"):
        with pytest.raises(KeyError):
            load_organisation(unknown)
        with pytest.raises(KeyError):
            service_area(unknown, "commune")


def test_whom_an_organisation_serves():
    communes = service_area("alpha", "commune").set_index("cle")
    inside = {f"commune-{c}" for (level, c), t in TERRITORIES.items()
              if level == "commune" and t["departement_code"] == "53"}  # fmt: skip
    assert set(communes.index) == inside
    laval = communes.loc[LAVAL]
    assert (laval["lien"], laval["via"], laval["role"]) == ("par_epci", LAVAL_AGGLO, "beneficiaire")
    assert laval["services"] == ["site_web"] and laval["services_herites"] == ["dpo_rgpd", "autre"]
    assert laval["certitude"] == "deduit"
    assert "l’intercommunalité (Communauté d’agglomération Laval" in laval["explication"]
    town = communes.loc[MAYENNE]
    assert (town["lien"], town["role"]) == ("par_departement", "membre")
    assert town["services"] == ["site_web", "dpo_rgpd", "autre"] and town["services_herites"] == []
    departments = service_area("alpha", "departement")
    assert list(zip(departments["cle"], departments["lien"], strict=True)) == [
        ("departement-53", "direct")
    ]
    assert service_area("alpha", "region").empty
    assert set(service_area("epsilon", "departement")["cle"]) == {
        "departement-2A", "departement-2B", "departement-69", "departement-75"
    }  # fmt: skip


# --- matrix ---------------------------------------------------------------------------------------


def test_cells_of_the_matrix():
    cells = service_matrix([LAVAL, "departement-53"])
    assert list(dict.fromkeys(cells["service"])) == [
        s for s in vocabulary_codes("services") if s in set(cells["service"])
    ]
    ent = cells[cells["service"] == "site_web"].to_dict("records")
    assert [(c["cle"], c["lien"], c["via"], c["organismes"]) for c in ent] == [
        (LAVAL, "direct", LAVAL, ["Bêta, l’école des données"]),
        (LAVAL, "par_epci", LAVAL_AGGLO, ["ALF"]),
        ("departement-53", "direct", "departement-53", ["ALF"]),
    ]
    assert ent[1]["depuis"] == 2018 and ent[1]["certitude"] == "deduit"
    assert ent[1]["solutions"] == ["ELAN"] and ent[1]["source_ids"] == ["s2"]
    assert pd.isna(ent[0]["depuis"])
    dpo = cells[(cells["service"] == "dpo_rgpd") & (cells["cle"] == "departement-53")].iloc[0]
    assert set(dpo["partenaire_ids"]) == {"alpha", "beta"} and dpo["certitude"] == "deduit"
    assert (dpo["nb_cites"], dpo["nb_deduits"]) == (1, 1)
    assert set(service_matrix([LAVAL], inherited=False)["service"]) == {"site_web"}


def test_the_matrix_in_words():
    keys = [LAVAL, "departement-53", "departement-68", LAVAL]
    table = matrix_table(service_matrix(keys), keys)
    laval, mayenne, haut_rhin = table.columns
    assert laval == "Laval (commune, 53130)" and mayenne == "Mayenne (département 53)"
    assert table.loc["site_web", mayenne] == "ALF (membre, depuis 2015, Élan)"
    assert table.loc["site_web", laval] == (
        "Bêta, l’école des données (membre) · par l’intercommunalité (Communauté d’agglomération "
        "Laval Agglomération) : ALF (bénéficiaire, depuis 2018, ELAN\N{NO-BREAK SPACE}; déduit)"
    )
    assert table.loc["site_web", haut_rhin] == "aucun organisme connu"
    assert not (table == "").any().any()


def test_sentences_of_the_matrix():
    keys = [LAVAL, "departement-53"]
    # cybersecurity and data protection are only inherited by Laval
    assert describe_matrix(service_matrix(keys), keys) == (
        "Une source cite un organisme pour chacun des territoires : sites internet."
    )
    # deduced for Laval Agglomération: not said of all
    both = [LAVAL_AGGLO, "departement-53"]
    assert describe_matrix(service_matrix(both), both) == ""
    assert describe_matrix(service_matrix([LAVAL]), [LAVAL]) == ""


def test_a_matrix_of_nothing():
    for keys in ([], ["commune-99999"]):
        cells = service_matrix(keys)
        assert cells.empty and matrix_table(cells, keys).empty
        assert describe_matrix(cells, keys) == ""
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        service_matrix(["Laval"])


# --- solutions ------------------------------------------------------------------------------------


def test_the_catalogue_of_solutions():
    rows = list_solutions().set_index("solution")
    assert list(rows.index) == ["Bouclier", "Élan"]
    elan = rows.loc["Élan"]
    assert elan["variantes"] == ["ELAN"] and elan["services"] == ["site_web", "dpo_rgpd"]
    assert elan["licences"] == ["libre"] and elan["organismes"] == ["ALF"]
    assert (elan["nb_organismes"], elan["nb_cites"], elan["nb_deduits"]) == (1, 1, 1)
    assert elan["depuis"] == 2015 and elan["certitude"] == "deduit"
    assert describe_names(rows.reset_index()) == "2\xa0noms cités."
    assert elan["source_ids"] == ["s1", "s2"]


def test_filters_of_solutions():
    def names(**filters):
        return list(list_solutions(**filters)["solution"])

    assert names(service="dpo_rgpd") == ["Élan"] and names(service="wifi_public") == []
    assert names(licence="libre") == ["Élan"] and names(licence="proprietaire") == ["Bouclier"]
    assert names(licence=NOT_STATED) == names(licence="mixte") == []
    assert names(service="site_web", licence="proprietaire") == []


def test_one_solution():
    for name in ("Élan", "elan", " ÉLAN "):
        solution = load_solution(name)
        assert solution.identite["solution"] == "Élan"
        assert list(solution.liens["cle"]) == ["departement-53", "departement-53", LAVAL_AGGLO]
        assert solution.liens["licence"].isna().sum() == 2  # nobody told it for these
    with pytest.raises(KeyError):
        load_solution("élans")


def test_names_are_never_merged_by_guess():
    assert fold("L'Œuvre  Élan") == fold("l’oeuvre elan")
    assert len({fold(name) for name in ("Élan", "Élan 2", "Élans", "É-lan")}) == 4


# --- kinds ----------------------------------------------------------------------------------------


def test_every_form_and_funder_has_its_kind_and_why():
    for vocabulary in ("formes", "financeurs"):
        rows = public_private.sector_table(vocabulary)
        assert sorted(rows["code"]) == sorted(vocabulary_codes(vocabulary))
        assert (
            set(rows["nature"]) <= set(public_private.SECTORS)
            and rows["explication"].str.len().min() > 5
        )
    assert (
        public_private.sector_of("formes", None)
        == public_private.sector_of("formes", "x")
        == public_private.UNKNOWN
    )
    with pytest.raises(KeyError):
        public_private.sector_table("roles")


def test_organisations_by_kind():
    rows = public_private.organisations_by_sector(list_organisations()).set_index("nature")
    assert list(rows["nb_organismes"]) == [2, 1, 1, 1]
    assert list(rows["part"])[:3] == [0.5, 0.25, 0.25] and pd.isna(
        rows.loc[public_private.UNKNOWN, "part"]
    )
    assert rows.loc["public", "formes"] == ["syndicat_mixte", "gip"]
    assert public_private.describe_organisations(rows.reset_index()) == (
        "Sur 4\xa0organismes de nature connue : 2\xa0publics, 1\xa0association, 1\xa0entreprise ; "
        "1\xa0autre de nature non déterminée."
    )
    nobody = public_private.organisations_by_sector(
        list_organisations(OrganisationFilters(forme="autre"))
    )
    assert nobody["part"].isna().all() and public_private.describe_organisations(nobody).startswith(
        "Aucun org"
    )
    assert (
        public_private.organisations_by_sector(list_organisations(OrganisationFilters(texte="!")))[
            "part"
        ]
        .isna()
        .all()
    )


def test_funders_by_kind_of_one_perimeter_and_stage():
    rows = public_private.funding_by_sector("usages", "vote", "departement").set_index("nature")
    # 100 voted: 40 by the région, 20 by companies, nobody knows for the rest; not the old edition
    assert list(rows["montant"].dropna()) == [40, 20, 40]
    assert pd.isna(rows.loc["association", "montant"])  # not 0 €
    assert rows.loc["public", "part"] == pytest.approx(2 / 3)
    assert pd.isna(rows.loc[public_private.UNKNOWN, "part"])
    assert list(rows["nb_parts"]) == [1, 0, 1, 1]
    assert public_private.describe_funding(rows.reset_index()) == (
        "Sur 60\xa0€ dont le financeur est connu : organisme public 67\xa0%, entreprise 33\xa0% ; "
        "40\xa0€ sans financeur connu."
    )
    everywhere = public_private.funding_by_sector("usages", "vote").set_index("nature")
    assert everywhere.loc["public", "montant"] == 100
    assert everywhere.loc["public", "financeurs"] == ["region", "europe"]
    yearly = public_private.funding_by_sector("usages", "vote", yearly=True).set_index("nature")
    assert list(yearly["montant"].dropna()) == [5]
    networks = public_private.funding_by_sector("infrastructures", "vote")
    assert list(networks["montant"].dropna()) == [7000]


def test_no_amount_is_no_row():
    assert public_private.funding_by_sector("strategie", "vote").empty
    assert public_private.describe_funding(
        public_private.funding_by_sector("strategie", "vote")
    ) == ("Aucun financeur connu pour ce périmètre et cette étape.")
    perimeters = public_private.perimeters_with_amounts()
    assert set(perimeters[["perimetre", "etape", "annuel"]].itertuples(index=False, name=None)) == {
        ("usages", "vote", False), ("usages", "vote", True), ("usages", "realise", False),
        ("infrastructures", "vote", False),
    }  # fmt: skip


def test_a_little_is_not_read_as_nothing():
    assert format_share(0.004) == "moins de 1\xa0%" and format_share(0.996) == "plus de 99\xa0%"
    assert format_share(1) == "100\xa0%" and format_share(0.5) == "50\xa0%"
