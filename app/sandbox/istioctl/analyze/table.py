"""Every analyzer, with the name and the sentence under which `--list-analyzers` shows it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.sandbox.istioctl.analyze import (
    annotations,
    destination_rules,
    envoy_filters,
    external,
    gateways,
    injection,
    mesh,
    reachability,
    selectors,
    virtual_services,
    workloads,
)
from app.sandbox.istioctl.analyze.messages import Message
from app.sandbox.istioctl.analyze.order import EXECUTED, SCHEMAS
from app.sandbox.istioctl.analyze.schema import validation
from app.sandbox.istioctl.analyze.snapshot import GROUPS, Snapshot


@dataclass(frozen=True)
class Analyzer:
    """One analyzer. One without a function looks for what cannot be in this sandbox.

    One that needs a cluster looks at kinds that are read from there alone, and not from files.
    """

    name: str
    about: str
    run: Callable[[Snapshot], Iterable[Message]] | None = None
    needs_cluster: bool = True


ANALYZERS: Final = (
    Analyzer(
        "annotations.K8sAnalyzer",
        "Checks for misplaced and invalid Istio annotations in Kubernetes resources",
        annotations.annotations,
    ),
    Analyzer("applicationUID.Analyzer", "Checks invalid application UID", workloads.user_ids),
    Analyzer(
        "auth.AuthorizationPoliciesAnalyzer",
        "Checks the validity of authorization policies",
        selectors.authorization_policies,
    ),
    Analyzer(
        "authn.BlockedCIDRsAnalyzer",
        "Checks that BLOCKED_CIDRS_IN_JWKS_URIS is configured on istiod when "
        "RequestAuthentication resources exist",
        mesh.token_keys,
        needs_cluster=False,
    ),
    Analyzer("conditions.ConditionAnalyzer", "Checks for negative status conditions on resources"),
    Analyzer(
        "deployment.MultiServiceAnalyzer",
        "Checks association between services and pods",
        workloads.services_of_deployments,
    ),
    Analyzer(
        "deprecation.DeprecationAnalyzer",
        "Checks for deprecated Istio types and fields",
        mesh.deprecations,
        needs_cluster=False,
    ),
    Analyzer(
        "destinationrule.CaCertificateAnalyzer",
        "Checks if caCertificates is set when TLS mode is SIMPLE/MUTUAL",
        destination_rules.ca_certificates,
        needs_cluster=False,
    ),
    Analyzer(
        "destinationrule.SubsetSelectPodAnalyzer",
        "Checks if pods are selected by subsets in destination rules.",
        destination_rules.subsets,
    ),
    Analyzer(
        "envoyfilter.EnvoyPatchAnalyzer",
        "Checks an envoyFilters ",
        envoy_filters.patches,
        needs_cluster=False,
    ),
    Analyzer(
        "externalcontrolplane.ExternalControlPlaneAnalyzer",
        "Checks that the remote IstioOperator resources reference an external control plane",
        external.webhooks,
        needs_cluster=False,
    ),
    Analyzer(
        "gateway.CertificateAnalyzer",
        "Checks a gateway certificate",
        gateways.certificates,
        needs_cluster=False,
    ),
    Analyzer(
        "gateway.ConflictingGatewayAnalyzer",
        "Checks a gateway's selector, port number and hosts",
        gateways.conflicts,
    ),
    Analyzer(
        "gateway.IngressGatewayPortAnalyzer",
        "Checks a gateway's ports against the gateway's Kubernetes service ports",
        gateways.ports,
    ),
    Analyzer(
        "gateway.SecretAnalyzer",
        "Checks a gateway's referenced secrets for correctness",
        gateways.secrets,
    ),
    Analyzer(
        "injection.Analyzer",
        "Checks conditions related to Istio sidecar injection",
        injection.sidecars,
    ),
    Analyzer(
        "injection.ImageAnalyzer",
        "Checks the image of auto-injection configured with the running proxies on pods",
        injection.images,
    ),
    Analyzer(
        "injection.ImageAutoAnalyzer",
        "Makes sure that Pods and Deployments with `image: auto` are going to be injected",
        injection.automatic_images,
    ),
    Analyzer(
        "k8sgateway.CRDVersionAnalyzer",
        "Checks Gateway API CRDs are at the minimum version required by this Istio version",
        needs_cluster=False,
    ),
    Analyzer(
        "k8sgateway.SelectorAnalyzer", "Check that selectors are effective for Kubernetes gateway"
    ),
    Analyzer(
        "meshnetworks.MeshNetworksAnalyzer", "Check the validity of MeshNetworks in the cluster"
    ),
    Analyzer(
        "service.PortNameAnalyzer",
        "Checks the port names associated with each service",
        workloads.port_names,
    ),
    Analyzer(
        "serviceentry.Analyzer",
        "Checks the validity of ServiceEntry",
        mesh.entry_addresses,
        needs_cluster=False,
    ),
    Analyzer(
        "serviceentry.ConflictingServiceEntryProtocolAnalyzer",
        "Checks if multiple ServiceEntries define the same host and port with different protocols",
        mesh.entry_protocols,
        needs_cluster=False,
    ),
    Analyzer(
        "services.MultiClusterServiceAnalyzer",
        "Check the validity of services in the multi-cluster environment",
    ),
    Analyzer(
        "sidecar.SelectorAnalyzer",
        "Validates that sidecars that define a workload selector match at least one pod, and that "
        "there aren't multiple sidecar resources that select overlapping pods",
        selectors.sidecars,
    ),
    Analyzer(
        "telemetry.DefaultSelectorAnalyzer",
        "Validates that there aren't multiple telemetry resources that have no selector",
        selectors.default_telemetries,
        needs_cluster=False,
    ),
    Analyzer(
        "telemetry.LightstepAnalyzer",
        "Validates that lightstep provider is still used",
        needs_cluster=False,
    ),
    Analyzer(
        "telemetry.ProviderAnalyzer",
        "Validates that providers in telemetry resource is valid",
        selectors.telemetry_providers,
        needs_cluster=False,
    ),
    Analyzer(
        "telemetry.SelectorAnalyzer",
        "Validates that telemetries that define a selector match at least one pod, and that there "
        "aren't multiple telemetry resources that select overlapping pods",
        selectors.telemetries,
    ),
    Analyzer(
        "virtualservice.ConflictingMeshGatewayHostsAnalyzer",
        "Checks if multiple virtual services associated with the mesh gateway have conflicting "
        "hosts",
        virtual_services.conflicting_hosts,
        needs_cluster=False,
    ),
    Analyzer(
        "virtualservice.DestinationHostAnalyzer",
        "Checks the destination hosts associated with each virtual service",
        virtual_services.destination_hosts,
    ),
    Analyzer(
        "virtualservice.DestinationRuleAnalyzer",
        "Checks the destination rules associated with each virtual service",
        virtual_services.destination_subsets,
        needs_cluster=False,
    ),
    Analyzer(
        "virtualservice.GatewayAnalyzer",
        "Checks the gateways associated with each virtual service",
        virtual_services.gateways,
        needs_cluster=False,
    ),
    Analyzer(
        "virtualservice.JWTClaimRouteAnalyzer",
        "Checks the VirtualService using JWT claim based routing has corresponding "
        "RequestAuthentication",
        virtual_services.jwt_claims,
    ),
    Analyzer("webhook.Analyzer", "Checks the validity of Istio webhooks", mesh.webhooks),
)
SCHEMA: Final = "schema.ValidationAnalyzer."
VALIDATED: Final = (
    *(kind for kind, group in GROUPS.items() if group.endswith("istio.io")),
    "MeshConfig",
    "MeshNetworks",
)


def names() -> list[tuple[str, str]]:
    """Return every analyzer's name and sentence, by name."""
    schema = [
        (f"{SCHEMA}{kind}", f"Runs schema validation as an analyzer on '{kind}' resources")
        for kind in VALIDATED
    ]
    return sorted([(each.name, each.about) for each in ANALYZERS] + schema)


