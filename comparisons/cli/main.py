"""Command line: `python -m comparisons validate PATH`, `build`, `compare`, `export`, `import` …"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from comparisons.cli.arguments import BINARY_FORMATS, UNUSABLE, build_parser
from comparisons.formatting import pluralize
from comparisons.rows import iterate_rows

_VALID, _INVALID = 0, 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command named by the arguments and return its exit code."""
    options = build_parser().parse_args(arguments)
    return _COMMANDS[options.command](options)


def _validate(options: argparse.Namespace) -> int:
    # Each command imports its own modules, so that the help stays fast.
    from comparisons.datapackage.merge import MergeError, tables_before
    from comparisons.datapackage.validation.validator import validate

    try:
        published = tables_before(options.path)
    except MergeError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    report = validate(options.path, published=published)
    if options.json:
        print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print(report.to_text())
    if not report.is_readable:
        return UNUSABLE
    return _VALID if report.is_valid else _INVALID


def _build(options: argparse.Namespace) -> int:
    from comparisons.build.build import BuildError, build
    from comparisons.lake.connection import LakeError
    from comparisons.lake.replica import build_from_lake
    from comparisons.settings import lake_address

    try:
        if lake_address():
            build_from_lake(database=options.database, progress=print)
        else:
            build(database=options.database, progress=print)
    except (BuildError, LakeError) as error:
        print(error, file=sys.stderr)
        return _INVALID
    except KeyboardInterrupt:
        print("Construction arrêtée : rien n’a été remplacé.", file=sys.stderr)
        return _INVALID
    return _VALID


def _compare(options: argparse.Namespace) -> int:
    def make() -> bytes:
        from comparisons.analysis.comparison.request import ComparisonRequest, parse_request
        from comparisons.cli import comparison
        from comparisons.cli.model_options import read_options
        from comparisons.exports import comparison_files
        from comparisons.exports.comparison_notes import ExportOptions

        keys = [_resolve_territory(text) for text in options.territories]
        request = parse_request(read_options(options, ComparisonRequest) | {"t": keys})
        export_options = ExportOptions(request.montrer, request.sections)
        if options.format == "text":
            return comparison.comparison_to_text(
                request.build_comparison(), export_options, _terminal_width()
            ).encode("utf-8")
        return comparison_files.encode(request.build_comparison(), options.format, export_options)

    return _make_and_write(options, make)


def _pairs(options: argparse.Namespace) -> int:
    def make() -> bytes:
        from comparisons.analysis.peers import study as peers_study
        from comparisons.analysis.peers.request import PeersRequest, parse_request
        from comparisons.cli import peers
        from comparisons.cli.model_options import read_options
        from comparisons.exports import peers_files

        parameters = read_options(options, PeersRequest)
        parameters["t"] = [_resolve_territory(options.territory)]
        if options.avec:
            parameters["avec"] = [_resolve_territory(text) for text in options.avec]
            parameters.setdefault("maniere", ["liste"])
        request = parse_request(parameters)
        key, choice, named_only = request.t, request.choice, request.nommes
        if options.format == "text":
            study = peers_study.load_report(key, choice, named_only)
            return peers.peers_to_text(study, _terminal_width()).encode("utf-8")
        return peers_files.encode(key, choice, options.format, named_only=named_only)

    return _make_and_write(options, make)


def _export(options: argparse.Namespace) -> int:
    def make() -> bytes:
        from comparisons.cli import tables

        key = _resolve_territory(options.territoire) if options.territoire else ""
        return tables.to_bytes(
            options.table, options.format, options.filtre, options.niveau or "", key
        )

    return _make_and_write(options, make)


def _schema(options: argparse.Namespace) -> int:
    from comparisons.datapackage.format_repository import check_repository, write_repository
    from comparisons.schema.model import load_format

    try:
        write_repository(options.output, options.depot)
    except OSError as error:
        print(error.strerror or error, file=sys.stderr)
        return UNUSABLE
    problems = check_repository(options.output)
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(
            f"« {options.output} » est conforme. À publier avec l’étiquette "
            f"v{load_format().version}."
        )
    return _INVALID if problems else _VALID


def _template(options: argparse.Namespace) -> int:
    from comparisons.datapackage.template import templates

    make = templates.example_workbook if options.exemple else templates.workbook
    return _write_content(
        (templates.short_form_template if options.court else make)(), options.output
    )


def _import(options: argparse.Namespace) -> int:
    from comparisons.build.import_package import import_package

    def ask_confirmation(text: str) -> bool:
        print(text)
        if options.oui:
            return True
        try:
            answer = input("L’ajouter ? (oui/non) ")
        except EOFError:
            answer = ""
        return answer.strip().casefold() == "oui"

    report = import_package(options.path, name=options.nom, confirm=ask_confirmation)
    is_imported = report.outcome == "fait"
    print(report.message, file=sys.stdout if is_imported else sys.stderr)
    return {"fait": _VALID, "inutilisable": UNUSABLE}.get(report.outcome, _INVALID)


def _publish(options: argparse.Namespace) -> int:
    from comparisons.lake import publishing

    def make() -> int:
        if options.from_files:
            publication = publishing.publish_folders(options.auteur, progress=print)
        else:
            publication = publishing.publish(
                options.path, options.nom, options.auteur, options.message, options.remplacer
            )
        is_published = publication.outcome in (publishing.DONE, publishing.UNCHANGED)
        print(publication.message, file=sys.stdout if is_published else sys.stderr)
        if publication.outcome == publishing.UNUSABLE:
            return UNUSABLE
        return _VALID if is_published else _INVALID

    return _in_the_lake(make)


