"""Read a scanned page with Tesseract, where it is installed with its French data."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pypdfium2

from comparisons.documents.model import UnreadableDocumentError
from comparisons.documents.readers.pdf_page import PdfPage, Word
from comparisons.documents.readers.scan_picture import (
    find_bullet,
    find_lines,
    stroke_width,
    to_dark,
)

MAX_SCANNED_PAGES = 60
_DPI = 200
_SECONDS = 60
# How high letters are in their size, with and without ascenders, and how deep below their line.
_TALL, _LOW, _DEEP = 0.73, 0.5, 0.22
# What a line takes above and below that on which its letters stand, as fonts have it.
_LINE = (-0.9, 0.25)
_SAME_SIZE, _USUAL_SIZE = 1.22, 1.1
# How much higher than others digits are that have a comma.
_LEAST_DEEPER = 1.14
# How sure Tesseract is of a word, of 100.
_LEAST_SURE = 20
# Letters that much thicker than most are bold; what a bullet is taken for.
_BOLD = 1.22
_READ_BULLETS = frozenset(("+", "»", ">»", ">", "»>", "e", "o", "°", "¢", "©", "®", "*"))
_MISSING = (
    "Ce document est numérisé : ses pages sont des images sans texte, que seul Tesseract "
    "(paquets tesseract-ocr et tesseract-ocr-fra) sait lire, et il n’est pas installé ici ; "
    "demandez le fichier d’origine, ou installez-le."
)


def read_page(source: pypdfium2.PdfPage, page: PdfPage, rank: int) -> None:
    """Add the words and lines of a page that is a picture, the `rank`-th of its document."""
    if rank > MAX_SCANNED_PAGES:
        raise UnreadableDocumentError(
            f"Ce document a plus de {MAX_SCANNED_PAGES} pages numérisées : n’en gardez que les "
            "pages de la stratégie."
        )
    if not is_installed():
        raise UnreadableDocumentError(_MISSING)
    drawn = source.render(scale=_DPI / 72, grayscale=True).to_pil()
    dark = to_dark(drawn)
    picture = io.BytesIO()
    drawn.save(picture, "PNG")
    command = ["tesseract", "stdin", "stdout", "-l", "fra", "--dpi", str(_DPI), "tsv"]
    try:
        done = subprocess.run(
            command, input=picture.getvalue(), capture_output=True, timeout=_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise UnreadableDocumentError(
            "Une page numérisée n’a pas pu être lue par Tesseract : demandez le fichier d’origine."
        ) from error
    lines: dict[tuple, list[dict]] = {}
    reader = csv.DictReader(
        io.StringIO(done.stdout.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    for word in reader:
        if word["level"] == "5" and _is_read(word):
            key = tuple(word[name] for name in ("block_num", "par_num", "line_num"))
            lines.setdefault(key, []).append(word)
    scale = 72 / _DPI
    page.words = list(_to_words(lines, dark, scale))
    page.bullets = [
        (scale * place, word.top + 0.6 * (word.bottom - word.top))
        for word in page.words
        if (place := find_bullet(dark, word.left / scale, word.top / scale, word.bottom / scale))
    ]
    page.horizontal = [tuple(scale * each for each in line) for line in find_lines(dark)]
    page.vertical = [tuple(scale * each for each in line) for line in find_lines(dark.T)]


def _to_words(lines: Mapping[tuple, list[dict]], dark: np.ndarray, scale: float) -> Iterator[Word]:
    """Iterate over the words of the lines that were read, each with the size of its line."""
    sizes = _sizes(lines)
    strokes = {key: _stroke(words, dark) for key, words in lines.items()}
    usual = _middle([strokes[key] for key, words in lines.items() for _ in words])
    usual_digits = _middle([int(each["height"]) for each in _numbers(lines)])
    usual_size = _middle([sizes[key] for key, words in lines.items() for _ in words])
    for key, words in lines.items():
        if words[0]["text"] in _READ_BULLETS and len(words) > 1:
            words[0]["text"] = "•"
        # lines are evenly apart, whatever letters they have
        base = _middle([_base(word) for word in words])
        top, bottom = (scale * (base + share * sizes[key]) for share in _LINE)
        # letters of a larger size are thicker, too
        is_bold = strokes[key] > _BOLD * usual * max(1, sizes[key] / usual_size)
        groups = zip(words, [None, *words], [*words[1:], None], strict=False)
        for word, before, after in groups:
            after_digit = before is not None and before["text"][-1:].isdigit()
            word["text"] = _with_euro(word["text"], after_digit)
            near = any(_is_group(*each, sizes[key]) for each in ((before, word), (word, after)))
            if not near and sizes[key] == usual_size and has_lost_comma(word, usual_digits):
                # no amount rather than a wrong one
                continue
            left = int(word["left"]) * scale
            right = left + int(word["width"]) * scale
            yield Word(word["text"], left, top, right, bottom, sizes[key] * scale, is_bold)


def _numbers(lines: Mapping[tuple, list[dict]]) -> list[dict]:
    """Return the words that are digits only."""
    return [word for words in lines.values() for word in words if word["text"].isdecimal()]


def _is_group(first: dict | None, second: dict | None, size: float) -> bool:
    """Return whether two words are digits of one number, « 4 » and « 100 »."""
    if first is None or second is None:
        return False
    gap = int(second["left"]) - int(first["left"]) - int(first["width"])
    return gap < size and first["text"][-1:].isdigit() and second["text"][:1].isdigit()


def has_lost_comma(word: Mapping[str, str], usual: float) -> bool:
    """Return whether digits are deeper than others: « 4,8 » that was read as « 48 »."""
    height = int(word["height"])
    return (
        re.fullmatch(r"\d{2,3}", word["text"]) is not None
        and _LEAST_DEEPER * usual < height < 1.4 * usual
    )


def _stroke(words: Sequence[Mapping[str, str]], dark: np.ndarray) -> float:
    """Return how thick the letters of a line are."""
    widths = []
    for word in words:
        left, top = int(word["left"]), int(word["top"])
        part = dark[top : top + int(word["height"]), left : left + int(word["width"])]
        # white letters on a dark ground
        widths.append(stroke_width(~part if part.mean() > 0.5 else part))
    return _middle(widths)


def _middle(numbers: Sequence[float]) -> float:
    return sorted(numbers)[len(numbers) // 2] if numbers else 0.0


def _size(word: Mapping[str, str]) -> float:
    """Return the size of the letters of a word, by its height: « roue » is lower than « page »."""
    is_tall = re.search(r"[A-Z0-9bdfhkltiéèêàâôûîÉÀ’'€%]", word["text"]) is not None
    return int(word["height"]) / ((_TALL if is_tall else _LOW) + _DEEP * _is_deep(word))


def _is_deep(word: Mapping[str, str]) -> bool:
    return re.search(r"[gjpqyç,;()]", word["text"]) is not None


def _base(word: Mapping[str, str]) -> float:
    """Return the place of the line on which the letters of a word stand."""
    return int(word["top"]) + int(word["height"]) - _DEEP * _size(word) * _is_deep(word)


def _is_read(word: Mapping[str, str]) -> bool:
    """Return whether a word is surely one: an apostrophe makes Tesseract doubt of its letters."""
    letters = re.search(r"[^\W\d]{2}|[kM]\W{0,2}€", word["text"])
    is_sure = float(word["conf"]) > _LEAST_SURE
    return word["text"].strip(" |_") != "" and (is_sure or letters is not None)


def _with_euro(text: str, after_digit: bool) -> str:
    """Return a word with the sign of the euro, which is often taken for a letter."""
    text = re.sub(r"^(\(?[kM])E(?=\)?$)", r"\1€", text)
    return re.sub(r"^([kM])(?:E\b|£?€|£E?)", r"\1€", text) if after_digit else text


def _sizes(lines: Mapping[tuple, Sequence[Mapping[str, str]]]) -> dict[tuple, float]:
    """Return the size of each line: most of its words, rounded to that of lines of near sizes."""
    medians = {key: _middle([_size(word) for word in words]) for key, words in lines.items()}
    usual = _middle([medians[key] for key, words in lines.items() for _ in words])
    sizes: dict[tuple, float] = {}
    start = usual / _SAME_SIZE
    for key in sorted(medians, key=medians.get):
        if start < medians[key] <= _USUAL_SIZE * usual:
            sizes[key] = usual
            continue
        if medians[key] > _SAME_SIZE * start or start < usual < medians[key]:
            start = medians[key]
        sizes[key] = start if medians[key] > usual else medians[key]
    for before, key in pairwise(lines):
        # the height of one word alone tells less than the line that it continues
        is_cut = lines[before][-1]["text"].endswith("-")
        if len(lines[key]) == 1 and (is_cut or key[:2] == before[:2]):
            sizes[key] = sizes[before]
    return sizes


def is_installed() -> bool:
    """Return whether Tesseract and its French data are on this machine."""
    if not shutil.which("tesseract"):
        return False
    try:
        languages = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return False
    return "fra" in languages.stdout.decode("utf-8", "replace").split()
