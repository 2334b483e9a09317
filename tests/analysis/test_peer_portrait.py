"""What a territory is and why one is its peer, in sentences that can be read aloud."""

import re

import pandas as pd
import pytest
from file_contents import plain

from comparisons.analysis.peers.portrait import (
    describe_territory,
    explain_peer,
    format_population,
    percentile_table,
)
from comparisons.analysis.peers.search import find_peers, load_level
from comparisons.schema.peer_options import PeerOptions
from comparisons.schema.territory import LEVELS

NOUNS = {
    "region": ("région",),
    "departement": ("département",),
    "commune": ("commune",),
    "epci": ("communauté de communes", "communauté d’agglomération", "communauté urbaine",
             "métropole", "établissement public territorial"),
}  # fmt: skip
BAD = re.compile(r"\bnan\b|None|non renseigné|  | ,|,,|'|\b(de|d’) (de\b|d’)|de environ|\($|\(\)")
FIRST_WORDS = (
    r"(très|assez) proches par |presque semblables par |(plus|moins) |outre-mer |situé|communauté"
)


@pytest.mark.parametrize("level", LEVELS)
def test_portraits_and_reasons_read_well(database, level):
    rows = load_level(level).rows
    shares = percentile_table(level)
    assert list(shares.index) == list(range(101))
    for row in rows.iloc[:: 1 if len(rows) < 1000 else len(rows) // 200].itertuples():
        portrait = describe_territory(row, level, shares)
        assert portrait.startswith(NOUNS[level]) and not BAD.search(portrait), portrait
        feminine = not portrait.startswith(("département", "établissement"))
        for masculine in ("rural", "urbain", "étendu", "centré"):
            for word in re.findall(rf"\b{masculine}e?\b", portrait):
                assert word.endswith("e") == feminine, portrait
    for code in rows.index[:: len(rows) // 9]:
        for peer in find_peers(f"{level}-{code}").table.itertuples():
            reason = explain_peer(peer)
            assert reason and not BAD.search(reason), reason
            assert re.match(FIRST_WORDS, reason), reason
            assert not re.search(r"[×÷] [01](,0)?\)", reason), reason


@pytest.mark.parametrize(
    ("key", "portrait"),
    [
        ("departement-53", "département rural d’environ 310 000 habitants, peu dense"),
        ("departement-48", "département très rural d’environ 76 000 habitants, très peu dense, "
                           "sans grande ville"),
        ("region-24", "région rurale d’environ 2,6 millions d’habitants, peu dense, "
                      "sans très grande ville"),
        ("commune-01001", "commune de 860 habitants, de densité moyenne"),
        ("commune-55039", "commune sans habitant"),
        ("commune-97302", "commune d’outre-mer d’environ 63 000 habitants, très dense"),
        ("departement-75", "département urbain d’environ 2,1 millions d’habitants, peu étendu, "
                           "très dense, d’une seule commune"),
    ],
)  # fmt: skip
def test_some_portraits_word_for_word(database, key, portrait):
    level, _, code = key.partition("-")
    row = load_level(level).rows.loc[code]
    assert plain(describe_territory(row, level, percentile_table(level))) == portrait
    assert plain(describe_territory(row)) == portrait


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 habitant"),
        (1, "1 habitant"),
        (2, "2 habitants"),
        (96, "96 habitants"),
        (427, "environ 430 habitants"),
        (1200, "1 200 habitants"),
        (1234, "environ 1 200 habitants"),
        (9_960, "environ 10 000 habitants"),
        (302_983, "environ 300 000 habitants"),
        (999_600, "environ 1 million d’habitants"),
        (1_000_000, "1 million d’habitants"),
        (1_098_325, "environ 1,1 million d’habitants"),
        (2_000_000, "2 millions d’habitants"),
        (12_463_075, "environ 12,5 millions d’habitants"),
    ],
)
def test_populations_are_said_as_one_speaks(count, text):
    assert plain(format_population(count)) == text


# --- reasons --------------------------------------------------------------------------------------


def peer(niveau: str = "departement", **gaps: float) -> pd.Series:
    ratios = {name: 1.4 if gap > 0 else 0.7 for name, gap in gaps.items()}
    ratios |= {n: g / 10 for n, g in gaps.items() if n.startswith(("part", "poids"))}
    return pd.Series(
        {
            "territoire_niveau": niveau,
            "type": "CA" if niveau == "epci" else None,
            "outre_mer": False,
            "ecarts": gaps,
            "rapports": ratios,
            "contributions": dict.fromkeys(gaps, 0.1),
        }
    )


@pytest.mark.parametrize(
    ("row", "reasons"),
    [
        (
            peer(population=0.5, densite=0.1, part_population_rurale=0.0),
            "très proches par la densité et la part rurale ; plus peuplé (× 1,4)",
        ),
        (
            peer("region", population=-0.5, part_population_rurale=-1.2),
            "moins rurale (− 12 points), moins peuplée (÷ 1,4)",
        ),
        (peer(population=0.3, densite=1.0), "assez proches par la population ; plus dense (× 1,4)"),
        (
            peer("commune", population=0.1, densite=0.0),
            "presque semblables par la population et la densité",
        ),
        (
            peer("epci", type=-1.7, nb_communes=0.0),
            "très proches par le nombre de communes ; communauté d’agglomération, moins intégrée",
        ),
        (peer(outre_mer=4.6, population=0.0), "très proches par la population ; situé outre-mer"),
        (peer(), ""),
    ],
)
def test_reasons_word_for_word(row, reasons):
    assert plain(explain_peer(row)) == reasons


def test_one_may_speak_of_some_variables_only():
    row = peer(population=0.5, densite=0.1)
    assert explain_peer(row, ("densite",)) == "presque semblables par la densité"


def test_dropped_variables_are_not_reasons(database):
    choice = PeerOptions(poids=(("population", 0), ("densite", 0)))
    for row in find_peers("departement-35", choice).table.itertuples():
        assert not re.search("peupl|population|dens", explain_peer(row))
