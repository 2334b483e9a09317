"""Stability of peers: how often each stays selected when the weights are drawn at random."""

import hashlib

import numpy as np
import pandas as pd

from comparisons.analysis.peers.distances import DECIMALS, MAX_DISTANCE
from comparisons.analysis.peers.search import (
    LevelData,
    PeerSearchResult,
    distances,
    eligible_peers,
    find_peers,
    load_level,
)
from comparisons.database.cache import cached
from comparisons.database.connection import dataset_metadata
from comparisons.formatting import format_number, format_percent, pluralize
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import parse_key

_DEFAULT_DRAWS = 200
# Each weight is multiplied by a factor between 1/SPREAD and SPREAD.
WEIGHT_SPREAD = 2.0
# Minimal number of candidates per requested peer: with fewer, weights hardly change the peers.
_MIN_CANDIDATES_PER_PEER = 2


@cached
def rank_stability(
    key: str,
    choice: PeerOptions | None = None,
    draws: int = _DEFAULT_DRAWS,
    seed: int | None = None,
) -> pd.DataFrame:
    """Return the share of draws in which each peer stays among the N, within the ceiling.

    In each of `draws` draws, each weight is multiplied by a factor of its own, log-uniform in
    [1/2, 2] (as often doubled as halved), and peers are found again. Without `seed`, it follows
    from the dataset version and the key, so that two runs agree.

    Returns `cle`, `part` (0 to 1), one row per peer of `find_peers`, in its order; `part` is
    missing for the methods without weights, and where it would mean nothing (`_is_meaningful`).
    Raises `ValueError` as `find_peers`.
    """
    choice = choice or PeerOptions()
    peers = find_peers(key, choice)
    keys = peers.table["cle"]
    if not _is_meaningful(peers) or keys.empty:
        return pd.DataFrame({"cle": keys, "part": pd.Series(np.nan, keys.index, dtype=float)})
    territory = parse_key(key)
    level = load_level(territory.niveau)
    seed = _seed(key) if seed is None else seed
    stay_shares = _stay_shares(
        level, peers.soi, choice, list(peers.table["territoire_code"]), draws, seed
    )
    return pd.DataFrame({"cle": keys, "part": stay_shares})


def _is_meaningful(peers: PeerSearchResult) -> bool:
    """Check whether stability is meaningful: weights are used, on enough territories."""
    enough = peers.candidats >= _MIN_CANDIDATES_PER_PEER * peers.choix.nombre
    return peers.choix.maniere == "structure" and enough


def describe_missing_stability(peers: PeerSearchResult) -> str:
    """Describe why no stability is given, or nothing when it is, or when weights do not choose."""
    if peers.choix.maniere != "structure" or _is_meaningful(peers):
        return ""
    return (
        f"Stabilité : non donnée. {pluralize(peers.choix.nombre, 'pair')} au plus sur "
        f"{pluralize(peers.candidats, 'territoire')} : le tirage ne distinguerait pas."
    )


def describe_stability(choice: PeerOptions | None = None, draws: int = _DEFAULT_DRAWS) -> str:
    """Describe in French what `part` is."""
    count = (choice or PeerOptions()).nombre
    return (
        f"Stabilité : part de {format_number(draws)} tirages dans lesquels le pair reste parmi les "
        f"{format_number(count)} (et sous le plafond) quand chaque poids est multiplié par un "
        "facteur tiré"
        " au hasard entre ½ et 2 (loi log-uniforme ; même tirage tant que les données ne changent"
        " pas)."
    )


def format_stability(share: float, choice: PeerOptions | None = None) -> str:
    """Describe the stability of one peer; nothing when it has none."""
    if pd.isna(share):
        return ""
    count = (choice or PeerOptions()).nombre
    strength = "solide" if share >= 0.9 else "assez sûr" if share >= 0.6 else "fragile"
    among = f"parmi les {format_number(count)}" if count > 1 else "le plus proche"
    return f"{strength} : reste {among} dans {format_percent(share)} des tirages"


def _seed(key: str) -> int:
    text = f"{dataset_metadata()['version']} {key}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def weight_factors(draws: int, count: int, seed: int) -> np.ndarray:
    """Draw the factors of the weights: `draws` × `count`, log-uniform in [1/2, 2]."""
    log_spread = np.log(WEIGHT_SPREAD)
    return np.exp(np.random.default_rng(seed).uniform(-log_spread, log_spread, (draws, count)))


def able_to_enter(distances_to_all: np.ndarray, count: int) -> np.ndarray:
    """Return which candidates may be among the `count` nearest in some draw, from their distances.

    Factors in [1/2, 2] change a weighted mean of squares by a factor in [1/4, 4] at most, thus a
    distance d to between d/2 and 2d. The `count` nearest stay within 2·d(count), so nobody beyond
    4·d(count) ever passes them, nor does anybody beyond twice the ceiling come under it.
    """
    count_th_distance = np.partition(distances_to_all, min(count, len(distances_to_all)) - 1)[
        min(count, len(distances_to_all)) - 1
    ]
    # slightly above the bound, because distances are rounded
    maximum_distance = WEIGHT_SPREAD * min(WEIGHT_SPREAD * count_th_distance, MAX_DISTANCE)
    return distances_to_all <= maximum_distance * (1 + 1e-6) + 10.0**-DECIMALS


def _stay_shares(
    level: LevelData,
    territory_row: pd.Series,
    choice: PeerOptions,
    peers: list[str],
    draws: int,
    seed: int,
    all_candidates: bool = False,
) -> np.ndarray:
    """Return the share of draws in which each of `peers` (codes) stays; a tie with the last stays.

    `all_candidates` draws all candidates rather than those that may enter: same answer, slower.
    """
    weights = choice.weights(level.niveau)
    code = territory_row["territoire_code"]
    distances_to_all = distances(level, code, weights)
    eligible = np.flatnonzero(
        eligible_peers(level, territory_row, choice) & ~np.isnan(distances_to_all)
    )
    candidates = (
        eligible
        if all_candidates
        else eligible[able_to_enter(distances_to_all[eligible], choice.nombre)]
    )
    values = level.scaled[list(weights)]
    squares = ((values.iloc[candidates] - values.loc[code]) ** 2).to_numpy()
    drawn_weights = np.array(list(weights.values())) * weight_factors(draws, len(weights), seed)
    drawn_weights /= drawn_weights.sum(axis=1, keepdims=True)
    drawn_distances = np.sqrt(drawn_weights @ squares.T).round(DECIMALS)
    limits = np.full(draws, MAX_DISTANCE)
    if len(candidates) > choice.nombre:
        count_th_distances = np.partition(drawn_distances, choice.nombre - 1, axis=1)[
            :, choice.nombre - 1
        ]
        limits = np.minimum(limits, count_th_distances)
    columns = pd.Index(level.rows.index[candidates]).get_indexer(peers)
    return (drawn_distances[:, columns] <= limits[:, None]).mean(axis=0)
