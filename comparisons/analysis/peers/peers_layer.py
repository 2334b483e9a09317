"""Map layer of a territory and its peers, among all those of their level."""

from comparisons.analysis.map_layers import LegendClass, MapLayer
from comparisons.analysis.peers.search import find_peers, load_level
from comparisons.formatting import curly_apostrophes, join_words, pluralize
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import LEVEL_NAMES, parse_key

_OWN, _PEER, _OTHER = "soi", "pair", "autre"


def peers_layer(key: str, choice: PeerOptions) -> MapLayer:
    """Return the layer of a territory and its peers; its sentence names them.

    Raises `ValueError` (in French) when the key is not that of a territory.
    """
    result = find_peers(key, choice)
    territory, level = parse_key(key), parse_key(key).niveau
    rows = load_level(level).rows
    peer_codes = {parse_key(peer).code for peer in result.table["cle"]}
    classes = {code: _PEER if code in peer_codes else _OTHER for code in rows["territoire_code"]}
    classes[territory.code] = _OWN
    data = rows[["territoire_code", "nom"]].assign(
        classe=rows["territoire_code"].map(classes), valeur=None, detail=""
    )
    own_name = curly_apostrophes(result.soi["nom"])
    names = join_words(map(curly_apostrophes, result.table["nom"])) or "aucun"
    return MapLayer(
        title=f"Pairs {curly_apostrophes(result.soi['nom_de'])}",
        note="Des pairs se ressemblent par leur structure, jamais par leurs résultats.",
        level=level,
        classes=(
            LegendClass(_OWN, own_name, "#d6336c"),
            LegendClass(_PEER, "Pairs", "#2171b5"),
            LegendClass(_OTHER, "Autres territoires", "#e6e6e6", missing=True),
        ),
        data=data.reset_index(drop=True),
        subtitle=LEVEL_NAMES[level],
        sentence=f"{pluralize(len(peer_codes), 'pair')} : {names}.",
    )
