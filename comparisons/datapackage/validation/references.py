"""Keys and links between rows: unique, present, without loops."""

from collections.abc import Iterable, Mapping

import pandas as pd
from rapidfuzz import fuzz, process

from comparisons.datapackage.cells import split_codes
from comparisons.datapackage.problems import WARNING, Problem, quoted, strip_control_characters
from comparisons.datapackage.reader import Package
from comparisons.datapackage.validation.context import ValidationContext
from comparisons.datapackage.validation.value_parser import fold
from comparisons.schema.model import ForeignKey, Table, load_format

# Looking for the nearest name is slow: past so many, a person looks at the file.
_MAX_SUGGESTIONS = 50

# Columns that name a row as a person does, the clearest first.
_NAMES = {
    "partenaires": ("nom", "sigle"),
    "sources": ("titre", "url"),
    "strategies": ("titre",),
}

_LOOPS = (
    ("strategies", "strategie_id", "remplace", "boucle-remplace"),
    ("budgets", "budget_id", "inclus_dans", "boucle-inclus-dans"),
)


def check_keys(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for two rows of the same table with the same key."""
    for table, frame in context.tables():
        keys = _keys(table, frame)
        lines = pd.Series(keys.index, index=keys.index)
        first = lines.groupby(list(keys.to_numpy().T)).transform("first") if len(keys) else lines
        for line in keys.index[keys.duplicated()]:
            shown = ", ".join(value or "vide" for value in keys.loc[line])
            yield context.problem(
                table.name,
                line,
                table.primary_key[0] if len(table.primary_key) == 1 else "",
                shown,
                "cle-en-double",
                f"La clé {quoted(shown)} est déjà celle de la ligne {first[line]} "
                f"({', '.join(table.primary_key)}).",
                "Retirez l’une des deux lignes, ou corrigez ce qui les distingue.",
            )


def check_references(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Follow each reference to another row."""
    for table, frame in context.tables():
        for link in table.foreign_keys:
            column, target = link.fields[0], link.reference[0]
            texts = frame[column][frame[column] != ""]
            if texts.empty:
                continue
            if not package.complete and not _is_at_hand(context, link.table):
                yield _unverified(context, table, link, len(texts))
                continue
            known = set(_column(context, link.table, target))
            missing = texts[~texts.isin(known)]
            nearest = _nearest(context, link, missing.unique()) if len(missing) else {}
            for line, text in missing.items():
                yield _dangling(context, table, line, link, text, nearest.get(text, ""))


def check_chains(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Follow each organisation that a partner names in its chain (`chaine`)."""
    partners = context.table("partenaires")
    chains = partners.loc[partners["chaine"] != "", "chaine"].map(split_codes).explode().dropna()
    if chains.empty or not (package.complete or _is_at_hand(context, "partenaires")):
        return
    link = ForeignKey(("chaine",), "partenaires", ("partenaire_id",))
    missing = chains[~chains.isin(set(_column(context, "partenaires", "partenaire_id")))]
    nearest = _nearest(context, link, missing.unique()) if len(missing) else {}
    table = load_format().tables["partenaires"]
    for line, text in missing.items():
        yield _dangling(context, table, line, link, text, nearest.get(text, ""))


def check_budget_priorities(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check that the priority which an amount finances is one of its strategy."""
    budgets = context.table("budgets")
    budgets = budgets[budgets["priorite_rang"].str.fullmatch(r"\d{1,9}")]
    if budgets.empty or not (package.complete or _is_at_hand(context, "priorites")):
        return
    strategies = _column(context, "priorites", "strategie_id")
    ranks = _column(context, "priorites", "rang")
    known = {(s, _canonical(r)) for s, r in zip(strategies, ranks, strict=True)}
    for line, row in budgets.iterrows():
        strategy, rank = row["strategie_id"], row["priorite_rang"]
        if (strategy, _canonical(rank)) not in known:
            yield context.problem(
                "budgets",
                line,
                "priorite_rang",
                rank,
                "priorite-absente",
                f"La stratégie {quoted(strategy)} n’a pas de priorité de rang {rank}.",
                "Corrigez le rang, ou ajoutez la priorité à la table «\u00a0priorites\u00a0».",
            )


def check_cycles(package: Package, context: ValidationContext) -> Iterable[Problem]:
    """Check for rows that end up containing or replacing themselves."""
    for table, key, parent, code in _LOOPS:
        frame = context.table(table).drop_duplicates(key)
        frame = frame[frame[parent] != ""]
        lines = dict(zip(frame[key], frame.index, strict=True))
        for loop in _loops(dict(zip(frame[key], frame[parent], strict=True))):
            path = " → ".join([*loop, loop[0]])
            verb = "est inclus dans lui-même" if table == "budgets" else "se remplace elle-même"
            yield context.problem(
                table,
                lines[loop[0]],
                parent,
                loop[0],
                code,
                f"{quoted(loop[0])} {verb}, par un chemin en boucle\u00a0: {path}.",
                f"Videz la cellule {quoted(parent)} d’une des lignes de la boucle.",
            )


def _keys(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the keys of the rows, numbers in one spelling.

    Those without a mandatory part aside.
    """
    keys = frame[list(table.primary_key)].copy()
    for column in table.primary_key:
        field = table.field(column)
        if field.required:
            keys = keys[keys[column] != ""]
        if field.type in {"integer", "year"}:
            keys[column] = keys[column].map(_canonical)
    return keys


def _canonical(number: str) -> str:
    return number.lstrip("0") or number


def _is_at_hand(context: ValidationContext, table: str) -> bool:
    return table in context.package.tables or table in context.published


def _column(context: ValidationContext, table: str, column: str) -> list[str]:
    """List the values of a column, in the package then among what is already published."""
    values = context.table(table)[column].tolist()
    if table in context.published:
        values += context.published[table][column].astype("str").tolist()
    return values


def _nearest(context: ValidationContext, link: ForeignKey, texts: Iterable[str]) -> dict[str, str]:
    """Find the identifier that each text is close to, or whose name it writes."""
    ids = _column(context, link.table, link.reference[0])
    names = _names(context, link, ids)
    found = {}
    for text in list(texts)[:_MAX_SUGGESTIONS]:
        plain = fold(text)
        best = names.get(plain) or next(
            (
                match[2] if isinstance(pool, dict) else match[0]
                for pool, least in ((ids, 75), (names, 85))
                if (match := process.extractOne(plain, pool, scorer=fuzz.ratio, score_cutoff=least))
            ),
            "",
        )
        if best:
            found[text] = best
    return found


def _names(context: ValidationContext, link: ForeignKey, ids: list[str]) -> dict[str, str]:
    """Return which row each name is for, folded; a name of two rows is nobody's."""
    owners: dict[str, set[str]] = {}
    for column in (link.reference[0], *_NAMES.get(link.table, ())):
        for name, identifier in zip(_column(context, link.table, column), ids, strict=True):
            if name and identifier:
                owners.setdefault(fold(name), set()).add(identifier)
    return {name: next(iter(found)) for name, found in owners.items() if len(found) == 1}


def _dangling(
    context: ValidationContext,
    table: Table,
    line: object,
    link: ForeignKey,
    text: str,
    nearest: str,
) -> Problem:
    target = load_format().tables[link.table]
    advice = f"Ajoutez la ligne à la table {quoted(target.name)}, ou corrigez l’identifiant."
    if nearest:
        name = _name(context, link, nearest)
        meant = f"{quoted(nearest)} ({strip_control_characters(name)})" if name else quoted(nearest)
        advice = f"Voulez-vous dire {meant}\u00a0? Sinon, ajoutez la ligne manquante."
    return context.problem(
        table.name,
        line,
        link.fields[0],
        text,
        "reference-absente",
        f"{quoted(text)} n’est pas dans la table {quoted(target.name)}.",
        advice,
        suggestion=nearest,
    )


def _name(context: ValidationContext, link: ForeignKey, identifier: str) -> str:
    for column in _NAMES.get(link.table, ())[:1]:
        ids = _column(context, link.table, link.reference[0])
        return _column(context, link.table, column)[ids.index(identifier)][:80]
    return ""


def _unverified(
    context: ValidationContext, table: Table, link: ForeignKey, references: int
) -> Problem:
    return context.problem(
        table.name,
        None,
        link.fields[0],
        "",
        "reference-non-verifiee",
        f"Les renvois à la table {quoted(link.table)} n’ont pas pu être suivis\u00a0: "
        "le fichier est seul.",
        "Validez le dossier ou l’archive qui réunit toutes les tables.",
        WARNING,
    )


def _loops(parents: Mapping[str, str]) -> Iterable[list[str]]:
    """Find the loops of a map « row → row that holds it », each once."""
    done: set[str] = set()
    for start in parents:
        path: list[str] = []
        rank: dict[str, int] = {}
        node = start
        while node in parents and node not in done and node not in rank:
            rank[node] = len(path)
            path.append(node)
            node = parents[node]
        if node in rank:
            yield path[rank[node] :]
        done.update(path)
