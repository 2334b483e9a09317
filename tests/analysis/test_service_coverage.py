"""Coverage, overlaps, gaps of an invented network; and the dictionaries of its tables."""

import pandas as pd
import pytest
from effort import some
from pooling_network import LAVAL, LAVAL_AGGLO, MAYENNE, MAYENNE_CO
from recounted import COMMUNES, TERRITORIES, lies_in, people, population

from comparisons.analysis.shared_services.coverage import (
    describe_service_coverage,
    service_coverage,
)
from comparisons.analysis.shared_services.overlaps import (
    overlapping_organisations,
    unserved_territories,
)
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.territory import LEVELS

MAYENNE_COMMUNES = [c for c, row in COMMUNES.items() if row["departement_code"] == "53"]
EVERYBODY = people(COMMUNES)


pytestmark = pytest.mark.usefixtures("invented_network")


def covered(level: str, service: str) -> dict:
    return service_coverage(level).set_index("service").loc[service].to_dict()


# --- coverage -------------------------------------------------------------------------------------


def test_coverage_of_communes():
    row = covered("commune", "site_web")
    assert row["nb_territoires"] == len(COMMUNES)
    assert (row["nb_cites"], row["nb_organismes"]) == (1, 1)
    assert pd.isna(row["nb_deduits"])
    assert row["part_cites"] == pytest.approx(1 / len(COMMUNES))
    assert row["part_population_cites"] == pytest.approx(population("commune", "53130") / EVERYBODY)
    # the others are only in the area of a body: no share is made of them
    assert row["nb_dans_aire"] == len(MAYENNE_COMMUNES) - 1
    assert row["organismes_aire"] == ["ALF"]
    assert {name for name in row if name.startswith("part_")} == {
        "part_cites", "part_population_cites",
    }  # fmt: skip


def test_several_bodies_count_a_territory_and_its_people_once():
    row = covered("departement", "dpo_rgpd")
    assert (row["nb_cites"], row["nb_organismes"]) == (1, 1)  # the other body is deduced
    assert row["part_population_cites"] == pytest.approx(people(MAYENNE_COMMUNES) / EVERYBODY)
    assert pd.isna(row["nb_deduits"]) and pd.isna(row["nb_dans_aire"])


def test_coverage_of_intercommunalities():
    row = covered("epci", "site_web")
    inside = [k for k in TERRITORIES if k[0] == "epci" and ("departement", "53") in lies_in(k)]
    assert row["nb_deduits"] == 1 and pd.isna(row["nb_cites"])
    assert pd.isna(row["part_cites"]) and pd.isna(row["part_population_cites"])
    assert row["nb_dans_aire"] == len(inside) - 1 > 5
    in_one = people(code for code, c in COMMUNES.items() if c["epci_code"] or code == "75056")
    # the metropolis and its EPT are one people
    wifi = covered("epci", "wifi_public")
    ept = {k[1] for k, t in TERRITORIES.items() if t["type"] == "EPT"}
    metropolis = people(c for c, row in COMMUNES.items() if row["epci_code"] in ept | {"75056"})
    assert wifi["nb_cites"] == 2 and wifi["nb_dans_aire"] == len(ept) - 1
    assert wifi["part_population_cites"] == pytest.approx(
        (metropolis + population("commune", "75056")) / in_one
    )


def test_coverage_through_twins_and_regions():
    row = covered("departement", "cybersecurite")
    departments = {"44", "49", "53", "72", "85"}  # Pays de la Loire
    assert row["nb_cites"] == 2  # 2A and 2B: the Collectivité de Corse
    assert row["nb_dans_aire"] == len(departments)


def test_a_service_nobody_is_known_for_has_no_figure():
    for level in LEVELS:
        rows = service_coverage(level)
        assert tuple(rows["service"]) == vocabulary_codes("services")
        row = rows.set_index("service").loc["e_sante"]
        assert row["organismes_aire"] == []
        assert row.drop(["nb_territoires", "organismes_aire"]).isna().all()
        figures = rows.drop(columns=["service", "organismes_aire"])
        assert not (figures == 0).any().any()
    with pytest.raises(KeyError):
        service_coverage("canton")


