"""The options of a change: dry run, strictness, and how something is deleted."""

from dataclasses import dataclass

from app.sandbox.api.bodies import parse_json, parse_yaml, read
from app.sandbox.api.call import Call
from app.sandbox.objects import Obj, at, number, table, text, words
from app.sandbox.registry.ask import Ask
from app.sandbox.registry.causes import unsupported
from app.sandbox.status import Cause, StatusError, bad_request, invalid

VALIDATIONS = ("", "Ignore", "Strict", "Warn")
MOST_NAME, TOO_LONG = 128, "FieldValueTooLong"
POLICIES = ("Foreground", "Background", "Orphan", "nil")
OPTIONS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions"}


def ask_of(call: Call) -> Ask:
    """Return how a change is meant. Raises: StatusError 422."""
    query = call.request.query_params
    kind = OPTIONS.get(call.method, "DeleteOptions")
    strictness = query.get("fieldValidation", "")
    if strictness not in VALIDATIONS:
        cause = unsupported("fieldValidation", strictness, VALIDATIONS)
        raise invalid(kind, "meta.k8s.io", "", [cause])
    dry = [one for one in query.getlist("dryRun") if one]
    ask = Ask(
        call.user.name,
        is_dry(dry, kind),
        strictness or "Warn",
        _manager(call),
        force=query.get("force", "").lower() in ("true", "1"),
    )
    call.request.state.warnings = ask.warnings  # told with a refusal, too
    return ask


def _manager(call: Call) -> str:
    """Return who manages what is written: who is named, else the program; an applier is named.

    Raises: StatusError 422.
    """
    said = call.query("fieldManager")
    if len(said) > MOST_NAME:
        cause = Cause("fieldManager", f"Too long: may not be more than {MOST_NAME} bytes", TOO_LONG)
        kind = OPTIONS.get(call.method, "DeleteOptions")
        raise invalid(kind, "meta.k8s.io", "", [cause])
    if said or "apply-patch" in call.request.headers.get("content-type", ""):
        return said
    agent = call.request.headers.get("user-agent", "")
    return agent.partition("/")[0][:MOST_NAME] or "unknown"


def is_dry(said: list[str], kind: str) -> bool:
    """Whether nothing shall be stored. Raises: StatusError 422 for what is no such option."""
    if any(one != "All" for one in said):
        raise invalid(kind, "meta.k8s.io", "", [unsupported("dryRun", [*said], ["All"])])
    return bool(said)


@dataclass(frozen=True)
class Deletion:
    """How something is to be deleted."""

    ask: Ask
    grace_s: int | None
    propagation: str
    preconditions: Obj


async def read_deletion(call: Call) -> Deletion:
    """Return how something is to be deleted. Raises: StatusError 400, 413, 422."""
    options = await _options(call)
    ask = ask_of(call)
    dry = ask.dry_run or is_dry(words(options, "dryRun"), "DeleteOptions")
    policy = call.query("propagationPolicy") or text(options, "propagationPolicy")
    if policy and policy not in POLICIES[:3]:
        cause = unsupported("propagationPolicy", policy, POLICIES)
        raise invalid("DeleteOptions", "meta.k8s.io", "", [cause])
    if not policy and at(options, "orphanDependents") is True:
        policy = "Orphan"
    grace = call.query("gracePeriodSeconds")
    if grace and not grace.isdigit():
        raise bad_request(f'strconv.ParseInt: parsing "{grace}": invalid syntax')
    grace_s = int(grace) if grace else None
    if isinstance(options.get("gracePeriodSeconds"), int):
        grace_s = number(options, "gracePeriodSeconds")
    ask = Ask(ask.user, dry, "Ignore", ask.field_manager, ask.warnings)
    return Deletion(ask, grace_s, policy or "Background", table(options, "preconditions"))


async def _options(call: Call) -> Obj:
    body = await read(call.request)
    if not body.strip():
        return {}
    kind = call.request.headers.get("content-type", "")
    if "protobuf" in kind:
        from app.sandbox.api.protobuf.decode import decode

        return decode(body)
    try:
        found = parse_yaml(body) if "yaml" in kind else parse_json(body)
    except ValueError as error:
        raise bad_request(f"couldn't get version/kind; json parse error: {error}") from error
    if not isinstance(found, dict):
        raise StatusError(400, "BadRequest", "the body of a deletion is an object")
    return found
