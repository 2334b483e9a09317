"""Why one is a peer, in words that an elected official could repeat.

Words follow from where a territory stands among those of its level (percentiles), so that « peu
dense » means « less dense than two thirds of the départements ». For communes « dense » begins at
the ninth decile, about the 300 inhabitants per km² from which Eurostat speaks of urban clusters:
two communes in three are villages, and the upper third is no town yet.
"""

from collections.abc import Collection

import pandas as pd

from comparisons.analysis.peers.explanation import is_masculine, nouns
from comparisons.analysis.peers.search import load_level
from comparisons.database.connection import dataset_metadata, per_version
from comparisons.formatting import format_number, format_percent, is_missing, join_words
from comparisons.schema.peer_variables import BY_CODE, variables

# Standard deviations up to which two territories are « very close », from which they are apart.
VERY_CLOSE_SD, APART_SD = 0.2, 0.4
MAX_DIFFERENCES = 3

# percentiles: very low, low, high, very high
_USUAL_CUTS = (10, 33, 75, 92)
_DENSITY_CUTS = {"commune": (10, 33, 90, 98)}
_DENSITIES = ("très peu dense", "peu dense", "de densité moyenne", "dense", "très dense")
# percentiles: small, large, very large
_USUAL_EXTENTS = (10, 90, 97)
_EXTENTS = {"commune": (5, 95, 99)}
_TOWN = "ville_principale"


# one of `DataFrame.iterrows` or of `DataFrame.itertuples`
TerritoryRow = pd.Series | tuple


def to_series(row: TerritoryRow) -> pd.Series:
    """Read a row of a table, however it was taken from it."""
    return pd.Series(row._asdict()) if hasattr(row, "_asdict") else row


# --- portrait -------------------------------------------------------------------------------------


def percentile_table(level: str) -> pd.DataFrame:
    """Return percentiles of each structural variable among the territories of a level.

    Indexed from 0 to 100, in the units of `territoires`; `ville_principale` is the population of
    the most populous commune.
    """
    return _distribution(str(dataset_metadata()["version"]), level)


@per_version(size=8, reference_only=True)
def _distribution(version: str, level: str) -> pd.DataFrame:
    return percentiles(load_level(level).rows, level)


