"""A comparison on paper: landscape, its facts, nothing else."""

import re
from functools import lru_cache

import pytest
from pdf_contents import HOSTILE, compact, hostile, open_pdf, pdf_text, tags, unbroken

from comparisons.analysis.comparison.cells import KNOWN, SECTIONS
from comparisons.analysis.comparison.comparison import Comparison, compare
from comparisons.database.connection import dataset_metadata, query
from comparisons.exports import table_writers
from comparisons.exports.pdf.comparison import comparison_content, comparison_title, split_in_two
from comparisons.exports.pdf.compiler import comparison_pdf, render_comparison
from comparisons.exports.pdf.sections import MAX_BARS, break_long_words, timeline_documents
from comparisons.formatting import is_missing
from comparisons.page_parameters import ROW_FILTERS
from comparisons.schema.territory import parse_key

pytestmark = pytest.mark.usefixtures("database")

# Territories and documents of each group.
GROUPS = {
    "two": (("departement-35", "departement-29"), ()),
    "levels": (("region-53", "departement-35", "epci-243500139", "commune-35238"), ()),
    "editions": (
        ("region-27",), ("region-27-scoran-2015", "region-27-strategie_numerique-2020"),
    ),
    "nothing": (("commune-01001", "commune-01002"), ()),
    "regions": (
        ("region-53", "region-44", "region-75", "region-84", "region-93", "region-11"), (),
    ),
    "namesakes": (("departement-75", "commune-75056", "epci-200054781"), ()),
}  # fmt: skip


@lru_cache
def compared(group: str) -> Comparison:
    keys, documents = GROUPS[group]
    return compare(tuple(map(parse_key, keys)), documents)


@lru_cache
def pdf_of(group: str, which: str = "tout") -> bytes:
    return comparison_pdf(compared(group), which)


@lru_cache
def placed(group: str, which: str = "tout") -> tuple[str, list[list[tuple[float, float, str]]]]:
    """Return the text of a PDF, and the position of each part of it on each page, read once."""
    texts, pages = [], []
    for page in open_pdf(pdf_of(group, which)).pages:
        placed_texts = []

        def keep(text, cm, tm, *_, placed_texts=placed_texts):
            across = cm[0] * tm[4] + cm[2] * tm[5] + cm[4]
            up = cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
            if text.strip():
                placed_texts.append((across, up, text))

        texts.append(page.extract_text(visitor_text=keep))
        pages.append(placed_texts)
    return unbroken(" ".join(texts)), pages


def words(group: str, which: str = "tout") -> str:
    return placed(group, which)[0]


# --- pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_a_comparison_is_a_landscape_paper_that_reads_aloud(group):
    pdf_document = open_pdf(pdf_of(group))
    assert 1 <= len(pdf_document.pages) <= 8
    for page in pdf_document.pages:
        assert [round(float(side)) for side in page.mediabox[2:]] == [842, 595]
    title = pdf_document.metadata.title
    assert title.startswith("Comparaison de ")
    for name in compared(group).columns["nom"]:
        assert name.replace("'", "’") in title
    tree = list(tags(pdf_document.trailer["/Root"]["/StructTreeRoot"]))
    assert {tag.get("/S") for tag in tree} >= {"/H1", "/H2", "/Table", "/TH", "/TD"}
    assert not any(tag.get("/Alt") for tag in tree)  # drawings repeat words beside them


@pytest.mark.parametrize("group", GROUPS)
def test_no_page_is_near_empty(group):
    *full_pages, last = placed(group)[1]
    foot = min(up for _, up, _ in last)
    assert not full_pages or min(up for _, up, _ in last if up > foot + 5) < 0.7 * 595


@pytest.mark.parametrize("group", GROUPS)
def test_nothing_leaves_the_page(group):
    placed_texts = [placed_text for page in placed(group)[1] for placed_text in page]
    assert placed_texts
    assert [p for p in placed_texts if not (30 < p[0] < 812 and 20 < p[1] < 580)] == []


