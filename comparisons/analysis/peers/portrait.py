"""Short French descriptions of a territory, and of why it is a peer.

Words follow from where a territory stands among those of its level (percentiles), so that « peu
dense » means « less dense than two thirds of the départements ». For communes « dense » begins at
the ninth decile, about the 300 inhabitants per km² from which Eurostat speaks of urban clusters:
two communes in three are villages, and the upper third is no town yet.
"""

from collections.abc import Collection

import pandas as pd

from comparisons.analysis.peers.explanation import is_masculine, nouns
from comparisons.analysis.peers.search import load_level
from comparisons.database.cache import cached
from comparisons.formatting import format_number, format_percent, is_missing, join_words
from comparisons.schema.peer_variables import BY_CODE, peer_variables

# Standard deviations up to which two territories are « very close », and from which they differ.
_VERY_CLOSE_SD, _APART_SD = 0.2, 0.4
_MAX_DIFFERENCES = 3

# percentiles: very low, low, high, very high
_USUAL_CUTS = (10, 33, 75, 92)
_DENSITY_CUTS = {"commune": (10, 33, 90, 98)}
_DENSITIES = ("très peu dense", "peu dense", "de densité moyenne", "dense", "très dense")
# percentiles: small, large, very large
_USUAL_EXTENTS = (10, 90, 97)
_EXTENTS = {"commune": (5, 95, 99)}
_MAIN_TOWN_COLUMN = "ville_principale"


# one of `DataFrame.iterrows` or of `iterate_rows`
TerritoryRow = pd.Series | tuple


def _to_series(row: TerritoryRow) -> pd.Series:
    """Convert a row of `iterrows` or `iterate_rows` to a series."""
    return pd.Series(row._asdict()) if hasattr(row, "_asdict") else row


# --- portrait -------------------------------------------------------------------------------------


@cached(pinned=True, reference_only=True)
def percentile_table(level: str) -> pd.DataFrame:
    """Return percentiles of each structural variable among the territories of a level.

    Indexed from 0 to 100, in the units of `territoires`; `ville_principale` is the population of
    the most populous commune.
    """
    return _percentiles(load_level(level).rows, level)


