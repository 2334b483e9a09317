"""Language of an answer: that of the parameter `lang`, else the one that `Accept-Language` prefers.

Errors are in French, whatever the language.
"""

from contextlib import suppress

from pydantic import Field
from starlette.requests import Request

from comparisons.parameters import Parameters, one_of
from comparisons.translation import LANGUAGES
from comparisons.web.responses import query_params


class LanguageParameters(Parameters):
    """The language of the texts of an answer."""

    lang: one_of(LANGUAGES) = Field(
        "", description="langue des textes : fr ou en ; sans elle, celle de « Accept-Language »"
    )

    def language(self, request: Request) -> str:
        """Return the language in which to answer a request."""
        return self.lang or _preferred(request.headers.get("accept-language", ""))


def language_of(request: Request) -> str:
    """Return the language in which to answer; raise `BadRequestError` for another parameter."""
    return LanguageParameters.read_strictly(query_params(request)).language(request)


def _preferred(accepted: str) -> str:
    """Return the language that `Accept-Language` prefers: French unless it likes English better."""
    qualities = dict.fromkeys(LANGUAGES, 0.0)
    for item in accepted.split(","):
        tag, _, quality = item.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in qualities:
            with suppress(ValueError):
                value = float(quality.partition("=")[2] or 1)
                qualities[language] = max(qualities[language], value)
    return max(LANGUAGES, key=qualities.__getitem__)
