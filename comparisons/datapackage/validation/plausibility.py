"""Check values that are well formed but improbable."""

from collections.abc import Iterable

import pandas as pd

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.descriptor import DESCRIPTOR
from comparisons.datapackage.package_date import (
    creation_day,
    creation_text,
    latest_day,
    this_day,
)
from comparisons.datapackage.problems import WARNING, Problem, file_problem, quoted
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext, to_numbers
from comparisons.formatting import format_number, pluralize

_MIN_YEAR, _MAX_YEAR = 1980, 2060
# Organisations may be created in any year.
_UNBOUNDED_YEARS = frozenset({"annee_creation"})
# In euros: no strategy nor action costs less.
_MIN_AMOUNT = 100
_MAX_LINES = 10
# Columns of which no date is in the future, and what is dated there.
_PAST_DATES = (
    ("relectures", "relu_le", "La relecture"),
    ("reponses", "demande_le", "La demande"),
    ("reponses", "repondu_le", "La réponse"),
)


def check_inverted_years(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for periods that end before they begin."""
    for table, frame in context.tables():
        if not {"annee_debut", "annee_fin"} <= set(table.columns):
            continue
        is_inverted = to_numbers(frame["annee_debut"]) > to_numbers(frame["annee_fin"])
        yield from context.row_problems(
            frame[is_inverted],
            table.name,
            "annee_fin",
            "annees-inversees",
            lambda row: (
                f"La période finit en {row.annee_fin}, avant de commencer en {row.annee_debut}."
            ),
            "Corrigez l’une des deux années, ou échangez-les.",
        )


def check_adoption_dates(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of strategies adopted after the end of their own period."""
    strategies = context.table("strategies")
    is_late = to_numbers(strategies["date_adoption"].str[:4]) > to_numbers(strategies["annee_fin"])
    return context.row_problems(
        strategies[is_late],
        "strategies",
        "date_adoption",
        "adoption-apres-fin",
        lambda row: (
            f"La stratégie est adoptée en {row.date_adoption[:4]}, après la fin de sa période "
            f"({row.annee_fin})."
        ),
        "Vérifiez la date d’adoption et la dernière année.",
        WARNING,
    )


def check_future_dates(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for readings and replies after today (or the package, on a clock that is late)."""
    today = this_day()
    created = creation_day(creation_text(package.descriptor))
    is_accepted = created is not None and created <= latest_day()
    latest = (max(today, created) if is_accepted else today).isoformat()
    for table, column, noun in _PAST_DATES:
        rows = context.table(table)
        # a date without its day or month is before the days that it begins
        for line, day in rows[column][rows[column] > latest].items():
            yield context.problem(
                table,
                line,
                column,
                day,
                "date-future",
                f"{noun} est datée {quoted(day)}, ce qui est dans l’avenir.",
                f"Écrivez le jour où cela s’est fait, par exemple {quoted(today.isoformat())} pour "
                "aujourd’hui.",
            )


def check_creation_date(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that the date of a package, if it has one, is a day of the calendar up to today."""
    created = creation_text(package.descriptor)
    day = creation_day(created)
    if created and day is None:
        yield file_problem(
            DESCRIPTOR,
            "date-mal-formee",
            f"La date du paquet (« created »), {quoted(created)}, n’est pas un jour du calendrier.",
            "Écrivez-la dans datapackage.json comme 2026-11-23T00:00:00Z.",
            value=created,
        )
    elif created and day > latest_day():
        yield file_problem(
            DESCRIPTOR,
            "date-future",
            f"Le paquet est daté du {day} (« created »), ce qui est dans l’avenir.",
            f"Datez-le dans datapackage.json du jour de ses faits, au plus tard du {this_day()}.",
            value=created,
        )


def check_package_date(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for a package that is dated before the day on which one of its sources was read."""
    created = creation_text(package.descriptor)[:10]
    if creation_day(created) is None:
        return
    for table, column in (("sources", "consulte_le"), *(dated[:2] for dated in _PAST_DATES)):
        dates = context.table(table)[column]
        # a date without its day is that of the whole month, or year
        later_dates = dates[dates > created]
        if later_dates.empty:
            continue
        newest = later_dates.max()
        yield context.problem(
            table,
            later_dates.index[later_dates == newest][0],
            column,
            newest,
            "paquet-anterieur",
            f"Le paquet est daté du {created} (« created »), avant une lecture du {newest} : "
            "deux états différents porteraient la même date.",
            f"Datez le paquet du {newest} ou d’après, dans datapackage.json, et changez sa "
            f"version.",
        )


def check_year_range(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of years that are improbable for a digital strategy."""
    for table, frame in context.tables():
        for field in table.fields:
            if field.name in _UNBOUNDED_YEARS or not (field.type == "year" or field.kind == "date"):
                continue
            texts = frame[field.name]
            years = to_numbers(texts.where(texts.str.match(r"\d{4}(-|$)"), "").str[:4])
            for line, text in texts[(years < _MIN_YEAR) | (years > _MAX_YEAR)].items():
                yield context.problem(
                    table.name,
                    line,
                    field.name,
                    text,
                    "annee-lointaine",
                    f"{quoted(text)} est loin des années attendues ({_MIN_YEAR} à {_MAX_YEAR}).",
                    "Vérifiez qu’il ne s’agit pas d’une faute de frappe.",
                    WARNING,
                )


def check_tiny_amounts(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of amounts of some euros, which were typed in thousands or millions."""
    budgets = context.table("budgets")
    amounts = to_numbers(budgets["montant"])
    return context.row_problems(
        budgets[(amounts > 0) & (amounts < _MIN_AMOUNT)],
        "budgets",
        "montant",
        "montant-minuscule",
        lambda row: (
            f"Ce montant fait {format_number(row.montant, 2)} € : c’est peu pour une stratégie."
        ),
        "Écrivez le montant en euros, sans diviser par mille ni par un million.",
        WARNING,
    )


def check_source_dates(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn, once for the table, of sources without a date of publication."""
    sources = context.table("sources")
    undated = sources.index[sources["date_publication"] == ""]
    if undated.empty:
        return
    lines_text = ", ".join(map(str, undated[:_MAX_LINES]))
    ellipsis = "…" if len(undated) > _MAX_LINES else ""
    yield context.problem(
        "sources",
        undated[0],
        "date_publication",
        "",
        "source-non-datee",
        f"{pluralize(len(undated), 'source')} sur {format_number(len(sources))} sans date de "
        f"publication (ligne{'s' if len(undated) > 1 else ''} {lines_text}{ellipsis}).",
        "Ajoutez la date si le document la porte : l’année seule suffit.",
        WARNING,
    )


def check_repeated_wordings(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of a wording that comes twice in one strategy."""
    priorities = context.table("priorites")
    folded_texts = (
        priorities["intitule"].str.casefold().str.replace(r"\W+", " ", regex=True).str.strip()
    )
    keys = pd.DataFrame({"strategie_id": priorities["strategie_id"], "intitule": folded_texts})
    is_repeated = keys.duplicated() & (priorities["intitule"] != "")
    return context.row_problems(
        priorities[is_repeated],
        "priorites",
        "intitule",
        "intitule-repete",
        lambda row: (
            f"L’intitulé {quoted(row.intitule)} figure déjà dans la stratégie "
            f"{quoted(row.strategie_id)}."
        ),
        "Retirez la répétition, ou précisez l’intitulé.",
        WARNING,
    )


def check_repeated_themes(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of secondary themes that repeat the main one, or each other."""
    priorities = context.table("priorites")
    is_repeated = [
        theme in codes or len(set(codes)) < len(codes)
        for theme, codes in zip(
            priorities["theme"], map(split_codes, priorities["themes_secondaires"]), strict=True
        )
    ]
    return context.row_problems(
        priorities[pd.Series(is_repeated, index=priorities.index, dtype="bool")],
        "priorites",
        "themes_secondaires",
        "theme-secondaire-repete",
        lambda row: "Un thème secondaire répète le thème principal, ou figure deux fois.",
        "Retirez la répétition.",
        WARNING,
    )


def check_self_coverage(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Warn of coverages that name the lead territory itself."""
    key_columns = ["strategie_id", "territoire_niveau", "territoire_code"]
    leads = pd.MultiIndex.from_frame(context.table("strategies")[key_columns])
    coverages = context.table("couvertures")
    is_lead = pd.MultiIndex.from_frame(coverages[key_columns]).isin(leads)
    return context.row_problems(
        coverages[is_lead],
        "couvertures",
        "territoire_code",
        "couverture-redondante",
        lambda row: "Ce territoire est déjà le chef de file de la stratégie.",
        "Retirez la ligne : le chef de file est couvert d’office.",
        WARNING,
    )
