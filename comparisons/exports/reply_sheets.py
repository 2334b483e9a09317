"""What is sent to a territory so that it checks its facts: a sheet to fill in, and a letter."""

import pandas as pd

from comparisons.analysis.document_request import Letter
from comparisons.analysis.replies import body_name, sheet_rows
from comparisons.datapackage.template.instructions import Notes
from comparisons.datapackage.template.workbook import TemplateWorkbook
from comparisons.exports.office.report import Table
from comparisons.formatting import capitalize_first, french_spaces, pluralize
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_definition, code_label, load_format, vocabulary_codes
from comparisons.settings import site_contact

# Columns that say which fact a row is about, and that nobody fills in.
_HIDDEN = ("territoire_niveau", "territoire_code", "table", "fait", "demande_le")

# The facts as the letter prints them, and the share of the width of each column.
_TITLE = "Les faits à relire"
_COLUMNS = ("Fait publié", "Source", "Avis", "Correction, document public")
_SHARES = (0.44, 0.24, 0.12, 0.2)


def reply_sheet(key: str, day: str) -> bytes:
    """Return the workbook (.xlsx) in which a territory says which of its facts are exact.

    `day` is that of the request (YYYY-MM-DD). Raises `KeyError` if there is no such territory.
    """
    table = load_format().tables["reponses"]
    name = _name(key)
    book = TemplateWorkbook([table])
    book.add_notes(
        Notes(
            f"Fiche à relire : {name}",
            (
                ("", ""),
                (
                    "Ce que c’est",
                    "Chaque ligne de la feuille « reponses » est un fait publié sur votre "
                    "collectivité, avec le document public qui l’établit.",
                ),
                *(
                    (code_label("avis", code), code_definition("avis", code))
                    for code in vocabulary_codes("avis")
                ),
                (
                    "Correction",
                    "Ce qui serait juste ou ce qui manque, et si possible l’adresse d’un document "
                    "public où cela se lit (« lien »).",
                ),
                (
                    "Date, fonction",
                    "Sur chaque ligne à laquelle vous répondez (recopiez-les vers le bas) : la "
                    "date, et une fonction (« Direction du numérique »), jamais un nom.",
                ),
                ("Sans réponse", "Laissez la ligne telle quelle : rien n’est déduit d’un silence."),
                (
                    "Envoyer",
                    "Déposez le classeur sur la page « Contribuer » de Stratoscope : il y est "
                    "vérifié, et elle dit à qui l’envoyer. Le fait publié reste affiché, et votre "
                    "réponse à côté.",
                ),
            ),
        )
    )
    book.add_table(table, sheet_rows(key, day), hidden=_HIDDEN)
    book.add_lists()
    return book.to_bytes()


def reply_letter(key: str, day: str) -> bytes:
    """Return the letter (.docx) that goes with the sheet of a territory, with its facts to print.

    `day` is that of the request. Raises `KeyError` if there is no such territory.
    """
    # its library is slow to import, and few ask for this file
    from comparisons.exports.office.note import letter_to_docx

    rows, name = sheet_rows(key, day), _name(key)
    boxes = "\n".join(f"☐ {code_label('avis', code).lower()}" for code in vocabulary_codes("avis"))
    facts = tuple((row.affichage, row.source, boxes, "") for row in iterate_rows(rows))
    paragraphs = _paragraphs(load_territories((key,)).iloc[0], len(rows))
    letter = Letter(f"Fiche à relire : {name}", (name,), tuple(map(french_spaces, paragraphs)))
    return letter_to_docx(letter, [Table(_TITLE, _COLUMNS, facts, shares=_SHARES)] if facts else ())


def _paragraphs(territory: pd.Series, count: int) -> list[str]:
    contact = site_contact()
    return [
        "Madame, Monsieur,",
        "Stratoscope compare les stratégies numériques des collectivités françaises d’après des "
        f"documents publics. Il publie {pluralize(count, 'fait')} sur {body_name(territory)}.",
        "Vous êtes le mieux à même de dire s’ils sont exacts. Dans le classeur joint (ou ci-dessous"
        ", à la main), indiquez pour chacun : exact, inexact, complété, ou ne sait pas. Une "
        "correction s’appuie si possible sur un document public, dont vous donnez l’adresse.",
        "Vos réponses sont publiées à côté des faits, avec leur date et votre fonction, sans nom "
        "de personne. Un fait contesté reste affiché avec votre valeur. Un silence n’est jamais "
        "compté comme un accord.",
        "Le classeur rempli se dépose sur la page « Contribuer » de Stratoscope"
        + (f", ou s’envoie à {contact}." if contact else "."),
        "Date et fonction, sans nom :",
    ]


def _name(key: str) -> str:
    rows = load_territories((key,))
    if rows.empty:
        raise KeyError(key)
    return capitalize_first(rows["nom"].iloc[0])
