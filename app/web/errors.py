"""Errors as a page for a browser, or as a notice for htmx: what happened and what to do next."""

from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from app.errors import AppError, NotFound
from app.web.deps import NotSignedIn, house_of, pages_of, person_of
from app.web.proofread import placed

log = structlog.get_logger()

HTTP_WORDS: Final = {
    405: "This address does not take that kind of request.",
    413: "The request is too large.",
}


def add_error_pages(app: FastAPI) -> None:
    """Answer every error of the app with a page of its own."""
    app.add_exception_handler(AppError, show_app_error)
    app.add_exception_handler(NotSignedIn, show_sign_in)
    app.add_exception_handler(HTTPException, show_http_error)
    app.add_exception_handler(RequestValidationError, show_bad_request)
    app.add_exception_handler(Exception, show_crash)


async def show_app_error(request: Request, error: Exception) -> Response:
    """Answer with an expected error: a notice where htmx asked, else a page."""
    assert isinstance(error, AppError)
    return answer(request, error)


async def show_sign_in(request: Request, _error: Exception) -> Response:
    """Answer a request without a cookie; a page that htmx asked for is reloaded whole."""
    headers = {"hx-refresh": "true"} if "hx-request" in request.headers else {}
    response = pages_of(request).answer(request, "login.html", {"refused": None}, 401)
    response.headers.update(headers)
    return response


async def show_http_error(request: Request, error: Exception) -> Response:
    """Answer an address that leads nowhere; to strangers every address does."""
    assert isinstance(error, HTTPException)
    try:
        await person_of(request, house_of(request))
    except NotSignedIn:
        return await show_sign_in(request, error)
    if error.status_code == 404:
        return answer(request, NotFound("There is nothing at this address."))
    said = HTTP_WORDS.get(error.status_code, "This request cannot be read.")
    return refusal(request, error.status_code, said)


async def show_bad_request(request: Request, _error: Exception) -> Response:
    """Answer a request that lacks something, or holds what cannot be read."""
    hint = "Go back, reload the page and try again."
    return refusal(request, 422, "Something in this request is missing or wrong.", hint=hint)


async def show_crash(request: Request, error: Exception) -> Response:
    """Answer an error that nobody expected; its cause is in the log, not on the page."""
    log.error("a request failed", path=request.url.path, exc_info=error)
    return refusal(request, 500, "The lab itself made a mistake.")


def refusal(request: Request, status: int, message: str, *, hint: str = "") -> Response:
    """Return the answer for a status that no error of ours has."""
    error = AppError(message, hint=hint)
    error.status = status
    return answer(request, error)


def answer(request: Request, error: AppError) -> Response:
    """Return an error as a notice where htmx asked, as JSON to another lab, else as a page."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": str(error), "hint": error.hint}, error.status)
    pages = pages_of(request)
    context = {"error": error, "said": placed(error), "line": getattr(error, "line", 0)}
    if "hx-request" in request.headers:
        html = pages.block("_notice.html", "notice", context)
        return HTMLResponse(html, error.status, headers={"vary": "HX-Request"})
    return pages.answer(request, "error.html", context, error.status)
