"""Observations of a peer group: one row per quantity × territory, with its evidence.

The group is the result of `group.peer_group`: a territory (`moi`) and its peers. `position`
computes distributions from these rows. An answer that nobody recorded is `inconnu`,
never `non`; a value that nobody recorded is missing, never 0.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import pandas as pd

from comparisons.analysis.peers.group import (
    BY_DEDUCTION,
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
from comparisons.queries.axes import format_axis, format_axis_counts
from comparisons.queries.family_subjects import OVERALL
from comparisons.queries.strategies import comparable_indicators
from comparisons.schema.model import code_label, vocabulary_codes

SECTIONS = ("couverture", "budgets", "themes", "services", "indicateurs")
NUMERIC, BOOLEAN = "valeur", "oui_non"
_PER_UNIT = 10_000
_PER_HEAD = f"pour {format_number(_PER_UNIT)} hab."
_IN_FORCE, _NOT_IN_FORCE = ("adoptee", "en_revision"), ("en_elaboration", "terminee")
_MEASURES = (("total", "par habitant", "€/hab."), ("par_an", "par habitant et par an", "€/hab./an"))
_MAX_WORDINGS = 3


@dataclass(frozen=True)
class Observation:
    """One territory and one quantity; the field names are the columns of the table.

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
    """List the observations of every quantity recorded in the group (result of `peer_group`).

    Returns the columns of `Observation`, a row for each member of the group, in its order; of some
    `sections` only (values of `rubrique`), if they are named. With `named_only`, themes are read in
    the axes that documents name.
    """
    keys = list(members["cle"])

    def generate_observations() -> Iterator[Observation]:
        if "couverture" in sections:
            yield from _coverage_observations(
                members, _coverage_states(keys), strategies.strategies_of(keys)
            )
        if "budgets" in sections:
            yield from _budget_observations(members, strategies.strategies_of(keys))
        if "themes" in sections:
            yield from _theme_observations(members, current_themes(keys, named_only))
        if "services" in sections:
            yield from _service_observations(members, partners.partnerships(keys))
        if "indicateurs" in sections:
            yield from indicator_observations(members, strategies.indicators(keys))

    return to_table(generate_observations())


def to_table(points: Iterable[Observation]) -> pd.DataFrame:
    """Return a data frame of observations (columns `COLUMNS`), in their order."""
    rows = [[getattr(point, name) for name in COLUMNS] for point in points]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["valeur"] = table["valeur"].astype(float)
    table = table.astype({"annee": "Int64", "dans_ensemble": "boolean"})
    table["source_ids"] = table["source_ids"].map(lambda ids: list(dict.fromkeys(ids)))
    return table


def format_value(value: object, unit: str) -> str:
    """Format a value of a quantity with its unit; « non renseigné » when missing."""
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


def _boolean_observation(
    member: object, quantity: tuple[str, ...], answer: str, text: str, **extra_fields
) -> Observation:
    value = {YES: 1.0, BY_SUBJECT: 1.0, NO: 0.0}.get(answer)
    return Observation(*quantity, "", BOOLEAN, member.cle, member.nom, member.moi, value, answer,
               text,
                 **extra_fields)  # fmt: skip


def _numeric_observation(
    member: object, quantity: tuple[str, ...], value: object, text: str, **extra_fields
) -> Observation:
    value = None if is_missing(value) else float(value)
    return Observation(
        *quantity, NUMERIC, member.cle, member.nom, member.moi, value, "", text, **extra_fields
    )


# --- coverage -------------------------------------------------------------------------------------


def _coverage_states(keys: Sequence[str]) -> pd.DataFrame:
    """Return the state of coverage of territories by strategy type.

    Columns: `cle`, `type`, `etat`, `strategie_id`.
    """
    return query(
        f"""
        SELECT a.cle, type, etat, strategie_id
        FROM couverture JOIN {KEYS_RELATION} a USING (territoire_niveau, territoire_code)
        """,
        {"keys": list(dict.fromkeys(keys))},
    )


def _coverage_observations(
    members: pd.DataFrame, states: pd.DataFrame, documents: pd.DataFrame
) -> Iterator[Observation]:
    """Return whether each member has a document in force, family by family; then a year.

    The document is the one that speaks for the territory in the family. `non` is said of one that
    is over or still being prepared; a family of which nothing is recorded, or a document of unknown
    state, is `inconnu`.
    """
    documents_by_id = documents.drop_duplicates("strategie_id").set_index("strategie_id")
    main_documents = documents[documents["rang_famille"] == 1]
    state_without_document = (
        states[states["strategie_id"].isna()].drop_duplicates("cle").set_index("cle")["etat"]
    )
    for family in vocabulary_codes("familles_strategie"):
        family_documents = main_documents[main_documents["famille"] == family].set_index("cle")
        if family == OTHER or family_documents.empty:
            continue
        name = code_label("familles_strategie", family)
        quantity = ("couverture", f"couverture.{family}", f"{name} : document en vigueur")
        object_description = f"document de la famille « {name} » qui parle pour le territoire"
        for member in members.itertuples():
            if member.cle in family_documents.index:
                row = family_documents.loc[member.cle]
                yield _coverage_observation(
                    member,
                    quantity,
                    row["etat"],
                    row["strategie_id"],
                    documents_by_id,
                    object_description,
                )
            else:
                yield _coverage_observation(
                    member,
                    quantity,
                    state_without_document[member.cle],
                    None,
                    documents_by_id,
                    object_description,
                )
    yield from _latest_strategy_years(members, documents)


