"""Search for the peers of a territory by one of four methods."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from comparisons.analysis.peers import explanation
from comparisons.analysis.peers.distances import (
    DECIMALS,
    MAX_DISTANCE,
    governing_body,
    where_they_act,
    z_scores,
)
from comparisons.analysis.peers.population_bands import is_in_band, population_band
from comparisons.database.cache import cached
from comparisons.database.connection import query
from comparisons.page_parameters import MAX_COMPARED
from comparisons.queries import thresholds
from comparisons.queries.known_facts import count_known_facts, documented_codes
from comparisons.queries.territories import acting_areas, territory_label
from comparisons.rows import iterate_rows
from comparisons.schema.peer_options import MAX_PEERS, PeerOptions
from comparisons.schema.peer_variables import BY_CODE
from comparisons.schema.territory import parse_key

_TYPE_FAMILIES = {"MET69": "METRO"}
_NO_DISTANCE = float("nan")


@dataclass(frozen=True)
class LevelData:
    """The territories of a level, in the order of their codes.

    `rows` is the table `territoires` with `cle`, `region_nom` and `corps` (the organisation that
    runs it), indexed by code; `scaled` has the same index (see `distances.z_scores`).
    """

    niveau: str
    rows: pd.DataFrame
    scaled: pd.DataFrame


@dataclass(frozen=True)
class PeerSearchResult:
    """Result of a peer search.

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
    choix: PeerOptions
    table: pd.DataFrame
    candidats: int
    ecartes: int = 0
    plafond: float = MAX_DISTANCE
    manquantes: tuple[str, ...] = ()
    refus: tuple[str, ...] = ()
    explication: str = ""


@dataclass(frozen=True)
class _Selection:
    """Codes of the peers in order, with the figures of the method that selected them."""

    codes: list[str]
    candidates: int
    left_out: int = 0
    distances: list[float] = field(default_factory=list)
    borders: list[float] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    # nearest territory beyond the maximal distance, and its most different variable
    beyond: explanation.NearestExcluded | None = None


@cached(pinned=True, reference_only=True)
def load_level(level: str) -> LevelData:
    """Return the territories of a level and their structure, each where it has authority."""
    rows = query(
        """
        SELECT t.*, cle(t.territoire_niveau, t.territoire_code) AS cle, r.nom AS region_nom
        FROM territoires t
        LEFT JOIN territoires r
          ON r.territoire_niveau = 'region' AND r.territoire_code = t.region_code
        WHERE t.territoire_niveau = ?
        """,
        [level],
    )
    return prepare_level(where_they_act(rows, acting_areas(level)), level)


def prepare_level(rows: pd.DataFrame, level: str) -> LevelData:
    """Build the data of a level from its rows of `territoires` with `cle`, `region_nom`."""
    rows = rows.sort_values("territoire_code")
    values = z_scores(rows, level)
    rows = rows.assign(corps=governing_body(rows, level).to_numpy())
    return LevelData(level, rows.set_index("territoire_code", drop=False), values)


@cached
def find_peers(key: str, choice: PeerOptions | None = None) -> PeerSearchResult:
    """Find the peers of a territory; by default the nearest by structure.

    Raises `ValueError` (in French) when the key is not that of a territory.
    """
    choice = choice or PeerOptions()
    territory = parse_key(key)
    level = load_level(territory.niveau)
    if territory.code not in level.rows.index:
        raise ValueError(f"« {key} » n’est pas un territoire connu.")
    territory_row = level.rows.loc[territory.code]
    selection = _SELECTORS[choice.maniere](level, territory_row, choice)
    table = _build_peer_table(level, territory_row, choice, selection)
    return PeerSearchResult(
        soi=territory_row,
        choix=choice,
        table=table,
        candidats=selection.candidates,
        ecartes=selection.left_out,
        manquantes=selection.missing,
        refus=selection.refused,
        explication=explanation.describe_search(
            territory_row,
            choice,
            table,
            candidate_count=selection.candidates,
            excluded_count=selection.left_out,
            missing_codes=selection.missing,
            nearest_excluded=selection.beyond,
            same_organisation_names=_same_organisation_names(level, territory_row),
        ),
    )


def find_documented(result: PeerSearchResult) -> pd.DataFrame:
    """Find the nearest territories with a known document, where too few of the peers have one.

    Returns the rows of `find_nearest`: none where the peers are not found by their structure.
    """
    known = count_known_facts(tuple(result.table["cle"]))["documents"] > 0
    if result.choix.maniere != "structure" or thresholds.is_enough(int(known.sum())):
        return result.table.head(0)
    codes = documented_codes(result.soi["territoire_niveau"])
    return find_nearest(result.soi["cle"], result.choix, codes, MAX_COMPARED - 1)


