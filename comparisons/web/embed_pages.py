"""Pages for the frames of other sites: `/integrer/carte?question=theme`."""

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response

from comparisons.exports import embeds, table_writers
from comparisons.parameters import Query
from comparisons.web.middleware.security_headers import BASE_CSP
from comparisons.web.responses import ApiRoute, made_file

router = APIRouter(route_class=ApiRoute)


@router.get("/integrer/{nom}", include_in_schema=False)
async def get_embed(request: Request, nom: str) -> Response:
    """Return a page that any site may frame; raises `NotFoundError` for an unknown one."""

    def prepare(query: Query, site: str) -> tuple[str, Callable[[], bytes]]:
        view = embeds.embedded(nom).read(query)
        return table_writers.file_name(nom, "html"), partial(embeds.embed, nom, view, site)

    return await made_file(request, embeds.MEDIA_TYPE, prepare, {BASE_CSP: embeds.CSP})
