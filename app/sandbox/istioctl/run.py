"""One call of istioctl: its line understood, its verb run, its exit status."""

from app.sandbox.istioctl.lab import Around, Lab, Request
from app.sandbox.istioctl.line.command import Call, find
from app.sandbox.istioctl.line.failure import Failure, not_here
from app.sandbox.istioctl.line.usage import help_of, usage_of
from app.sandbox.istioctl.terminal import Terminal
from app.sandbox.istioctl.tree import ROOT


async def run(request: Request, terminal: Terminal, lab: Lab) -> int:
    """Return the exit status of a call. Raises: Asked where a question has no answer yet."""
    around = Around(request, terminal, lab)
    argv = list(request.argv)
    if argv[:1] == ["help"]:
        unknown = _unknown_topic(argv[1:])
        if unknown:
            terminal.err(unknown)
            return 0
        argv = [*argv[1:], "--help"]
    elif argv[:1] in (["--help"], ["-h"]):
        argv = argv[:1]
    try:
        found = find(ROOT, argv)
        command = found.command
        if found.words and command.unknown and not found.flags.is_on("help"):
            raise Failure(f'{command.unknown} "{found.words[0]}"')
        if command.run is None or found.flags.is_on("help"):
            terminal.out(help_of(found))
            return 0
        for name in found.flags.given:
            if found.flags.flags[name].is_refused:
                raise not_here(f"The flag --{name}")
        return await command.run(Call(found, found.words, found.flags, around))
    except Failure as failure:
        terminal.err(failure.told)
        return failure.code


def _unknown_topic(words: list[str]) -> str:
    """Return what `help` says of words that are no command; empty of one."""
    if not words or ROOT.find(words[0]) is not None:
        return ""
    named = " ".join(f"`{each}`" for each in words)
    return f"Unknown help topic [{named}]\n{usage_of(find(ROOT, []))}"
