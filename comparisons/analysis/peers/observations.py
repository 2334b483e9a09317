"""What is known of each territory of a group: one row per quantity × territory, with its evidence.

The group is what `group.peer_group` gives: a territory (`moi`) and its peers. `position` draws
distributions from these rows. An answer that nobody recorded is `inconnu`,
never `non`; a value that nobody recorded is missing, never 0.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from comparisons.analysis.peers.group import (
    BY_SUBJECT,
    NO,
    OTHER,
    UNKNOWN,
    WHOLE_OVERALL,
    YES,
    Themes,
    collapse_whitespace,
    current_themes,
)
from comparisons.database.connection import KEYS_RELATION, dataset_metadata, per_version, query
from comparisons.formatting import (
    MISSING,
    NBSP,
    format_euros,
    format_euros_per_inhabitant,
    format_number,
    format_percent,
    format_period,
    is_missing,
    join_words,
    pluralize,
)
from comparisons.parameters import COMPARABLE_PERIMETERS
from comparisons.queries import budgets, partners, strategies
from comparisons.queries.axes import axis_words, count_words
from comparisons.queries.family_subjects import OVERALL
from comparisons.queries.strategies import comparable_indicators
from comparisons.schema.model import code_label, vocabulary_codes

SECTIONS = ("couverture", "budgets", "themes", "services", "indicateurs")
NUMERIC, BOOLEAN = "valeur", "oui_non"
PER_UNIT = 10_000
_PER_HEAD = f"pour {format_number(PER_UNIT)} hab."
_IN_FORCE, _NOT_IN_FORCE = ("adoptee", "en_revision"), ("en_elaboration", "terminee")
_MEASURES = (("total", "par habitant", "€/hab."), ("par_an", "par habitant et par an", "€/hab./an"))
_MAX_WORDINGS = 3


@dataclass(frozen=True)
class Observation:
    """One territory and one quantity: the names of its fields are the columns of the points.

    `valeur` is a number (for a yes/no quantity 1, 0, or missing when it is not known), `reponse`
    its answer in words (empty for a number); `texte` says it whole, with its year or period.
    `objet` says what it is about (empty when it compares with nothing), `annee` when it was
    measured, `dans_ensemble` of a theme whether the overall strategy read entirely sets it.
    """

    rubrique: str
    quantite: str
    titre: str
    unite: str
    forme: str
    cle: str
    nom: str
    moi: bool
    valeur: float | None
    reponse: str
    texte: str
    source_ids: Sequence[str] = ()
    strategie_id: str | None = None
    objet: str = ""
    annee: int | None = None
    dans_ensemble: bool | None = None


COLUMNS = [f.name for f in fields(Observation)]


def observations(
    members: pd.DataFrame, sections: Collection[str] = SECTIONS, named_only: bool = False
) -> pd.DataFrame:
    """Gather all quantities of which something is known in the group that `group.peer_group` gives.

    Returns the columns of `Observation`, a row for each member of the group, in its order; of some
    `sections` only (values of `rubrique`), if they are named. With `named_only`, themes are read in
    the axes that documents name.
    """
    keys = list(members["cle"])

    def found() -> Iterator[Observation]:
        if "couverture" in sections:
            yield from coverage_observations(
                members, coverage_states(keys), strategies.strategies_of(keys)
            )
        if "budgets" in sections:
            yield from budget_observations(members, strategies.strategies_of(keys))
        if "themes" in sections:
            yield from theme_observations(members, current_themes(keys, named_only))
        if "services" in sections:
            yield from service_observations(members, partners.partnerships(keys))
        if "indicateurs" in sections:
            yield from indicator_observations(members, strategies.indicators(keys))

    return to_table(found())


def to_table(found: Iterable[Observation]) -> pd.DataFrame:
    """Write points as a table, in their order."""
    rows = [[getattr(point, name) for name in COLUMNS] for point in found]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["valeur"] = table["valeur"].astype(float)
    table = table.astype({"annee": "Int64", "dans_ensemble": "boolean"})
    table["source_ids"] = table["source_ids"].map(lambda ids: list(dict.fromkeys(ids)))
    return table


def format_value(value: object, unit: str) -> str:
    """Write a value of a quantity with its unit; « non renseigné » when missing."""
    if is_missing(value):
        return MISSING
    match unit:
        case "€/hab." | "€/hab./an":
            return format_euros_per_inhabitant(value, yearly=unit.endswith("an"))
        case "%":
            return format_percent(float(value) / 100, 1)
        case "année":
            return str(round(float(value)))
        case _:
            decimals = 2 if abs(float(value)) < 10 else 0 if abs(float(value)) >= 1000 else 1
            return f"{format_number(value, decimals)}{NBSP}{unit}".strip()


def _answer(
    member: object, quantity: tuple[str, ...], answer: str, text: str, **more
) -> Observation:
    value = {YES: 1.0, BY_SUBJECT: 1.0, NO: 0.0}.get(answer)
    return Observation(*quantity, "", BOOLEAN, member.cle, member.nom, member.moi, value, answer,
               text,
                 **more)  # fmt: skip


def _value(
    member: object, quantity: tuple[str, ...], value: object, text: str, **more
) -> Observation:
    value = None if is_missing(value) else float(value)
    return Observation(
        *quantity, NUMERIC, member.cle, member.nom, member.moi, value, "", text, **more
    )


# --- coverage -------------------------------------------------------------------------------------


def coverage_states(keys: Sequence[str]) -> pd.DataFrame:
    """Return state of coverage of some territories by type (`cle`, `type`, `etat`.

    `strategie_id`).
    """
    return query(
        f"""
        SELECT a.cle, type, etat, strategie_id
        FROM couverture JOIN {KEYS_RELATION} a USING (territoire_niveau, territoire_code)
        """,
        {"keys": list(dict.fromkeys(keys))},
    )


def coverage_observations(
    members: pd.DataFrame, states: pd.DataFrame, documents: pd.DataFrame
) -> Iterator[Observation]:
    """Return whether each member has a document in force, family by family; then a year.

    The document is the one that speaks for the territory in the family. `non` is said of one that
    is over or still being prepared; a family of which nothing is recorded, or a document of unknown
    state, is `inconnu`.
    """
    by_id = documents.drop_duplicates("strategie_id").set_index("strategie_id")
    speaking = documents[documents["rang_famille"] == 1]
    silent = states[states["strategie_id"].isna()].drop_duplicates("cle").set_index("cle")["etat"]
    for family in vocabulary_codes("familles_strategie"):
        rows = speaking[speaking["famille"] == family].set_index("cle")
        if family == OTHER or rows.empty:
            continue
        name = code_label("familles_strategie", family)
        quantity = ("couverture", f"couverture.{family}", f"{name} : document en vigueur")
        of = f"document de la famille « {name} » qui parle pour le territoire"
        for member in members.itertuples():
            if member.cle in rows.index:
                row = rows.loc[member.cle]
                yield _state(member, quantity, row["etat"], row["strategie_id"], by_id, of)
            else:
                yield _state(member, quantity, silent[member.cle], None, by_id, of)
    yield from _latest(members, documents)


def _state(
    member: object,
    quantity: tuple,
    state: str,
    strategy_id: object,
    documents: pd.DataFrame,
    of: str,
) -> Observation:
    answer = YES if state in _IN_FORCE else NO if state in _NOT_IN_FORCE else UNKNOWN
    if is_missing(strategy_id):
        return _answer(member, quantity, answer, code_label("etats_couverture", state))
    document = documents.loc[strategy_id]
    return _answer(member, quantity, answer,
                   f"{code_label('etats_couverture', state)} : {_document(document)}",
                   source_ids=[document["source_id"]], strategie_id=strategy_id,
                   objet="" if answer == UNKNOWN else of)  # fmt: skip


def _document(row: object) -> str:
    year = row["annee_document"]
    return f"« {collapse_whitespace(row['titre'])} »" + (
        "" if is_missing(year) else f" ({int(year)})"
    )


def _latest(members: pd.DataFrame, documents: pd.DataFrame) -> Iterator[Observation]:
    # a project, or a page that describes what is done, is no overall strategy
    overall = documents[(documents["famille"] == OVERALL) & (documents["portee"] == OVERALL)]
    dated = overall.dropna(subset=["annee_document"])
    dated = dated.sort_values(["annee_document", "rang"], ascending=[False, True])
    if dated.empty:
        return
    latest = dated.drop_duplicates("cle").set_index("cle")
    quantity = (
        "couverture",
        "couverture.annee",
        "Année de la dernière stratégie d’ensemble",
        "année",
    )
    for member in members.itertuples():
        if member.cle not in latest.index:
            yield _value(member, quantity, None, MISSING)
            continue
        row = latest.loc[member.cle]
        yield _value(member, quantity, row["annee_document"], _document(row),
                     source_ids=[row["source_id"]], strategie_id=row["strategie_id"],
                     objet=f"année d’un document, {row['famille']}, {row['portee']}")  # fmt: skip


# --- money ----------------------------------------------------------------------------------------


def budget_observations(members: pd.DataFrame, documents: pd.DataFrame) -> Iterator[Observation]:
    """Return € per inhabitant by perimeter × stage, of a whole period, then per year.

    The values are the map's (`budgets.amounts_per_inhabitant`): of one document, the most recent
    that gives an amount; nothing is added over perimeters or stages. Periods are in `texte`.
    """
    ids = list(documents["strategie_id"].unique())
    sums, details = budgets.budget_totals(ids), budgets.budget_lines(ids)
    given = set(zip(sums["perimetre"], sums["etape"], strict=True))
    level, version = members["cle"].iloc[0].split("-")[0], str(dataset_metadata()["version"])
    for perimeter in COMPARABLE_PERIMETERS:
        for stage in vocabulary_codes("etapes"):
            if (perimeter, stage) not in given:
                continue
            for measure, words, unit in _MEASURES:
                by_key = _per_head(version, level, perimeter, stage, measure)
                if by_key.keys().isdisjoint(members["cle"]):
                    continue
                own = sums[(sums["perimetre"] == perimeter) & (sums["etape"] == stage)]
                title = (
                    f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}"
                )
                quantity = ("budgets", f"{perimeter}.{stage}.{measure}", f"{title} : {words}", unit)
                for member in members.itertuples():
                    if member.cle in by_key:
                        yield _amount(member, quantity, by_key[member.cle], own, details)
                    else:
                        yield _value(member, quantity, None, MISSING)


# levels × perimeters × stages × measures: the same for every group
@per_version(size=128)
def _per_head(version: str, level: str, perimeter: str, stage: str, measure: str) -> dict:
    """Return the row of each territory of a level, by its key, of which an amount is known."""
    rows = budgets.amounts_per_inhabitant(level, perimeter, stage, measure).dropna(
        subset=["valeur"]
    )
    return rows.set_index(f"{level}-" + rows["territoire_code"]).to_dict("index")


def _amount(
    member: object, quantity: tuple, row: dict, sums: pd.DataFrame, details: pd.DataFrame
) -> Observation:
    """Write an amount with its period, and cite what was summed."""
    when = format_period(row["annee_debut"], row["annee_fin"])
    when = "période non renseignée" if when == MISSING else when
    same = sums[(sums["strategie_id"] == row["strategie_id"]) & (sums["montant"] == row["montant"])]
    annual = quantity[1].endswith("par_an") and bool(same["annuel"].any())
    counted = details[
        (details["strategie_id"] == row["strategie_id"])
        & (details["profondeur"] == 0)
        & details["perimetre"].isin(same["perimetre"])
        & details["etape"].isin(same["etape"])
        & (details["recurrence"].notna() == annual)
    ]
    if annual:  # what is paid each year of another period is not in the sum
        counted = counted[
            _is(counted["annee_debut"], row["annee_debut"])
            & _is(counted["annee_fin"], row["annee_fin"])
        ]
    paid = " par an" if annual else ""
    per_unit = format_value(row["valeur"], quantity[3])
    text = f"{per_unit} : {format_euros(row['montant'])}{paid} ({when})"
    paid_for = budgets.compared_object(pd.Series(row))
    return _value(member, quantity, row["valeur"], text, source_ids=counted["source_id"],
                  strategie_id=row["strategie_id"],
                  objet=f"{quantity[2]}, {paid_for}" if paid_for else "")  # fmt: skip


def _is(years: pd.Series, year: object) -> pd.Series:
    return years.isna() if is_missing(year) else years == int(year)


# --- themes, services, indicators -----------------------------------------------------------------


def theme_observations(members: pd.DataFrame, found: Themes) -> Iterator[Observation]:
    """Return whether each member sets each theme, in documents that are not over.

    `found` is what `current_themes` gives; who has no axes there is `inconnu` for every theme, but
    for those that a document is about.
    """
    for theme in [code for code in vocabulary_codes("themes") if code in found.present]:
        title = f"Thème « {code_label('themes', theme)} » posé en priorité"
        quantity = ("themes", f"theme.{theme}", title)
        for member in members.itertuples():
            answer = found.answer(member.cle, theme)
            rows = found.set_by.get((theme, member.cle))
            if answer == YES:
                text = _wordings(rows)
            elif answer == BY_SUBJECT:
                rows = found.about[theme, member.cle]
                text = f"Document sur ce sujet : {' ; '.join(map(_document, _records(rows)))}"
            elif answer == NO:
                document = found.read_whole[member.cle]
                rows = pd.DataFrame([document])
                text = f"Pas dans {_document(document)}, dont tous les axes sont relevés"
            else:
                rows = found.recorded.get(member.cle)
                text = "Priorités non renseignées" if rows is None else _unread(rows)
            entire = found.in_entire(member.cle, theme)
            yield _answer(
                member,
                quantity,
                answer,
                text,
                source_ids=() if rows is None else rows["source_id"],
                strategie_id=None if rows is None else rows["strategie_id"].iloc[0],
                objet="" if entire is None else WHOLE_OVERALL,
                dans_ensemble=entire,
            )


def _records(rows: pd.DataFrame) -> list[dict]:
    return rows.to_dict("records")


def _unread(axes: pd.DataFrame) -> str:
    """Describe among how many recorded axes a theme is not, which proves nothing."""
    read = axes.drop_duplicates(["strategie_id", "rang"])
    counted = count_words(len(read), int(read["nomme"].sum()))
    return f"Non relevé, ce qui ne dit pas qu’il soit absent : {counted}"


def _wordings(axes: pd.DataFrame) -> str:
    told = [
        f"« {collapse_whitespace(row.intitule)} » ({axis_words(row)})" for row in axes.itertuples()
    ]
    more = len(told) - _MAX_WORDINGS
    return " ; ".join(told[:_MAX_WORDINGS]) + (
        f" et {pluralize(more, 'autre')}" if more > 0 else ""
    )


def service_observations(members: pd.DataFrame, links: pd.DataFrame) -> Iterator[Observation]:
    """Describe which members are known to share each service, and with whom; never `non`.

    `links` is what `partners.partnerships` gives. No organisation known means that nobody recorded
    one, not that the service is not shared.
    """
    grouped = dict(iter(links.groupby(["service", "cle"])))
    for service in vocabulary_codes("services"):
        if service == OTHER or not (links["service"] == service).any():
            continue
        quantity = (
            "services",
            f"service.{service}",
            f"Service « {code_label('services', service)} » partagé",
        )
        for member in members.itertuples():
            rows = grouped.get((service, member.cle))
            if rows is None:
                yield _answer(member, quantity, UNKNOWN, "Aucun organisme connu")
            else:
                yield _answer(member, quantity, YES, join_words(organisation_names(rows)),
                              source_ids=rows["source_id"])  # fmt: skip


def organisation_names(links: pd.DataFrame) -> list[str]:
    """List the organisations of some links, each once, by their short names where they have one."""
    short = links["sigle"].where(links["sigle"].notna(), links["partenaire_nom"])
    return list(dict.fromkeys(short.map(collapse_whitespace)))


def indicator_observations(members: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Observation]:
    """Return named indicators, realised apart from targeted: the latest of each unit.

    Counts are put per 10,000 inhabitants of the territory (computed here); percentages stay. Only
    values of one definition, of the whole territory and of years at most two apart are given; the
    others are quoted on the page of each territory.
    """
    rows = rows[(rows["indicateur"] != OTHER) & rows["definition"].notna()].reset_index(drop=True)
    order = vocabulary_codes("indicateurs")
    lines = sorted(
        set(zip(rows["indicateur"], rows["unite"], rows["nature"], rows["definition"],
                strict=True)),
        key=lambda line: (order.index(line[0]), line[3], line[1], line[2] == "cible"),
    )  # fmt: skip
    for code, unit, nature, definition in lines:
        same = rows[
            (rows["indicateur"] == code)
            & (rows["unite"] == unit)
            & (rows["nature"] == nature)
            & (rows["definition"] == definition)
        ]
        same = same[same.index.isin(comparable_indicators(same))]
        if same.empty:
            continue
        raw = unit == "%"
        kind = code_label("natures_indicateur", nature).lower()
        name = code_label("definitions_indicateur", definition)
        title = f"{name} ({unit}), {kind}" + ("" if raw else f", {_PER_HEAD}")
        quantity = (
            "indicateurs",
            f"{code}.{unit}.{nature}.{definition}",
            title,
            unit if raw else _PER_HEAD,
        )
        same = same.sort_values("annee", kind="stable", na_position="first")
        latest = same.drop_duplicates("cle", keep="last").set_index("cle").to_dict("index")
        for member in members.itertuples():
            yield _indicator(member, quantity, latest.get(member.cle), raw)


def _indicator(member: object, quantity: tuple, last: dict | None, raw: bool) -> Observation:
    if last is None:
        return _value(member, quantity, None, MISSING)
    people = member.population
    share = None if is_missing(people) or not people else last["valeur"] * PER_UNIT / people
    value = last["valeur"] if raw else share
    about = "environ " if not is_missing(last["approximatif"]) and last["approximatif"] else ""
    when = "" if is_missing(last["annee"]) else f" ({int(last['annee'])})"
    text = (
        f"{about}{format_number(last['valeur'], 1)}{NBSP}{last['unite']}{when} : {last['libelle']}"
    )
    followed = None if is_missing(last["strategie_id"]) else last["strategie_id"]
    of = code_label("etendues", last["etendue"]).lower()
    return _value(member, quantity, value, collapse_whitespace(text),
           source_ids=[last["source_id"]],
                  strategie_id=followed, objet=f"{quantity[2]}, {of}",
                  annee=int(last["annee"]))  # fmt: skip
