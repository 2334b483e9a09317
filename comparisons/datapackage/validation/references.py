"""Check keys and links between rows: unique, present, without cycles."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.problems import WARNING, Problem, quoted, strip_control_characters
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.formatting import closest, fold
from comparisons.schema.model import ForeignKey, Table, load_format

# The search for the closest name is slow: only the first missing references have one.
_MAX_SUGGESTIONS = 50

# Columns that hold the names of a row, the clearest first.
_NAME_COLUMNS = {
    "partenaires": ("nom", "sigle"),
    "sources": ("titre", "url"),
    "strategies": ("titre",),
}

_CYCLE_COLUMNS = (
    ("strategies", "strategie_id", "remplace", "boucle-remplace"),
    ("budgets", "budget_id", "inclus_dans", "boucle-inclus-dans"),
)


def check_keys(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for two rows of the same table with the same key."""
    for table, frame in context.tables():
        keys = _complete_keys(table, frame)
        lines = pd.Series(keys.index, index=keys.index)
        first_lines = (
            lines.groupby(list(keys.to_numpy().T)).transform("first") if len(keys) else lines
        )
        for line in keys.index[keys.duplicated()]:
            key_text = ", ".join(value or "vide" for value in keys.loc[line])
            yield context.problem(
                table.name,
                line,
                table.primary_key[0] if len(table.primary_key) == 1 else "",
                key_text,
                "cle-en-double",
                f"La clé {quoted(key_text)} est déjà celle de la ligne {first_lines[line]} "
                f"({', '.join(table.primary_key)}).",
                "Retirez l’une des deux lignes, ou corrigez ce qui les distingue.",
            )


