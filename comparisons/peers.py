"""Peers: territories of the same level whose *structure* is alike.

Only what a territory cannot easily change enters the distance (size, density, settlement), never
its strategies or results, so that outcomes are not compared with themselves: the rule of the
regional benchmarking method of Navarro et al., « Regional benchmarking in the smart specialisation
process » (JRC89819, 2014).
"""

import numpy as np
import pandas as pd
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

DEFAULT_COUNT = 10
# Beyond one standard deviation on average per variable, nobody is a peer.
CEILING = 1.0

# Skewed quantities are compared as ratios: twice as large is as far as half as large.
LOG_VARIABLES = ("population", "densite", "superficie_km2", "nb_communes")
PLAIN_VARIABLES = ("part_population_rurale", "poids_commune_principale", "outre_mer")
# One commune has neither towns nor villages of its own: these say nothing at that level.
NOT_FOR_COMMUNES = ("nb_communes", "part_population_rurale", "poids_commune_principale")


def variables(level: str) -> tuple[str, ...]:
    """Name the structural variables used at a level."""
    names = LOG_VARIABLES + PLAIN_VARIABLES
    return tuple(n for n in names if level != "commune" or n not in NOT_FOR_COMMUNES)


def standardised(territories: pd.DataFrame, level: str) -> pd.DataFrame:
    """Structural variables of one level, logged where skewed, mean 0 and deviation 1.

    Returns one row per territory that has them all, indexed by `territoire_code`.
    """
    names = list(variables(level))
    rows = territories[territories["territoire_niveau"] == level].set_index("territoire_code")
    values = rows[names].astype(float).dropna()
    logged = [name for name in names if name in LOG_VARIABLES]
    values = values[(values[logged] > 0).all(axis=1)]
    if values.empty:
        return values
    values[logged] = np.log(values[logged])
    scaled = StandardScaler().fit_transform(values)
    return pd.DataFrame(scaled, index=values.index, columns=names)


def nearest(territories: pd.DataFrame, level: str, count: int = DEFAULT_COUNT) -> pd.DataFrame:
    """Nearest peers of every territory of a level.

    `territories` is the table `territoires`. The distance is the root mean square of the
    standardised differences (0 = same structure, 1 = one standard deviation apart on average).

    Returns `territoire_niveau`, `territoire_code`, `pair_code`, `rang` (1 = nearest), `distance`;
    fewer than `count` rows, or none, for a territory that few others are like.
    """
    table = standardised(territories, level)
    columns = ["territoire_niveau", "territoire_code", "pair_code", "rang", "distance"]
    if len(table) < 2:
        return pd.DataFrame(columns=columns)
    # One more than asked for: the first neighbour of a territory is itself.
    wanted = min(count + 1, len(table))
    distances, positions = NearestNeighbors(n_neighbors=wanted).fit(table).kneighbors(table)
    codes = table.index.to_numpy()
    pairs = pd.DataFrame(
        {
            "territoire_niveau": level,
            "territoire_code": np.repeat(codes, wanted),
            "pair_code": codes[positions].ravel(),
            "distance": (distances / np.sqrt(table.shape[1])).ravel().round(4),
        }
    )
    pairs = pairs[
        (pairs["pair_code"] != pairs["territoire_code"]) & (pairs["distance"] <= CEILING)
    ].sort_values(["territoire_code", "distance", "pair_code"])
    pairs["rang"] = pairs.groupby("territoire_code").cumcount() + 1
    return pairs.loc[pairs["rang"] <= count, columns].reset_index(drop=True)
