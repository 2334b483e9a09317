"""Files of peers: CSV, JSON, XLSX, a zip of tables, all of the tables of the page.

The Table Schemas beside this module describe their columns.
"""

import io
import json

import pandas as pd

from comparisons import tabular_files
from comparisons.analysis.peers.portrait import describe_territory
from comparisons.analysis.peers.study import PeersReport, load_report, tables
from comparisons.analysis.peers.tables import variables_table
from comparisons.database.connection import dataset_metadata
from comparisons.exports import tables as exports
from comparisons.exports.peers_notes import notes_lines
from comparisons.exports.tables import MEDIA_TYPES
from comparisons.queries.territories import territory_label
from comparisons.schema.peer_options import Choice

__all__ = ["MEDIA_TYPES", "encode", "load_report", "tables", "workbook"]


def workbook(key: str, choice: Choice, address: str = "", named_only: bool = False) -> bytes:
    """Write a workbook: what was done and how to read it, then the tables."""
    return _workbook(load_report(key, choice, named_only), address)


def encode(
    key: str, choice: Choice, extension: str, address: str = "", named_only: bool = False
) -> bytes:
    """Write the peers of a territory in one of `MEDIA_TYPES` (`KeyError` for another)."""
    writers = {
        "csv": lambda made: tabular_files.to_csv(made.tables["pairs"]),
        "json": lambda made: _json(made, address),
        "xlsx": lambda made: _workbook(made, address),
        "zip": lambda made: exports.to_zip(_with_dictionary(made), notes_lines(made, address)),
    }
    return writers[extension](load_report(key, choice, named_only))


def _with_dictionary(made: PeersReport) -> dict[str, pd.DataFrame]:
    """Return the tables with the labels of their codes, then what their columns are."""
    labelled = {name: exports.add_labels(rows) for name, rows in made.tables.items()}
    return {**labelled, "dictionnaire": exports.data_dictionary(labelled)}


def _workbook(made: PeersReport, address: str) -> bytes:
    buffer = io.BytesIO()
    with exports.open_workbook(buffer) as writer:
        exports.write_notes_sheet(writer, notes_lines(made, address))
        for name, rows in _with_dictionary(made).items():
            exports.write_table_sheet(writer, name, rows)
    return buffer.getvalue()


def _json(made: PeersReport, address: str) -> bytes:
    found = made.found
    by_structure = found.choix.maniere == "structure"
    said = {
        "version": str(dataset_metadata()["version"]),
        "citation": exports.citation_sentence(),
        "licence": exports.LICENCE,
        "adresse": address or None,
        "territoire": {
            "cle": found.soi["cle"],
            "nom": found.soi["nom"],
            "libelle": territory_label(found.soi),
            "population": exports.to_json_value(found.soi["population"]),
            "portrait": describe_territory(found.soi),
        },
        "maniere": found.choix.maniere,
        "nombre": None if found.choix.maniere == "liste" else found.choix.nombre,
        "region": None if found.choix.maniere == "liste" else found.choix.region,
        "plafond": found.plafond if by_structure else None,
        "candidats": found.candidats,
        "ecartes": found.ecartes,
        "explication": found.explication,
        "variables": exports.to_records(
            variables_table(found.choix, found.soi["territoire_niveau"])
        ),
        "pairs": exports.to_records(made.tables["pairs"]),
        "contributions": exports.to_records(made.tables["contributions"]),
        "position": exports.to_records(made.tables["position"]),
        "documents_partages": list(made.partages),
        "ecarts": exports.to_records(made.phrases),
    }
    return json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8")
