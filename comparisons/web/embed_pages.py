"""Pages for the frames of other sites: `/integrer/carte?question=theme`."""

from functools import partial

from fastapi import APIRouter, Request, Response

from comparisons.exports import embeds, table_writers
from comparisons.web.addresses import site_of
from comparisons.web.middleware.security_headers import BASE_CSP
from comparisons.web.responses import ApiRoute, file_response, query_params, writer_of

router = APIRouter(route_class=ApiRoute)


@router.get("/integrer/{nom}", include_in_schema=False)
async def get_embed(request: Request, nom: str) -> Response:
    """Return a page that any site may frame; raises `NotFoundError` for an unknown one."""

    def prepare() -> tuple[str, object]:
        view = embeds.embedded(nom).read(query_params(request))
        write = writer_of(partial(embeds.embed, nom, view, site_of(request)))
        return table_writers.file_name(nom, "html"), write

    return await file_response(request, embeds.MEDIA_TYPE, prepare, {BASE_CSP: embeds.CSP})
