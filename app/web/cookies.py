"""The session's cookie: signed, for this site alone, out of reach of scripts."""

from typing import Final

from fastapi.responses import Response

from app.web.services import Services

SESSION_S: Final = 30 * 24 * 3600


def cookie_name(services: Services) -> str:
    """Return the cookie's name, with the port: browsers share cookies across ports."""
    return f"mesh-dojo-{services.settings.port}"


def keep(response: Response, services: Services, cookie: str) -> None:
    """Let the browser keep a session."""
    response.set_cookie(
        cookie_name(services),
        cookie,
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=services.settings.tls_certificate is not None,
    )
