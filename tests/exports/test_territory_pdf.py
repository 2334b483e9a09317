"""The paper of a territory: two pages, its facts, nothing else."""

import re
from functools import lru_cache

import pytest
from effort import some
from pdf_contents import HOSTILE, compact, hostile, open_pdf, pdf_text, tags

from comparisons.analysis.profile import load_profile
from comparisons.database.connection import dataset_metadata, query
from comparisons.exports import table_writers
from comparisons.exports.pdf.blocks import shorten_line
from comparisons.exports.pdf.compiler import render, territory_pdf
from comparisons.exports.pdf.locator_map import render_locator
from comparisons.exports.pdf.territory import allocate_rows, territory_content
from comparisons.queries import geometry

pytestmark = pytest.mark.usefixtures("database")

# The fullest, the emptiest, and some that are two things at once: their words are read too.
CHOSEN = (
    "region-44", "region-94", "departement-35", "departement-976", "epci-200054781",
    "commune-75056", "commune-01001",
)  # fmt: skip


@lru_cache(maxsize=64)
def pdf_of(key: str) -> bytes:
    return territory_pdf(key)


@lru_cache(maxsize=64)
def words(key: str) -> str:
    return pdf_text(pdf_of(key))


def sample() -> list[str]:
    """Those and, of some levels, the one with the longest name."""
    longest = query(
        """SELECT territoire_niveau || '-' || arg_max(territoire_code, length(nom)) AS cle
           FROM territoires GROUP BY territoire_niveau ORDER BY territoire_niveau"""
    )["cle"]
    return list(dict.fromkeys([*CHOSEN, *some(longest, 2)]))


# --- pages ----------------------------------------------------------------------------------------


def test_a_paper_has_two_pages_whatever_the_territory():
    for key in sample():
        pages = open_pdf(pdf_of(key)).pages
        assert len(pages) == 2, key
        assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]
    for key in CHOSEN:
        text = words(key)
        assert compact(load_profile(key).name) in compact(text), key
        assert not re.search(r"(?<!\w)(nan|None|NaT|<NA>|null)(?!\w)", text), key
        assert "Page 1 sur 2" in text and "Page 2 sur 2" in text


def test_the_last_words_stay_above_the_foot_of_the_page():
    for key in ("region-44", "epci-200054781", "commune-01001"):
        for page in open_pdf(pdf_of(key)).pages:
            heights = set()

            def keep(text, cm, tm, *_, text_heights=heights):
                if text.strip():
                    text_heights.add(round(cm[1] * tm[4] + cm[3] * tm[5] + cm[5]))

            page.extract_text(visitor_text=keep)
            foot, last = sorted(heights)[:2]
            assert 20 < foot < 48 < last, key


# --- facts ----------------------------------------------------------------------------------------


def test_a_paper_states_the_facts_of_the_database():
    text = compact(words("region-53"))
    people, communes = query(
        "SELECT population, nb_communes FROM territoires "
        "WHERE territoire_niveau = 'region' AND territoire_code = '53'"
    ).iloc[0]
    assert f"Habitants{people}" in text and f"Communes{communes}" in text
    titles = query(
        "SELECT titre FROM strategies WHERE territoire_niveau = 'region' AND territoire_code = '53'"
    )["titre"]
    assert len(titles) > 3
    assert all(compact(title.replace("'", "’")) in text for title in titles)
    assert (
        compact(table_writers.citation_sentence()) in text and dataset_metadata()["version"] in text
    )


def test_a_paper_gives_priorities_in_their_words_and_amounts_one_by_one():
    text = compact(words("epci-243300316"))
    wordings = query(
        "SELECT p.intitule FROM priorites p JOIN strategies s USING (strategie_id) "
        "WHERE s.territoire_code = '243300316'"
    )["intitule"]
    assert len(wordings) > 5
    assert all(compact(wording.replace("'", "’")) in text for wording in wordings)
    text = compact(words("departement-35"))
    amounts = query("SELECT * FROM budgets WHERE strategie_id LIKE 'departement-35-%'")
    (part,) = amounts[amounts["inclus_dans"].notna()].itertuples()
    whole = amounts.set_index("budget_id").loc[part.inclus_dans, "montant"]
    (other_amount,) = amounts.loc[
        ~amounts["budget_id"].isin([part.budget_id, part.inclus_dans]), "montant"
    ]
    part = part.montant
    people = query(
        "SELECT population FROM territoires WHERE territoire_niveau = 'departement' "
        "AND territoire_code = '35'"
    )["population"].iloc[0]
    assert f"{whole / 1e6:.0f}M€" in text and f"{part / 1e6:.1f}M€".replace(".", ",") in text
    # what nobody knows the people of is not divided by those of the département
    undivided = amounts.loc[
        (amounts["etendue"] == "partie") & amounts["territoire_code"].isna(), "montant"
    ]
    for amount in (whole, other_amount):
        assert (f"{amount / people:.0f}€/hab." in text) == (amount not in set(undivided)), amount
    assert f"{other_amount / 1e6:.1f}M€".replace(".", ",") in text
    for summed in (whole + part, whole + other_amount, whole + part + other_amount):
        assert f"{summed / 1e6:.1f}M€".replace(".", ",") not in text


