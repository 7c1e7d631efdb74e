"""The session's cookie: signed, for this site alone, out of reach of scripts."""

from fastapi.responses import Response

from app.auth.access import SESSION_S
from app.web.services import Services


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
