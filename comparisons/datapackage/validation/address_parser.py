"""Parse a web address typed with something more, or something less: « www.exemple.fr »."""

import re

from comparisons.datapackage.validation.parsed_value import ParsedValue

_ADDRESS = re.compile(r"https?://[^\s<>\"«»|;]+", re.IGNORECASE)
# An archive's address holds another one, after a slash.
_NEXT_ADDRESS = re.compile(r"[\s|;,]+(?=https?://)", re.IGNORECASE)
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?(/\S*)?")
_MISSPELT_SCHEME = re.compile(r"h?t{1,3}p{1,2}(?P<s>s?)\s?[:;]?\s?[/\\]{1,3}\s?", re.IGNORECASE)
_CAPITAL_SCHEME = re.compile(r"(?=.{0,4}[A-Z])https?://\S", re.IGNORECASE)
# « https://exemple.fr/plan.pdf, p. 12 »: words after the address.
_AFTER_ADDRESS = re.compile(r"[,;(]\s|\s(?:\(|pp?\.? ?[0-9]|pages? )|\s[-–:]\s", re.IGNORECASE)
_LOCAL_PATH = re.compile(r"[a-z]:[\\/]|\\\\|file:|/(?:home|users|mnt)/", re.IGNORECASE)
_EMAIL = re.compile(r"(?:mailto:)?[\w.+-]+@[\w-]+(\.[\w-]+)+")


def holds_several_addresses(text: str) -> bool:
    """Return whether a text holds two web addresses, or more, one after the other."""
    return bool(_ADDRESS.match(text) and _NEXT_ADDRESS.search(text))


def parse_address(text: str) -> ParsedValue | None:
    """Return the likely address of a cell, as a suggestion; None if it has none."""
    if holds_several_addresses(text):
        addresses = [address.strip(" ,") for address in _NEXT_ADDRESS.split(text)]
        advice = (
            f"Gardez une seule adresse, celle du document (la première est {addresses[0]}) ; "
            "une autre se donne dans une ligne à part."
        )
        return ParsedValue(addresses[0], False, advice=advice)
    if _LOCAL_PATH.match(text):
        return _advice("C’est le chemin d’un fichier de votre ordinateur ou de votre réseau")
    if _EMAIL.fullmatch(text):
        return _advice("C’est une adresse électronique")
    if _DOMAIN.fullmatch(text):
        return ParsedValue(f"https://{text}", False)
    if _CAPITAL_SCHEME.match(text) and not re.search(r"\s", text):
        scheme, _, rest = text.partition("://")
        return ParsedValue(f"{scheme.lower()}://{rest}", True, "une adresse internet")
    if re.match(r"https?://[^\n\r\t<>\"]+$", text) and not _AFTER_ADDRESS.search(text):
        # the spaces of the name of a file
        return ParsedValue(re.sub(r"\s", "%20", text), False)
    addresses = _ADDRESS.findall(text)
    if len(set(addresses)) == 1:
        return ParsedValue(addresses[0].rstrip(").,];"), False)
    misspelt = _MISSPELT_SCHEME.match(text)
    if misspelt and _DOMAIN.fullmatch(text[misspelt.end() :]):
        return ParsedValue(f"http{misspelt['s'].lower()}://{text[misspelt.end() :]}", False)
    return None


def _advice(sentence: str) -> ParsedValue:
    return ParsedValue(
        "", False, advice=f"{sentence} : donnez celle de la page ou du PDF en ligne."
    )
