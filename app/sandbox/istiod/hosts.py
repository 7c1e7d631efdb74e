"""Host names: short ones in full, wildcards, and the domains under which a Service is asked for."""

from collections.abc import Iterable

CLUSTER = "cluster.local"


def full(host: str, namespace: str) -> str:
    """Return a host as configuration means it: a name without dots is a Service beside it."""
    if "." in host or "*" in host:
        return host
    return f"{host}.{namespace}.svc.{CLUSTER}"


def covers(pattern: str, host: str) -> bool:
    """Whether a host pattern (`*`, `*.example.com`, a name) covers a host or a narrower pattern."""
    if pattern == "*" or pattern == host:
        return True
    return pattern.startswith("*") and host.removeprefix("*").endswith(pattern[1:])


def narrowest(patterns: Iterable[str], host: str) -> str | None:
    """Return the most specific of the patterns that cover a host."""
    fitting = [pattern for pattern in patterns if covers(pattern, host)]
    return max(fitting, key=lambda pattern: ("*" not in pattern, len(pattern)), default=None)


def domains(host: str, ip: str, namespace: str, *, is_headless: bool = False) -> list[str]:
    """Return the domains under which a proxy in `namespace` may ask for a Service's host."""
    suffix = f".svc.{CLUSTER}"
    names = [host, f"{host}."]
    if host.endswith(suffix):
        name, _, around = host.removesuffix(suffix).partition(".")
        short = f"{name}.{around}"
        names += [name, f"{short}.svc", short] if around == namespace else [short, f"{short}.svc"]
    if is_headless:
        names += [f"*.{name}" for name in names]
    elif ip:
        names.append(ip)
    return names
