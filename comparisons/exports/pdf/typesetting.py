"""Typeset a file in a process of its own.

The typesetter keeps what it computed for the next file, hundreds of megabytes of the site after
some dozens; a process gives them back, and ends with the request that waits for it.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import typst

from comparisons.concurrency import raise_if_interrupted
from comparisons.errors import PayloadTooLargeError
from comparisons.exports.images.texts import font_folder
from comparisons.processes import SITE_PROCESSES, set_process_limits

# Of processor: the longest comparison takes two.
_MAX_SECONDS = 30
_MAX_MEMORY = 3 << 30
_MAX_FILE_BYTES = 50_000_000
# Share of its height below which a last page is near-empty.
_MIN_LAST_PAGE_FILL = 0.4
# PDF/UA-1: titles, tables, figures and reading order are tagged for screen readers.
_PDF_STANDARD = "ua-1"
_PIXELS_PER_INCH = 200


class TypesettingError(RuntimeError):
    """A file that could not be typeset; carries what the typesetter says of it."""


@dataclass(frozen=True)
class Job:
    """What to typeset: a template of this folder, its texts and drawings, the layouts to try.

    `words["date"]` holds year, month and day. The first of `settings` that `fits` is taken, on one
    page (`one_page`, else the last) or without a last page near-empty (`full_last_page`, else the
    one whose last page is the fullest). `extension` is pdf, png or svg.
    """

    template: str
    words: dict
    drawings: Mapping[str, str] = field(default_factory=dict)
    settings: Sequence[dict] = ({},)
    fits: str = ""
    extension: str = "pdf"


def typeset(job: Job) -> bytes:
    """Typeset a file in a process; raises `TypesettingError`, or `PayloadTooLargeError` at limits.

    Texts and drawings are inputs of the template, never markup. The same job gives the same bytes.
    """
    with tempfile.TemporaryFile() as output:
        request = json.dumps(asdict(job), ensure_ascii=False).encode()
        # twice as long on a busy machine
        result = SITE_PROCESSES.run(__name__, (), request, output, 2 * _MAX_SECONDS)
        content = output.read()
    raise_if_interrupted()
    if result.stopped or result.code < 0:
        raise PayloadTooLargeError(
            "Ce document demande trop de temps ou de mémoire : demandez-en un plus court."
        )
    if result.code:
        raise TypesettingError(content.decode(errors="replace") or f"exit code {result.code}")
    return content


@cache
def _fonts() -> typst.Fonts:
    # none of the system, so that files are the same on every machine
    return typst.Fonts(include_system_fonts=False, font_paths=[font_folder()])


def _compile(job: Job) -> bytes:
    words = json.dumps(job.words, ensure_ascii=False)
    options = {"timestamp": datetime(*job.words["date"], tzinfo=UTC), "format": job.extension}
    if job.extension == "pdf":
        options["pdf_standards"] = _PDF_STANDARD
    if job.extension == "png":
        options["ppi"] = _PIXELS_PER_INCH
    best_score, content = -1.0, b""
    for setting in job.settings:
        inputs = {"words": words, "setting": json.dumps(setting), **job.drawings}
        compiler = typst.Compiler(
            Path(__file__).with_name(job.template), font_paths=_fonts(), sys_inputs=inputs
        )
        score = _score(compiler, job.fits)
        if score >= best_score:
            best_score, content = score, compiler.compile(**options)
        if score >= _MIN_LAST_PAGE_FILL:
            break
    return content


def _score(compiler: typst.Compiler, fits: str) -> float:
    """Return 1 for a layout that fits, less for others, by where it ends (metadata `<end>`)."""
    if not fits:
        return 1
    end = json.loads(compiler.query("<end>", field="value", one=True))
    if end["page"] == 1:
        return 1
    return end["down"] if fits == "full_last_page" else 0


def prepare() -> None:
    """Load the fonts."""
    _fonts()


def main() -> None:
    """Typeset the job of the standard input on the standard output, within limits."""
    job = Job(**json.load(sys.stdin))
    set_process_limits(_MAX_SECONDS, _MAX_MEMORY, _MAX_FILE_BYTES, niceness=5)
    try:
        content = _compile(job)
    except typst.TypstError as error:
        content, code = f"{error} {error.hints}".encode(), 1
    else:
        code = 0
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    sys.exit(code)