def told(only: frozenset[str] = frozenset(), *, has_cluster: bool = True) -> str:
    """Return which analyzers were skipped and which ran, as `--verbose` tells it."""
    chosen = only & {name for name, _ in names()}
    run = [*EXECUTED, *(f"{SCHEMA}{kind}" for kind in SCHEMAS)]
    if chosen:
        run = [name for name in run if name in chosen]
    skips = {each.name for each in ANALYZERS if each.needs_cluster and not has_cluster}
    skipped = [name for name in run if name in skips]
    parts = (("Skipped analyzers:", skipped), ("Executed analyzers:", run))
    return "".join(
        f"{head}\n" + "".join(f"\t {name}\n" for name in listed) for head, listed in parts if listed
    )


def analyze(
    snapshot: Snapshot,
    only: frozenset[str] = frozenset(),
    *,
    has_cluster: bool = True,
) -> Iterator[Message]:
    """Yield what the analyzers say; `only` names those that shall run, empty for all."""
    known = {name for name, _ in names()}
    chosen = only & known or known
    for analyzer in ANALYZERS:
        is_chosen = analyzer.name in chosen and (has_cluster or not analyzer.needs_cluster)
        if analyzer.run is not None and is_chosen:
            yield from analyzer.run(snapshot)
    yield from (
        message for message in validation(snapshot) if f"{SCHEMA}{message.resource.kind}" in chosen
    )
    if f"{SCHEMA}VirtualService" in chosen:
        yield from reachability.unreachable_rules(snapshot)