def _coverage_observation(
    member: object,
    quantity: tuple,
    state: str,
    strategy_id: object,
    documents: pd.DataFrame,
    object_description: str,
) -> Observation:
    answer = YES if state in _IN_FORCE else NO if state in _NOT_IN_FORCE else UNKNOWN
    if is_missing(strategy_id):
        return _boolean_observation(member, quantity, answer, code_label("etats_couverture", state))
    document = documents.loc[strategy_id]
    return _boolean_observation(member, quantity, answer,
                   f"{code_label('etats_couverture', state)} : {_format_document(document)}",
                   source_ids=[document["source_id"]], strategie_id=strategy_id,
                   objet="" if answer == UNKNOWN else object_description)  # fmt: skip


def _format_document(document: object) -> str:
    year = document["annee_document"]
    return f"« {collapse_whitespace(document['titre'])} »" + (
        "" if is_missing(year) else f" ({int(year)})"
    )


def _latest_strategy_years(members: pd.DataFrame, documents: pd.DataFrame) -> Iterator[Observation]:
    # neither a project nor a page of actions is an overall strategy
    overall = documents[(documents["famille"] == OVERALL) & (documents["portee"] == OVERALL)]
    dated_documents = overall.dropna(subset=["annee_document"])
    dated_documents = dated_documents.sort_values(
        ["annee_document", "rang"], ascending=[False, True]
    )
    if dated_documents.empty:
        return
    latest_by_key = dated_documents.drop_duplicates("cle").set_index("cle")
    quantity = (
        "couverture",
        "couverture.annee",
        "Année de la dernière stratégie d’ensemble",
        "année",
    )
    for member in members.itertuples():
        if member.cle not in latest_by_key.index:
            yield _numeric_observation(member, quantity, None, MISSING)
            continue
        document = latest_by_key.loc[member.cle]
        yield _numeric_observation(
            member,
            quantity,
            document["annee_document"],
            _format_document(document),
            source_ids=[document["source_id"]],
            strategie_id=document["strategie_id"],
            objet=f"année d’un document, {document['famille']}, {document['portee']}",
        )


# --- money ----------------------------------------------------------------------------------------


def _budget_observations(members: pd.DataFrame, documents: pd.DataFrame) -> Iterator[Observation]:
    """Return € per inhabitant by perimeter × stage, of a whole period, then per year.

    The values are the map's (`budgets.amounts_per_inhabitant`): of one document, the most recent
    that gives an amount; nothing is added over perimeters or stages. Periods are in `texte`.
    """
    strategy_ids = list(documents["strategie_id"].unique())
    totals, budget_rows = budgets.budget_totals(strategy_ids), budgets.budget_lines(strategy_ids)
    recorded_pairs = set(zip(totals["perimetre"], totals["etape"], strict=True))
    level, version = members["cle"].iloc[0].split("-")[0], str(dataset_metadata()["version"])
    for perimeter in COMPARABLE_PERIMETERS:
        for stage in vocabulary_codes("etapes"):
            if (perimeter, stage) not in recorded_pairs:
                continue
            for measure, measure_label, unit in _MEASURES:
                amounts_by_key = _amounts_by_key(version, level, perimeter, stage, measure)
                if amounts_by_key.keys().isdisjoint(members["cle"]):
                    continue
                matching_totals = totals[
                    (totals["perimetre"] == perimeter) & (totals["etape"] == stage)
                ]
                title = (
                    f"{code_label('perimetres', perimeter)}, {code_label('etapes', stage).lower()}"
                )
                quantity = (
                    "budgets",
                    f"{perimeter}.{stage}.{measure}",
                    f"{title} : {measure_label}",
                    unit,
                )
                for member in members.itertuples():
                    if member.cle in amounts_by_key:
                        yield _amount_observation(
                            member,
                            quantity,
                            amounts_by_key[member.cle],
                            matching_totals,
                            budget_rows,
                        )
                    else:
                        yield _numeric_observation(member, quantity, None, MISSING)


