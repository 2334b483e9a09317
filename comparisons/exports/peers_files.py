"""Files of peers: CSV, JSON, XLSX, zip of tables.

The Table Schemas in this directory describe their columns.
"""

import pandas as pd

from comparisons import tabular_files
from comparisons.analysis.peers.portrait import describe_territory
from comparisons.analysis.peers.study import PeersReport, load_report
from comparisons.analysis.peers.tables import variables_table
from comparisons.exports import table_writers
from comparisons.exports.peers_notes import notes_lines
from comparisons.queries.territories import territory_label
from comparisons.schema.peer_options import PeerOptions

MEDIA_TYPES = table_writers.MEDIA_TYPES


def encode(
    key: str, choice: PeerOptions, extension: str, address: str = "", named_only: bool = False
) -> bytes:
    """Return the peers of a territory in one of `MEDIA_TYPES`; raise `KeyError` for another."""
    writers = {
        "csv": lambda report: tabular_files.to_csv(report.tables["pairs"]),
        "json": lambda report: _to_json(report, address),
        "xlsx": lambda report: table_writers.to_workbook(
            notes_lines(report, address), _tables_with_dictionary(report)
        ),
        "zip": lambda report: table_writers.to_zip(
            _tables_with_dictionary(report), notes_lines(report, address)
        ),
    }
    return writers[extension](load_report(key, choice, named_only))


def _tables_with_dictionary(report: PeersReport) -> dict[str, pd.DataFrame]:
    """Return the tables with the labels of their codes, and their dictionary, by name."""
    labelled = {name: table_writers.add_labels(rows) for name, rows in report.tables.items()}
    return {**labelled, "dictionnaire": table_writers.data_dictionary(labelled)}


def _to_json(report: PeersReport, address: str) -> bytes:
    result = report.search_result
    by_structure = result.choix.maniere == "structure"
    content = {
        "territoire": {
            "cle": result.soi["cle"],
            "nom": result.soi["nom"],
            "libelle": territory_label(result.soi),
            "population": table_writers.to_json_value(result.soi["population"]),
            "portrait": describe_territory(result.soi),
        },
        "maniere": result.choix.maniere,
        "nombre": None if result.choix.maniere == "liste" else result.choix.nombre,
        "region": None if result.choix.maniere == "liste" else result.choix.region,
        "plafond": result.plafond if by_structure else None,
        "candidats": result.candidats,
        "ecartes": result.ecartes,
        "explication": result.explication,
        "variables": table_writers.to_records(
            variables_table(result.choix, result.soi["territoire_niveau"])
        ),
        "pairs": table_writers.to_records(report.tables["pairs"]),
        "contributions": table_writers.to_records(report.tables["contributions"]),
        "position": table_writers.to_records(report.tables["position"]),
        "documents_partages": list(report.partages),
        "ecarts": table_writers.to_records(report.phrases),
    }
    return table_writers.to_json(content, address)
