"""curl on this machine: it asks the port that `kubectl port-forward` opened, and nothing else."""

from typing import Final

from app.commands.allowed.flags import Flags
from app.commands.allowed.verb import Call, Program, verb
from app.commands.allowed.web_requests import CURL_READS, check_loopback_url
from app.commands.model import Scope
from app.errors import CommandRefused


def _asked(call: Call, _scope: Scope) -> None:
    if len(call.words) != 1:
        raise CommandRefused(
            "`curl` takes one address here.",
            hint="curl -H 'Host: myapp.example.com' http://127.0.0.1:8080/",
        )
    check_loopback_url(call.words[0])


CURL: Final = Program("curl", (verb("", _asked, CURL_READS, style="curl"),), Flags((), "curl"))
