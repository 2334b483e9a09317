"""Axes that no word and number label are told by their look, their form and their place."""

import pytest
import typst

from comparisons.documents.headings import read_mark
from comparisons.documents.reader import read_document
from comparisons.documents.reading import read_proposals
from comparisons.documents.title_forms import alike, is_infinitive

TITLE = "# Stratégie numérique de la Ville de Brest\n\n"


def axes_of(content: bytes, name: str) -> list[str]:
    rows = read_proposals(content, name).rows
    return [
        f"{row.get('niveau')} {row.get('intitule')}" for row in rows if row.table == "priorites"
    ]


def typeset(text: str) -> bytes:
    start = '#set text(lang: "fr")\n= Stratégie numérique de la Ville de Brest\n\n'
    return typst.compile(f"{start}{text}".encode())


def sections(*titles: str, level: int = 2) -> str:
    return "".join(f"{'#' * level} {title}\n\nLe texte de cette partie.\n\n" for title in titles)


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        # verbs, and two headings that are none
        (sections("Un long chemin", "Ouvrir", "Former", "Relier", "Tous ensemble"),
         ["axe Ouvrir", "axe Former", "axe Relier"]),
        # titles with an article, between others
        (sections("D’où nous partons", "Des mairies reliées", "Un service sûr", "L’école équipée"),
         ["axe Des mairies reliées", "axe Un service sûr", "axe L’école équipée"]),
        # titles that begin alike
        (sections("Dix ans d’efforts", "Pour une école équipée", "Pour une mairie sobre",
                  "Pour un port connecté", "Le chemin à parcourir"),
         ["axe Pour une école équipée", "axe Pour une mairie sobre", "axe Pour un port connecté"]),
        # the chapter of the strategy, and another one
        (sections("Le territoire") + sections("La mer", "Le port", level=3)
         + sections("Notre projet") + sections("L’école", "Le soin", level=3),
         ["axe L’école", "axe Le soin"]),
        # what stands below a general heading
        (sections("Diagnostic") + sections("Les réseaux", "Les usages", level=3)
         + sections("Demain") + sections("L’école", "Le soin", level=3),
         ["axe L’école", "axe Le soin"]),
        (sections("1. Le passé", "2. Ce qui vient", "2.1 Un quai", "2.2 Un pont", "3. La suite"),
         ["axe Un quai", "axe Un pont"]),
        # numbered headings below a general one, and those below the chapter of the project
        (sections("Première partie – Diagnostic") + sections("I. La mer", "II. Le vent", level=3)
         + sections("Deuxième partie – Le projet") + sections("I. Un quai", level=3)
         + sections("A. Un feu", level=4) + sections("II. Un pont", level=3),
         ["axe Un quai", "orientation Un feu", "axe Un pont"]),
        # titles that begin alike among numbered ones, before the chapter of the means
        (sections("1 Le passé") + sections("1.1 La mer", level=3)
         + "".join(sections(f"{n} Un pays {word}") + sections(f"{n}.1 Un quai {word}", level=3)
                   for n, word in ((2, "sobre"), (3, "uni"), (4, "sûr")))
         + sections("5 Le plan d’action et son financement")
         + sections("5.1 Une vue", "5.2 Un compte", level=3),
         [f"{level}{word}" for word in ("sobre", "uni", "sûr")
          for level in ("axe Un pays ", "orientation Un quai ")]),
        # a title that only says « levier »
        (sections("I. Servir", "A. Un quai", "II. Le numérique, levier du pays", "A. Un pont"),
         ["axe Servir", "orientation Un quai", "axe Le numérique, levier du pays",
          "orientation Un pont"]),
        (sections("Priorité aux aînés", "Priorité aux agents", "La suite"),
         ["axe Priorité aux aînés", "axe Priorité aux agents"]),
        (sections("Agir | Les quais", "Agir | Le phare", "Agir | Le pont"),
         ["axe Les quais", "axe Le phare", "axe Le pont"]),
        (sections("🌐 Quais", "📅 Calendrier", "🌱 Phare"), ["axe Quais", "axe Phare"]),
        # the same parts below each
        ("## Le passé\n\nFini.\n\n" + "".join(
            f"## {title}\n\nConstat : rien.\n\nRéponse : tout.\n\n"
            for title in ("Quais", "Phare", "Pont")
        ), ["axe Quais", "axe Phare", "axe Pont"]),
        # titles that a table repeats
        (sections("Le passé", "Quais", "Phare", "Pont")
         + "| Somme | Part |\n| Quais | 2 |\n| Phare | 3 |\n| Pont | 4 |\n",
         ["axe Quais", "axe Phare", "axe Pont"]),
        # two of each, of one style
        ("".join(f"## {axis}\n\n" + sections(f"{axis} A du nord", f"{axis} B du sud", level=3)
                 for axis in ("Quais", "Phares")),
         ["axe Quais", "orientation Quais A du nord", "orientation Quais B du sud",
          "axe Phares", "orientation Phares A du nord", "orientation Phares B du sud"]),
    ],
)  # fmt: skip
def test_headings_without_label_are_axes(text, axes):
    assert axes_of((TITLE + text).encode(), "a.md") == axes


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("**Quais.** Ils sont longs.\n\n**Phare.** Il est haut.\n\n**Pont.** Il est beau.",
         ["axe Quais", "axe Phare", "axe Pont"]),
        ("Mer et quais. Ils sont longs.\n\nCiel et phare. Il est haut.\n\nRive et pont. Il est là.",
         ["axe Mer et quais", "axe Ciel et phare", "axe Rive et pont"]),
        ("En matière de pêche : un port.\n\nEn matière de santé : un lieu.\n\n"
         "En matière d’eau : un relevé.", ["axe pêche", "axe santé", "axe eau"]),
        ("Voici :\n\n- ouvrir un port ;\n- former un agent ;\n- relier deux quais.",
         ["axe ouvrir un port", "axe former un agent", "axe relier deux quais"]),
        ("- Pour les élus : ouvrir un lieu.\n- Pour tous : former.\n- Pour le port : relier.",
         ["axe ouvrir un lieu", "axe former", "axe relier"]),
        ("* PORT : un quai.\n* ÉCOLE : un écran.\n* MAIRIE : un guichet.",
         ["axe PORT", "axe ÉCOLE", "axe MAIRIE"]),
        ("- Nous ouvrons un port.\n- Nous formons un agent.\n- Nous relions deux quais.",
         ["axe Nous ouvrons un port", "axe Nous formons un agent", "axe Nous relions deux quais"]),
        ("Les mesures que voici :\n\na) la création d’un port ;\nb) le lien des quais ;\n"
         "c) le soin du phare.",
         ["axe la création d’un port", "axe le lien des quais", "axe le soin du phare"]),
        ("Elle veut d’abord ouvrir le port ; elle veut ensuite relier les quais et, enfin, "
         "voir le phare.", ["axe ouvrir le port", "axe relier les quais", "axe voir le phare"]),
        ("Le premier axe porte sur le port. Le deuxième axe concerne les quais : dix. Le dernier "
         "axe traite de l’eau.", ["axe le port", "axe les quais", "axe l’eau"]),
        ("La première vise la pêche.\n\nLa deuxième vise la santé.",
         ["axe la pêche", "axe la santé"]),
        ("Cette stratégie s’articule autour de l’école, de la mer et de l’eau.",
         ["axe l’école", "axe la mer", "axe l’eau"]),
        ("## Ce que nous vous proposons\n\n- Un port\n- Un phare",
         ["axe Un port", "axe Un phare"]),
        ("## Quais du port\n\n- Sable\n- Pavés\n\n## Phares du large\n\n- Feux\n- Cornes\n\n"
         "Elle compte quatre actions.",
         ["axe Quais du port", "action Sable", "action Pavés",
          "axe Phares du large", "action Feux", "action Cornes"]),
    ],
)  # fmt: skip
def test_paragraphs_and_lists_without_label_are_axes(text, axes):
    assert axes_of((TITLE + text).encode(), "a.md") == axes


