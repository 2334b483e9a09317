"""API of images: `/api/v1/images/carte.png?question=theme`, for papers, messages and slides."""

from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from comparisons.exports import table_writers
from comparisons.exports.images.catalogue import IMAGES, find_image
from comparisons.exports.images.chart_file import MEDIA_TYPES
from comparisons.parameters import Query
from comparisons.web.openapi import any_of_parameters, file_responses
from comparisons.web.responses import ApiRoute, file_format, made_file

router = APIRouter(route_class=ApiRoute)


@router.get(
    "/api/v1/images/{nom}.{extension}",
    summary="Carte ou graphique, avec les paramètres de sa page",
    response_class=Response,
    responses=file_responses(MEDIA_TYPES.values()),
    openapi_extra=any_of_parameters(
        {image.model for image in IMAGES.values()}, "ceux de la page qui montre l’image"
    ),
)
async def get_image(
    request: Request,
    nom: Annotated[str, Path(json_schema_extra={"enum": list(IMAGES)})],
    extension: file_format(MEDIA_TYPES),
) -> Response:
    """Return the image of a map or a chart; raises `NotFoundError` where there is none to draw."""
    return await made_file(request, MEDIA_TYPES[extension], partial(_prepare_file, nom, extension))


def _prepare_file(
    name: str, extension: str, query: Query, site: str
) -> tuple[str, Callable[[], bytes]]:
    image = find_image(name)
    view = image.read(query)
    make = partial(image.make, view, extension, f"{site}{image.page_address(view)}")
    return table_writers.file_name(name, extension), make
