"""Feeds of what changed (Atom) and calendars of the ends of strategies (iCalendar)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from uuid import NAMESPACE_URL, uuid5

from feedgen.feed import FeedGenerator
from icalendar import Calendar, Event

from comparisons.analysis.change_sentences import TerritoryNews, contained_keys, territory_news
from comparisons.analysis.peers.search import find_peers
from comparisons.database.connection import dataset_metadata
from comparisons.exports.table_writers import LICENCE, citation_sentence
from comparisons.formatting import curly_apostrophes, pluralize
from comparisons.page_parameters import FeedParameters
from comparisons.queries.periods import ends_of_strategies
from comparisons.queries.questions import questions
from comparisons.queries.territories import load_territories
from comparisons.rows import iterate_rows
from comparisons.schema.model import code_label
from comparisons.schema.peer_options import PeerOptions
from comparisons.settings import site_publisher

MEDIA_TYPES = {
    "atom": "application/atom+xml; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
}
_MAX_ENTRIES, _MAX_SENTENCES = 50, 40


@dataclass(frozen=True)
class _Scope:
    """What a feed is about: its title, its territories (all if None)."""

    title: str
    keys: tuple[str, ...] | None


def feed(view: FeedParameters, extension: str, site: str, address: str) -> bytes:
    """Return the feed or the calendar of a view; `address` is its own."""
    scope = _scope(view)
    write = {"atom": _atom, "ics": _calendar}[extension]
    return write(scope, view, site, address)


def _scope(view: FeedParameters) -> _Scope:
    theme = f", {code_label('themes', view.theme)}" if view.theme else ""
    if view.question:
        theme += f", « {questions().loc[view.question, 'libelle']} »"
    if not view.t:
        return _Scope(f"Stratoscope{theme} : tous les territoires", None)
    name = curly_apostrophes(load_territories([view.t])["nom"].iloc[0])
    if view.avec == "pairs":
        peers = find_peers(view.t, PeerOptions()).table["cle"]
        return _Scope(f"Stratoscope{theme} : {name} et ses pairs", (view.t, *peers))
    if view.avec == "contenus":
        keys = tuple(contained_keys(view.t))
        return _Scope(f"Stratoscope{theme} : {name} et ce qu’il contient", keys)
    return _Scope(f"Stratoscope{theme} : {name}", (view.t,))


# --- Atom -----------------------------------------------------------------------------------------


def _atom(scope: _Scope, view: FeedParameters, site: str, address: str) -> bytes:
    writer = FeedGenerator()
    writer.id(_identifier(address))
    writer.title(scope.title)
    writer.subtitle(
        "Ce qui a été ajouté ou corrigé dans nos relevés. Une correction porte sur ce que nous "
        "avons lu : elle ne dit pas que le territoire a changé d’avis."
    )
    writer.author({"name": site_publisher() or "Contributeurs de Stratoscope"})
    writer.link(href=address, rel="self", type="application/atom+xml")
    writer.link(href=f"{site}donnees?partie=nouveautes", rel="alternate", type="text/html")
    writer.rights(f"{LICENCE}. {citation_sentence()}")
    writer.language("fr")
    writer.generator("Stratoscope")
    writer.updated(_noon(str(dataset_metadata()["date"])))
    for news in territory_news(scope.keys, view.theme, _MAX_ENTRIES, view.question):
        _add_entry(writer, news, site)
    return writer.atom_str(pretty=True)


def _add_entry(writer: FeedGenerator, news: TerritoryNews, site: str) -> None:
    entry = writer.add_entry(order="append")
    entry.id(_identifier(f"{site}territoire?t={news.key}#{news.day}"))
    entry.title(f"{news.label} : {news.summary}")
    entry.updated(_noon(news.day))
    entry.link(href=f"{site}territoire?t={news.key}", rel="alternate")
    entry.content(_as_html(news), type="html")


def _as_html(news: TerritoryNews) -> str:
    lines = []
    for sentence in news.sentences[:_MAX_SENTENCES]:
        title, url = escape(sentence.source_title), escape(sentence.source_url)
        source = f' Source : <a href="{url}">{title}</a>.' if url else ""
        lines.append(f"<li>{escape(sentence.text)}{source}</li>")
    others = len(news.sentences) - len(lines)
    more = f"<p>Et {pluralize(others, 'autre', 'autres')}.</p>" if others > 0 else ""
    return f"<ul>{''.join(lines)}</ul>{more}"


def _identifier(address: str) -> str:
    return uuid5(NAMESPACE_URL, address).urn


def _noon(day: str) -> datetime:
    """Return the middle of a day, which is the same day in all of France but the Pacific."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(hours=12)


# --- iCalendar ------------------------------------------------------------------------------------


def _calendar(scope: _Scope, view: FeedParameters, site: str, address: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Stratoscope//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Fins de stratégies, {scope.title}")
    rows = ends_of_strategies(scope.keys, view.theme)
    for row in iterate_rows(rows):
        calendar.add_component(_end_event(row, site))
    return calendar.to_ical()


def _end_event(row: object, site: str) -> Event:
    event = Event()
    year = int(row.annee_fin)
    event.add("uid", f"{row.strategie_id}-{year}@stratoscope")
    event.add("dtstamp", _noon(str(dataset_metadata()["date"])))
    event.add("dtstart", date(year, 12, 31))
    event.add("dtend", date(year + 1, 1, 1))
    event.add("transp", "TRANSPARENT")
    title, name = curly_apostrophes(row.titre), curly_apostrophes(row.nom)
    event.add("summary", f"{name} : fin de « {title} » en {year}")
    event.add(
        "description",
        f"La source donne l’année {year}, sans jour : l’événement est mis au dernier. "
        f"Source : {curly_apostrophes(row.source_titre)}, {row.source_url}",
    )
    event.add("url", f"{site}territoire?t={row.cle}")
    return event
