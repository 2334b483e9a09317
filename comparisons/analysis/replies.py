"""What territories reply about their facts: sheets to send, sentences, and how often they agree."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from comparisons.analysis.fact_report import describe_fact, find_facts
from comparisons.database.cache import cached
from comparisons.formatting import (
    curly_apostrophes,
    format_number,
    format_partial_date,
    is_missing,
    markdown_link,
    pluralize,
)
from comparisons.queries.replies import facts_about, replies_by_level, replies_of
from comparisons.schema.change_kinds import join_key
from comparisons.schema.model import load_format
from comparisons.schema.territory import LEVELS, parse_key
from comparisons.translation import FRENCH, translate

# Title of the column of replies in a table of facts.
REPLY_COLUMN = "Avis de la collectivité"
_ALL = "toutes"
NOBODY_ASKED = "Aucune collectivité n’a encore été invitée à relire ses faits."
RATES = (
    "Collectivités invitées à relire leurs faits : {demandes} ; ayant répondu : {repondu}. Faits "
    "soumis : {faits} ; confirmés : {confirmes} ; contestés : {contestes}."
)
_BODIES = {
    "region": ("la Région", "nom"),
    "departement": ("le Département", "nom_de"),
    "commune": ("la Commune", "nom_de"),
}


@dataclass(frozen=True)
class Reply:
    """What a territory says of a fact: code of `avis`, sentence, address of a document or ""."""

    opinion: str
    sentence: str
    link: str

    def to_markdown(self) -> str:
        """Return the sentence, as a link to its document if it has one."""
        return markdown_link(self.sentence, self.link)


# By the table and the key of the fact.
Replies = Mapping[tuple[str, str], Reply]


def sheet_rows(key: str, day: str) -> pd.DataFrame:
    """Return the rows of `reponses` to send to a territory (texts): its facts, without replies.

    `day` is that of the request (`demande_le`, YYYY-MM-DD).
    """
    territory = parse_key(key)
    rows = [
        {
            "territoire_niveau": territory.niveau,
            "territoire_code": territory.code,
            "table": fact.table,
            "fait": fact.key,
            "affichage": describe_fact(fact),
            "source": fact.source,
            "demande_le": day,
        }
        for fact in find_facts(facts_about(key))
    ]
    columns = load_format().tables["reponses"].columns
    return pd.DataFrame(rows, columns=list(columns), dtype="object").fillna("")


@cached
def replies_by_fact(key: str) -> Replies:
    """Return what a territory said of its facts; those without reply are left out.

    A reply holds for the text that its sheet showed: where the fact has changed since, it says so.
    """
    rows = replies_of(key).dropna(subset="avis")
    keys = rows.rename(columns={"table": "table_nom"})[["table_nom", "fait"]]
    today = {(fact.table, fact.key): describe_fact(fact) for fact in find_facts(keys)}
    return {
        (row["table"], row["fait"]): _describe_reply(row, today.get((row["table"], row["fait"])))
        for _, row in rows.iterrows()
    }


def add_replies(rows: pd.DataFrame, table: str, replies: Replies) -> pd.DataFrame:
    """Return the rows of a table of the format with the reply to each (`avis`), if there is any."""
    keys = rows[list(load_format().tables[table].primary_key)]
    matches = [replies.get((table, join_key(key))) for key in keys.itertuples(index=False)]
    return rows.assign(avis=matches) if any(matches) else rows


def _describe_reply(row: pd.Series, fact_text: str | None) -> Reply:
    day = format_partial_date(row["repondu_le"])
    day = f"{'le' if len(row['repondu_le']) == 10 else 'en'} {day}"
    correction = "" if is_missing(row["correction"]) else curly_apostrophes(row["correction"])
    match row["avis"]:
        case "exact":
            sentence = f"confirmé {day}"
        case "inexact":
            sentence = f"contesté {day} : {correction or 'sans autre valeur'}"
        case "complete":
            sentence = f"confirmé et complété {day} : {correction or 'sans précision'}"
        case _:
            sentence = f"la collectivité ne sait pas ({day})"
    is_outdated = not is_missing(row["affichage"]) and row["affichage"] != fact_text
    sentence += " ; le fait a changé depuis" if is_outdated else ""
    return Reply(row["avis"], sentence, "" if is_missing(row["lien"]) else row["lien"])


def describe_replies(key: str, territory: pd.Series) -> str:
    """Return in a sentence how many facts of a territory it confirmed; empty if it was not asked.

    `territory` is its row of `territoires`.
    """
    rows = replies_of(key)
    if rows.empty:
        return ""
    counts = rows["avis"].value_counts()
    if counts.empty:
        return (
            f"{pluralize(len(rows), 'fait soumis', 'faits soumis')} à la collectivité "
            f"{_last_day(rows['demande_le'])}, sans réponse à ce jour."
        )
    exact = counts.get("exact", 0) + counts.get("complete", 0)
    others = {
        "contesté": counts.get("inexact", 0),
        "ni confirmé ni contesté": counts.get("ne_sait_pas", 0),
        "sans réponse": len(rows) - counts.sum(),
    }
    parts = [
        f"{format_number(count)} {words + 's' if words == 'contesté' and count > 1 else words}"
        for words, count in others.items()
        if count
    ]
    name = body_name(territory)
    return (
        f"Relu par {name} {_last_day(rows['repondu_le'].dropna())} : "
        f"{pluralize(exact, 'fait')} sur {format_number(len(rows))} "
        f"{'exact' if exact < 2 else 'exacts'}{''.join(f', {part}' for part in parts)}."
    )


def describe_contested(replies: Replies) -> list[str]:
    """Return in a sentence each what a territory contests of its facts."""
    contested = {key: reply for key, reply in replies.items() if reply.opinion == "inexact"}
    facts = find_facts(pd.DataFrame(list(contested), columns=["table_nom", "fait"]))
    return [f"« {fact.label} » : {contested[fact.table, fact.key].sentence}." for fact in facts]


def _last_day(days: pd.Series) -> str:
    day = days.max()
    return f"{'le' if len(day) == 10 else 'en'} {format_partial_date(day)}"


def body_name(territory: pd.Series) -> str:
    """Return the name of who runs a territory; plain words where it has no name of its own."""
    level = territory["territoire_niveau"]
    if level not in _BODIES or territory["type"] == "collectivite_unique":
        return "la collectivité"
    noun, column = _BODIES[level]
    return f"{noun} {curly_apostrophes(territory[column])}"


@cached
def reply_rates() -> pd.DataFrame:
    """Count the replies by level, then for all levels (`toutes`).

    Returns the columns of `replies_by_level`, and `taux_exacts`: facts said to be
    exact (or completed) among those said to be exact or not, missing where nobody replied.
    """
    rows = replies_by_level().set_index("territoire_niveau").reindex(LEVELS, fill_value=0)
    rows.loc[_ALL] = rows.sum()
    confirmed = rows["nb_exacts"] + rows["nb_completes"]
    judged = confirmed + rows["nb_contestes"]
    return rows.assign(taux_exacts=(confirmed / judged).where(judged > 0)).reset_index()


def describe_rates(language: str = FRENCH) -> str:
    """Return in a sentence how many territories were asked, replied, and what they said."""
    total = reply_rates().iloc[-1]
    if not total["nb_territoires_demandes"]:
        return translate(NOBODY_ASKED, language)
    confirmed = total["nb_exacts"] + total["nb_completes"]
    return translate(RATES, language).format(
        demandes=format_number(total["nb_territoires_demandes"]),
        repondu=format_number(total["nb_territoires_repondu"]),
        faits=format_number(total["nb_faits_demandes"]),
        confirmes=format_number(confirmed),
        contestes=format_number(total["nb_contestes"]),
    )
