"""Sheet of a question, to print: the map of who did it, then each proof with its source."""

from comparisons.analysis.map_layers import describe_legend
from comparisons.analysis.map_questions.views import build_layer, headline
from comparisons.analysis.questions import answers_table, proofs_to_read
from comparisons.exports import table_writers
from comparisons.exports.pdf import blocks
from comparisons.exports.pdf.map_drawing import draw_map
from comparisons.exports.pdf.map_sheet import map_words
from comparisons.exports.pdf.sections import break_long_words
from comparisons.exports.pdf.typesetting import Job, typeset
from comparisons.formatting import curly_apostrophes
from comparisons.page_parameters import QuestionParameters
from comparisons.queries.questions import questions
from comparisons.rows import iterate_rows

# Of all the proofs; the page has the others.
_MAX_PROOFS = 200


def question_pdf(view: QuestionParameters, address: str = "") -> bytes:
    """Build the A4 sheet of a question; the same dataset version gives the same bytes."""
    layer = build_layer(view.unselected())
    drawing = draw_map(layer)
    rows = answers_table(view)
    rows = rows[rows["reponse"] == "oui"]
    shown = rows.head(_MAX_PROOFS)
    content = map_words(layer, "") | {
        "criterion": questions().loc[view.question, "critere"],
        "headline": headline(view, layer),
        "note": layer.note.removeprefix(questions().loc[view.question, "critere"]).strip(),
        "alt": f"Carte : {layer.subtitle}. {describe_legend(layer)}",
        "proofs": [
            {
                "name": break_long_words(curly_apostrophes(row.nom)),
                "proof": break_long_words(blocks.shorten_line(proof, 160)),
                "publisher": break_long_words(
                    blocks.shorten_line(row.source_editeur or row.source_titre, 60)
                ),
                "date": date,
                **blocks.source_link(row.source_url),
            }
            for row, proof, date in zip(
                iterate_rows(shown),
                *proofs_to_read(shown)[["Preuve", "Date"]].T.values,
                strict=True,
            )
        ],
        "left_out": len(rows) - len(shown),
        **table_writers.origin_words(),
        "outlines": "Contours : ADMIN EXPRESS (IGN), simplifiés ; outre-mer à d’autres échelles.",
        "address": address or f"/questions?question={view.question}",
    }
    return typeset(Job("question.typ", content, {"map": drawing.svg}))