def percentiles(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    """Compute `percentile_table` from the rows of `territoires` of a level."""
    names = [name for name in variables(level) if name not in ("type", "outre_mer")]
    values = rows[names].astype(float)
    if "poids_commune_principale" in names:
        values[_TOWN] = values["population"] * values["poids_commune_principale"]
    found = values.quantile([percent / 100 for percent in range(101)])
    return found.set_axis(range(101))


def describe_territory(
    row: TerritoryRow, level: str | None = None, distribution: pd.DataFrame | None = None
) -> str:
    """Describe what a territory is: `département rural d’environ 300 000 habitants, peu dense`.

    `row` is one of `territoires`, `level` and `percentile_table` those of the row unless given;
    what is unknown is left out. No capital, no full stop.
    """
    row = to_series(row)
    level = level or row["territoire_niveau"]
    if distribution is None:
        distribution = _distribution(str(dataset_metadata()["version"]), level)
    noun = nouns(row, by_type=True)[0]
    feminine = "" if is_masculine(noun) else "e"
    head = f"{noun}{_settlement(row, level, distribution, feminine)}{_size(row, level)}"
    qualities = [
        _extent(row, level, distribution, feminine),
        _density(row, level, distribution),
        _town(row, level, distribution, feminine),
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
    about = "environ " if rounded != count else ""
    if rounded >= 1_000_000:
        millions = rounded / 1_000_000
        return (
            f"{about}{format_number(millions, 1)} million{'s' if millions >= 2 else ''} d’habitants"
        )
    return f"{about}{format_number(rounded)} habitant{'s' if rounded > 1 else ''}"


def _size(row: pd.Series, level: str) -> str:
    if is_missing(row["population"]):
        return ""
    if row["population"] == 0:
        return " sans habitant"
    people = format_population(row["population"])
    people = f"d’{people}" if people.startswith("e") else f"de {people}"
    if level == "epci" and not is_missing(row["nb_communes"]):
        return f" de {format_number(row['nb_communes'])} communes et {people}"
    return f" {people}"


def _settlement(row: pd.Series, level: str, distribution: pd.DataFrame, feminine: str) -> str:
    if row["outre_mer"]:  # communes are larger there: the rural share says nothing
        return " d’outre-mer"
    share, density = row["part_population_rurale"], row["densite"]
    if level == "commune" or is_missing(share) or is_missing(density):
        return ""
    rural = distribution["part_population_rurale"]
    if share >= rural[90]:
        return f" très rural{feminine}"
    if share >= rural[67]:
        return f" rural{feminine}"
    if share <= rural[25] and density >= distribution["densite"][75]:
        return f" urbain{feminine}"
    return ""


def _extent(row: pd.Series, level: str, distribution: pd.DataFrame, feminine: str) -> str:
    area = row["superficie_km2"]
    if is_missing(area):
        return ""
    small, large, very_large = distribution["superficie_km2"][
        list(_EXTENTS.get(level, _USUAL_EXTENTS))
    ]
    if area >= large:
        return f"{'très ' if area >= very_large else ''}étendu{feminine}"
    return f"peu étendu{feminine}" if area <= small else ""


def _density(row: pd.Series, level: str, distribution: pd.DataFrame) -> str:
    if is_missing(row["densite"]) or not row["densite"]:
        return ""
    bounds = distribution["densite"][list(_DENSITY_CUTS.get(level, _USUAL_CUTS))]
    return _DENSITIES[int((row["densite"] > bounds).sum())]


def _town(row: pd.Series, level: str, distribution: pd.DataFrame, feminine: str) -> str:
    weight = row["poids_commune_principale"]
    if level == "commune" or is_missing(weight) or is_missing(row["population"]):
        return ""
    if row["nb_communes"] == 1:
        return "d’une seule commune"
    weights, towns = distribution["poids_commune_principale"], distribution[_TOWN]
    if level == "epci":
        if weight >= weights[75]:
            share = format_percent(weight)
            return f"centré{feminine} sur une commune qui réunit {share} des habitants"
        return "sans commune dominante" if weight <= weights[25] else ""
    town = weight * row["population"]
    large = "très grande ville" if level == "region" else "grande ville"
    if town <= towns[33]:
        return f"sans {large}"
    if weight >= weights[90]:
        return f"dont la ville principale réunit {format_percent(weight)} des habitants"
    return f"avec une {large}" if town >= towns[75] else ""


# --- reasons --------------------------------------------------------------------------------------


def explain_peer(peer: TerritoryRow, names: Collection[str] = ()) -> str:
    """Describe which variables bring a peer near and which keep it apart.

    `peer` is a row of `Peers.table`; `names` the variables to speak of, by default those that were
    weighed. Nothing when its structure is unknown. `très proches par la densité et la part rurale ;
    plus peuplé (× 1,4)`: very close up to 0.2 standard deviation, apart from 0.4 (the three most).
    """
    peer = to_series(peer)
    wanted = names or peer["contributions"]
    gaps = {name: gap for name, gap in peer["ecarts"].items() if name in wanted}
    if not gaps:
        return ""
    overseas = gaps.get("outre_mer")
    if overseas == 0:  # common to almost all: worth a word only where it is rare
        del gaps["outre_mer"]
    close = [name for name in BY_CODE if name in gaps and abs(gaps[name]) <= VERY_CLOSE_SD]
    ordered = sorted(gaps, key=lambda name: -abs(gaps[name]))
    apart = [name for name in ordered if abs(gaps[name]) >= APART_SD][:MAX_DIFFERENCES]
    parts = []
    if close:
        how = "presque semblables" if len(close) == len(gaps) else "très proches"
        parts.append(f"{how} par {join_words(BY_CODE[name].court for name in close)}")
    elif ordered and ordered[-1] not in apart:
        parts.append(f"assez proches par {BY_CODE[ordered[-1]].court}")
    if overseas == 0 and peer["outre_mer"]:
        parts.append("outre-mer également")
    if apart:
        parts.append(", ".join(_difference(name, peer, gaps[name]) for name in apart))
    return " ; ".join(parts)


def _difference(name: str, peer: pd.Series, gap: float) -> str:
    noun = nouns(peer, by_type=True)[0]
    feminine = "" if is_masculine(noun) else "e"
    more = "plus" if gap > 0 else "moins"
    if name == "outre_mer":
        return "situé" + feminine + (" outre-mer" if gap > 0 else " hors de l’outre-mer")
    if name == "type":
        return f"{noun}, {more} intégré{feminine}"
    said = {
        "population": f"{more} peuplé{feminine}",
        "densite": f"{more} dense",
        "superficie_km2": f"{more} étendu{feminine}",
        "nb_communes": f"{more} de communes",
        "part_population_rurale": f"{more} rural{feminine}",
        "poids_commune_principale": f"{more} centré{feminine} sur sa ville principale",
    }[name]
    return f"{said} ({_amount(name, peer['rapports'].get(name))})"


def _amount(name: str, ratio: float | None) -> str:
    """Write a ratio (`× 1,4`, `÷ 1,4`) or a difference of shares (`+ 12 points`)."""
    if ratio is None:
        return "de beaucoup"
    if BY_CODE[name].logged:
        factor = ratio if ratio >= 1 else 1 / ratio
        return f"{'×' if ratio >= 1 else '÷'} {format_number(factor, 1 if factor < 10 else 0)}"
    points = abs(ratio) * 100
    written = format_number(points, 0 if points >= 1 else 1)
    unit = "point" if points < 1.5 else "points"
    return f"{'+' if ratio >= 0 else '−'} {written} {unit}"
