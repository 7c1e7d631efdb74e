"""Tools that tell about the container, or wait."""

import asyncio
import re
from datetime import UTC, datetime

from app.sandbox.shell.call import BadUse, Call, take_flags

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_NAMES = {0: "root", 101: "nginx", 1337: "istio-proxy", 65534: "nobody", 100: "curl_user"}
KERNEL = "6.6.0-sandbox"
_FORMATS = set("aAbBcdDeFHIjklmMnpsSTuUVwWxXyYzZ%NPr")


async def env(call: Call) -> int:
    """Print the environment, or run a command with some more of it."""
    words = call.argv[1:]
    known = dict(call.env)
    while words and (words[0] == "-i" or "=" in words[0]):
        name, equals, value = words.pop(0).partition("=")
        known = {**known, name: value} if equals else {}
    if words:
        return await run_other(call, words, known)
    call.out("".join(f"{name}={value}\n" for name, value in known.items()))
    return 0


async def run_other(call: Call, words: list[str], env: dict[str, str] | None = None) -> int:
    """Run another tool of the container; return its code, 127 where it has none of that name."""
    if call.run is None or words[0] not in call.container.tools:
        return call.complain(f"'{words[0]}': No such file or directory", 127)
    known = call.env if env is None else env
    return await call.run(Call(list(words), call.io, call.container, known))


async def timeout(call: Call) -> int:
    """Run a command for so long at most; 124 where it takes longer."""
    words = call.argv[1:]
    if len(words) < 2:
        raise BadUse("missing operand", 125)
    limit_s = _seconds(words[0])
    try:
        async with asyncio.timeout(limit_s):
            return await run_other(call, words[1:])
    except TimeoutError:
        return 124


async def time_(call: Call) -> int:
    """Run a command, and print how long it took."""
    began = asyncio.get_running_loop().time()
    code = await run_other(call, call.argv[1:] or ["true"])
    took = asyncio.get_running_loop().time() - began
    told = f"real\t{int(took // 60)}m{took % 60:.3f}s\nuser\t0m0.000s\nsys\t0m0.000s\n"
    call.io.err(f"\n{told}".encode())
    return code


async def printenv(call: Call) -> int:
    """Print the environment, or some of its values."""
    names = call.argv[1:]
    if not names:
        return await env(call)
    found = [call.env[name] for name in names if name in call.env]
    call.out("".join(f"{value}\n" for value in found))
    return 0 if len(found) == len(names) else 1


async def hostname(call: Call) -> int:
    """Print the pod's name, -i its address."""
    flags, _ = take_flags(call, "ifsI", most=0)
    place = call.container.place
    call.out(f"{place.ip if {'i', 'I'} & set(flags) else place.pod}\n")
    return 0


async def date(call: Call) -> int:
    """Print the time."""
    now = datetime.now(UTC)
    words = [word for word in call.argv[1:] if word not in ("-u", "--utc")]
    form = words[0][1:] if words and words[0].startswith("+") else "%a %b %e %H:%M:%S UTC %Y"
    if words and not words[0].startswith("+"):
        raise BadUse(f"invalid date '{words[0]}'")
    form = form.replace("%N", f"{now.microsecond * 1000:09}").replace("%3N", f"{now:%f}"[:3])
    if not set(re.findall(r"%(.)", form)) <= _FORMATS or form.endswith("%"):
        raise BadUse(f"the sandbox's date does not emulate '{form}'")
    call.out(now.strftime(form.replace("%s", str(int(now.timestamp())))) + "\n")
    return 0


def user_name(number: int) -> str:
    """Return the name of a user's number, the number itself where it has none."""
    return _NAMES.get(number, str(number))


async def whoami(call: Call) -> int:
    """Print the user's name."""
    user = call.container.user
    if user not in _NAMES:
        return call.complain(f"cannot find name for user ID {user}")
    call.out(f"{user_name(user)}\n")
    return 0


async def id_(call: Call) -> int:
    """Print who runs this."""
    flags, _ = take_flags(call, "ugn")
    user = call.container.user
    if flags:
        call.out(f"{user_name(user) if 'n' in flags else user}\n")
        return 0
    named = f"({user_name(user)})" if user in _NAMES else ""
    group = user if user in (0, 1337) else 0
    call.out(
        f"uid={user}{named} gid={group}({user_name(group)}) groups={group}({user_name(group)})\n"
    )
    return 0


async def uname(call: Call) -> int:
    """Print what system this is."""
    flags, _ = take_flags(call, "asnrvmpio", most=0)
    parts = {
        "s": "Linux",
        "n": call.container.place.pod,
        "r": KERNEL,
        "v": "#1 SMP",
        "m": "x86_64",
        "o": "GNU/Linux",
    }
    wanted = parts if "a" in flags else {k: v for k, v in parts.items() if k in flags or not flags}
    call.out((" ".join(wanted.values()) if flags else "Linux") + "\n")
    return 0


async def ps(call: Call) -> int:
    """Print the container's program, and this."""
    take_flags(call, "efaux")
    main = " ".join(call.container.argv) or "pause"
    call.out(
        f"PID   USER     TIME  COMMAND\n{1:5} {user_name(call.container.user):8} 0:00 {main}\n"
    )
    return 0


async def sleep(call: Call) -> int:
    """Wait."""
    if len(call.argv) < 2:
        raise BadUse("missing operand")
    total = sum(_seconds(word) for word in call.argv[1:])
    if total > 1e9:
        await asyncio.Event().wait()
    await asyncio.sleep(total)
    return 0


def _seconds(word: str) -> float:
    found = re.fullmatch(r"(\d{1,12}(?:\.\d+)?|\.\d+)([smhd]?)", word)
    if word in ("inf", "infinity"):
        return float("inf")
    if found is None:
        raise BadUse(f"invalid time interval '{word}'")
    return float(found[1]) * _UNITS[found[2]]


async def true(call: Call) -> int:
    """Return 0."""
    return 0


async def false(call: Call) -> int:
    """Return 1."""
    return 1


async def nginx(call: Call) -> int:
    """Print nginx's version; its configuration is tested where it starts, and not here."""
    version = call.container.env.get("NGINX_VERSION", "1.27.5")
    if call.argv[1:] not in (["-v"], ["-V"]):
        raise BadUse("the sandbox's nginx says its version here (-v), and nothing else")
    call.io.err(f"nginx version: nginx/{version}\n".encode())
    return 0


async def pwd(call: Call) -> int:
    """Print the folder, which is always the root."""
    call.out("/\n")
    return 0


async def which(call: Call) -> int:
    """Print where programs are."""
    found = [name for name in call.argv[1:] if name in call.container.tools]
    call.out("".join(f"/usr/bin/{name}\n" for name in found))
    return 0 if len(found) == len(call.argv) - 1 else 1
