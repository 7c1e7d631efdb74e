"""Which tools there are, by name; which of them an image has is the image's to say."""

from app.sandbox.shell.call import Call, Tool
from app.sandbox.shell.curl.curl import curl
from app.sandbox.shell.tools import lines, listing, net, system, text
from app.sandbox.shell.tools.agent import pilot_agent
from app.sandbox.shell.tools.conditions import test
from app.sandbox.shell.tools.fortio import fortio
from app.sandbox.shell.tools.grep import grep
from app.sandbox.shell.tools.tar import tar


async def _curl(call: Call) -> int:
    return await curl(call.argv[1:], call.io, call.container)


TOOLS: dict[str, Tool] = {
    "[": test,
    "cat": text.cat,
    "curl": _curl,
    "cut": lines.cut,
    "date": system.date,
    "echo": text.echo,
    "egrep": grep,
    "env": system.env,
    "false": system.false,
    "fgrep": grep,
    "fortio": fortio,
    "grep": grep,
    "head": text.head,
    "hostname": system.hostname,
    "id": system.id_,
    "ls": listing.ls,
    "mkdir": listing.mkdir,
    "nginx": system.nginx,
    "nslookup": net.nslookup,
    "pilot-agent": pilot_agent,
    "printenv": system.printenv,
    "printf": text.printf,
    "ps": system.ps,
    "pwd": system.pwd,
    "rm": listing.rm,
    "seq": text.seq,
    "sleep": system.sleep,
    "sort": lines.sort,
    "tail": text.tail,
    "tar": tar,
    "tee": text.tee,
    "test": test,
    "time": system.time_,
    "timeout": system.timeout,
    "touch": listing.touch,
    "tr": text.tr,
    "true": system.true,
    "uname": system.uname,
    "uniq": lines.uniq,
    "wc": lines.wc,
    "wget": net.wget,
    "which": system.which,
    "whoami": system.whoami,
    "xargs": lines.xargs,
    "yes": text.yes,
}
SHELLS = frozenset({"ash", "bash", "sh"})
EVERYWHERE = frozenset(TOOLS) - {"curl", "fortio", "nginx", "nslookup", "pilot-agent", "ps", "wget"}