@cached
def find_nearest(key: str, choice: PeerOptions, codes: Sequence[str], count: int) -> pd.DataFrame:
    """Find the nearest of some territories of the same level, however far they are.

    Returns the columns of `PeerSearchResult.table`; those beyond `MAX_DISTANCE` are no peers. No
    row where a variable of the structure is unknown.
    """
    territory = parse_key(key)
    level = load_level(territory.niveau)
    row, weights = level.rows.loc[territory.code], choice.weights(territory.niveau)
    all_distances = pd.Series(np.nan, level.rows.index)
    if weights:
        all_distances[:] = distances(level, territory.code, weights)
    eligible = all_distances[eligible_peers(level, row, choice) & level.rows.index.isin(codes)]
    eligible = eligible.dropna()
    nearest = eligible.sort_values(kind="stable").head(count)
    found = _Selection(list(nearest.index), len(eligible), distances=list(nearest.round(4)))
    return _build_peer_table(level, row, choice, found)


# --- ways -----------------------------------------------------------------------------------------


def distances(level: LevelData, code: str, weights: dict[str, float]) -> np.ndarray:
    """Return distance of every territory of a level to one, in the order of `level.rows`.

    d = sqrt(Σ w·z² / Σ w), where z is the difference of a variable in standard deviations and w its
    weight: the weighted root mean square. Whatever the weights, 1 means « one standard deviation
    apart on average », so the ceiling keeps its meaning; multiplying all weights by one number
    changes nothing. Missing where a weighted variable is.
    """
    variable_names = list(weights)
    values = level.scaled[variable_names].to_numpy()
    territory_values = values[level.scaled.index.get_loc(code)]
    weight_values = np.array(list(weights.values()))
    mean_squares = (values - territory_values) ** 2 @ (weight_values / weight_values.sum())
    return np.sqrt(mean_squares).round(DECIMALS)


def eligible_peers(level: LevelData, territory_row: pd.Series, choice: PeerOptions) -> np.ndarray:
    """Return a mask on `level.rows`: run by another organisation, in the requested regions."""
    is_other_organisation = (level.rows["corps"] != territory_row["corps"]).to_numpy()
    if choice.region == "toutes" or choice.maniere == "liste":
        return is_other_organisation
    is_same_region = (level.rows["region_code"] == territory_row["region_code"]).to_numpy()
    return is_other_organisation & (is_same_region if choice.region == "seule" else ~is_same_region)


def _select_by_structure(
    level: LevelData, territory_row: pd.Series, choice: PeerOptions
) -> _Selection:
    weights = choice.weights(level.niveau)
    code = territory_row["territoire_code"]
    missing = tuple(name for name in weights if np.isnan(level.scaled.at[code, name]))
    if missing or not weights:
        return _Selection([], 0, missing=missing)
    distances_to_all = distances(level, code, weights)
    eligible = np.flatnonzero(
        eligible_peers(level, territory_row, choice) & ~np.isnan(distances_to_all)
    )
    # rows are in the order of codes, which a stable sort keeps between equals
    ranked = eligible[np.argsort(distances_to_all[eligible], kind="stable")][: choice.nombre]
    selected = ranked[distances_to_all[ranked] <= MAX_DISTANCE]
    beyond = None
    if len(selected) < len(ranked):
        first_excluded = ranked[len(selected)]
        excluded_row = level.rows.iloc[first_excluded]
        shares = _contributions(level, code, excluded_row["territoire_code"], weights)
        beyond = explanation.NearestExcluded(
            excluded_row["nom_article"],
            max(shares, key=shares.get),
        )
    return _Selection(
        list(level.rows.index[selected]),
        candidates=len(eligible),
        left_out=len(ranked) - len(selected),
        distances=list(distances_to_all[selected].round(4)),
        beyond=beyond,
    )


def _select_neighbours(
    level: LevelData, territory_row: pd.Series, choice: PeerOptions
) -> _Selection:
    borders = query(
        """
        SELECT voisin_code, longueur_km FROM voisins
        WHERE territoire_niveau = ? AND territoire_code = ?
        ORDER BY longueur_km DESC, voisin_code
        """,
        [level.niveau, territory_row["territoire_code"]],
    )
    is_eligible = eligible_peers(level, territory_row, choice)
    borders = borders[is_eligible[level.rows.index.get_indexer(borders["voisin_code"])]]
    selected = borders.head(choice.nombre)
    return _Selection(
        list(selected["voisin_code"]), len(borders), borders=list(selected["longueur_km"])
    )