def _percentiles(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """Compute `percentile_table` from the rows of `territoires` of a level."""
    names = [name for name in peer_variables(level) if name not in ("type", "outre_mer")]
    values = rows[names].astype(float)
    if "poids_commune_principale" in names:
        values[_MAIN_TOWN_COLUMN] = values["population"] * values["poids_commune_principale"]
    quantiles = values.quantile([percent / 100 for percent in range(101)])
    return quantiles.set_axis(range(101))


def describe_territory(
    row: TerritoryRow, level: str | None = None, distribution: pd.DataFrame | None = None
) -> str:
    """Describe what a territory is: `département rural d’environ 300 000 habitants, peu dense`.

    `row` is one of `territoires`, `level` and `percentile_table` those of the row unless given;
    what is unknown is left out. No capital, no full stop.
    """
    row = _to_series(row)
    level = level or row["territoire_niveau"]
    if distribution is None:
        distribution = percentile_table(level)
    noun = nouns(row, by_type=True)[0]
    feminine = "" if is_masculine(noun) else "e"
    head = (
        f"{noun}{_describe_settlement(row, level, distribution, feminine)}"
        f"{_describe_size(row, level)}"
    )
    qualities = [
        _describe_extent(row, level, distribution, feminine),
        _describe_density(row, level, distribution),
        _describe_main_town(row, level, distribution, feminine),
    ]
    return ", ".join([head, *(quality for quality in qualities if quality)])


def format_population(count: float) -> str:
    """Describe a population as one speaks: `environ 300 000 habitants`, `1,1 million d’habitants`.

    Two figures are kept (tens below a thousand), « environ » where that changed something.
    """
    count = int(count)
    if count < 100:
        rounded = count
    elif count < 1_000:
        rounded = round(count, -1)
    elif count < 1_000_000:
        rounded = round(count, 2 - len(str(count)))
    else:
        rounded = round(count, -5)
    approximation = "environ " if rounded != count else ""
    if rounded >= 1_000_000:
        millions = rounded / 1_000_000
        return (
            f"{approximation}{format_number(millions, 1)}"
            f" million{'s' if millions >= 2 else ''} d’habitants"
        )
    return f"{approximation}{format_number(rounded)} habitant{'s' if rounded > 1 else ''}"


def _describe_size(row: pd.Series, level: str) -> str:
    if is_missing(row["population"]):
        return ""
    if row["population"] == 0:
        return " sans habitant"
    population = format_population(row["population"])
    population = f"d’{population}" if population.startswith("e") else f"de {population}"
    if level == "epci" and not is_missing(row["nb_communes"]):
        return f" de {format_number(row['nb_communes'])} communes et {population}"
    return f" {population}"


def _describe_settlement(
    row: pd.Series, level: str, distribution: pd.DataFrame, feminine: str
) -> str:
    if row["outre_mer"]:  # communes are larger there: the rural share has no meaning
        return " d’outre-mer"
    share, density = row["part_population_rurale"], row["densite"]
    if level == "commune" or is_missing(share) or is_missing(density):
        return ""
    rural_percentiles = distribution["part_population_rurale"]
    if share >= rural_percentiles[90]:
        return f" très rural{feminine}"
    if share >= rural_percentiles[67]:
        return f" rural{feminine}"
    if share <= rural_percentiles[25] and density >= distribution["densite"][75]:
        return f" urbain{feminine}"
    return ""


def _describe_extent(row: pd.Series, level: str, distribution: pd.DataFrame, feminine: str) -> str:
    area_km2 = row["superficie_km2"]
    if is_missing(area_km2):
        return ""
    small, large, very_large = distribution["superficie_km2"][
        list(_EXTENTS.get(level, _USUAL_EXTENTS))
    ]
    if area_km2 >= large:
        return f"{'très ' if area_km2 >= very_large else ''}étendu{feminine}"
    return f"peu étendu{feminine}" if area_km2 <= small else ""


def _describe_density(row: pd.Series, level: str, distribution: pd.DataFrame) -> str:
    if is_missing(row["densite"]) or not row["densite"]:
        return ""
    bounds = distribution["densite"][list(_DENSITY_CUTS.get(level, _USUAL_CUTS))]
    return _DENSITIES[int((row["densite"] > bounds).sum())]


def _describe_main_town(
    row: pd.Series, level: str, distribution: pd.DataFrame, feminine: str
) -> str:
    weight = row["poids_commune_principale"]
    if level == "commune" or is_missing(weight) or is_missing(row["population"]):
        return ""
    if row["nb_communes"] == 1:
        return "d’une seule commune"
    weight_percentiles, town_percentiles = (
        distribution["poids_commune_principale"],
        distribution[_MAIN_TOWN_COLUMN],
    )
    if level == "epci":
        if weight >= weight_percentiles[75]:
            share = format_percent(weight)
            return f"centré{feminine} sur une commune qui réunit {share} des habitants"
        return "sans commune dominante" if weight <= weight_percentiles[25] else ""
    main_town_population = weight * row["population"]
    large_town = "très grande ville" if level == "region" else "grande ville"
    if main_town_population <= town_percentiles[33]:
        return f"sans {large_town}"
    if weight >= weight_percentiles[90]:
        return f"dont la ville principale réunit {format_percent(weight)} des habitants"
    return f"avec une {large_town}" if main_town_population >= town_percentiles[75] else ""


# --- reasons --------------------------------------------------------------------------------------


def explain_peer(peer: TerritoryRow, names: Collection[str] = ()) -> str:
    """Describe the variables that are close and those that differ for a peer.

    `peer` is a row of `Peers.table`; `names` the variables to speak of, by default those that were
    weighed. Nothing when its structure is unknown. `très proches par la densité et la part rurale ;
    plus peuplé (× 1,4)`: very close up to 0.2 standard deviation, apart from 0.4 (the three most).
    """
    peer = _to_series(peer)
    variable_names = names or peer["contributions"]
    gaps = {name: gap for name, gap in peer["ecarts"].items() if name in variable_names}
    if not gaps:
        return ""
    overseas = gaps.get("outre_mer")
    if overseas == 0:  # mentioned only where it is rare
        del gaps["outre_mer"]
    close_names = [name for name in BY_CODE if name in gaps and abs(gaps[name]) <= _VERY_CLOSE_SD]
    ordered_names = sorted(gaps, key=lambda name: -abs(gaps[name]))
    different_names = [name for name in ordered_names if abs(gaps[name]) >= _APART_SD][
        :_MAX_DIFFERENCES
    ]
    parts = []
    if close_names:
        closeness = "presque semblables" if len(close_names) == len(gaps) else "très proches"
        parts.append(f"{closeness} par {join_words(BY_CODE[name].court for name in close_names)}")
    elif ordered_names and ordered_names[-1] not in different_names:
        parts.append(f"assez proches par {BY_CODE[ordered_names[-1]].court}")
    if overseas == 0 and peer["outre_mer"]:
        parts.append("outre-mer également")
    if different_names:
        parts.append(
            ", ".join(_describe_difference(name, peer, gaps[name]) for name in different_names)
        )
    return " ; ".join(parts)


def _describe_difference(name: str, peer: pd.Series, gap: float) -> str:
    noun = nouns(peer, by_type=True)[0]
    feminine = "" if is_masculine(noun) else "e"
    comparative = "plus" if gap > 0 else "moins"
    if name == "outre_mer":
        return "situé" + feminine + (" outre-mer" if gap > 0 else " hors de l’outre-mer")
    if name == "type":
        return f"{noun}, {comparative} intégré{feminine}"
    description = {
        "population": f"{comparative} peuplé{feminine}",
        "densite": f"{comparative} dense",
        "superficie_km2": f"{comparative} étendu{feminine}",
        "nb_communes": f"{comparative} de communes",
        "part_population_rurale": f"{comparative} rural{feminine}",
        "poids_commune_principale": f"{comparative} centré{feminine} sur sa ville principale",
    }[name]
    return f"{description} ({_format_ratio(name, peer['rapports'].get(name))})"


def _format_ratio(name: str, ratio: float | None) -> str:
    """Write a ratio (`× 1,4`, `÷ 1,4`) or a difference of shares (`+ 12 points`)."""
    if ratio is None:
        return "de beaucoup"
    if BY_CODE[name].logged:
        factor = ratio if ratio >= 1 else 1 / ratio
        return f"{'×' if ratio >= 1 else '÷'} {format_number(factor, 1 if factor < 10 else 0)}"
    points = abs(ratio) * 100
    points_text = format_number(points, 0 if points >= 1 else 1)
    unit = "point" if points < 1.5 else "points"
    return f"{'+' if ratio >= 0 else '−'} {points_text} {unit}"
