"""Services × territories, coverage of each service, overlaps and gaps."""

import pandas as pd
import streamlit as st

from comparisons.analysis.shared_services import coverage, matrix, overlaps
from comparisons.analysis.shared_services.links import INHERITANCE
from comparisons.database.cache import cached
from comparisons.formatting import (
    MISSING,
    is_missing,
    markdown_escaped,
    number,
    percent,
    plural,
    typographic,
)
from comparisons.parameters import PoolingView
from comparisons.schema.model import label
from comparisons.schema.territory import LEVEL_NAMES, LEVEL_NOUNS
from comparisons.ui.shared_services.selected_territories import chosen_territories
from comparisons.ui.shared_services.selectors import choose_level, choose_service, choose_zone
from comparisons.ui.state import keep_view
from comparisons.ui.tables import downloads, facts, source_line, words_table

MAX_COLUMNS = 8


def show_matrix(page: str, view: PoolingView) -> None:
    """Show who serves whom, service by service: of a list of territories, or of a place."""
    view = chosen_territories(
        page, view, "Ajoutez des territoires par la recherche ci-dessus, ou choisissez un lieu."
    )
    keys = list(view.t)
    if not keys:
        place, level = st.columns(2, vertical_alignment="bottom")
        with place:
            if not view.zone:
                view = keep_view(page, view, zone="region-53")
            view = choose_zone(page, view)
        with level:
            view = choose_level(page, view)
        keys = cached(matrix.keys_inside)(view.niveau, view.zone) if view.zone else []
    if not keys:
        st.info("Choisissez une région ou un département.", icon=":material/place:")
        return
    cells = cached(matrix.matrix)(tuple(keys))
    if sentence := matrix.matrix_sentence(cells, keys):
        st.markdown(markdown_escaped(sentence))
    for start in range(0, len(keys), MAX_COLUMNS):
        part = keys[start : start + MAX_COLUMNS]
        table = matrix.matrix_table(cells[cells["cle"].isin(part)], part)
        if len(table):
            words_table(table.rename(index=lambda code: label("services", code)))
        if start + MAX_COLUMNS >= 3 * MAX_COLUMNS:
            rest = len(keys) - start - MAX_COLUMNS
            if rest > 0:
                st.caption(f"Les {rest} autres territoires sont dans les fichiers.")
            break
    st.caption(INHERITANCE)
    downloads("services-territoires", {"matrice": cells}, "Services et territoires", view)
    source_line()


def show_coverage(page: str, view: PoolingView) -> None:
    """Show how widely each service is known to be shared, where several bodies are, and gaps."""
    view = choose_level(page, view)
    rows = cached(coverage.coverage)(view.niveau)
    words_table(_coverage_table(rows))
    st.caption(coverage.COVERAGE_NOTE)
    st.caption(INHERITANCE)
    service, zone = st.columns(2, vertical_alignment="bottom")
    with service:
        view = choose_service(page, view)
    with zone:
        view = choose_zone(page, view)
    own = next(row for row in rows.itertuples() if row.service == view.service)
    st.markdown(markdown_escaped(coverage.coverage_sentence(own, view.niveau)))
    st.header(
        "Plusieurs organismes connus pour un même service", anchor="recouvrements", divider="gray"
    )
    several = cached(overlaps.overlaps)(view.niveau, view.zone)
    own = several[several["service"] == view.service]
    st.caption(
        "Un fait, pas un reproche : deux organismes peuvent se compléter. Le propriétaire, "
        "l’exploitant et le groupement d’une même chaîne n’y sont pas : c’est un seul service."
    )
    facts(_overlaps_table(own).head(30), "Aucun territoire de ce niveau, dans ce qui est connu.")
    st.header("Aucun organisme connu", anchor="manques", divider="gray")
    without = cached(overlaps.gaps)(view.niveau, view.service, view.zone)
    noun = LEVEL_NOUNS[view.niveau]
    st.markdown(
        f"{plural(len(without), noun)} sans organisme connu pour "
        f"« {label('services', view.service)} » : cela ne veut pas dire sans service."
    )
    if len(without):
        names = [typographic(name) for name in without["libelle"].head(60)]
        more = f" et {number(len(without) - 60)} autres" if len(without) > 60 else ""
        with st.expander(f"Lesquels ({LEVEL_NAMES[view.niveau].lower()})"):
            st.markdown(markdown_escaped(", ".join(names) + more))
    downloads(
        f"couverture-{view.niveau}",
        {"couverture": rows, "recouvrements": several, "sans_organisme_connu": without},
        "Couverture des services",
        view,
    )
    source_line()


def _coverage_table(rows: pd.DataFrame) -> pd.DataFrame:
    def share(value: object, people: object) -> str:
        written = percent(value, 1)
        return written if written == MISSING else f"{written} ({percent(people, 1)} des habitants)"

    return pd.DataFrame(
        {
            "Service": [label("services", code) for code in rows["service"]],
            "Cités par une source": [number(count) for count in rows["nb_cites"]],
            "Part citée, au moins": [
                share(r.part_cites, r.part_population_cites) for r in rows.itertuples()
            ],
            "Déduits": [number(count) for count in rows["nb_deduits"]],
            "Autres, dans l’aire de": [
                MISSING
                if is_missing(r.nb_dans_aire)
                else f"{number(r.nb_dans_aire)} : {coverage.area_words(r.organismes_aire)}"
                for r in rows.itertuples()
            ],
        }
    )


def _overlaps_table(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Territoire": [typographic(name) for name in rows["libelle"]],
            "Organismes": [", ".join(map(typographic, names)) for names in rows["organismes"]],
        }
    ).reset_index(drop=True)