def table(*rows: str) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        # a title and what explains it in one cell
        (table("<th>Quoi</th><th>Quand</th>", *(
            f"<td><b>{verb} un port</b><br>Il est grand.</td><td>2025</td>"
            for verb in ("Ouvrir", "Relier", "Former"))),
         ["action Ouvrir un port", "action Relier un port", "action Former un port"]),
        (table("<th>Action</th><th>Fin</th><th>Coût</th>", "<td colspan=3>La mer</td>",
               "<td>Un port</td><td>2025</td><td>1 k€</td>", "<td colspan=3>Le ciel</td>",
               "<td>Un phare</td><td>2026</td><td>2 k€</td>"),
         ["axe La mer", "action Un port", "axe Le ciel", "action Un phare"]),
        (table("<th>Mer</th><td><ul><li>Ouvrir un port<li>Relier</ul></td>",
               "<th>Ciel</th><td><ul><li>Ouvrir un phare<li>Éclairer</ul></td>"),
         ["axe Mer", "action Ouvrir un port", "action Relier",
          "axe Ciel", "action Ouvrir un phare", "action Éclairer"]),
        (table("<th>Mer</th><th>Ciel</th>", "<td>Ouvrir un port<br>Relier</td><td>Éclairer</td>"),
         ["axe Mer", "action Ouvrir un port", "action Relier", "axe Ciel", "action Éclairer"]),
        ("".join(table(f"<td colspan=2>{title}</td>", f"<td>Axe</td><td>{axis}</td>",
                       "<td>Pilote</td><td>DSI</td>")
                 for title, axis in (("Un port", "Mer"), ("Un phare", "Ciel"))),
         ["axe Mer", "action Un port", "axe Ciel", "action Un phare"]),
        (table(*(f"<td>{title}</td><td>{'Un long texte qui explique. ' * 3}</td>"
                 for title in ("La mer", "Le ciel", "La terre"))),
         ["axe La mer", "axe Le ciel", "axe La terre"]),
        ("<h2>Nos domaines</h2>" + table("<td>Mer<br>Un port.</td><td>Ciel<br>Un phare.</td>"),
         ["axe Mer", "axe Ciel"]),
    ],
)  # fmt: skip
def test_tables_hold_axes_and_actions(text, axes):
    page = f"<html><h1>Stratégie numérique de la Ville de Brest</h1>{text}".encode()
    assert axes_of(page, "a.html") == axes


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        # a label after a number
        (sections("3.1 Objectif 1 : Le port", "3.2 Objectif 2 : Le phare"),
         ["objectif Le port", "objectif Le phare"]),
        # titles that begin paragraphs, in bold with their label, or after it
        ("**Priorité 1 – Un port.** Il est grand.\n\n**Priorité 2 – Un phare.** Il est haut.",
         ["axe Un port", "axe Un phare"]),
        ("**Axe 1.** Un port. Il est grand.\n\n**Axe 2.** Un phare. Il est haut.",
         ["axe Un port", "axe Un phare"]),
        ("Enjeu 1 : un port. Il est grand.\n\nEnjeu 2 : un phare. Il est haut.",
         ["axe un port", "axe un phare"]),
        (sections("Notre ambition n° 1 : un port", "Notre ambition n° 2 : un phare"),
         ["axe un port", "axe un phare"]),
        # a label in small letters above its title, then headings of actions
        ("".join(f"#### Axe {number}\n\n# {title}\n\n" + sections(*verbs, level=2)
                 for number, title, verbs in (("1", "La mer", ("Ouvrir un port", "Voir un quai")),
                                              ("2", "Le ciel", ("Bâtir un phare",)))),
         ["axe La mer", "orientation Ouvrir un port", "orientation Voir un quai",
          "axe Le ciel", "orientation Bâtir un phare"]),
        ("## Enjeu n° 1\n\n**Ouvrir la mer**\n\nUn texte.\n\n"
         "## Enjeu n° 2\n\n**Voir le ciel**\n\nUn texte.",
         ["axe Ouvrir la mer", "axe Voir le ciel"]),
        # the level of what stands below is named, with how many there are
        ("Il a deux axes et trois objectifs.\n\n## Axe 1 : Mer\n\n- ouvrir un port\n"
         "- louer un quai à 5 € par mois\n- Contrat signé : 2 k€\n\n"
         "## Axe 2 : Ciel\n\n- bâtir un phare",
         ["axe Mer", "objectif ouvrir un port", "objectif louer un quai à 5 € par mois",
          "axe Ciel", "objectif bâtir un phare"]),
        # a chapter of stakes, before the parts of the strategy
        (sections("Enjeux") + sections("Enjeu de la mer", "Enjeu du ciel", level=3)
         + sections("Volet mer : un port", "Volet ciel : un phare"),
         ["axe Volet mer : un port", "axe Volet ciel : un phare"]),
        ("Elle poursuit trois finalités : ouvrir un port, bâtir un quai et voir le ciel.",
         ["axe ouvrir un port", "axe bâtir un quai", "axe voir le ciel"]),
        (sections("Axe n°1 : Mer") + sections("1-1 Un port", level=3) + sections("Axe n°2 : Ciel"),
         ["axe Mer", "orientation Un port", "axe Ciel"]),
        # labels that are alone on their rows, above actions
        ("| Action | Pilote | Coût |\n| AXE 1 – La mer |  |  |\n| Un port | Ville | 2 k€ |\n"
         "| AXE 2 – Le ciel |  |  |\n| Un phare | Ville | 3 k€ |",
         ["axe La mer", "action Un port", "axe Le ciel", "action Un phare"]),
        # headings above numbered actions
        ("## La mer\n\n" + sections("Action 1 – Un port", "Action 2 – Un quai", level=3)
         + "## Le ciel\n\n" + sections("Action 3 – Un phare", level=3),
         ["axe La mer", "action Un port", "action Un quai", "axe Le ciel", "action Un phare"]),
        # a list, and the headings that have its titles
        ("## Nos priorités\n\n- Mer\n- Ciel\n\n## Mer\n\n- Un port\n\n## Ciel\n\n- Un phare\n",
         ["axe Mer", "action Un port", "axe Ciel", "action Un phare"]),
        # titles in short in a sentence, in full in headings
        ("Elle compte trois orientations : la mer, le ciel, la terre.\n\n"
         + sections("Ouvrir la mer", "Voir le ciel", "Aimer la terre"),
         ["orientation Ouvrir la mer", "orientation Voir le ciel", "orientation Aimer la terre"]),
        ("Elle compte deux orientations : la mer et le ciel.\n\n"
         + sections("1. La mer", "2. Le ciel"),
         ["orientation La mer", "orientation Le ciel"]),
        # the bold words that begin items
        ("## Les objectifs\n\n- **Un port** Il est grand.\n- **Un phare** Il est haut.\n",
         ["objectif Un port", "objectif Un phare"]),
        ("| Axe stratégique | Actions | Fin |\n| Mers | Un port | 25 |\n| Ciel | Un phare | 26 |",
         ["axe Mers", "action Un port", "axe Ciel", "action Un phare"]),
        # a numbered heading that only announces a list
        ("## 1. Le cadre\n\nUn texte.\n\n## 2. Les priorités\n\n- Un port\n- Un phare\n\n"
         "## 3. Le programme d’actions\n\nUn texte.", ["axe Un port", "axe Un phare"]),
        # the numbers of a table are those of the priorities that it names
        ("## Nos priorités\n\n- Un port\n- Un phare\n\n| Priorité | Action | Fin |\n"
         "| 1 | Un quai | 2025 |\n|  | Une digue | 2026 |\n| 2 | Un feu | 2027 |",
         ["axe Un port", "axe Un phare", "action Un quai", "action Une digue", "action Un feu"]),
    ],
)  # fmt: skip
def test_labels_and_announces_are_told_from_titles(text, axes):
    assert axes_of((TITLE + text).encode(), "a.md") == axes


