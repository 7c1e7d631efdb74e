"""minikube: starting the learner's cluster, looking at it; nothing that asks for a password."""

from typing import Final

from app.commands.allowed.flags import Flag, Flags
from app.commands.allowed.kubectl_read import nothing
from app.commands.allowed.values import NAMESPACE, Value, choice
from app.commands.allowed.verb import Program, Verb, verb

_PROFILE: Final = Flag("profile", Value("a profile's name", r"[a-z0-9][a-z0-9-]{0,60}"), "p")
_MEMORY: Final = Value(
    "memory from 1800 to 99999 MB, such as 8192 or 8g",
    r"(?:1[89][0-9]{2}|[2-9][0-9]{3}|[1-9][0-9]{4})(?:mb|m)?|[2-9][0-9]?g|[1-9][0-9]g",
)
_VERSION: Final = Value(
    "a version such as v1.36.4, or stable", r"v?1\.[0-9]{2}\.[0-9]{1,2}", ("stable", "latest")
)
_JSON: Final = Flag("output", choice("json", "text", "table"), "o")
_OWN_TERMINAL: Final = "It belongs into a terminal of your own beside this page: "

VERBS: Final[tuple[Verb, ...]] = (
    verb(
        "start",
        nothing,
        (
            _PROFILE,
            Flag("memory", _MEMORY),
            Flag("cpus", Value("a number of CPUs from 2 to 64", r"[2-9]|[1-5][0-9]|6[0-4]")),
            Flag(
                "driver",
                choice("docker", "podman", "kvm2", "qemu2", "hyperkit", "virtualbox", "vfkit"),
            ),
            Flag("kubernetes-version", _VERSION),
        ),
        changes=True,
    ),
    verb("status", nothing, (_PROFILE, _JSON)),
    verb("version", nothing, (Flag("short"), _JSON)),
    verb("profile list", nothing, (_JSON,)),
    verb("ip", nothing, (_PROFILE,)),
    verb("addons list", nothing, (_PROFILE, _JSON)),
    verb("service list", nothing, (_PROFILE, Flag("namespace", NAMESPACE, "n"), _JSON)),
)

MINIKUBE: Final = Program(
    "minikube",
    VERBS,
    Flags((_PROFILE,)),
    {
        "tunnel": _OWN_TERMINAL + "it may ask for your password, and runs until you stop it.",
        "delete": _OWN_TERMINAL + "it removes the whole cluster, not only this course.",
        "stop": _OWN_TERMINAL + "it stops the whole cluster, not only this course.",
        "dashboard": "The panel beside the step shows the cluster.",
        "ssh": "A shell on the node is not needed in this course.",
        "kubectl": "Type `kubectl` itself.",
    },
)
