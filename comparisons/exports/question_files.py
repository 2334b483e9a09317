"""Files of the answers to a question: CSV, JSON, XLSX, PDF."""

from comparisons import tabular_files
from comparisons.analysis.map_questions.views import build_layer, headline
from comparisons.analysis.questions import answers_table
from comparisons.exports import table_writers
from comparisons.exports.pdf.question_sheet import question_pdf
from comparisons.page_parameters import QuestionParameters
from comparisons.queries.questions import questions

MEDIA_TYPES = {
    **{name: table_writers.MEDIA_TYPES[name] for name in ("csv", "json", "xlsx")},
    "pdf": "application/pdf",
}


def encode(view: QuestionParameters, extension: str, address: str = "") -> bytes:
    """Return the answers in one of `MEDIA_TYPES`; raise `KeyError` for another."""
    question = questions().loc[view.question]
    writers = {
        "csv": lambda: tabular_files.to_csv(answers_table(view)),
        "json": lambda: _to_json(view, address),
        "xlsx": lambda: table_writers.to_labelled_xlsx(
            {"reponses_question": answers_table(view)},
            f"Qui l’a fait ? {question['libelle']} {question['critere']} {address}".strip(),
        ),
        "pdf": lambda: question_pdf(view, address),
    }
    return writers[extension]()


def _to_json(view: QuestionParameters, address: str) -> bytes:
    question = questions().loc[view.question]
    layer = build_layer(view.unselected())
    content = {
        "question": {
            name: table_writers.to_json_value(question[name])
            for name in ("code", "libelle", "critere", "niveaux", "tables", "themes", "cas")
        },
        "territoires": layer.subtitle,
        "resume": headline(view, layer),
        "note": layer.note,
        "reponses": table_writers.to_records(answers_table(view)),
    }
    return table_writers.to_json(content, address)