def _select_by_size(level: LevelData, territory_row: pd.Series, choice: PeerOptions) -> _Selection:
    population = level.rows["population"].astype(float)
    families = level.rows["type"].replace(_TYPE_FAMILIES).fillna("")
    is_similar = (
        eligible_peers(level, territory_row, choice)
        & (families == families[territory_row["territoire_code"]]).to_numpy()
        & is_in_band(
            population, population_band(territory_row["population"], level.niveau)
        ).to_numpy()
    )
    # twice as many is as far as half as many
    ratio = np.log(population[is_similar].clip(lower=1) / max(territory_row["population"], 1)).abs()
    ranked = ratio.sort_values(kind="stable").index
    return _Selection(list(ranked[: choice.nombre]), len(ranked))


def _select_listed(level: LevelData, territory_row: pd.Series, choice: PeerOptions) -> _Selection:
    codes, refused = [], []
    for key in dict.fromkeys(choice.liste):
        problem = _explain_refusal(level, territory_row, key)
        if problem:
            refused.append(problem)
        else:
            codes.append(parse_key(key).code)
    if len(codes) > MAX_PEERS:
        refused.append(f"Seuls les {MAX_PEERS} premiers territoires de la liste sont gardés.")
    return _Selection(codes[:MAX_PEERS], len(codes), refused=tuple(refused))


def _explain_refusal(level: LevelData, territory_row: pd.Series, key: str) -> str:
    """Describe in French why a member of an own list cannot be a peer, or nothing."""
    try:
        territory = parse_key(key)
    except ValueError as error:
        return str(error)
    if territory.niveau != level.niveau:
        return explanation.describe_other_level(key, territory_row)
    if territory.code not in level.rows.index:
        return f"« {key} » n’est pas un territoire connu."
    if territory.code == territory_row["territoire_code"]:
        return "Un territoire n’est pas son propre pair."
    listed_row = level.rows.loc[territory.code]
    return (
        explanation.describe_same_body(territory_row, [listed_row["nom_article"]])
        if listed_row["corps"] == territory_row["corps"]
        else ""
    )


_SELECTORS = {
    "structure": _select_by_structure,
    "voisins": _select_neighbours,
    "taille": _select_by_size,
    "liste": _select_listed,
}


# --- rows -----------------------------------------------------------------------------------------


def _same_organisation_names(level: LevelData, territory_row: pd.Series) -> list[str]:
    """List the names (with article) of the other territories the same organisation runs."""
    rows = level.rows
    same_organisation = rows[
        (rows["corps"] == territory_row["corps"]) & (rows.index != territory_row["territoire_code"])
    ]
    return list(same_organisation["nom_article"])


def _contributions(
    level: LevelData, code: str, peer_code: str, weights: dict[str, float]
) -> dict[str, float]:
    """Return the share of each variable in the squared distance.

    All 0 between twins, none if unknown.
    """
    gaps = level.scaled.loc[peer_code] - level.scaled.loc[code]
    squares = {name: weight * gaps[name] ** 2 for name, weight in weights.items()}
    total = sum(squares.values())
    if np.isnan(total):
        return {}
    return {name: float(square / total) if total else 0.0 for name, square in squares.items()}


def _build_peer_table(
    level: LevelData, territory_row: pd.Series, choice: PeerOptions, selection: _Selection
) -> pd.DataFrame:
    """Build the table of peers, one row each (see `PeerSearchResult`)."""
    table = level.rows.loc[selection.codes].reset_index(drop=True)
    table["libelle"] = [territory_label(row) for row in iterate_rows(table)]
    table["rang"] = np.arange(1, len(table) + 1)
    table["distance"] = pd.Series(selection.distances or [_NO_DISTANCE] * len(table), dtype=float)
    table["longueur_km"] = pd.Series(selection.borders or [_NO_DISTANCE] * len(table), dtype=float)
    weights = choice.weights(level.niveau)
    code = territory_row["territoire_code"]
    table["contributions"] = pd.Series(
        [_contributions(level, code, peer_code, weights) for peer_code in selection.codes],
        dtype=object,
    )
    gaps = (level.scaled.loc[selection.codes] - level.scaled.loc[code]).to_dict("records")
    table["ecarts"] = pd.Series(
        [{name: value for name, value in gap.items() if not np.isnan(value)} for gap in gaps],
        dtype=object,
    )
    table["rapports"] = pd.Series(
        [
            _compute_ratios(level.rows.loc[peer_code], territory_row, level.scaled.columns)
            for peer_code in selection.codes
        ],
        dtype=object,
    )
    return table


def _compute_ratios(
    peer_row: pd.Series, territory_row: pd.Series, names: pd.Index
) -> dict[str, float]:
    """Return peer / own for logged variables, peer - own for shares; none for yes/no and types."""
    ratios = {}
    for name in names:
        if name in ("type", "outre_mer") or pd.isna(peer_row[name]) or pd.isna(territory_row[name]):
            continue
        if not BY_CODE[name].logged:
            ratios[name] = float(peer_row[name] - territory_row[name])
        elif territory_row[name] > 0:
            ratios[name] = float(peer_row[name] / territory_row[name])
    return ratios
