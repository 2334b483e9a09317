"""Files to print or to edit: PDF, Word, PowerPoint."""

from comparisons.analysis.document_request import request_letter
from comparisons.analysis.profile import load_profile
from comparisons.exports.office.report import Report, territory_report
from comparisons.exports.pdf.compiler import territory_pdf

_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "pptx": f"{_OFFICE}.presentationml.presentation",
}


LETTER_TYPES = {"txt": "text/plain; charset=utf-8", "docx": MEDIA_TYPES["docx"]}


def letter_file(key: str, extension: str) -> bytes:
    """Return the letter that asks a territory for its strategy, in one of `LETTER_TYPES`.

    Raises `KeyError` if there is no such territory.
    """
    letter = request_letter(load_profile(key))
    if extension == "txt":
        return letter.text.encode()
    from comparisons.exports.office.note import letter_to_docx

    return letter_to_docx(letter)


def territory_file(key: str, extension: str, address: str = "") -> bytes:
    """Return the file of a territory in one of `MEDIA_TYPES`.

    `address` is that of its page. Raises `ValueError` or `KeyError` if there is no such territory.
    """
    if extension == "pdf":
        return territory_pdf(key, address)
    return report_file(territory_report(key, address), extension)


def report_file(report: Report, extension: str) -> bytes:
    """Return a report as docx or pptx."""
    # their libraries are slow to import, and few ask for these files
    if extension == "docx":
        from comparisons.exports.office.note import to_docx

        return to_docx(report)
    from comparisons.exports.office.deck import to_pptx

    return to_pptx(report)