AXES = ("## Axe 1 : Mer\n\nElle est là.\n\n{}\n\n## Axe 2 : Ciel\n\nIl est haut.\n\n{}\n\n"
        "## Suivi\n\n- Un comité\n- Un rapport\n")  # fmt: skip


@pytest.mark.parametrize(
    ("of_sea", "of_sky"),
    [
        # what a line or a heading calls actions, and other lists beside them
        ("Actions :\n\n- Un port\n- Un quai\n\nPublics :\n\n- Les marins",
         "Mesures prévues :\n\n- Un phare"),
        ("### Projets\n\nDeux ans.\n\n- Un port\n- Un quai\n\n### Moyens\n\n- Un agent",
         "Elle mettra en place :\n\n- Un phare"),
        # what an item explains, and what it says of the budget
        ("Actions :\n\n- Un port, tenu par la Ville\n- Un quai : il est long.\n- Coût : 3 k€",
         "- Un phare\n- Budget : 2 k€"),
        # the only list of each axis
        ("- Un port : il est grand.\n- Un quai : il est long.", "- Un phare. Il est beau."),
        ("Actions : un port ; un quai.", "Actions : un phare (2 k€)."),
        ("Projets retenus : un port (en 2025, 2 k€), et un quai.", "Projet : un phare."),
        ("Elle prévoit notamment : un port et un quai.", "Actions : un phare."),
        # tables with the same heads
        ("| Action | Coût |\n| Un port | 2 k€ |\n| Un quai | 3 k€ |",
         "| Action | Coût |\n| Un phare | 4 k€ |"),
        ("| Quoi | Quand |\n| Un port | 2025 |\n| Un quai | 2026 |",
         "| Quoi | Quand |\n| Un phare | 2027 |"),
    ],
)  # fmt: skip
def test_what_stands_under_axes_is_their_actions(of_sea, of_sky):
    found = axes_of((TITLE + AXES.format(of_sea, of_sky)).encode(), "a.md")
    assert [title.lower() for title in found if "Axe" not in title] == [
        "axe mer", "action un port", "action un quai", "axe ciel", "action un phare",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("of_sea", "of_sky"),
    [
        ("Partenaires :\n\n- Le port\n- Le quai", "Partenaires :\n\n- Le phare"),
        ("Les freins aux actions :\n\n- Le sel\n- Le vent", "Rien."),
        ("- Un port\n- Un quai", "Le ciel n’a pas de liste."),
        ("- 2025 : début\n- 2026 : fin", "- 2025 : début\n- 2026 : fin"),
        ("Décisions :\n\n- Approuver le plan\n- Valider le port", "Rien."),
        (
            "| Indicateur | Échéance |\n| Ports | 2025 |",
            "| Indicateur | Échéance |\n| Ciels | 2025 |",
        ),
        ("| Commune | Budget |\n| Brest | 2 k€ |\n| Lorient | 3 k€ |", "Rien."),
        # the axes again, in short
        ("Rien.", "| Poste | Budget |\n| Mer | 2 k€ |\n| Ciel | 3 k€ |"),
        ("Rien.", "Il est proposé :\n\n- d’adopter le plan ;\n- d’autoriser le maire à signer."),
    ],
)
def test_other_lists_under_axes_are_no_actions(of_sea, of_sky):
    found = axes_of((TITLE + AXES.format(of_sea, of_sky)).encode(), "a.md")
    assert found == ["axe Mer", "axe Ciel"]