# --- facts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_the_paper_says_every_cell_of_the_page(group):
    text, comparison = compact(words(group)), compared(group)
    assert not re.search(r"(?<!\w)(nan|None|NaT|<NA>|null)(?!\w)", words(group))
    for title in comparison.names.values():
        assert compact(title) in text
    for statement in comparison.statements:
        assert compact(statement.texte) in text
    cells = comparison.cells
    known_cells = cells[cells["etat"] == KNOWN]
    for cell in known_cells.itertuples():
        for part in cell.texte.split(" ; ") if cell.rubrique == "services" else [cell.texte]:
            assert compact(part) in text, (cell.rubrique, cell.ligne, part)
        assert compact(cell.libelle.rpartition(" : ")[2]) in text
    for name in known_cells["rubrique"].unique():
        assert SECTIONS[name] in words(group)


@pytest.mark.parametrize("group", GROUPS)
def test_every_source_cited_is_listed_with_its_publisher(group):
    listed = re.split(r" Sources (?=\[1\]|Chacune)", words(group))[-1]
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", words(group))}
    sources = compared(group).facts["sources"]
    assert len(cited) >= len(sources)  # those of the timeline too
    assert cited == set(range(1, len(cited) + 1))
    assert {int(number) for number in re.findall(r"\[(\d+)\]", listed)} == cited
    for row in sources.itertuples():
        assert compact(row.editeur.replace("'", "’")) in compact(listed)


def test_what_is_inferred_unknown_or_common_is_marked():
    text = words("two")
    assert "(déduit)" in text and "non renseigné" in text
    assert "◆ Mégalis Bretagne" in text and "◆ : organisme commun à plusieurs" in text
    assert "◆" not in words("regions")
    unknown = break_long_words(compared("two").unknown_rows["elaboration"][0])
    assert f"Rien de connu dans aucune colonne : {unknown}" in text


def test_amounts_are_printed_apart_from_their_period():
    tables = comparison_content(compared("regions"))["sections"]
    (budgets,) = [table for table in tables if table["code"] == "budgets"]
    strong = [cell for row in budgets["rows"] for cell in row["cells"] if cell["strong"]]
    assert strong
    for cell in strong:
        assert cell["strong"].endswith("€")
        assert re.fullmatch(r"\(.+\)", " ".join(cell["lines"]))


def test_levels_are_not_compared_without_a_caution():
    assert "ne sont pas de même niveau" in words("levels")
    assert "ne sont pas de même niveau" not in words("two")


def test_columns_without_anything_say_why():
    text = words("nothing")
    assert text.count("ce territoire n’a pas encore été cherché") == 2
    assert "Rien de connu dans aucune colonne : Élaboration et pilotage" in text
    assert "Sources Toutes" not in text and "Frise" not in text
    assert "Poids de la ville principale" not in text  # means nothing for a commune


def test_two_editions_are_named_by_their_years():
    kind, names = comparison_title(compared("editions").columns)
    assert kind == "Comparaison de 2\u00a0documents"
    assert names == "Bourgogne-Franche-Comté (région) : 2015 et 2020"
    _, names = comparison_title(compared("namesakes").columns)
    assert "Paris (commune" in names and "Paris (département" in names


def test_priorities_are_given_in_their_own_words():
    comparison, text = compared("regions"), compact(words("regions"))
    for row in comparison.theme_wordings("economie_innovation").itertuples():
        assert compact(row.intitule.replace("'", "’")) in text
    cells = comparison.section("priorites")
    for document in comparison.columns["strategie_lue"].dropna():
        count = (comparison.facts["priorites"]["strategie_id"] == document).sum()
        assert not count or f"({count}axe" in text
    assert len(cells) and "Dans leurs propres mots" in words("regions")


@pytest.mark.parametrize("which", ROW_FILTERS)
@pytest.mark.parametrize("group", ["levels", "editions", "nothing"])
def test_only_what_is_asked_for_is_printed(group, which):
    text, comparison = words(group, which), compared(group)
    assert ("Seules les lignes" in text) == (which != "tout")
    for name in ("identite", "elaboration"):
        titles = set(comparison.text_matrix(name).index)
        for title in titles - set(comparison.text_matrix(name, which).index):
            assert f" {break_long_words(title)} " not in text.partition("Identité et taille")[2], (
                title
            )


