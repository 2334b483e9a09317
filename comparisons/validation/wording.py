"""The French words for a wrong cell: its code, what was expected, how to mend it."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz, process

from comparisons.format import FALSE_VALUE, LIST_SEPARATOR, TRUE_VALUE, Field, label, load_format
from comparisons.problems import quote
from comparisons.text import number

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
_TYPE_WORDS = {
    "integer": "un nombre entier",
    "year": "une année à quatre chiffres",
    "number": "un nombre",
    "boolean": f"«\u00a0{TRUE_VALUE}\u00a0», «\u00a0{FALSE_VALUE}\u00a0» ou une cellule vide",
}
_PATTERN_WORDS = {
    "date": "une date du calendrier, écrite AAAA, AAAA-MM ou AAAA-MM-JJ",
    "adresse": "une adresse qui commence par http:// ou https://",
    "siren": "un numéro Siren de neuf chiffres",
    "identifiant": "des lettres sans accent, des chiffres, des tirets, des points ou des "
    "soulignés, sans espace",
}
_MULTIPLES = {"k": 1_000, "m": 1_000_000, "million": 1_000_000, "md": 1_000_000_000}
_MULTIPLES |= {"milliard": 1_000_000_000, "millions": 1_000_000, "milliards": 1_000_000_000}
_MONEY = re.compile(r"(\d+(?:[.,]\d+)?)(k|md|millions?|milliards?|m)?(?:d[’'])?(?:€|euros?|%)?")
_FRENCH_DATE = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})")


def code(field: Field, fault: str) -> str:
    """Name the rule that a cell breaks."""
    match fault:
        case "required":
            # A link without a role says nothing: it deserves a rule of its own.
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


def message(field: Field, fault: str, text: str) -> str:
    """Say what was found and what was expected."""
    match fault:
        case "required":
            return f"La cellule est vide\u00a0; {quote(field.title)} est obligatoire."
        case "enum":
            return f"{quote(text)} n’est pas un code de la liste {quote(field.vocabulary)}."
        case "minimum":
            least = number(field.minimum, 2)
            return f"{quote(text)} est trop petit\u00a0; la plus petite valeur admise est {least}."
        case "maximum":
            return f"{quote(text)} est trop grand pour être une valeur plausible."
        case "key":
            return f"{quote(text)} n’est pas un numéro Siren\u00a0: sa clé de contrôle est fausse."
        case "type":
            return f"{quote(text)} n’est pas {_TYPE_WORDS.get(field.type, 'de la bonne forme')}."
    expected = _PATTERN_WORDS.get(field.kind, "la forme attendue")
    return f"{quote(text)} ne convient pas\u00a0; on attend {expected}."


def remedy(field: Field, fault: str, text: str) -> str:
    """Say how to mend it, with the right value where it can be guessed."""
    guess = ""
    match fault:
        case "required":
            return f"Remplissez la cellule\u00a0; exemple\u00a0: {quote(field.example)}."
        case "enum":
            return _code_remedy(field, text)
        case "key":
            return "Vérifiez le numéro dans l’Annuaire des entreprises, ou laissez la cellule vide."
        case "type":
            guess = _value_meant(field, text)
        case "pattern" if field.kind == "date":
            guess = _iso_date(text)
        case "pattern" if field.kind == "siren":
            digits = re.sub(r"\D", "", text)
            guess = digits if len(digits) == 9 else ""
        case "pattern" if field.kind == "identifiant":
            guess = re.sub(r"[^a-z0-9_.-]+", "-", _plain(text)).strip("-._")
        case "pattern" if field.kind == "adresse":
            guess = f"https://{text}" if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", text) else ""
    if guess:
        return f"Écrivez {quote(guess)}."
    return f"Corrigez la cellule\u00a0; exemple\u00a0: {quote(field.example)}."


def _code_remedy(field: Field, text: str) -> str:
    """Propose the closest code, else list them all (or say where they are)."""
    if field.type == "list" and re.search(r"[,;/]", text):
        return f"Séparez les codes par une barre verticale ({LIST_SEPARATOR}), sans virgule."
    best = _closest_code(field.vocabulary, text)
    if best:
        return f"Voulez-vous dire {quote(best)} ({label(field.vocabulary, best)})\u00a0?"
    known = list(load_format().vocabularies[field.vocabulary]["code"])
    if len(known) > 12:
        return f"Choisissez un code de la liste vocabulaires/{field.vocabulary}.csv."
    return f"Choisissez parmi\u00a0: {', '.join(known)}."


@lru_cache(maxsize=1024)
def _closest_code(vocabulary: str, text: str) -> str:
    """Find the code whose name or label is nearest to a text; accents and case do not count."""
    table = load_format().vocabularies[vocabulary]
    pairs = [(_plain(c), c) for c in table["code"]]
    pairs += [(_plain(name), c) for name, c in zip(table["libelle"], table["code"], strict=True)]
    names = [name for name, _ in pairs]
    best = process.extractOne(_plain(text[:80]), names, scorer=fuzz.WRatio, score_cutoff=72)
    return pairs[best[2]][1] if best else ""


def _value_meant(field: Field, text: str) -> str:
    """Guess the value behind « 1,2 M€ », « 1 200 000 € » or « x », if there is one."""
    if field.type == "boolean":
        words = {"o": TRUE_VALUE, "x": TRUE_VALUE, "1": TRUE_VALUE, "n": FALSE_VALUE}
        return words.get(text.lower()[:1], "")
    match = _MONEY.fullmatch(re.sub(r"\s", "", text.lower())[:40])
    if match is None or field.type == "year":
        return ""
    value = float(match[1].replace(",", ".")) * _MULTIPLES.get(match[2], 1)
    guess = f"{value:.2f}".rstrip("0").rstrip(".")
    return "" if field.type == "integer" and "." in guess else guess


def _iso_date(text: str) -> str:
    match = _FRENCH_DATE.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 12 or not 1 <= int(match[1] or 1) <= 31:
        return ""
    return "-".join([match[3], match[2].zfill(2), *([match[1].zfill(2)] if match[1] else [])])


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.strip().casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
