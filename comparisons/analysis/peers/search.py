"""Finding the peers of one territory, in the way that one chooses."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from comparisons.analysis.peers import explanation
from comparisons.analysis.peers.distances import DECIMALS, MAX_DISTANCE, governing_body, z_scores
from comparisons.analysis.peers.population_bands import is_in_band, population_band
from comparisons.database.connection import dataset_metadata, per_version, query
from comparisons.queries.territories import territory_label
from comparisons.schema.peer_options import MAX_PEERS, Choice
from comparisons.schema.peer_variables import BY_CODE
from comparisons.schema.territory import parse_key

_FAMILIES = {"MET69": "METRO"}
_NO_DISTANCE = float("nan")


@dataclass(frozen=True)
class LevelData:
    """The territories of a level, in the order of their codes.

    `rows` is the table `territoires` with `cle`, `region_nom` and `corps` (the body that runs it),
    indexed by code; `z_scores` has the same index (see `distances.z_scores`).
    """

    niveau: str
    rows: pd.DataFrame
    scaled: pd.DataFrame


@dataclass(frozen=True)
class PeerSearchResult:
    """Peers of a territory and what was done to find them.

    `table` has one row per peer, nearest first: the columns of `territoires`, `cle`, `libelle`,
    `region_nom`, `rang` (from 1), `distance` (missing for the ways that have none),
    `longueur_km` (of the common border, for neighbours), and three columns of dicts by variable:
    `contributions` (share of the squared distance, summing to 1; all 0 for a twin; empty where a
    structure is unknown), `ecarts` (peer minus own, in standard deviations) and `rapports`
    (peer / own for logged variables, peer - own for the others).

    `soi` is the territory's own row. `candidats` counts those among whom peers were looked for,
    `ecartes` those within the wanted number left out because beyond `plafond`, `manquantes` the
    weighted variables unknown for the territory, `refus` the sentences on members of an own list
    that cannot be peers; `explication` says the rest in French.
    """

    soi: pd.Series
    choix: Choice
    table: pd.DataFrame
    candidats: int
    ecartes: int = 0
    plafond: float = MAX_DISTANCE
    manquantes: tuple[str, ...] = ()
    refus: tuple[str, ...] = ()
    explication: str = ""


@dataclass(frozen=True)
class _Selection:
    """Codes of peers in order, and what else a way tells of them."""

    codes: list[str]
    candidates: int
    left_out: int = 0
    distances: list[float] = field(default_factory=list)
    borders: list[float] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    # nearest of those beyond the ceiling, and the variable that sets it apart most
    beyond: explanation.NearestExcluded | None = None


def load_level(level: str) -> LevelData:
    """Return the territories of a level and their structure, kept while the dataset is the same."""
    return _level(str(dataset_metadata()["version"]), level)


@per_version(size=8, reference_only=True)
def _level(version: str, level: str) -> LevelData:
    rows = query(
        """
        SELECT t.*, t.territoire_niveau || '-' || t.territoire_code AS cle, r.nom AS region_nom
        FROM territoires t
        LEFT JOIN territoires r
          ON r.territoire_niveau = 'region' AND r.territoire_code = t.region_code
        WHERE t.territoire_niveau = ?
        """,
        [level],
    )
    return prepare_level(rows, level)


def prepare_level(rows: pd.DataFrame, level: str) -> LevelData:
    """Prepare a level from its rows of `territoires` with `cle`, `region_nom`, in any order."""
    rows = rows.sort_values("territoire_code")
    values = z_scores(rows, level)
    rows = rows.assign(corps=governing_body(rows, level).to_numpy())
    return LevelData(level, rows.set_index("territoire_code", drop=False), values)


def find_peers(key: str, choice: Choice | None = None) -> PeerSearchResult:
    """Find the peers of a territory; by default the nearest by structure.

    Raises `ValueError` (in French) when the key is not that of a territory.
    """
    choice = choice or Choice()
    territory = parse_key(key)
    level = load_level(territory.niveau)
    if territory.code not in level.rows.index:
        raise ValueError(f"« {key} » n’est pas un territoire connu.")
    own = level.rows.loc[territory.code]
    found = _WAYS[choice.maniere](level, own, choice)
    table = _described(level, own, choice, found)
    return PeerSearchResult(
        soi=own,
        choix=choice,
        table=table,
        candidats=found.candidates,
        ecartes=found.left_out,
        manquantes=found.missing,
        refus=found.refused,
        explication=explanation.describe_search(
            own,
            choice,
            table,
            candidates=found.candidates,
            left_out=found.left_out,
            missing=found.missing,
            beyond=found.beyond,
            excluded=_same_body(level, own),
        ),
    )


# --- ways -----------------------------------------------------------------------------------------


def distances(level: LevelData, code: str, weights: dict[str, float]) -> np.ndarray:
    """Return distance of every territory of a level to one, in the order of `level.rows`.

    d = sqrt(Σ w·z² / Σ w), where z is the difference of a variable in standard deviations and w its
    weight: the weighted root mean square. Whatever the weights, 1 means « one standard deviation
    apart on average », so the ceiling keeps its meaning; multiplying all weights by one number
    changes nothing. Missing where a weighted variable is.
    """
    names = list(weights)
    values = level.scaled[names].to_numpy()
    own = values[level.scaled.index.get_loc(code)]
    weight = np.array(list(weights.values()))
    squares = (values - own) ** 2 @ (weight / weight.sum())
    return np.sqrt(squares).round(DECIMALS)


def eligible_peers(level: LevelData, own: pd.Series, choice: Choice) -> np.ndarray:
    """Return who may be a peer: another body, in the regions wanted (a mask on `level.rows`)."""
    others = (level.rows["corps"] != own["corps"]).to_numpy()
    if choice.region == "toutes" or choice.maniere == "liste":
        return others
    inside = (level.rows["region_code"] == own["region_code"]).to_numpy()
    return others & (inside if choice.region == "seule" else ~inside)


def _by_structure(level: LevelData, own: pd.Series, choice: Choice) -> _Selection:
    weights = choice.weights(level.niveau)
    code = own["territoire_code"]
    missing = tuple(n for n in weights if np.isnan(level.scaled.at[code, n]))
    if missing or not weights:
        return _Selection([], 0, missing=missing)
    away = distances(level, code, weights)
    possible = np.flatnonzero(eligible_peers(level, own, choice) & ~np.isnan(away))
    # rows are in the order of codes, which a stable sort keeps between equals
    ranked = possible[np.argsort(away[possible], kind="stable")][: choice.nombre]
    kept = ranked[away[ranked] <= MAX_DISTANCE]
    beyond = None
    if len(kept) < len(ranked):
        first = ranked[len(kept)]
        other = level.rows.iloc[first]
        shares = _contributions(level, code, other["territoire_code"], weights)
        beyond = explanation.NearestExcluded(
            other["nom_article"], float(away[first]), max(shares, key=shares.get)
        )
    return _Selection(
        list(level.rows.index[kept]),
        candidates=len(possible),
        left_out=len(ranked) - len(kept),
        distances=list(away[kept].round(4)),
        beyond=beyond,
    )


def _by_border(level: LevelData, own: pd.Series, choice: Choice) -> _Selection:
    rows = query(
        """
        SELECT voisin_code, longueur_km FROM voisins
        WHERE territoire_niveau = ? AND territoire_code = ?
        ORDER BY longueur_km DESC, voisin_code
        """,
        [level.niveau, own["territoire_code"]],
    )
    allowed = eligible_peers(level, own, choice)
    rows = rows[allowed[level.rows.index.get_indexer(rows["voisin_code"])]]
    first = rows.head(choice.nombre)
    return _Selection(list(first["voisin_code"]), len(rows), borders=list(first["longueur_km"]))


def _by_size(level: LevelData, own: pd.Series, choice: Choice) -> _Selection:
    population = level.rows["population"].astype(float)
    families = level.rows["type"].replace(_FAMILIES).fillna("")
    alike = (
        eligible_peers(level, own, choice)
        & (families == families[own["territoire_code"]]).to_numpy()
        & is_in_band(population, population_band(own["population"], level.niveau)).to_numpy()
    )
    # twice as many is as far as half as many
    ratio = np.log(population[alike].clip(lower=1) / max(own["population"], 1)).abs()
    ranked = ratio.sort_values(kind="stable").index
    return _Selection(list(ranked[: choice.nombre]), len(ranked))


def _by_list(level: LevelData, own: pd.Series, choice: Choice) -> _Selection:
    kept, refused = [], []
    for key in dict.fromkeys(choice.liste):
        problem = _refusal(level, own, key)
        if problem:
            refused.append(problem)
        else:
            kept.append(parse_key(key).code)
    if len(kept) > MAX_PEERS:
        refused.append(f"Seuls les {MAX_PEERS} premiers territoires de la liste sont gardés.")
    return _Selection(kept[:MAX_PEERS], len(kept), refused=tuple(refused))


def _refusal(level: LevelData, own: pd.Series, key: str) -> str:
    """Describe in French why a member of an own list cannot be a peer, or nothing."""
    try:
        territory = parse_key(key)
    except ValueError as error:
        return str(error)
    if territory.niveau != level.niveau:
        return explanation.describe_other_level(key, own)
    if territory.code not in level.rows.index:
        return f"« {key} » n’est pas un territoire connu."
    if territory.code == own["territoire_code"]:
        return "Un territoire n’est pas son propre pair."
    other = level.rows.loc[territory.code]
    return (
        explanation.describe_same_body(own, [other["nom_article"]])
        if other["corps"] == own["corps"]
        else ""
    )


_WAYS = {
    "structure": _by_structure,
    "voisins": _by_border,
    "taille": _by_size,
    "liste": _by_list,
}


# --- rows -----------------------------------------------------------------------------------------


def _same_body(level: LevelData, own: pd.Series) -> list[str]:
    """Return other territories that the same body runs, as one says their names."""
    rows = level.rows
    same = rows[(rows["corps"] == own["corps"]) & (rows.index != own["territoire_code"])]
    return list(same["nom_article"])


def _contributions(
    level: LevelData, code: str, other: str, weights: dict[str, float]
) -> dict[str, float]:
    """Return the share of each variable in the squared distance.

    All 0 between twins, none if unknown.
    """
    gaps = level.scaled.loc[other] - level.scaled.loc[code]
    squares = {name: weight * gaps[name] ** 2 for name, weight in weights.items()}
    total = sum(squares.values())
    if np.isnan(total):
        return {}
    return {name: float(square / total) if total else 0.0 for name, square in squares.items()}


def _described(level: LevelData, own: pd.Series, choice: Choice, found: _Selection) -> pd.DataFrame:
    """Arrange peers: one row each (see `PeerSearchResult`)."""
    table = level.rows.loc[found.codes].reset_index(drop=True)
    table["libelle"] = [territory_label(row) for row in table.itertuples()]
    table["rang"] = np.arange(1, len(table) + 1)
    table["distance"] = pd.Series(found.distances or [_NO_DISTANCE] * len(table), dtype=float)
    table["longueur_km"] = pd.Series(found.borders or [_NO_DISTANCE] * len(table), dtype=float)
    weights = choice.weights(level.niveau)
    code = own["territoire_code"]
    table["contributions"] = pd.Series(
        [_contributions(level, code, other, weights) for other in found.codes], dtype=object
    )
    gaps = (level.scaled.loc[found.codes] - level.scaled.loc[code]).to_dict("records")
    table["ecarts"] = pd.Series(
        [{n: v for n, v in gap.items() if not np.isnan(v)} for gap in gaps], dtype=object
    )
    table["rapports"] = pd.Series(
        [_ratios(level.rows.loc[other], own, level.scaled.columns) for other in found.codes],
        dtype=object,
    )
    return table


def _ratios(other: pd.Series, own: pd.Series, names: pd.Index) -> dict[str, float]:
    """Return peer / own for logged variables, peer - own for shares; none for yes/no and types."""
    ratios = {}
    for name in names:
        if name in ("type", "outre_mer") or pd.isna(other[name]) or pd.isna(own[name]):
            continue
        if not BY_CODE[name].logged:
            ratios[name] = float(other[name] - own[name])
        elif own[name] > 0:
            ratios[name] = float(other[name] / own[name])
    return ratios
