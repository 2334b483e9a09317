"""Build the problems that only the short form has, in French with their remedies."""

from collections.abc import Mapping
from dataclasses import replace

from comparisons.datapackage.problems import ERROR, WARNING, Problem, quoted
from comparisons.formatting import format_number, join_words, shorten
from comparisons.schema.model import code_label

_FULL_FORM = "le modèle complet (feuilles « partenaires » et « mutualisations »)"


def missing_theme(problem: Problem, wording: str) -> Problem:
    """Return the problem of a priority without theme, with the remedy in the syntax of the form.

    The suggested theme of `problem`, if any, is part of the remedy.
    """
    start = shorten(wording, 40, keep_words=False)
    remedy = (
        f"Écrivez {quoted(f'{start} [code du thème]')}, avec un code de la liste "
        "« themes », comme donnees."
    )
    if problem.suggestion:
        written = quoted(f"{start} [{problem.suggestion}]")
        remedy = f"{problem.remedy} Si c’est bien cela, écrivez {written}."
    message = f"La priorité {quoted(wording)} n’a pas de thème entre crochets."
    return replace(problem, value=wording, message=message, remedy=remedy)


class ShortFormMessages:
    """Problems of one short form, in the list `problems`; each method adds one."""

    def __init__(self, file: str) -> None:
        """Create an empty list of problems for `file`."""
        self.file = file
        self.problems: list[Problem] = []

    def ambiguous_level(self, line: int, code: str, names: Mapping[str, str]) -> None:
        """Report a code that several territories have (`names` by level)."""
        territory_names = join_words(
            [f"{name} ({code_label('niveaux', level).lower()})" for level, name in names.items()]
        )
        self._add(
            line,
            "territoire_niveau",
            code,
            "formulaire-court",
            f"{quoted(code)} est un code de plusieurs territoires : {territory_names}.",
            "Remplissez la colonne « territoire_niveau » : "
            f"{join_words([quoted(level) for level in names], 'ou')}.",
        )

    def too_many_rows(self, line: int, max_rows: int) -> None:
        """Report that the form expands to more than `max_rows` rows."""
        self._add(
            line,
            "",
            "",
            "formulaire-court",
            f"Les lignes qui précèdent font déjà plus de {format_number(max_rows)} lignes de "
            "tables : la suite n’a pas été lue.",
            "Séparez le formulaire en plusieurs fichiers.",
        )

    def repeated_strategy(self, line: int, code: str, first_line: int) -> None:
        """Report a line with the same strategy identifier as the line `first_line`."""
        self._add(
            line,
            "territoire_code",
            code,
            "cle-en-double",
            f"La ligne {first_line} est déjà une stratégie de ce territoire, du même type et de la "
            "même année.",
            "Retirez l’une des deux lignes, ou corrigez le type ou la date d’adoption.",
        )

    def malformed_priority(self, line: int, written: str) -> None:
        """Report a priority with malformed brackets."""
        self._add(
            line,
            "priorites",
            written,
            "valeur-obligatoire-absente",
            f"La priorité {quoted(written)} ne finit pas par un seul thème entre crochets.",
            "Écrivez l’intitulé puis un code de la liste « themes », entre crochets "
            "(comme [donnees]) ; une barre verticale (|) sépare deux priorités.",
        )

    def missing_wording(self, line: int, written: str) -> None:
        """Report a theme without the wording of its priority."""
        self._add(
            line,
            "priorites",
            written,
            "valeur-obligatoire-absente",
            f"{quoted(written)} n’a pas d’intitulé avant le thème.",
            "Écrivez l’intitulé de la priorité, puis son thème entre crochets.",
        )

    def unknown_value(self, line: int, column: str, written: str) -> None:
        """Report a cell that says that its value is not known, read as empty."""
        self._add(
            line,
            column,
            written,
            "inconnu-ecrit",
            f"{quoted(written)} a été lu comme une cellule vide : on ne sait pas.",
            "Rien à faire si c’est bien cela ; sinon, corrigez la cellule.",
            WARNING,
        )

    def missing_amount(self, line: int) -> None:
        """Report what is said of an amount that is not given."""
        self._add(
            line,
            "montant_total",
            "",
            "inconnu-ecrit",
            "Le montant est vide : son étape, son périmètre et ses années n’ont pas été lus.",
            "Rien à faire si le montant n’est pas connu ; sinon, écrivez-le.",
            WARNING,
        )

    def interpreted_period(self, line: int, written: str, period: str) -> None:
        """Report a period that is not written as the form asks, and has one meaning."""
        self._add(
            line,
            "montant_annees",
            written,
            "valeur-interpretee",
            f"{quoted(written)} a été lu comme {quoted(period)}.",
            "Rien à faire si c’est bien cela ; sinon, corrigez la cellule.",
            WARNING,
        )

    def invalid_period(self, line: int, written: str, likely: str) -> None:
        """Report a cell that is neither a year nor a period, with the likely one ("" if none)."""
        self._add(
            line,
            "montant_annees",
            written,
            "annee-mal-formee",
            f"{quoted(written)} n’est ni une année, ni une période.",
            f"Si c’est bien cela, écrivez {quoted(likely)}."
            if likely
            else "Écrivez les années à quatre chiffres : « 2021-2026 » ou « 2021 ».",
            suggestion=likely,
        )

    def missing_service(self, line: int, written: str) -> None:
        """Report a partner without its service between brackets."""
        self._add(
            line,
            "partenaires",
            written,
            "valeur-obligatoire-absente",
            f"Le partenaire {quoted(written)} ne finit pas par un service entre crochets.",
            "Écrivez le Siren puis le service, et le rôle si vous le savez : "
            "« 200054807 [cybersecurite, membre] » ; une barre verticale (|) "
            "sépare deux partenaires.",
        )

    def unknown_partner(self, line: int, name: str) -> None:
        """Report a partner that no published package describes."""
        self._add(
            line,
            "partenaires",
            name,
            "reference-absente",
            f"Aucun partenaire déjà publié n’a pour Siren ou pour identifiant {quoted(name)}.",
            f"Vérifiez le numéro ; un partenaire nouveau se décrit dans {_FULL_FORM}.",
        )

    def invalid_contact(self, line: int, written: str) -> None:
        """Report a contact that is not an e-mail address."""
        self._add(
            line,
            "contact_generique",
            written,
            "formulaire-court",
            f"{quoted(written)} n’est pas une adresse électronique.",
            "Écrivez l’adresse d’un service, comme « numerique@exemple.fr », ou rien.",
        )

    def personal_contact(self, line: int, written: str) -> None:
        """Report a contact that seems to be the address of a person."""
        self._add(
            line,
            "contact_generique",
            written,
            "formulaire-court",
            f"{quoted(written)} semble être l’adresse d’une personne.",
            "Écrivez l’adresse d’un service, ou rien : le format ne garde aucune donnée "
            "personnelle.",
        )

    def _add(
        self,
        line: int,
        column: str,
        value: str,
        code: str,
        message: str,
        remedy: str,
        severity: str = ERROR,
        suggestion: str = "",
    ) -> None:
        self.problems.append(
            Problem(
                self.file, int(line), column, value, code, message, remedy, severity, suggestion
            )
        )