def check_references(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that each reference names an existing row."""
    for table, frame in context.tables():
        for foreign_key in table.foreign_keys:
            column = foreign_key.fields[0]
            texts = frame[column][frame[column] != ""]
            if texts.empty:
                continue
            if not package.is_complete and not _is_available(context, foreign_key.table):
                yield _unverified_references(context, table, foreign_key, len(texts))
                continue
            yield from _missing_references(context, table, foreign_key, texts)


def check_chains(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that each organisation in the chain (`chaine`) of a partner exists."""
    partners = context.table("partenaires")
    chains = partners.loc[partners["chaine"] != "", "chaine"].map(split_codes).explode().dropna()
    if chains.empty or not (package.is_complete or _is_available(context, "partenaires")):
        return
    foreign_key = ForeignKey(("chaine",), "partenaires", ("partenaire_id",))
    yield from _missing_references(
        context, load_format().tables["partenaires"], foreign_key, chains
    )


def check_budget_priorities(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that the priority which an amount finances is one of its strategy."""
    budgets = context.table("budgets")
    budgets = budgets[budgets["priorite_rang"].str.fullmatch(r"\d{1,9}")]
    if budgets.empty or not (package.is_complete or _is_available(context, "priorites")):
        return
    strategies = _column_values(context, "priorites", "strategie_id")
    ranks = _column_values(context, "priorites", "rang")
    existing_ranks = {
        (strategy_id, _strip_zeros(rank_text))
        for strategy_id, rank_text in zip(strategies, ranks, strict=True)
    }
    # a rank that is no number has its own problem, and would be found once mended
    unread = {strategy for strategy, rank in existing_ranks if not rank.isdigit()}
    for line, row in budgets[~budgets["strategie_id"].isin(unread)].iterrows():
        strategy, rank = row["strategie_id"], row["priorite_rang"]
        if (strategy, _strip_zeros(rank)) not in existing_ranks:
            yield context.problem(
                "budgets",
                line,
                "priorite_rang",
                rank,
                "priorite-absente",
                f"La stratégie {quoted(strategy)} n’a pas de priorité de rang {rank}.",
                "Corrigez le rang, ou ajoutez la priorité à la table « priorites ».",
            )


def check_cycles(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for rows that contain or replace themselves through a cycle."""
    for table, key, parent, code in _CYCLE_COLUMNS:
        frame = context.table(table).drop_duplicates(key)
        frame = frame[frame[parent] != ""]
        lines = dict(zip(frame[key], frame.index, strict=True))
        for cycle in _find_cycles(dict(zip(frame[key], frame[parent], strict=True))):
            path = " → ".join([*cycle, cycle[0]])
            verb = "est inclus dans lui-même" if table == "budgets" else "se remplace elle-même"
            yield context.problem(
                table,
                lines[cycle[0]],
                parent,
                cycle[0],
                code,
                f"{quoted(cycle[0])} {verb}, par un chemin en boucle : {path}.",
                f"Videz la cellule {quoted(parent)} d’une des lignes de la boucle.",
            )


def _complete_keys(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the complete keys of the rows, with numbers without leading zeros."""
    keys = frame[list(table.primary_key)].copy()
    for column in table.primary_key:
        field = table.field(column)
        if field.required:
            keys = keys[keys[column] != ""]
        if field.type in {"integer", "year"}:
            keys[column] = keys[column].map(_strip_zeros)
    return keys


def _strip_zeros(number: str) -> str:
    return number.lstrip("0") or number


def _is_available(context: ValidationContext, table: str) -> bool:
    return table in context.package.tables or table in context.published


def _column_values(context: ValidationContext, table: str, column: str) -> list[str]:
    """List the values of a column, in the package then among what is already published."""
    values = context.table(table)[column].tolist()
    if table in context.published:
        values += context.published[table][column].astype("str").tolist()
    return values


def _closest_ids(
    context: ValidationContext, foreign_key: ForeignKey, texts: Iterable[str]
) -> dict[str, str]:
    """Return the closest identifier of each text, by identifier or by name (text → id)."""
    ids = _column_values(context, foreign_key.table, foreign_key.reference[0])
    names = _id_by_name(context, foreign_key, ids)
    closest_ids = {}
    for text in list(texts)[:_MAX_SUGGESTIONS]:
        closest_id = (
            names.get(fold(text)) or closest(text, ids, 75) or names.get(closest(text, names, 85))
        )
        if closest_id:
            closest_ids[text] = closest_id
    return closest_ids


def _id_by_name(
    context: ValidationContext, foreign_key: ForeignKey, ids: list[str]
) -> dict[str, str]:
    """Return the identifier of each folded name that belongs to only one row."""
    ids_by_name: dict[str, set[str]] = {}
    for column in (foreign_key.reference[0], *_NAME_COLUMNS.get(foreign_key.table, ())):
        for name, identifier in zip(
            _column_values(context, foreign_key.table, column), ids, strict=True
        ):
            if name and identifier:
                ids_by_name.setdefault(fold(name), set()).add(identifier)
    return {
        name: next(iter(ids_of_name))
        for name, ids_of_name in ids_by_name.items()
        if len(ids_of_name) == 1
    }


def _missing_references(
    context: ValidationContext, table: Table, foreign_key: ForeignKey, texts: pd.Series
) -> Iterator[Problem]:
    """Yield the problem of each text that names no row, by its line."""
    existing_ids = set(_column_values(context, foreign_key.table, foreign_key.reference[0]))
    missing = texts[~texts.isin(existing_ids)]
    closest_ids = _closest_ids(context, foreign_key, missing.unique()) if len(missing) else {}
    for line, text in missing.items():
        yield _missing_reference(context, table, line, foreign_key, text, closest_ids.get(text, ""))


def _missing_reference(
    context: ValidationContext,
    table: Table,
    line: object,
    foreign_key: ForeignKey,
    text: str,
    closest_id: str,
) -> Problem:
    target = load_format().tables[foreign_key.table]
    advice = f"Ajoutez la ligne à la table {quoted(target.name)}, ou corrigez l’identifiant."
    if closest_id:
        name = _row_name(context, foreign_key, closest_id)
        suggestion = (
            f"{quoted(closest_id)} ({strip_control_characters(name)})"
            if name
            else quoted(closest_id)
        )
        advice = f"Voulez-vous dire {suggestion} ? Sinon, ajoutez la ligne manquante."
    return context.problem(
        table.name,
        line,
        foreign_key.fields[0],
        text,
        "reference-absente",
        f"{quoted(text)} n’est pas dans la table {quoted(target.name)}.",
        advice,
        suggestion=closest_id,
    )


def _row_name(context: ValidationContext, foreign_key: ForeignKey, identifier: str) -> str:
    for column in _NAME_COLUMNS.get(foreign_key.table, ())[:1]:
        ids = _column_values(context, foreign_key.table, foreign_key.reference[0])
        return _column_values(context, foreign_key.table, column)[ids.index(identifier)][:80]
    return ""


def _unverified_references(
    context: ValidationContext, table: Table, foreign_key: ForeignKey, references: int
) -> Problem:
    return context.problem(
        table.name,
        None,
        foreign_key.fields[0],
        "",
        "reference-non-verifiee",
        f"Les renvois à la table {quoted(foreign_key.table)} n’ont pas pu être suivis : "
        "le fichier est seul.",
        "Validez le dossier ou l’archive qui réunit toutes les tables.",
        WARNING,
    )


def _find_cycles(parents: Mapping[str, str]) -> Iterable[list[str]]:
    """Yield the cycles of a mapping « row → row that contains it », each once."""
    visited: set[str] = set()
    for start in parents:
        path: list[str] = []
        index_by_node: dict[str, int] = {}
        node = start
        while node in parents and node not in visited and node not in index_by_node:
            index_by_node[node] = len(path)
            path.append(node)
            node = parents[node]
        if node in index_by_node:
            yield path[index_by_node[node] :]
        visited.update(path)
