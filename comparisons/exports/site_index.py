"""What search engines read first: the addresses of the site, and its data in their words."""

import json
from html import escape

from comparisons.database.connection import dataset_metadata, query
from comparisons.exports import dcat
from comparisons.exports.citation import LICENCE_ADDRESS
from comparisons.queries.strategies import covered_years
from comparisons.schema.model import vocabulary_codes
from comparisons.schema.registry import tables
from comparisons.schema.territory import LEVELS

_PAGES = (
    "", "territoire", "comparer", "pairs", "mutualisation", "themes", "donnees", "contribuer",
    "methode",
)  # fmt: skip


def sitemap(site: str) -> bytes:
    """Return the addresses worth finding: pages, themes, tables, territories about which one knows.

    `site` is the full address of the site: the protocol takes no other.
    """
    known = query(
        """
        SELECT DISTINCT cle(t.territoire_niveau, t.territoire_code) AS cle, t.territoire_niveau
        FROM territoires t LEFT JOIN strategies s USING (territoire_niveau, territoire_code)
        WHERE s.strategie_id IS NOT NULL OR t.territoire_niveau IN ('region', 'departement')
        """
    )
    known = known.sort_values(
        ["territoire_niveau", "cle"], key=lambda column: column.map(_rank), kind="stable"
    )
    addresses = [
        *_PAGES,
        *(f"territoire?t={key}" for key in known["cle"]),
        *(f"themes?partie=fiche&fiche={code}" for code in vocabulary_codes("themes")),
        *(f"donnees?table={name}" for name in tables()),
    ]
    day = dataset_metadata()["date"]
    urls = "".join(
        f"<url><loc>{escape(site + address)}</loc><lastmod>{day}</lastmod></url>\n"
        for address in addresses
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
    ).encode()


def _rank(value: str) -> object:
    return LEVELS.index(value) if value in LEVELS else value


def robots(site: str) -> str:
    """Return what robots may read: all but what is computed for one reader; where the map is.

    A site without a full address cannot say where.
    """
    lines = ["User-agent: *", "Disallow: /api/v1/sql", "Disallow: /_stcore/"]
    if site.startswith("http"):
        lines.append(f"Sitemap: {site}sitemap.xml")
    return "\n".join([*lines, ""])


def dataset_description(site: str) -> str:
    """Return the dataset as schema.org describes one, as JSON-LD for the page of the data."""
    data, years = dataset_metadata(), covered_years()
    creator = {"@type": "Organization", "name": "Contributeurs de Stratoscope", "url": site}
    content = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": dcat.TITLE,
        "description": dcat.DESCRIPTION,
        "url": f"{site}donnees",
        "version": str(data["version"]),
        "dateModified": str(data["date"]),
        "license": LICENCE_ADDRESS,
        "isAccessibleForFree": True,
        "inLanguage": "fr",
        "keywords": list(dcat.KEYWORDS),
        "creator": creator,
        "temporalCoverage": f"{years[0]}/{years[-1]}",
        "spatialCoverage": {"@type": "Place", "name": "France"},
        "distribution": [
            {
                "@type": "DataDownload",
                "name": table.title,
                "encodingFormat": "text/csv",
                "contentUrl": f"{site}api/v1/tables/{table.name}.csv",
            }
            for table in tables().values()
        ],
    }
    # « </script> » in a text would end the element that holds it
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")
