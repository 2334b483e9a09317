"""Read exported files again: CSV, workbooks, archives, and words whatever their spaces."""

import csv
import io
import re
import zipfile

import openpyxl


def csv_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def open_workbook(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_rows(content: bytes, name: str) -> list[tuple]:
    return list(open_workbook(content)[name].iter_rows(values_only=True))


def zip_members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def plain(text: str) -> str:
    """Write a text on one line, with plain spaces."""
    return re.sub(r"\s+", " ", text).strip()