def test_fields_and_sentences_end_a_list_of_a_plain_text():
    text = b"- Un port\n- Un quai\nPublics :\n- Les marins.\nEt tous.\n- Un\n  Port"
    assert [block.text for block in read_document(text, "a.txt").blocks] == [
        "Un port", "Un quai", "Publics :", "Les marins.", "Et tous.", "Un Port",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        # a decision, a way of working, the parts of any document
        "Le conseil décide de :\n\n- approuver le texte ;\n- autoriser le maire ;\n- inscrire 3 €.",
        "## Méthode\n\n- Essayer\n- Mesurer\n- Généraliser",
        sections("Exposé des motifs", "Incidences financières", "Décision"),
        sections("Qui décide", "Combien cela coûte", "Merci de votre attention"),
        "Pilote : la DSI.\n\nCoût : 3 k€.\n\nCalendrier : 2025.",
    ],
)
def test_parts_of_any_document_are_no_axes(text):
    assert axes_of((TITLE + text).encode(), "a.md") == []


LONG = "Le texte est assez long pour tenir sur deux lignes au moins, et il se termine ici."


@pytest.mark.parametrize(
    "layout",
    [
        # a colour alone, bold words, a margin, a large symbol
        "#text(fill: blue)[{title}] \\ " + LONG,
        "*{title}.* " + LONG,
        "#grid(columns: (3.5cm, 1fr), gutter: 8mm, text(13pt)[*{title}*], [" + LONG + "])",
        "#grid(columns: (1cm, 1fr), text(22pt)[★], [*{title}* \\ " + LONG + "])",
    ],
)  # fmt: skip
def test_titles_of_a_pdf_are_told_by_their_look(layout):
    titles = ("La mer et les quais", "Le ciel et le phare", "La rive et le pont")
    pdf = typeset("\n\n".join(layout.replace("{title}", title) for title in titles))
    assert axes_of(pdf, "a.pdf") == [f"axe {title}" for title in titles]


