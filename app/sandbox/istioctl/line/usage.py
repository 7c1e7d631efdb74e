"""A command's help, laid out as cobra lays it out."""

from collections.abc import Sequence

from app.sandbox.istioctl.line.command import HELP, Context, Found
from app.sandbox.istioctl.line.flags import Flag

PADDING = 11  # the least width that cobra gives a command's name


def help_of(found: Found[Context]) -> str:
    """Return the help: what the command is for, then its usage."""
    command = found.command
    said = (command.long or command.short).rstrip()
    return f"{said}\n\n{usage_of(found)}" if said else usage_of(found)


def usage_of(found: Found[Context]) -> str:
    """Return a command's usage, aliases, examples, subcommands and flags."""
    command, path = found.command, " ".join(found.path)
    parts = ["Usage:"]
    if command.run is not None:
        own = command.usage or command.name
        parts.append(f"  {' '.join((*found.path[:-1], own))} [flags]".replace(" [flags] [", " ["))
    if command.commands:
        parts.append(f"  {path} [command]")
    if command.aliases:
        parts += ["", "Aliases:", "  " + ", ".join((command.name, *command.aliases))]
    if command.examples:
        parts += ["", "Examples:", *(f"  {line}".rstrip() for line in command.examples)]
    shown = sorted((c for c in command.commands if not c.is_hidden), key=lambda c: c.name)
    if shown:
        width = max(PADDING, *(len(c.name) for c in shown))
        parts += ["", "Available Commands:"]
        parts += [f"  {c.name:{width}} {c.short}" for c in shown]
    own_flags, above = _own_and_above(found)
    if own_flags:
        parts += ["", "Flags:", *_rows(own_flags)]
    if above:
        parts += ["", "Global Flags:", *_rows(above)]
    if shown:
        parts += ["", f'Use "{path} [command] --help" for more information about a command.']
    return "\n".join(parts) + "\n"


def _own_and_above(found: Found[Context]) -> tuple[list[Flag], list[Flag]]:
    command = found.command
    own = {flag.name for flag in (*command.flags, *command.inherited)} | {HELP}
    flags = [f for f in found.flags.flags.values() if not f.is_hidden]
    mine = [flag for flag in flags if flag.name in own]
    above = [flag for flag in flags if flag.name not in own and flag.name not in command.hides]
    return sorted(mine, key=lambda f: f.name), sorted(above, key=lambda f: f.name)


def _rows(flags: Sequence[Flag]) -> list[str]:
    heads = [_head(flag) for flag in flags]
    width = max(len(head) for head in heads) + 3
    return [f"{head:{width}}{_told(flag)}" for head, flag in zip(heads, flags, strict=True)]


def _head(flag: Flag) -> str:
    start = f"  -{flag.short}, " if flag.short else "      "
    kind = {"bool": "", "verbosity": " Level"}.get(flag.type, f" {flag.type}")
    return f"{start}--{flag.name}{kind}"


def _told(flag: Flag) -> str:
    if flag.default in ("", "false", "0"):
        return flag.help
    shown = f'"{flag.default}"' if flag.type == "string" else flag.default
    return f"{flag.help} (default {shown})"