def test_only_the_sections_asked_for_are_printed():
    pdf = comparison_pdf(compared("two"), sections=("identite", "services"))
    text = pdf_text(pdf)
    assert "Identité et taille" in text and "Partenaires et services" in text
    for title in ("Frise", "Documents et calendrier", "Indicateurs", "Budgets comparables"):
        assert title not in text
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", text)}
    assert cited == set(range(1, len(cited) + 1))


# --- timeline -------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_the_timeline_has_the_documents_that_speak(group):
    comparison = compared(group)
    timeline = timeline_documents(comparison)
    ids, strategies = set(timeline["strategie_id"]), comparison.facts["strategies"]
    columns = comparison.columns
    for name in ("strategie_id", "strategie_lue"):
        assert set(columns[name].dropna()) <= ids
    assert set(comparison.cells["strategie_id"].dropna()) <= ids
    assert len(strategies) > MAX_BARS or len(timeline) == len(strategies)
    assert timeline["principal"].sum() == columns["strategie_id"].notna().sum()
    left = len(strategies) - len(timeline)
    assert not left or re.search(rf"{left} autres? documents? connus?, à lire", words(group))
    assert list(dict.fromkeys(timeline["cle"])) == [
        key for key in dict.fromkeys(columns["cle"]) if (strategies["cle"] == key).any()
    ]


def test_the_bar_of_a_document_without_end_is_not_invented():
    rows = comparison_content(compared("regions"))["timeline"]["rows"]
    documents = timeline_documents(compared("regions"))
    for row, document in zip(rows, documents.itertuples(), strict=True):
        assert (row["end"] is None) == is_missing(document.annee_fin)
        assert row["state"] in words("regions")


# --- data are never markup ------------------------------------------------------------------------


def test_hostile_words_stay_words():
    texts = f"{HOSTILE} {break_long_words('W' * 90)}"
    codes = ("non_renseigne", "sans_objet", KNOWN)
    pdf = render_comparison(hostile(comparison_content(compared("two")), texts, codes))
    text = compact(pdf_text(pdf))
    assert compact(HOSTILE) in text and "W" * 90 in text


def test_long_words_can_be_cut():
    assert break_long_words("anticonstitutionnellement") == "anticonstitutionnellement"
    assert "\u200b" in break_long_words("x" * 29)
    assert break_long_words("a\n b\tc") == "a b c"
    assert break_long_words("< 2 000 hab.") == "<\u00a02\u00a0000 hab."


# --- the file -------------------------------------------------------------------------------------


def test_the_paper_says_how_to_cite_it_and_where_it_is():
    text = compact(words("editions"))
    assert (
        compact(table_writers.citation_sentence()) in text and dataset_metadata()["version"] in text
    )
    assert compact("/comparer?t=region-27&doc=region-27-scoran-2015&doc=region-27") in text
    pdf = comparison_pdf(compared("two"), address="https://exemple.fr/comparer?t=a&t=b")
    assert "https://exemple.fr/comparer?t=a&t=b" in compact(pdf_text(pdf))
    year = query("SELECT max(population_annee) AS annee FROM territoires")["annee"].iloc[0]
    assert f"populationmunicipale{year}" in text


def test_sentences_are_shared_between_two_columns():
    short, (first, *other_sentences) = (
        [{"text": text, "scope": ""} for text in texts]
        for texts in (["a", "b", "c"], ["a" * 9, "b", "c", "d" * 7])
    )
    assert split_in_two(short) == [short]
    assert split_in_two([first, *other_sentences]) == [[first], other_sentences]
    assert split_in_two([]) == []


# --- address --------------------------------------------------------------------------------------


def test_the_address_of_the_paper_prints_what_it_asks_for(client):
    query_string = "t=region-53&t=region-52&montrer=commun&rubrique=identite,services"
    response = client.get(f"/api/v1/comparaison.pdf?{query_string}")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/pdf")
    name = table_writers.file_name("comparaison-region-53-region-52", "pdf")
    assert response.headers["content-disposition"] == f'inline; filename="{name}"'
    text = pdf_text(response.content)
    assert compact("/comparer?t=region-53&t=region-52&montrer=commun") in compact(text)
    assert "Seules les lignes communes" in text and "Indicateurs" not in text
    refused = client.get("/api/v1/comparaison.pdf?t=region-53")
    assert refused.status_code == 400 and "Une seule colonne" in refused.json()["erreur"]