def test_items_within_items_of_a_pdf_are_their_actions():
    pdf = typeset("".join(f"- {verb} un port\n  - Creuser la rade\n  - Bâtir un quai {verb}\n"
                          for verb in ("Ouvrir", "Relier", "Former")))  # fmt: skip
    first = ["axe Ouvrir un port", "action Creuser la rade", "action Bâtir un quai Ouvrir"]
    assert axes_of(pdf, "a.pdf")[:3] == first


def test_texts_side_by_side_are_no_table():
    text = "Un port de pêche et de plaisance, ouvert à tous"
    pdf = typeset(f"#grid(columns: (4cm, 4cm, 4cm), gutter: 6mm, [{text}], [{text}], [{text}])")
    assert not any(block.rows for block in read_document(pdf, "a.pdf").blocks)


def test_the_paragraphs_of_a_cell_are_told():
    pdf = typeset("#table(columns: (6cm, 3cm), [Quoi], [Coût], [*Ouvrir un port* \\ Il est grand.],"
                  "[1 k€], [Relier les quais \\ Ils sont longs.], [2 k€])")  # fmt: skip
    (rows,) = (block.rows for block in read_document(pdf, "a.pdf").blocks if block.rows)
    assert [row.paragraphs[0] for row in rows] == [
        ("Quoi",), ("Ouvrir un port", "Il est grand."), ("Relier les quais", "Ils sont longs."),
    ]  # fmt: skip


