"""Propose who bears and steers a strategy, and who was consulted on it."""

from comparisons.datapackage.known_territories import load_territory_reference
from comparisons.documents.model import Document, split_sentences
from comparisons.documents.proposals import ProposedRow, Value, to_passage, value_of
from comparisons.documents.territories import FoundTerritory, institution
from comparisons.documents.vocabulary import coded_patterns, pattern


def add_bearer(row: ProposedRow, territory: FoundTerritory | None) -> None:
    """Add the institution of the territory of a document, and its Siren."""
    if territory is None:
        return
    level, code = territory.key
    shown = row.values["territoire_code"]
    sirens = {
        (each_level, each_code): siren
        for (each_level, siren), each_code in load_territory_reference().code_by_siren.items()
    }
    name = institution(territory.key, territory.name)
    row.add("porteur_nom", name, "territoire du document", shown)
    siren = code if level == "epci" else sirens.get((level, code), "")
    row.add("porteur_siren", siren, "Siren du territoire, d’après le référentiel", shown)


def add_pilot(row: ProposedRow, document: Document) -> None:
    """Add how a strategy is steered, by the first paragraph that tells it."""
    for block in document.paragraphs:
        for code, expression in coded_patterns("pilotages"):
            if match := expression.search(block.text):
                row.values["pilotage"] = value_of(block, code, f"« {match[0]} »", match.span())
                return


def add_consultation(row: ProposedRow, document: Document) -> None:
    """Add the figures of a consultation, from paragraphs that tell of one."""
    for block in document.paragraphs:
        if not pattern("mots_concertation").search(block.text):
            continue
        for sentence in split_sentences(block.text):
            if not pattern("mots_concertation").search(sentence):
                continue
            for column, expression in coded_patterns("concertation"):
                match = expression.search(sentence)
                around = sentence.replace(match[0], "") if match else ""
                if not pattern("mots_concertation").search(around):
                    continue
                number = match[1].replace(" ", "") if match else ""
                if match and column not in row.values and int(number) < 1_000_000:
                    shown = Value(number, block.page, to_passage(sentence, match.span()), "")
                    row.add(column, number, f"« {match[0]} »", shown, box=block.box)
