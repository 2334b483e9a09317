"""Save an Office file so that the same content gives the same bytes."""

import io
import zipfile
from datetime import datetime

from comparisons.database.connection import dataset_metadata
from comparisons.exports import table_writers


def described(properties: object, alt: str) -> None:
    """Give a picture the text that stands for it, in the properties that name it."""
    properties.set("descr", alt)


def dated(document: object, title: str) -> bytes:
    """Return the bytes of a document, dated as the dataset, in French."""
    day = datetime.fromisoformat(str(dataset_metadata()["date"]))
    properties = document.core_properties
    properties.title, properties.author, properties.language = title, "Stratoscope", "fr-FR"
    properties.comments = table_writers.citation_sentence()
    properties.created = properties.modified = day
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        return table_writers.dated_zip({name: archive.read(name) for name in archive.namelist()})
