"""Structural variables of territories, and distances between them.

Only what a territory cannot easily change enters the distance (size, density, settlement, legal
form), never its strategies or results, so that outcomes are not compared with themselves: the rule
of the regional benchmarking method of Navarro et al., « Regional benchmarking in the smart
specialisation process » (JRC89819, 2014), and of the Nearest Neighbours model of CIPFA.
"""

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from comparisons.schema.peer_variables import BY_CODE, DEFAULT_PEER_COUNT, peer_variables

# Largest distance of a peer: one standard deviation on average per variable.
MAX_DISTANCE = 1.0
# Decimals of distances in ranks, to ignore rounding errors.
DECIMALS = 9
_EXTRA_NEIGHBOURS_FOR_TIES = 6
_CORSE = "94"


# Four steps of one scale rather than four yes/no variables: as a variable of its own, each rare
# type (11 EPT, 14 communautés urbaines of 1,266) would weigh as ten standard deviations. The powers
# of an EPT are nearest to those of a communauté d'agglomération; Lyon's is a métropole.
# There is no such variable for régions and départements: of those with a single authority, all but
# Corse and Paris are overseas, which would then count twice.
_DEGREES = {"CC": 0, "CA": 1, "EPT": 1, "CU": 2, "METRO": 3, "MET69": 3}


def _raw_values(territories: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return structural variables of one level as numbers, logged where skewed.

    Returns one row per territory of the level, indexed by `territoire_code`, one column per
    variable; missing where unknown, or where a logarithm has no meaning (a population of 0).
    """
    names = list(peer_variables(level))
    rows = territories[territories["territoire_niveau"] == level].set_index("territoire_code")
    if "type" in names:
        rows = rows.assign(type=rows["type"].map(_DEGREES))
    values = rows[names].astype(float)
    logged_names = [name for name in names if BY_CODE[name].logged]
    values[logged_names] = np.log(values[logged_names].where(values[logged_names] > 0))
    return values


def z_scores(territories: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return structural variables of one level, mean 0 and deviation 1, missing where unknown.

    Means and deviations are those of the territories that have them all (of régions, of the
    mainland alone). Shape of `_raw_values`.
    """
    values = _raw_values(territories, level)
    complete = values.dropna()
    if complete.empty:
        return values
    counted = complete[_on_mainland(complete)] if level == "region" else complete
    # a variable that is the same everywhere tells nobody apart
    return (values - counted.mean()) / counted.std(ddof=0).replace(0, 1)


def _on_mainland(regions: pd.DataFrame) -> pd.Series:
    """Return which régions, indexed by code with `outre_mer`, are of the mainland, Corse left out.

    The six others are so unlike them that deviations counted among all would make every mainland
    région a peer of every other.
    """
    return ~regions["outre_mer"].astype(bool) & (regions.index != _CORSE)


def standardise(territories: pd.DataFrame, level: str) -> pd.DataFrame:
    """Return structural variables of one level, mean 0 and deviation 1.

    Returns one row per territory that has them all, indexed by `territoire_code`.
    """
    return z_scores(territories, level).dropna()


def where_they_act(territories: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    """Return territories of one level, each of the size of the part where it has authority.

    `areas` is the result of `territories.acting_areas`.
    """
    rows = territories.set_index("territoire_code", drop=False)
    columns = areas.columns.drop("sans")
    rows.loc[areas.index, columns] = areas[columns]
    return rows.reset_index(drop=True)


def nearest_peers(
    territories: pd.DataFrame, level: str, count: int = DEFAULT_PEER_COUNT
) -> pd.DataFrame:
    """Return nearest peers of every territory of a level.

    `territories` is the table `territoires`. The distance is the root mean square of the
    standardised differences (0 = same structure, 1 = one standard deviation apart on average).
    Territories run by one organisation (same `siren`) are not each other's peers.

    Returns `territoire_niveau`, `territoire_code`, `pair_code`, `rang` (1 = nearest), `distance`;
    fewer than `count` rows, or none, for a territory that few others are like.
    """
    table = standardise(territories, level)
    columns = ["territoire_niveau", "territoire_code", "pair_code", "rang", "distance"]
    if len(table) < 2:
        return pd.DataFrame(columns=columns)
    # Extra rows: the first neighbour of a territory is itself, and the last ones may be tied.
    neighbour_count = min(count + 1 + _EXTRA_NEIGHBOURS_FOR_TIES, len(table))
    distances, positions = KDTree(table).query(table, k=neighbour_count)
    codes = table.index.to_numpy()
    pairs = pd.DataFrame(
        {
            "territoire_niveau": level,
            "territoire_code": np.repeat(codes, neighbour_count),
            "pair_code": codes[positions].ravel(),
            "distance": (distances / np.sqrt(table.shape[1])).ravel().round(DECIMALS),
        }
    )
    organisations = governing_body(territories, level)
    same_organisation = pairs["territoire_code"].map(organisations) == pairs["pair_code"].map(
        organisations
    )
    pairs = pairs[~same_organisation & (pairs["distance"] <= MAX_DISTANCE)].sort_values(
        ["territoire_code", "distance", "pair_code"]
    )
    pairs["rang"] = pairs.groupby("territoire_code").cumcount() + 1
    pairs["distance"] = pairs["distance"].round(4)
    return pairs.loc[pairs["rang"] <= count, columns].reset_index(drop=True)


def governing_body(territories: pd.DataFrame, level: str) -> pd.Series:
    """Return the organisation that runs each territory of a level: its SIREN, else its code.

    Alsace is two rows (67, 68) run by one body since 2021, and so is Corse (2A, 2B): what one
    decides the other does too, so neither is the other's peer. To anybody else both are offered.
    """
    rows = territories[territories["territoire_niveau"] == level].set_index("territoire_code")
    codes = rows.index.to_series()
    return rows["siren"].fillna(codes) if "siren" in rows else codes
