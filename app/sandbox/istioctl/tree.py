"""Every command of istioctl: those that work here, and those that are refused."""

from dataclasses import replace
from typing import Final

from app.sandbox.istioctl.lab import Around
from app.sandbox.istioctl.line.command import Command
from app.sandbox.istioctl.line.flags import Flag
from app.sandbox.istioctl.verbs import (
    analyze,
    authz,
    check_inject,
    dashboard,
    describe,
    install,
    kube_inject,
    others,
    proxy_config,
    proxy_status,
    uninstall,
    validate,
    version,
)

GLOBAL: Final = (
    Flag("as", "Username to impersonate for the operation"),
    Flag("as-group", "Group to impersonate for the operation", type="stringArray"),
    Flag("as-uid", "UID to impersonate for the operation"),
    Flag("context", "Kubernetes configuration context"),
    Flag("istioNamespace", "Istio system namespace", "i", default="istio-system"),
    Flag("kubeclient-timeout", "How long to wait for the API server", default="15s"),
    Flag("kubeconfig", "Kubernetes configuration file", "c"),
    Flag("namespace", "Kubernetes namespace", "n"),
    Flag("log_output_level", "What to log", is_hidden=True),
    Flag("vklog", "Number for the log level verbosity", default="0", type="verbosity"),
)

TIMEOUT: Final = (Flag("timeout", "How long to wait before failing", "", "duration", "30s"),)
EXPERIMENTAL: Final[Command[Around]] = Command(
    "experimental",
    "Experimental commands that may be modified or deprecated",
    aliases=("x", "exp"),
    commands=(
        authz.COMMAND,
        check_inject.COMMAND,
        describe.COMMAND,
        others.PRECHECK,
        proxy_status.COMMAND,
        replace(version.COMMAND, flags=(*version.COMMAND.flags, *proxy_status.XDS, *TIMEOUT)),
        *others.REFUSED_EXPERIMENTS,
    ),
)
HELP: Final[Command[Around]] = Command("help", "Help about any command")
ROOT: Final[Command[Around]] = Command(
    "istioctl",
    "Istio control interface.",
    inherited=GLOBAL,
    long="Istio configuration command line utility for service operators to\n"
    "debug and diagnose their Istio mesh.",
    commands=(
        analyze.COMMAND,
        dashboard.COMMAND,
        EXPERIMENTAL,
        install.COMMAND,
        proxy_config.COMMAND,
        proxy_status.COMMAND,
        uninstall.COMMAND,
        kube_inject.COMMAND,
        validate.COMMAND,
        version.COMMAND,
        others.CLUSTERS,
        others.TAGS,
        HELP,
        *others.REFUSED,
    ),
)