def _snapshots(options: argparse.Namespace) -> int:
    from comparisons.lake.snapshots import list_snapshots

    def make() -> int:
        snapshots = list_snapshots()
        if options.json:
            print(snapshots.to_json(orient="records", date_format="iso", force_ascii=False))
            return _VALID
        for row in iterate_rows(snapshots):
            print(
                f"{row.instantane}  {row.date:%Y-%m-%d %H:%M}  édition {row.edition}  "
                f"{row.paquet}  {row.auteur or 'sans auteur'} : {row.message}"
            )
        return _VALID

    return _in_the_lake(make)


def _in_the_lake(make: Callable[[], int]) -> int:
    """Run a command of the lake and return its exit code; print why there is no lake."""
    from comparisons.lake.connection import LakeError
    from comparisons.settings import lake_address

    if not lake_address():
        print("Aucun lac : donnez son adresse dans STRATOSCOPE_LAKE.", file=sys.stderr)
        return UNUSABLE
    try:
        return make()
    except LakeError as error:
        print(error, file=sys.stderr)
        return UNUSABLE


def _replies(options: argparse.Namespace) -> int:
    from comparisons.cli.replies import write_sheets

    keys = _resolve_territories(options.territoires)
    if keys is None:
        return UNUSABLE
    try:
        count, text = write_sheets(keys, options.output)
    except OSError as error:
        print(f"Impossible d’écrire dans {options.output} : {error.strerror}.", file=sys.stderr)
        return UNUSABLE
    print(text)
    return _VALID if count else _INVALID


def _check_links(options: argparse.Namespace) -> int:
    from comparisons.cli import links

    try:
        urls = links.source_urls(options.path)
        states = links.check_links(urls, options.output, options.pause, print)
        if options.ecrire:
            links.write_states(options.path, states)
    except (OSError, KeyError, ValueError) as error:
        print(f"Impossible de vérifier {options.path} : {error}.", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("Arrêtée : la même commande reprendra ici.", file=sys.stderr)
        return _INVALID
    dead = [state.url for state in states if state.lien_etat == "mort"]
    print(
        f"{pluralize(len(states), 'lien vérifié', 'liens vérifiés')}, "
        f"{pluralize(len(dead), 'mort')}."
    )
    return _INVALID if dead else _VALID


def _read_document(options: argparse.Namespace) -> int:
    from comparisons.cli.documents import read_document

    if options.output is None and not options.json:
        print("Les propositions s’écrivent avec -o DOSSIER (ou --json).", file=sys.stderr)
        return UNUSABLE
    keys = _resolve_territories([options.territoire] if options.territoire else [])
    if keys is None:
        return UNUSABLE
    territory = keys[0] if keys else ""
    code, text = read_document(
        options.path, territory, options.output, options.url or "", options.json
    )
    print(text, file=sys.stderr if code == UNUSABLE else sys.stdout)
    return code


def _resolve_territory(text: str) -> str:
    """Return the key of the territory named by a text; print how it was understood, if need be."""
    from comparisons.search.resolution import resolve_territory

    key, note = resolve_territory(text)
    if note:
        print(note, file=sys.stderr)
    return key


def _resolve_territories(texts: Sequence[str]) -> list[str] | None:
    """Return the keys of territories named by texts; None, once it is said why, if one is not."""
    from comparisons.database.connection import DatabaseMissingError
    from comparisons.errors import BadRequestError

    try:
        return [_resolve_territory(text) for text in texts]
    except BadRequestError as error:
        print(error, file=sys.stderr)
    except DatabaseMissingError as error:
        print(f"{error} Lancez « python -m comparisons build ».", file=sys.stderr)
    return None


def _terminal_width() -> int:
    return shutil.get_terminal_size((100, 24)).columns


def _make_and_write(options: argparse.Namespace, make: Callable[[], bytes]) -> int:
    """Write the content that `make` builds and return an exit code; print errors in French."""
    from comparisons.database.connection import DatabaseMissingError
    from comparisons.errors import BadRequestError

    if options.format in BINARY_FORMATS and options.output is None:
        print(f"Un fichier {options.format} s’écrit avec -o FICHIER.", file=sys.stderr)
        return UNUSABLE
    try:
        content = make()
    except BadRequestError as error:
        print(error, file=sys.stderr)
        return _INVALID
    except DatabaseMissingError as error:
        print(f"{error} Lancez « python -m comparisons build ».", file=sys.stderr)
        return UNUSABLE
    return _write_content(content, options.output)


def _write_content(content: bytes, path: Path | None) -> int:
    """Write bytes to a file, or to the standard output, and return an exit code."""
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return _VALID
    try:
        if path.exists() and not path.is_file():  # a pipe, or a device
            path.write_bytes(content)
        else:
            _replace_file(path, content)
    except OSError as error:
        print(f"Impossible d’écrire {path} : {error.strerror}.", file=sys.stderr)
        return UNUSABLE
    return _VALID


def _replace_file(path: Path, content: bytes) -> None:
    """Write a file whole: the one before stays until the new one is complete."""
    new_file = path.with_name(f".{path.name}.nouveau")
    try:
        new_file.write_bytes(content)
        new_file.replace(path)
    finally:
        new_file.unlink(missing_ok=True)


_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "validate": _validate,
    "build": _build,
    "compare": _compare,
    "pairs": _pairs,
    "export": _export,
    "schema": _schema,
    "template": _template,
    "import": _import,
    "publish": _publish,
    "snapshots": _snapshots,
    "replies": _replies,
    "check-links": _check_links,
    "read-document": _read_document,
}
