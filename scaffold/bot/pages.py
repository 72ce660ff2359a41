"""What the bot shows to people: pages, read-only, on a port of their own."""

from collections.abc import Callable, Mapping
from mimetypes import guess_type

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

Files = Callable[[], Mapping[str, bytes]]
"""The files by their path, as they are now; none before they were made once."""

_RETRY = 10  # seconds
_HEADERS = {
    "Cache-Control": "no-cache",  # they are made anew with each pass
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def pages_app(files: Files) -> Starlette:
    """Answers GET and HEAD with the files, by their paths; `/` is `index.html`."""

    async def page(request: Request) -> Response:
        found = files()
        if not found:
            return PlainTextResponse(
                "The first pass is not over yet.\n",
                503,
                {"Retry-After": str(_RETRY), **_HEADERS},
            )
        name = request.path_params["name"] or "index.html"
        if name not in found:
            return PlainTextResponse("There is no such page.\n", 404, _HEADERS)
        return Response(found[name], media_type=guess_type(name)[0], headers=_HEADERS)

    return Starlette(routes=[Route("/{name:path}", page)])