def test_coverage_said():
    rows = {row.service: row for row in service_coverage("commune").itertuples()}
    assert (
        describe_service_coverage(rows["e_sante"], "commune") == "e-santé : aucun organisme connu."
    )
    assert describe_service_coverage(rows["site_web"], "commune") == (
        "Sites internet : 1\xa0commune a un organisme cité par une source (moins de "
        f"1\xa0% des habitants) ; {len(MAYENNE_COMMUNES) - 1}\xa0autres sont dans l’aire d’un "
        "organisme (ALF), sans qu’on sache si elles en bénéficient."
    )
    assert describe_service_coverage(rows["dpo_rgpd"], "commune") == (
        f"Protection des données : {len(MAYENNE_COMMUNES)}\xa0communes sont dans l’aire d’un "
        "organisme (ALF et Bêta, l’école des données), sans qu’on sache si elles en bénéficient."
    )
    (row,) = [r for r in service_coverage("departement").itertuples() if r.service == "open_data"]
    assert describe_service_coverage(row, "departement") == (
        "Données ouvertes : 1\xa0département a un organisme par déduction seulement."
    )


# --- overlaps and gaps ----------------------------------------------------------------------------


def test_several_bodies_for_one_service():
    (row,) = overlapping_organisations("departement").itertuples()
    assert (row.service, row.cle, row.nb_organismes) == ("dpo_rgpd", "departement-53", 2)
    assert row.nb_chaines == 2
    assert row.organismes == ["ALF", "Bêta, l’école des données"]
    assert row.partenaire_ids == ["alpha", "beta"] and row.liens == ["direct", "direct"]
    assert row.certitude == "deduit" and row.roles == ["membre", "beneficiaire"]
    assert overlapping_organisations("departement", "region-53").empty
    assert len(overlapping_organisations("departement", "region-52")) == len(
        overlapping_organisations("departement", "departement-53")
    )
    assert overlapping_organisations("commune").empty


def test_several_bodies_with_those_of_wider_territories():
    rows = overlapping_organisations("commune", "departement-53", inherited=True)
    assert rows["service"].value_counts().to_dict() == {
        "dpo_rgpd": len(MAYENNE_COMMUNES),
        "site_web": 1,
    }
    (ent,) = rows[rows["service"] == "site_web"].itertuples()
    assert ent.cle == LAVAL and ent.liens == ["direct", "par_epci"]
    assert ent.population == population("commune", "53130")


def test_no_known_body():
    assert set(unserved_territories("departement", "site_web", "region-52")["cle"]) == {
        f"departement-{code}" for code in ("44", "49", "72", "85")
    }
    assert unserved_territories("commune", "site_web", "departement-53").empty
    silent = unserved_territories("commune", "open_data", "departement-53")
    assert len(silent) == len(MAYENNE_COMMUNES)
    assert set(silent["constat"]) == {"aucun organisme connu"}
    assert silent["lien"].isna().all() and not silent["organismes"].str.len().any()
    assert silent["cle"].iloc[0] == LAVAL  # most people first
    with pytest.raises(KeyError):
        unserved_territories("commune", "eau")
    with pytest.raises(ValueError, match="n’est pas un territoire"):
        unserved_territories("commune", "site_web", "Mayenne")


def test_no_direct_link_differs_from_no_known_organisation():
    rows = unserved_territories("epci", "site_web", "departement-53", inherited=False).set_index(
        "cle"
    )
    assert LAVAL_AGGLO not in rows.index
    assert rows.loc[MAYENNE_CO, "lien"] == "par_departement"
    assert rows.loc[MAYENNE_CO, "constat"] == (
        "aucun lien direct connu ; par un territoire plus large : ALF"
    )
    everybody = unserved_territories("commune", "site_web", "departement-53", inherited=False)
    assert len(everybody) == len(MAYENNE_COMMUNES) - 1
    assert set(everybody[everybody["cle"] == MAYENNE]["lien"]) == {"par_departement"}


def test_known_and_not_known_are_everybody():
    for level in LEVELS:
        rows = service_coverage(level).set_index("service")
        for service in some(("site_web", "cybersecurite", "open_data", "e_sante"), 2):
            row = rows.loc[service]
            cited_count, deduced, around = (
                0 if pd.isna(row[name]) else row[name]
                for name in ("nb_cites", "nb_deduits", "nb_dans_aire")
            )
            unserved_count = row["nb_territoires"] - cited_count - deduced
            assert len(unserved_territories(level, service)) == unserved_count - around
            assert len(unserved_territories(level, service, inherited=False)) == unserved_count
