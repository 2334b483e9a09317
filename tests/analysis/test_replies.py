"""What a territory replies of its facts: a sheet filled in, checked, and shown beside them."""

import pypdfium2
import pytest
from package_files import build_workbook
from recounted import facts

from comparisons.analysis.profile import load_profile
from comparisons.analysis.profile_tables import budgets_table
from comparisons.analysis.replies import REPLY_COLUMN, describe_rates, reply_rates, sheet_rows
from comparisons.build.preview import Preview, published_tables
from comparisons.cli.main import main
from comparisons.database.connection import use_preview
from comparisons.datapackage.reader import read_upload
from comparisons.datapackage.validation.report import Report
from comparisons.datapackage.validation.validator import validate
from comparisons.exports.pdf.compiler import territory_pdf
from comparisons.exports.reply_sheets import reply_letter, reply_sheet

pytestmark = pytest.mark.usefixtures("database")

KEY, ASKED, REPLIED = "region-53", "2026-11-20", "2026-11-25"


def checked(cells: dict[int, dict[str, str]], rows=None) -> Report:
    """Check the sheet of Brittany with some replies, by number of row."""
    rows = sheet_rows(KEY, ASKED) if rows is None else rows
    for number, reply in cells.items():
        rows.loc[number, list(reply)] = list(reply.values())
    table = [list(rows.columns), *rows.to_numpy().tolist()]
    content = build_workbook({"reponses": table})
    return validate(read_upload(content, "fiche.xlsx"), published=published_tables())


def is_brittany(row: dict) -> bool:
    return (row["territoire_niveau"], row["territoire_code"]) == ("region", "53")


def reply(opinion: str, **cells: str) -> dict[str, str]:
    return {"avis": opinion, "repondu_le": REPLIED, "fonction": "Direction du numérique"} | cells


def test_the_sheet_sent_is_valid_and_holds_every_fact_of_the_territory():
    report = validate(read_upload(reply_sheet(KEY, ASKED), "fiche.xlsx"))
    assert report.problems == ()
    sent = report.package.tables["reponses"]
    ids = {r["strategie_id"] for r in facts("strategies") if is_brittany(r)}
    expected = len(ids)
    expected += sum(r["strategie_id"] in ids for r in facts("priorites"))
    expected += sum(r["strategie_id"] in ids for r in facts("budgets"))
    for table in ("mutualisations", "indicateurs"):
        expected += sum(map(is_brittany, facts(table)))
    assert len(sent) == expected and set(sent["avis"]) == {""}
    assert reply_letter(KEY, ASKED).startswith(b"PK")


def test_replies_stand_beside_the_facts_and_overwrite_none():
    rows = sheet_rows(KEY, ASKED)
    amounts = rows.index[rows["table"] == "budgets"]
    wording = rows.index[rows["table"] == "priorites"][0]
    report = checked(
        {
            amounts[0]: reply("exact"),
            amounts[1]: reply("inexact", correction="14 M€ <b>votés</b>"),
            wording: reply("complete", correction="et les lycées", affichage="Un autre texte"),
        }
    )
    assert report.problems == ()
    before = load_profile(KEY)
    with use_preview(Preview.from_package(report)):
        profile, rates = load_profile(KEY), reply_rates().set_index("territoire_niveau")
        sentence, pdf = describe_rates(), territory_pdf(KEY, "")
    assert before.replies_sentence == "" and "avis" not in before.budgets
    assert profile.replies_sentence == (
        "Relu par la Région Bretagne le 25 novembre 2026 : 2\N{NO-BREAK SPACE}faits sur "
        f"{len(rows)} exacts, 1 contesté, {len(rows) - 3} sans réponse."
    )
    assert profile.budgets["montant"].tolist() == before.budgets["montant"].tolist()
    cells = budgets_table(profile.budgets)[REPLY_COLUMN].tolist()
    assert sum("confirmé le 25 novembre 2026" in cell for cell in cells) == 1
    contested = next(cell for cell in cells if cell.startswith("contesté"))
    assert "14 M€" in contested and "<b>" not in contested
    axis = next(a for a in profile.priorities["avis"] if a)
    assert axis.sentence.endswith("et les lycées ; le fait a changé depuis")
    assert rates.loc["region", ["nb_exacts", "nb_completes", "nb_contestes"]].tolist() == [1, 1, 1]
    assert rates.loc["toutes", "taux_exacts"] == pytest.approx(2 / 3)
    assert "confirmés : 2 ; contestés : 1" in sentence
    assert "1 contesté" in " ".join(
        pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split()
    )


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"avis": "exact"}, "reponse-incomplete"),
        ({"correction": "14 M€"}, "reponse-incomplete"),
        (reply("inexact"), "correction-absente"),
        (reply("exact", fait="autre-2020"), "fait-absent"),
        (reply("exact", fonction="dgs@exemple.fr"), "valeur-mal-formee"),
        (reply("oui"), "code-inconnu"),
        (reply("exact", repondu_le="2059-01-01"), "date-future"),
    ],
)
def test_a_faulty_reply_is_told(cells, code):
    report = checked({0: cells})
    assert {problem.code for problem in report.problems} == {code}


def test_a_territory_without_replies_and_one_without_facts_say_nothing():
    assert load_profile("departement-35").replies_sentence == ""
    assert sheet_rows("commune-53001", ASKED).empty
    assert describe_rates() == "Aucune collectivité n’a encore été invitée à relire ses faits."


def test_the_command_writes_a_sheet_and_a_letter_where_there_are_facts(tmp_path, capsys):
    command = ["replies", "-o", str(tmp_path), "--territoires"]
    assert main([*command, "commune-01001"]) == 1 and list(tmp_path.iterdir()) == []
    assert main([*command, "region-53", "commune-01001"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "a-relire-region-53.xlsx", "a-relire-region-53.docx",
    }  # fmt: skip
    # what an earlier run wrote is no success of this one
    assert main([*command, "commune-01001"]) == 1
    assert main([*command, "atlantide"]) == 2 and "atlantide" in capsys.readouterr().err
