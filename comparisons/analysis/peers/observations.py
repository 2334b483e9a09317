"""Observations of a peer group: one row per quantity × territory, with its evidence.

The group is the result of `group.peer_group`: a territory (`moi`) and its peers. `position`
computes distributions from these rows. An answer that nobody recorded is `inconnu`,
never `non`; a value that nobody recorded is missing, never 0.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

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
from comparisons.analysis.peers.observation import (
    Observation,
    boolean_observation,
    numeric_observation,
    to_table,
)
from comparisons.analysis.peers.observed_amounts import budget_observations
from comparisons.analysis.peers.observed_indicators import indicator_observations
from comparisons.database.connection import KEYS_RELATION, query
from comparisons.formatting import MISSING, first_few, is_missing, join_words
from comparisons.queries import partners, strategies
from comparisons.queries.axes import format_axis, format_axis_counts
from comparisons.queries.family_subjects import DESCRIPTION, OVERALL
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label, vocabulary_codes

SECTIONS = ("couverture", "budgets", "themes", "services", "indicateurs")
_IN_FORCE, _NOT_IN_FORCE = ("adoptee", "en_revision"), ("en_elaboration", "terminee")
_MAX_WORDINGS = 3


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
            yield from budget_observations(members, strategies.strategies_of(keys))
        if "themes" in sections:
            yield from _theme_observations(members, current_themes(keys, named_only))
        if "services" in sections:
            yield from _service_observations(members, partners.partnerships(keys))
        if "indicateurs" in sections:
            yield from indicator_observations(members, strategies.indicators(keys))

    return to_table(generate_observations())


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


_OBSERVED = ["famille", "cle", "strategie_id", "etat", "portee", "dans_aire", "titre",
             "annee_document", "source_id"]  # fmt: skip


def _coverage_observations(
    members: pd.DataFrame, states: pd.DataFrame, documents: pd.DataFrame
) -> Iterator[Observation]:
    """Return whether each member has a document in force, family by family; then a year.

    The document is the one that speaks for the territory in the family. `non` is said of one that
    is over or still being prepared; a family of which nothing is recorded, a document of unknown
    state or of a part of the territory, or a page that names none, is `inconnu`.
    """
    main_documents = {
        (document["famille"], document["cle"]): document
        for document in documents.loc[documents["rang_famille"] == 1, _OBSERVED].to_dict("records")
    }
    families = {family for family, _ in main_documents} - {OTHER}
    state_without_document = (
        states[states["strategie_id"].isna()].drop_duplicates("cle").set_index("cle")["etat"]
    )
    for family in filter(families.__contains__, vocabulary_codes("familles_strategie")):
        name = code_label("familles_strategie", family)
        quantity = ("couverture", f"couverture.{family}", f"{name} : document en vigueur")
        object_description = f"document de la famille « {name} » qui parle pour le territoire"
        for member in iterate_rows(members):
            document = main_documents.get((family, member.cle))
            if document is not None:
                yield _coverage_observation(member, quantity, document, object_description)
            else:
                label = code_label("etats_couverture", state_without_document[member.cle])
                yield boolean_observation(member, quantity, UNKNOWN, label)
    yield from _latest_strategy_years(members, documents)


def _coverage_observation(
    member: object, quantity: tuple, document: Mapping, object_description: str
) -> Observation:
    state = document["etat"]
    answer = YES if state in _IN_FORCE else NO if state in _NOT_IN_FORCE else UNKNOWN
    words = code_label("etats_couverture", state)
    if document["portee"] == DESCRIPTION:
        answer, words = UNKNOWN, "Aucun document nommé"
    elif not document["dans_aire"]:
        answer, words = UNKNOWN, "Document d’une partie du territoire"
    return boolean_observation(
        member,
        quantity,
        answer,
        f"{words} : {_format_document(document)}",
        source_ids=[document["source_id"]],
        strategie_id=document["strategie_id"],
        objet="" if answer == UNKNOWN else object_description,
    )


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
    for member in iterate_rows(members):
        if member.cle not in latest_by_key.index:
            yield numeric_observation(member, quantity, None, MISSING)
            continue
        document = latest_by_key.loc[member.cle]
        yield numeric_observation(
            member,
            quantity,
            document["annee_document"],
            _format_document(document),
            source_ids=[document["source_id"]],
            strategie_id=document["strategie_id"],
            objet=f"année d’un document, {document['famille']}, {document['portee']}",
        )


def _theme_observations(members: pd.DataFrame, themes: Themes) -> Iterator[Observation]:
    """Return whether each member sets each theme, in documents that are not over.

    `themes` is what `current_themes` gives; who has no axes there is `inconnu` for every theme, but
    for those that a document is about.
    """
    for theme in [code for code in vocabulary_codes("themes") if code in themes.present]:
        title = f"Thème « {code_label('themes', theme)} » posé en priorité"
        quantity = ("themes", f"theme.{theme}", title)
        for member in iterate_rows(members):
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
            yield boolean_observation(
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
        f"« {collapse_whitespace(row.intitule)} » ({format_axis(row)})"
        for row in iterate_rows(axes)
    ]
    return first_few(descriptions, _MAX_WORDINGS, " ; ")


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
        for member in iterate_rows(members):
            rows = links_by_service_and_key.get((service, member.cle))
            if rows is None:
                yield boolean_observation(member, quantity, UNKNOWN, "Aucun organisme connu")
            else:
                stated_rows = rows[rows["certitude"] == "explicite"]
                shown_rows = rows if stated_rows.empty else stated_rows
                yield boolean_observation(
                    member,
                    quantity,
                    BY_DEDUCTION if stated_rows.empty else YES,
                    join_words(organisation_names(shown_rows)),
                    source_ids=shown_rows["source_id"],
                )


def organisation_names(links: pd.DataFrame) -> list[str]:
    """List the organisations of some links, each once, by their short names where they have one."""
    return list(dict.fromkeys(short_names(links)))


def short_names(links: pd.DataFrame) -> Iterator[str]:
    """Yield the short name of the organisation of each link, its name where it has none."""
    for acronym, name in zip(links["sigle"], links["partenaire_nom"], strict=True):
        yield collapse_whitespace(name if is_missing(acronym) else acronym)