def test_what_is_left_out_is_counted():
    profile, text = load_profile("region-44"), words("region-44")
    part = text[text.index("Priorités,") :].split("Région, département")[0]
    printed_count = len(re.findall(r"\b\d+ sur \d+\b|relevé par nous", part))
    left = int(re.search(r"et (\d+) autres priorités", text)[1])
    assert left > 0 and printed_count + left == len(profile.priorities)
    left = int(re.search(r"et (\d+) autres sources", text)[1])
    assert left > 0 and len(listed_sources(text)) + left == len(profile.sources)


def test_every_source_cited_is_listed():
    for key in CHOSEN:
        listed = listed_sources(words(key))
        cited = {int(number) for number in re.findall(r"\[(\d+)\]", words(key))}
        assert listed == set(range(1, len(listed) + 1)) and cited <= listed, key


def listed_sources(text: str) -> set[int]:
    """Numbers of the list of sources, at the end of the paper."""
    _, _, end = text.partition("Sources [1]")
    return {int(number) for number in re.findall(r"\[(\d+)\]", f"[1]{end}" if end else "")}


def test_a_territory_without_anything_says_so_and_what_covers_it():
    text = words("commune-01001")
    assert "Aucune stratégie connue" in text and "n’a pas encore été cherché" in text
    for unknown in ("Aucune priorité relevée : non renseigné", "Aucun montant relevé"):
        assert unknown in text
    assert "Auvergne-Rhône-Alpes" in text
    assert not re.search(r"\b0 (M?€|Md€)", text)


def test_wider_documents_are_described_by_bearer_and_kind():
    text = compact(words("commune-19272"))
    assert compact("Dorsal Schéma directeur d’aménagement numérique (SDAN) du Limousin") in text
    assert compact("commun à la Corrèze, à la Creuse et à la Haute-Vienne") in text


@pytest.mark.parametrize("key", ["commune-19272", "epci-243500139"])
def test_the_map_of_a_paper_paints_own_documents_only(key):
    """Tulle was « couverte par le Département », like all its neighbours: that is no fact of it."""
    profile = load_profile(key)
    layer, drawing = render_locator(profile.territory)
    classes = layer.data.set_index("territoire_code")["classe"]
    assert not classes.str.startswith("couverte_").any()
    assert "pattern" not in drawing.svg
    own_class = territory_content(profile, layer, drawing, "/")["map"]["own"]
    assert own_class == ("Jamais cherchée" if profile.documents.empty else own_class)


# --- data are never markup ------------------------------------------------------------------------


def test_hostile_words_stay_words():
    profile = load_profile("epci-243500139")
    layer, drawing = render_locator(profile.territory)
    pdf = render(hostile(territory_content(profile, layer, drawing, "/")), drawing.svg)
    assert compact(HOSTILE) in compact(pdf_text(pdf))
    assert len(open_pdf(pdf).pages) == 2


def test_a_hostile_name_stays_a_name_on_the_map():
    territory = load_profile("departement-35").territory.copy()
    territory["nom"] = '<script>"&amp;]]>'
    assert "<script>" not in render_locator(territory)[1].svg


# --- the file -------------------------------------------------------------------------------------


def test_a_paper_says_what_it_is_and_reads_aloud():
    paper = open_pdf(pdf_of("departement-53"))
    assert paper.metadata.title.startswith("Mayenne")
    tree = tags(paper.trailer["/Root"]["/StructTreeRoot"])
    alternatives = [tag.get("/Alt", "") for tag in tree]
    assert "Carte : Départements de France" in " ".join(alternatives)


# --- small parts ----------------------------------------------------------------------------------


def test_rows_are_given_in_turn_by_weight():
    allocation = allocate_rows({"a": 4, "b": 2, "c": 0}, {"a": 2, "b": 1, "c": 9})
    assert allocation == ["a", "a", "b", "a", "a", "b"]


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("court", 10, "court"),
        ("des mots à couper", 12, "des mots à…"),
        ("l'œuvre\nde  tous", 40, "l’œuvre de  tous"),
        ("", 20, "non renseigné"),
        ("x" * 30, 10, "xxxxxxxxx…"),
    ],
)
def test_long_texts_are_cut_between_words(text, longest, expected):
    assert shorten_line(text, longest) == expected


def test_outlines_are_read_one_by_one():
    outlines = geometry.read_outlines("commune", ["35238", "35001", "99999"])
    assert set(outlines) == {"35238", "35001"}
    assert all(ring[0] == ring[-1] for shapes in outlines.values() for ring in shapes)


# --- address --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("departement-99", "departement-99"),
        ("Ille-et-Vilaine", "departement-35"),
        ("35", "niveau-code"),
        ("x" * 500, "/api/v1/tables/territoires.csv"),
    ],
)
def test_an_unknown_territory_is_refused_with_advice(client, key, message):
    response = client.get(f"/api/v1/fiches/{key}.pdf")
    assert response.status_code == 404
    assert message in response.json()["erreur"]


def test_a_former_commune_gives_the_code_of_its_successor(client):
    former, today = query(
        "SELECT ancien_code, commune_code FROM anciennes_communes a WHERE NOT EXISTS "
        "(FROM territoires t WHERE t.territoire_code = a.ancien_code) ORDER BY 1 LIMIT 1"
    ).iloc[0]
    response = client.get(f"/api/v1/fiches/commune-{former}.pdf")
    assert response.status_code == 404 and f"commune-{today}" in response.json()["erreur"]