# levels × perimeters × stages × measures: the same for every group
@per_version(size=128)
def _amounts_by_key(version: str, level: str, perimeter: str, stage: str, measure: str) -> dict:
    """Return the row of each territory of a level, by its key, of which an amount is known."""
    amounts = budgets.amounts_per_inhabitant(level, perimeter, stage, measure).dropna(
        subset=["valeur"]
    )
    return amounts.set_index(f"{level}-" + amounts["territoire_code"]).to_dict("index")


def _amount_observation(
    member: object, quantity: tuple, row: dict, totals: pd.DataFrame, budget_rows: pd.DataFrame
) -> Observation:
    """Build the observation of an amount: text with its period, sources of the summed lines."""
    period = format_period(row["annee_debut"], row["annee_fin"])
    period = "période non renseignée" if period == MISSING else period
    summed_totals = totals[
        (totals["strategie_id"] == row["strategie_id"]) & (totals["montant"] == row["montant"])
    ]
    is_annual = quantity[1].endswith("par_an") and bool(summed_totals["annuel"].any())
    summed_lines = budget_rows[
        (budget_rows["strategie_id"] == row["strategie_id"])
        & (budget_rows["profondeur"] == 0)
        & budget_rows["perimetre"].isin(summed_totals["perimetre"])
        & budget_rows["etape"].isin(summed_totals["etape"])
        & (budget_rows["recurrence"].notna() == is_annual)
    ]
    if is_annual:  # what is paid each year of another period is not in the sum
        summed_lines = summed_lines[
            _equals_year(summed_lines["annee_debut"], row["annee_debut"])
            & _equals_year(summed_lines["annee_fin"], row["annee_fin"])
        ]
    recurrence = " par an" if is_annual else ""
    per_unit = format_value(row["valeur"], quantity[3])
    text = f"{per_unit} : {format_euros(row['montant'])}{recurrence} ({period})"
    object_description = budgets.compared_object(pd.Series(row))
    return _numeric_observation(
        member,
        quantity,
        row["valeur"],
        text,
        source_ids=summed_lines["source_id"],
        strategie_id=row["strategie_id"],
        objet=f"{quantity[2]}, {object_description}" if object_description else "",
    )


def _equals_year(years: pd.Series, year: object) -> pd.Series:
    return years.isna() if is_missing(year) else years == int(year)


# --- themes, services, indicators -----------------------------------------------------------------


def _theme_observations(members: pd.DataFrame, themes: Themes) -> Iterator[Observation]:
    """Return whether each member sets each theme, in documents that are not over.

    `themes` is what `current_themes` gives; who has no axes there is `inconnu` for every theme, but
    for those that a document is about.
    """
    for theme in [code for code in vocabulary_codes("themes") if code in themes.present]:
        title = f"Thème « {code_label('themes', theme)} » posé en priorité"
        quantity = ("themes", f"theme.{theme}", title)
        for member in members.itertuples():
            answer = themes.answer(member.cle, theme)
            rows = themes.set_by.get((theme, member.cle))
            if answer == YES:
                text = _format_wordings(rows)
            elif answer == BY_SUBJECT:
                rows = themes.about[theme, member.cle]
                text = (
                    f"Document sur ce sujet : "
                    f"{' ; '.join(map(_format_document, _to_records(rows)))}"
                )
            elif answer == NO:
                document = themes.read_whole[member.cle]
                rows = pd.DataFrame([document])
                text = f"Pas dans {_format_document(document)}, dont tous les axes sont relevés"
            else:
                rows = themes.recorded.get(member.cle)
                text = "Priorités non renseignées" if rows is None else _describe_unread_axes(rows)
            in_entire_strategy = themes.in_entire(member.cle, theme)
            yield _boolean_observation(
                member,
                quantity,
                answer,
                text,
                source_ids=() if rows is None else rows["source_id"],
                strategie_id=None if rows is None else rows["strategie_id"].iloc[0],
                objet="" if in_entire_strategy is None else WHOLE_OVERALL,
                dans_ensemble=in_entire_strategy,
            )


def _to_records(rows: pd.DataFrame) -> list[dict]:
    return rows.to_dict("records")


def _describe_unread_axes(axes: pd.DataFrame) -> str:
    """Describe among how many recorded axes a theme is not, which proves nothing."""
    recorded_axes = axes.drop_duplicates(["strategie_id", "rang"])
    axis_count_text = format_axis_counts(len(recorded_axes), int(recorded_axes["nomme"].sum()))
    return f"Non relevé, ce qui ne dit pas qu’il soit absent : {axis_count_text}"


def _format_wordings(axes: pd.DataFrame) -> str:
    descriptions = [
        f"« {collapse_whitespace(row.intitule)} » ({format_axis(row)})" for row in axes.itertuples()
    ]
    remaining_count = len(descriptions) - _MAX_WORDINGS
    return " ; ".join(descriptions[:_MAX_WORDINGS]) + (
        f" et {pluralize(remaining_count, 'autre')}" if remaining_count > 0 else ""
    )


