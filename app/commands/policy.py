"""A typed line becomes an argv that may run, or is refused with a word on what would be allowed.

What runs is written anew from what was understood (`--namespace=x` for every spelling of it), so
the program cannot read a line differently from how the policy read it.
"""

from collections.abc import Sequence
from typing import Final

from app.commands.allowed.curl import CURL
from app.commands.allowed.flags import FlagReader, Option
from app.commands.allowed.istioctl import ISTIOCTL
from app.commands.allowed.kubectl import KUBECTL
from app.commands.allowed.minikube import MINIKUBE
from app.commands.allowed.targets import DEFAULT_NAMESPACE, only_namespaces
from app.commands.allowed.values import shorten
from app.commands.allowed.verb import Call, Program, Verb
from app.commands.filters import parse_filter
from app.commands.manifests import check_manifest
from app.commands.model import Invocation, Scope
from app.commands.words import split
from app.errors import CommandRefused

PROGRAMS: Final = {program.name: program for program in (KUBECTL, ISTIOCTL, MINIKUBE, CURL)}


def parse(line: str, scope: Scope) -> Invocation:
    """Return the command that the line means.

    Raises: CommandRefused, with a hint on what would be allowed; ManifestRefused for a manifest
    that the command names.
    """
    words, *pipes = split(line)
    call = _call(words, scope)
    call.verb.rule(call, scope)
    return Invocation(
        argv=_argv(call),
        display=line.strip(),
        filters=tuple(parse_filter(pipe) for pipe in pipes),
        files=_checked_files(call, scope),
        is_long_lived=call.verb.lasts_in(call),
        changes=call.verb.changes,
    )


def _call(words: Sequence[str], scope: Scope) -> Call:
    if not words:
        raise CommandRefused("There is no command.", hint=_known_programs())
    program = PROGRAMS.get(words[0])
    if program is None:
        hint = "No administrator is needed here." if words[0] == "sudo" else _known_programs()
        raise CommandRefused(f"`{shorten(words[0])}` is not run here.", hint=hint)
    verb, before, rest = _verb(program, words[1:], scope)
    title = " ".join((program.name, *verb.words))
    found = FlagReader(title, verb.flags, scope).read([*before, *rest])
    if found.command is not None and verb.words != ("exec",):
        raise CommandRefused(f"`{title}` takes no `--`.", hint="Leave it away.")
    return Call(program.name, verb, found.plain, found.options, found.command)


def _known_programs() -> str:
    return "These are: " + ", ".join(PROGRAMS) + "."


def _verb(
    program: Program, words: Sequence[str], scope: Scope
) -> tuple[Verb, Sequence[str], Sequence[str]]:
    """Return the verb, the flags before it, and what follows it. The longest verb wins."""
    start = _first_plain(program, words, scope)
    before, after = words[:start], words[start:]
    for length in (3, 2, 1, 0):
        verb = program.verb(tuple(after[:length]))
        if verb is not None and length <= len(after):
            return verb, before, after[length:]
    raise _unknown_verb(program, after)


def _first_plain(program: Program, words: Sequence[str], scope: Scope) -> int:
    """Return where the verb begins: only flags known to every verb may stand before it."""
    if program.verb(()):
        return 0
    at = 0
    while at < len(words) and words[at].startswith("-"):
        reader = FlagReader(program.name, program.globals, scope)
        is_one_word = len(words) == at + 1 or _reads_alone(program, words[at], scope)
        reader.read(words[at : at + (1 if is_one_word else 2)])
        at += 1 if is_one_word else 2
    return at


def _reads_alone(program: Program, word: str, scope: Scope) -> bool:
    try:
        FlagReader(program.name, program.globals, scope).read([word])
    except CommandRefused:
        return False
    return True


def _unknown_verb(program: Program, words: Sequence[str]) -> CommandRefused:
    verbs = ", ".join(dict.fromkeys(verb.words[0] for verb in program.verbs))
    if not words:
        return CommandRefused(f"`{program.name}` needs a verb.", hint=f"Here: {verbs}.")
    title = (
        " ".join((program.name, *words[:2])) if words[0] in verbs else f"{program.name} {words[0]}"
    )
    hint = program.refused.get(words[0], f"Here: {verbs}.")
    return CommandRefused(f"`{shorten(title)}` is not run here.", hint=hint)


def _argv(call: Call) -> tuple[str, ...]:
    given = {option.name for option in call.options}
    added = [option for option in call.verb.adds if option.name not in given]
    is_placed = bool(given & {"namespace", "filename"}) or only_namespaces(call.words)
    if call.verb.is_in_namespace and not is_placed:
        # what the policy took for granted is said aloud: the context may name another namespace
        added.append(Option("namespace", DEFAULT_NAMESPACE))
    options = [*call.options, *added]
    if call.verb.flags.style == "curl":
        flags = [word for option in options for word in _curl_words(call.verb, option)]
    else:
        flags = [f"--{option.name}={option.value}" for option in options]
    command = () if call.command is None else ("--", *call.command)
    return (call.program, *call.verb.words, *call.words, *flags, *command)


def _curl_words(verb: Verb, option: Option) -> tuple[str, ...]:
    is_switch = verb.flags.long[option.name].is_switch
    return (f"--{option.name}",) if is_switch else (f"--{option.name}", option.value)


def _checked_files(call: Call, scope: Scope) -> dict[str, str]:
    """Return the step's manifests that the command names, once they are found harmless.

    A manifest of the Istio release is applied as it is.
    """
    named = (*call.texts("filename"), *(call.words if call.verb.words == ("analyze",) else ()))
    names = [name.removeprefix("./") for name in named]
    own = [name for name in dict.fromkeys(names) if name in scope.files]
    for name in own:
        check_manifest(name, scope.files[name], scope, default_namespace=call.text("namespace"))
    return {name: scope.files[name].replace("\r\n", "\n") for name in own}
