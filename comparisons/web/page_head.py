"""Head of the HTML document of a page: what messages, search engines and feed readers read."""

import logging
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request

from comparisons.analysis.page_summary import SITE_TITLE, PageSummary, summarise_page
from comparisons.database.connection import use_preview
from comparisons.exports import feeds
from comparisons.exports.site_index import dataset_description
from comparisons.parameters import Parameters
from comparisons.web.addresses import address_of, site_of
from comparisons.web.responses import query_params

_log = logging.getLogger(__name__)


def page_head(request: Request) -> str:
    """Return the title, the sentence and the map of the page of a request, as HTML.

    They are those of the site where the page cannot be read.
    """
    page = request.scope["path"].rstrip("/").rpartition("/")[2]
    try:
        with use_preview(None):
            summary = summarise_page(page, query_params(request))
            described = dataset_description(site_of(request)) if page == "donnees" else ""
    except Exception:  # the page itself says what is wrong
        _log.warning("%s", address_of(request), exc_info=True)
        summary, described = PageSummary(), ""
    dataset = f'<script type="application/ld+json">{described}</script>' if described else ""
    return "".join([*_tags(request, summary), dataset])


def _tags(request: Request, summary: PageSummary) -> list[str]:
    site = site_of(request)
    image = f"{site}api/v1/images/carte.png{_as_query(summary.map)}"
    feed = escape(f"{site}api/v1/nouveautes.{{}}{_as_query(summary.feed)}")
    title, sentence = escape(summary.title), escape(summary.sentence)
    properties = {
        "og:title": title,
        "og:description": sentence,
        "og:type": "website",
        "og:locale": "fr_FR",
        "og:site_name": SITE_TITLE,
        "og:url": escape(address_of(request)),
        "og:image": escape(image),
        "og:image:alt": f"Carte : {title}",
    }
    return [
        f"<title>{title if title == SITE_TITLE else f'{title} · {SITE_TITLE}'}</title>",
        f'<meta name="description" content="{sentence}">',
        '<meta name="twitter:card" content="summary_large_image">',
        *(f'<meta property="{name}" content="{value}">' for name, value in properties.items()),
        f'<link rel="alternate" type="application/ld+json" href="{site}api/v1/catalogue.jsonld">',
        *(
            f'<link rel="alternate" type="{feeds.MEDIA_TYPES[extension].partition(";")[0]}" '
            f'title="{label}" href="{feed.format(extension)}">'
            for extension, label in (("atom", "Ce qui change"), ("ics", "Fins de stratégies"))
        ),
    ]


def _as_query(view: Parameters) -> str:
    query = urlencode(view.to_query(), doseq=True)
    return f"?{query}" if query else ""
