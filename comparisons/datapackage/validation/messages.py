"""Describe invalid cells in French: rule code, expected value, remedy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.problems import quoted
from comparisons.datapackage.territory_aliases import LEVEL_NAMES
from comparisons.datapackage.validation.address_parser import holds_several_addresses
from comparisons.datapackage.validation.parsed_value import ParsedValue
from comparisons.datapackage.validation.value_parser import is_unknown_marker, parse_value
from comparisons.formatting import first_few, fold, format_number
from comparisons.schema.model import Field, code_label, load_format
from comparisons.tabular_files import FALSE_VALUE, LIST_SEPARATOR, TRUE_VALUE

_TYPE_CODES = {
    "integer": "entier-mal-forme",
    "year": "annee-mal-formee",
    "boolean": "oui-non-attendu",
}
_PATTERN_CODES = {
    "date": "date-mal-formee",
    "adresse": "adresse-mal-formee",
    "siren": "siren-invalide",
    "identifiant": "identifiant-mal-forme",
}
_TYPE_LABELS = {
    "integer": "un nombre entier",
    "year": "une année à quatre chiffres",
    "number": "un nombre",
    "boolean": f"« {TRUE_VALUE} », « {FALSE_VALUE} » ou une cellule vide",
}
_PATTERN_LABELS = {
    "date": "une date du calendrier, écrite AAAA, AAAA-MM ou AAAA-MM-JJ",
    "adresse": "une adresse qui commence par http:// ou https://",
    "siren": "un numéro Siren de neuf chiffres",
    "identifiant": "des lettres sans accent, des chiffres, des tirets, des points ou des "
    "soulignés, sans espace",
}
# Codes that a remedy lists.
_MAX_CODES = 12
# Similarity (0-100) from which a text may be meant for a code, and is that code misspelt.
_MIN_SIMILARITY, _MISSPELT = 72, 80


@dataclass(frozen=True)
class Fix:
    """How to mend a cell: the remedy in French, and the value to put instead ("" if unknown).

    `is_certain`: the text of the cell can mean nothing else; an empty value then empties the cell.
    """

    remedy: str
    value: str = ""
    is_certain: bool = False


# What people call some codes, without being sure of them.
_LIKELY_CODES = {
    "statuts": {
        **dict.fromkeys(
            ("votee", "approuvee", "validee", "deliberee", "en vigueur", "en cours", "active"),
            "adoptee",
        ),
        **dict.fromkeys(
            ("projet", "en projet", "en preparation", "en cours d'elaboration", "a venir"),
            "en_elaboration",
        ),
        **dict.fromkeys(("echue", "expiree", "achevee", "close", "cloturee", "finie"), "terminee"),
    },
    "etapes": {
        **dict.fromkeys(("previsionnel", "planifie", "programme", "budgete"), "prevu"),
        **dict.fromkeys(("delibere", "adopte", "approuve"), "vote"),
        **dict.fromkeys(("depense", "paye", "mandate", "execute", "consomme"), "realise"),
    },
}
_LEVEL_VOCABULARIES = ("niveaux", "niveaux_aire")
# Kinds of texts that are read in more forms than the pattern of the format.
_PARSED_KINDS = frozenset({"date", "siren", "adresse"})


def rule_code(field: Field, fault: str) -> str:
    """Return the name of the rule that a cell breaks."""
    match fault:
        case "required":
            # A partnership without a role is unusable, so it has its own rule.
            return "role-absent" if field.name == "role" else "valeur-obligatoire-absente"
        case "enum":
            return "code-inconnu"
        case "minimum" | "maximum":
            return "valeur-hors-bornes"
        case "key":
            return "siren-invalide"
        case "type" if field.type == "number":
            return "montant-non-numerique" if field.unit == "€" else "nombre-mal-forme"
        case "type":
            return _TYPE_CODES.get(field.type, "valeur-mal-formee")
    return _PATTERN_CODES.get(field.kind, "valeur-mal-formee")


def describe_problem(field: Field, fault: str, text: str) -> str:
    """Describe in French the value of a cell and the expected one."""
    match fault:
        case "required":
            return f"La cellule est vide ; {quoted(field.title)} est obligatoire."
        case "enum":
            return f"{quoted(text)} n’est pas un code de la liste {quoted(field.vocabulary)}."
        case "minimum":
            minimum = format_number(field.minimum, 2)
            return f"{quoted(text)} est trop petit ; la plus petite valeur admise est {minimum}."
        case "maximum":
            return f"{quoted(text)} est trop grand pour être une valeur plausible."
        case "key":
            return f"{quoted(text)} n’est pas un numéro Siren : sa clé de contrôle est fausse."
        case "type":
            return f"{quoted(text)} n’est pas {_TYPE_LABELS.get(field.type, 'de la bonne forme')}."
    if field.kind == "adresse" and holds_several_addresses(text):
        return f"{quoted(text)} contient plusieurs adresses ; on en attend une seule."
    expected = _PATTERN_LABELS.get(field.kind, "la forme attendue")
    return f"{quoted(text)} ne convient pas ; on attend {expected}."


def describe_fix(field: Field, fault: str, text: str) -> Fix:
    """Return how to mend a cell whose fault is known."""
    if fault == "required":
        return Fix(f"Remplissez la cellule ; exemple : {quoted(field.example)}.")
    if is_unknown_marker(text):
        return Fix(suggest_empty(field), is_certain=not field.required)
    match fault:
        case "enum":
            return _suggest_code(field, text)
        case "key":
            return Fix(
                "Vérifiez le numéro dans l’Annuaire des entreprises, ou laissez la cellule vide."
            )
    guess = _guess_value(field, fault, text)
    if guess is None:
        return Fix(f"Corrigez la cellule ; exemple : {quoted(field.example)}.")
    remedy = guess.advice or f"Écrivez {quoted(guess.value)}."
    return Fix(remedy, guess.value, guess.unambiguous and bool(guess.value))


def _describe_codes(vocabulary: str) -> str:
    """Describe the valid codes: all of them, or the first ones and where the others are."""
    codes = list(load_format().vocabularies[vocabulary]["code"])
    if len(codes) > _MAX_CODES:
        codes = first_few(codes, _MAX_CODES)
        return f"Choisissez parmi : {codes} (feuille « Listes » du modèle)."
    return f"Choisissez parmi : {', '.join(codes)}."


def suggest_empty(field: Field) -> str:
    """Return the remedy of a cell that only states that the value is unknown."""
    if field.required:
        return f"{quoted(field.title)} est obligatoire : cherchez la valeur, ou retirez la ligne."
    return "Laissez la cellule vide : elle voudra dire que l’on ne sait pas."


def _guess_value(field: Field, fault: str, text: str) -> ParsedValue | None:
    if fault == "type" or (fault == "pattern" and field.kind in _PARSED_KINDS):
        return parse_value(field, text)
    if fault == "pattern" and field.kind == "identifiant":
        guess = re.sub(r"[^a-z0-9_.-]+", "-", fold(text)).strip("-._")
        return ParsedValue(guess, False) if guess else None
    return None


def _suggest_code(field: Field, text: str) -> Fix:
    """Return the closest code, else a remedy that tells all codes."""
    if field.type == "list" and re.search(r"[,;/\n]", text):
        parts = [part.strip() for part in re.split(r"[,;/\n]", text) if part.strip()]
        closest_codes = [_closest_code(field.vocabulary, part) for part in parts]
        advice = f"Séparez les codes par une barre verticale ({LIST_SEPARATOR}), sans virgule"
        if not all(code for code, _ in closest_codes):
            return Fix(f"{advice}.")
        joined_codes = LIST_SEPARATOR.join(code for code, _ in closest_codes)
        are_certain = all(is_certain for _, is_certain in closest_codes)
        return Fix(f"{advice} : {quoted(joined_codes)}.", joined_codes, are_certain)
    closest, is_certain = _closest_code(field.vocabulary, text)
    if closest:
        name = code_label(field.vocabulary, closest)
        return Fix(f"Voulez-vous dire {quoted(closest)} ({name}) ?", closest, is_certain)
    return Fix(_describe_codes(field.vocabulary))


def named_codes(field: Field, text: str) -> str:
    """Return the codes that a text names by their labels, whatever its capitals; "" if it does not.

    A label that two codes share names none.
    """
    parts = split_codes(text) if field.type == "list" else [text]
    codes = [_codes_by_name(field.vocabulary).get(fold(part), "") for part in parts]
    return LIST_SEPARATOR.join(codes) if all(codes) else ""


@lru_cache(maxsize=64)
def _codes_by_name(vocabulary: str) -> Mapping[str, str]:
    """Return the codes of a vocabulary by their names without capitals or accents."""
    table = load_format().vocabularies[vocabulary]
    labels = [fold(label) for label in table["libelle"]]
    unique = {
        label: code
        for label, code in zip(labels, table["code"], strict=True)
        if labels.count(label) == 1
    }
    aliases = LEVEL_NAMES if vocabulary in _LEVEL_VOCABULARIES else {}
    return {**aliases, **unique, **{fold(code): code for code in table["code"]}}


@lru_cache(maxsize=1024)
def _closest_code(vocabulary: str, text: str) -> tuple[str, bool]:
    """Return the code whose name or label is closest to a text without accents ("" if none).

    Also whether the text is that code and no other, though misspelt.
    """
    if exact := _codes_by_name(vocabulary).get(fold(text)):
        return exact, True
    if likely := _LIKELY_CODES.get(vocabulary, {}).get(fold(text)):
        return likely, False
    table = load_format().vocabularies[vocabulary]
    pairs = [(fold(code), code) for code in table["code"]]
    pairs += [
        (fold(name), code) for name, code in zip(table["libelle"], table["code"], strict=True)
    ]
    names, folded_text = [name for name, _ in pairs], fold(text[:80])
    likely = process.extract(
        folded_text, names, scorer=fuzz.WRatio, score_cutoff=_MIN_SIMILARITY, limit=None
    )
    if not likely:
        return "", False
    is_only_one = len({pairs[index][1] for _, _, index in likely}) == 1
    is_misspelt = any(fuzz.ratio(folded_text, name) >= _MISSPELT for name, _, _ in likely)
    return pairs[likely[0][2]][1], is_only_one and is_misspelt
