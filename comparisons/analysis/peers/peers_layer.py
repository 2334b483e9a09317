"""Map layer of a territory and its peers, among all those of their level."""

import pandas as pd

from comparisons.analysis.map_layers import LegendClass, MapLayer
from comparisons.analysis.peers.search import find_documented, find_peers, load_level
from comparisons.formatting import curly_apostrophes, join_words, pluralize
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import LEVEL_NAMES, parse_key

_OWN, _PEER, _DOCUMENTED, _OTHER = "soi", "pair", "document", "autre"


def peers_layer(key: str, choice: PeerOptions) -> MapLayer:
    """Return the layer of a territory and its peers; its sentence names them.

    Where too few of them have a known document, the nearest that have one have their own class.
    Raises `ValueError` (in French) when the key is not that of a territory.
    """
    result = find_peers(key, choice)
    territory, level = parse_key(key), parse_key(key).niveau
    rows = load_level(level).rows
    groups = {_DOCUMENTED: find_documented(result), _PEER: result.table}
    classes = dict.fromkeys(rows["territoire_code"], _OTHER)
    for code, group in groups.items():  # a peer with a document is a peer
        classes |= dict.fromkeys(group["territoire_code"], code)
    classes[territory.code] = _OWN
    data = rows[["territoire_code", "nom"]].assign(
        classe=rows["territoire_code"].map(classes), valeur=None, detail=""
    )
    own_name = curly_apostrophes(result.soi["nom"])
    others = groups[_DOCUMENTED][~groups[_DOCUMENTED]["cle"].isin(result.table["cle"])]
    sentence = f"{pluralize(len(result.table), 'pair')} : {_join_names(result.table) or 'aucun'}."
    if len(others):
        sentence += f" Autres, avec un document connu : {_join_names(others)}."
    return MapLayer(
        title=f"Pairs {curly_apostrophes(result.soi['nom_de'])}",
        note="Des pairs se ressemblent par leur structure, jamais par leurs résultats.",
        level=level,
        classes=(
            LegendClass(_OWN, own_name, "#d6336c"),
            LegendClass(_PEER, "Pairs", "#2171b5"),
            LegendClass(_DOCUMENTED, "Autres, avec un document connu", "#b4690e"),
            LegendClass(_OTHER, "Autres territoires", "#e6e6e6", missing=True),
        ),
        data=data.reset_index(drop=True),
        subtitle=LEVEL_NAMES[level],
        sentence=sentence,
    )


def _join_names(rows: pd.DataFrame) -> str:
    return join_words(map(curly_apostrophes, rows["nom"]))
