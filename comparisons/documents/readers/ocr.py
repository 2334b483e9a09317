"""Read a scanned page with Tesseract, where it is installed with its French data."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence

import pypdfium2

from comparisons.documents.model import UnreadableDocumentError
from comparisons.documents.readers.pdf_page import Word

MAX_SCANNED_PAGES = 60
_DPI = 200
_SECONDS = 60
# Letters of one size differ that much, by their ascenders.
_HEIGHTS = {(True, True): 0.95, (True, False): 0.73, (False, True): 0.7, (False, False): 0.5}
_SAME_SIZE = 1.22
_MISSING = (
    "Ce document est numérisé : ses pages sont des images sans texte, que seul Tesseract "
    "(paquets tesseract-ocr et tesseract-ocr-fra) sait lire, et il n’est pas installé ici ; "
    "demandez le fichier d’origine, ou installez-le."
)


def read_page(page: pypdfium2.PdfPage, rank: int) -> list[Word]:
    """Return the words of a page that is a picture, the `rank`-th of its document."""
    if rank > MAX_SCANNED_PAGES:
        raise UnreadableDocumentError(
            f"Ce document a plus de {MAX_SCANNED_PAGES} pages numérisées : n’en gardez que les "
            "pages de la stratégie."
        )
    if not is_installed():
        raise UnreadableDocumentError(_MISSING)
    picture = io.BytesIO()
    page.render(scale=_DPI / 72, grayscale=True).to_pil().save(picture, "PNG")
    command = ["tesseract", "stdin", "stdout", "-l", "fra", "--dpi", str(_DPI), "tsv"]
    try:
        done = subprocess.run(
            command, input=picture.getvalue(), capture_output=True, timeout=_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise UnreadableDocumentError(
            "Une page numérisée n’a pas pu être lue par Tesseract : demandez le fichier d’origine."
        ) from error
    scale = 72 / _DPI
    lines: dict[tuple, list[dict]] = {}
    reader = csv.DictReader(
        io.StringIO(done.stdout.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    for word in reader:
        if word["level"] == "5" and word["text"].strip() and float(word["conf"]) > 20:
            key = tuple(word[name] for name in ("block_num", "par_num", "line_num"))
            lines.setdefault(key, []).append(word)
    sizes = _sizes({key: [_size(word) for word in words] for key, words in lines.items()})
    result: list[Word] = []
    for key, words in lines.items():
        size = sizes[key] * scale
        top = min(int(word["top"]) for word in words) * scale
        bottom = max(int(word["top"]) + int(word["height"]) for word in words) * scale
        for word, before in zip(words, [None, *words], strict=False):
            if before and before["text"][-1:].isdigit():
                # the sign is often taken for a letter
                word["text"] = re.sub(r"^([kM])E\b", r"\1€", word["text"])
            left = int(word["left"]) * scale
            right = left + int(word["width"]) * scale
            result.append(Word(word["text"], left, top, right, bottom, size, False))
    return result


def _size(word: Mapping[str, str]) -> float:
    """Return the size of the letters of a word, by its height: « roue » is lower than « page »."""
    is_tall = re.search(r"[A-Z0-9bdfhkltiéèêàâôûîÉÀ’'€%]", word["text"]) is not None
    is_deep = re.search(r"[gjpqyç,;()]", word["text"]) is not None
    return int(word["height"]) / _HEIGHTS[is_tall, is_deep]


def _sizes(heights: Mapping[tuple, Sequence[float]]) -> dict[tuple, float]:
    """Return the size of each line: most of its words, rounded to that of lines of near sizes."""
    medians = {key: sorted(each)[len(each) // 2] for key, each in heights.items()}
    sizes: dict[tuple, float] = {}
    start = 0.0
    for key in sorted(medians, key=medians.get):
        if medians[key] > _SAME_SIZE * start:
            start = medians[key]
        sizes[key] = start
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