def _service_observations(members: pd.DataFrame, links: pd.DataFrame) -> Iterator[Observation]:
    """Yield, by service and member, whether it is shared and with which organisations.

    `links` is what `partners.partnerships` gives; the organisations that a source states, else the
    deduced ones. No organisation known means that nobody recorded one, not that the service is not
    shared.
    """
    links_by_service_and_key = dict(iter(links.groupby(["service", "cle"])))
    for service in vocabulary_codes("services"):
        if service == OTHER or not (links["service"] == service).any():
            continue
        quantity = (
            "services",
            f"service.{service}",
            f"Service « {code_label('services', service)} » partagé",
        )
        for member in members.itertuples():
            rows = links_by_service_and_key.get((service, member.cle))
            if rows is None:
                yield _boolean_observation(member, quantity, UNKNOWN, "Aucun organisme connu")
            else:
                stated_rows = rows[rows["certitude"] == "explicite"]
                shown_rows = rows if stated_rows.empty else stated_rows
                yield _boolean_observation(
                    member,
                    quantity,
                    BY_DEDUCTION if stated_rows.empty else YES,
                    join_words(organisation_names(shown_rows))
                    + (" (par déduction)" if stated_rows.empty else ""),
                    source_ids=shown_rows["source_id"],
                )


def organisation_names(links: pd.DataFrame) -> list[str]:
    """List the organisations of some links, each once, by their short names where they have one."""
    short_names = links["sigle"].where(links["sigle"].notna(), links["partenaire_nom"])
    return list(dict.fromkeys(short_names.map(collapse_whitespace)))


def indicator_observations(members: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Observation]:
    """Return named indicators, realised apart from targeted: the latest of each unit.

    Counts are put per 10,000 inhabitants of the territory (computed here); percentages stay. Only
    values of one definition, of the whole territory and of years at most two apart are given; the
    others are quoted on the page of each territory.
    """
    rows = rows[(rows["indicateur"] != OTHER) & rows["definition"].notna()].reset_index(drop=True)
    indicator_order = vocabulary_codes("indicateurs")
    series = sorted(
        set(
            zip(rows["indicateur"], rows["unite"], rows["nature"], rows["definition"], strict=True)
        ),
        key=lambda series_key: (
            indicator_order.index(series_key[0]),
            series_key[3],
            series_key[1],
            series_key[2] == "cible",
        ),
    )
    for code, unit, nature, definition in series:
        series_rows = rows[
            (rows["indicateur"] == code)
            & (rows["unite"] == unit)
            & (rows["nature"] == nature)
            & (rows["definition"] == definition)
        ]
        series_rows = series_rows[series_rows.index.isin(comparable_indicators(series_rows))]
        if series_rows.empty:
            continue
        is_percentage = unit == "%"
        nature_label = code_label("natures_indicateur", nature).lower()
        name = code_label("definitions_indicateur", definition)
        title = f"{name} ({unit}), {nature_label}" + ("" if is_percentage else f", {_PER_HEAD}")
        quantity = (
            "indicateurs",
            f"{code}.{unit}.{nature}.{definition}",
            title,
            unit if is_percentage else _PER_HEAD,
        )
        series_rows = series_rows.sort_values("annee", kind="stable", na_position="first")
        latest_by_key = (
            series_rows.drop_duplicates("cle", keep="last").set_index("cle").to_dict("index")
        )
        for member in members.itertuples():
            yield _indicator_observation(
                member, quantity, latest_by_key.get(member.cle), is_percentage
            )


def _indicator_observation(
    member: object, quantity: tuple, row: dict | None, is_percentage: bool
) -> Observation:
    if row is None:
        return _numeric_observation(member, quantity, None, MISSING)
    population = member.population
    rate = (
        None if is_missing(population) or not population else row["valeur"] * _PER_UNIT / population
    )
    value = row["valeur"] if is_percentage else rate
    approximation = (
        "environ " if not is_missing(row["approximatif"]) and row["approximatif"] else ""
    )
    year_text = "" if is_missing(row["annee"]) else f" ({int(row['annee'])})"
    text = (
        f"{approximation}{format_number(row['valeur'], 1)}"
        f"{NBSP}{row['unite']}{year_text} : {row['libelle']}"
    )
    strategy_id = None if is_missing(row["strategie_id"]) else row["strategie_id"]
    extent = code_label("etendues", row["etendue"]).lower()
    return _numeric_observation(member, quantity, value, collapse_whitespace(text),
           source_ids=[row["source_id"]],
                  strategie_id=strategy_id, objet=f"{quantity[2]}, {extent}",
                  annee=int(row["annee"]))  # fmt: skip
