"""The embedded sandbox: what it is and is not, and starting anew."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.web.deps import Sent, Shared, Templates, Worker

router = APIRouter(prefix="/sandbox")


@router.get("")
async def show_sandbox(
    request: Request, _learner: Worker, services: Shared, pages: Templates
) -> HTMLResponse:
    """Show what the sandbox emulates, and where it stands."""
    return pages.answer(request, "sandbox.html", {"state": await services.contexts.sandbox()})


@router.post("/reset")
async def reset_sandbox(_learner: Worker, _sent: Sent, services: Shared) -> RedirectResponse:
    """Forget everything in the sandbox. Raises: Refused where there is none."""
    await services.contexts.reset_sandbox()
    return RedirectResponse("/sandbox", 303)