def test_a_verb_is_no_noun_and_what_stands_out_is_left_out():
    assert all(map(is_infinitive, ("Ouvrir", "Se former", "Mieux vivre", "Rendre", "Construire")))
    assert not any(map(is_infinitive, ("Territoire", "Fibre", "Premier pas", "Culture", "Avenir")))
    assert alike(["Bilan", "Ouvrir", "Former", "Relier", "Suite"]) == [1, 2, 3]
    assert alike(["Mer", "Ciel", "Terre"]) == [0, 1, 2]


def test_a_cell_over_several_rows_and_pages_of_a_pdf_is_one():
    pdf = typeset(
        "#set page(width: 300pt, height: 150pt, margin: 20pt)\n#set text(size: 10pt)\n"
        "Un texte.\n#v(34pt)\n#table(columns: (1fr, 1fr, 40pt), align: horizon,"
        "table.header([Axe], [Action], [Coût]),"
        "table.cell(rowspan: 3)[Axe 1. La mer],"
        "[1.1 Ouvrir un port qui est assez grand pour tous les bateaux de la baie], [2 k€],"
        "[1.2 Bâtir un quai], [3 k€], [1.3 Bâtir un feu], [4 k€])"
    )
    assert axes_of(pdf, "a.pdf") == [
        "axe La mer",
        "action Ouvrir un port qui est assez grand pour tous les bateaux de la baie",
        "action Bâtir un quai",
        "action Bâtir un feu",
    ]


def test_a_larger_title_ends_the_columns_above_it():
    cells = "".join(
        f"[*Le défi {word}* \\ {LONG}]," for word in ("de la mer", "du ciel", "du vent", "du sel")
    )
    pdf = typeset(f"#text(14pt)[*Nos quatre défis*]\n\n#grid(columns: 2, gutter: 9mm, {cells})\n\n"
                  f"#text(14pt)[*La suite*]\n\n{LONG}")  # fmt: skip
    blocks = [block.text for block in read_document(pdf, "a.pdf").blocks]
    assert blocks.index("La suite") > blocks.index("Le défi du sel")


def test_a_number_within_a_roman_one_is_no_part_of_a_title():
    lines = ["Mesure I-1 : Garantir", "Fiche action II-1 Relier", "Fiche action III-2 : Former"]
    assert [read_mark(line).title for line in lines] == ["Garantir", "Relier", "Former"]
