"""Which string fields of Kubernetes take one of a few words, as OpenAPI tells it.

The package that the other facts come from leaves these out. Source: /openapi/v3 of Kubernetes 1.35.
"""

_FIELDS = """
"",BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket:
  HostPathVolumeSource.type
"",IPv4,IPv6: ServiceSpec.ipFamilies
*,CONNECT,CREATE,DELETE,UPDATE: NamedRuleWithOperations.operations RuleWithOperations.operations
*,Cluster,Namespaced: NamedRuleWithOperations.scope RuleWithOperations.scope
Active,Terminating: NamespaceStatus.phase
Allow,Forbid,Replace: CronJobSpec.concurrencyPolicy
Always,IfNotPresent,Never: Container.imagePullPolicy EphemeralContainer.imagePullPolicy
  ImageVolumeSource.pullPolicy
Always,Never,OnFailure: PodSpec.restartPolicy
Always,OnRootMismatch: PodSecurityContext.fsGroupChangePolicy
AlwaysAllow,IfHealthyBudget: PodDisruptionBudgetSpec.unhealthyPodEvictionPolicy
Audit,Deny,Warn: ValidatingAdmissionPolicyBindingSpec.validationActions
Available,Bound,Failed,Pending,Released: PersistentVolumeStatus.phase
BestEffort,Burstable,Guaranteed: PodStatus.qosClass
BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass:
  ResourceQuotaSpec.scopes ScopedResourceSelectorRequirement.scopeName
Bidirectional,HostToContainer,None: VolumeMount.mountPropagation
Block,Filesystem: PersistentVolumeClaimSpec.volumeMode PersistentVolumeSpec.volumeMode
Bound,Lost,Pending: PersistentVolumeClaimStatus.phase
ClientIP,None: ServiceSpec.sessionAffinity
Cluster,Local: ServiceSpec.externalTrafficPolicy ServiceSpec.internalTrafficPolicy
ClusterFirst,ClusterFirstWithHostNet,Default,None: PodSpec.dnsPolicy
ClusterIP,ExternalName,LoadBalancer,NodePort: ServiceSpec.type
Count,FailIndex,FailJob,Ignore: PodFailurePolicyRule.action
Dedicated,Managed,Shared: AzureDiskVolumeSource.kind
Default,Unmasked: SecurityContext.procMount
Delete,Recycle,Retain: PersistentVolumeSpec.persistentVolumeReclaimPolicy
  StorageClass.reclaimPolicy
DoNotSchedule,ScheduleAnyway: TopologySpreadConstraint.whenUnsatisfiable
DoesNotExist,Exists,Gt,In,Lt,NotIn: NodeSelectorRequirement.operator
DoesNotExist,Exists,In,NotIn: ScopedResourceSelectorRequirement.operator
Egress,Ingress: NetworkPolicySpec.policyTypes
Equal,Exists,Gt,Lt: Toleration.operator
Equivalent,Exact: MatchResources.matchPolicy MutatingWebhook.matchPolicy
  ValidatingWebhook.matchPolicy
Exact,ImplementationSpecific,Prefix: HTTPIngressPath.pathType
FQDN,IPv4,IPv6: EndpointSlice.addressType
Fail,Ignore: MutatingWebhook.failurePolicy ValidatingAdmissionPolicySpec.failurePolicy
  ValidatingWebhook.failurePolicy
Failed,Pending,Running,Succeeded,Unknown: PodStatus.phase
Failed,TerminatingOrFailed: JobSpec.podReplacementPolicy
FallbackToLogsOnError,File: Container.terminationMessagePolicy
  EphemeralContainer.terminationMessagePolicy
FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired:
  ValidationRule.reason
HTTP,HTTPS: HTTPGetAction.scheme
Honor,Ignore: TopologySpreadConstraint.nodeAffinityPolicy
  TopologySpreadConstraint.nodeTaintsPolicy
IfNeeded,Never: MutatingWebhook.reinvocationPolicy
Immediate,WaitForFirstConsumer: StorageClass.volumeBindingMode
In,NotIn: PodFailurePolicyOnExitCodesRequirement.operator
InProgress,Infeasible,Pending: ModifyVolumeStatus.status
Indexed,NonIndexed: JobSpec.completionMode
Localhost,RuntimeDefault,Unconfined: AppArmorProfile.type SeccompProfile.type
Merge,Strict: PodSecurityContext.supplementalGroupsPolicy
Never,PreemptLowerPriority: PodSpec.preemptionPolicy PriorityClass.preemptionPolicy
NoExecute,NoSchedule,PreferNoSchedule: Taint.effect Toleration.effect
None,NoneOnDryRun,Some,Unknown: MutatingWebhook.sideEffects ValidatingWebhook.sideEffects
None,ReadOnly,ReadWrite: AzureDiskVolumeSource.cachingMode
OnDelete,RollingUpdate: DaemonSetUpdateStrategy.type StatefulSetUpdateStrategy.type
OrderedReady,Parallel: StatefulSetSpec.podManagementPolicy
Pending,Running,Terminated: NodeStatus.phase
PreferDualStack,RequireDualStack,SingleStack: ServiceSpec.ipFamilyPolicy
ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod: PersistentVolumeClaimSpec.accessModes
  PersistentVolumeClaimStatus.accessModes PersistentVolumeSpec.accessModes
Recreate,RollingUpdate: DeploymentStrategy.type
SIGABRT,SIGALRM,SIGBUS,SIGCHLD,SIGCLD,SIGCONT,SIGFPE,SIGHUP,SIGILL,SIGINT,SIGIO,SIGIOT,SIGKILL,SIGPIPE,SIGPOLL,SIGPROF,SIGPWR,SIGQUIT,SIGRTMAX,SIGRTMAX-1,SIGRTMAX-10,SIGRTMAX-11,SIGRTMAX-12,SIGRTMAX-13,SIGRTMAX-14,SIGRTMAX-2,SIGRTMAX-3,SIGRTMAX-4,SIGRTMAX-5,SIGRTMAX-6,SIGRTMAX-7,SIGRTMAX-8,SIGRTMAX-9,SIGRTMIN,SIGRTMIN+1,SIGRTMIN+10,SIGRTMIN+11,SIGRTMIN+12,SIGRTMIN+13,SIGRTMIN+14,SIGRTMIN+15,SIGRTMIN+2,SIGRTMIN+3,SIGRTMIN+4,SIGRTMIN+5,SIGRTMIN+6,SIGRTMIN+7,SIGRTMIN+8,SIGRTMIN+9,SIGSEGV,SIGSTKFLT,SIGSTOP,SIGSYS,SIGTERM,SIGTRAP,SIGTSTP,SIGTTIN,SIGTTOU,SIGURG,SIGUSR1,SIGUSR2,SIGVTALRM,SIGWINCH,SIGXCPU,SIGXFSZ:
  ContainerStatus.stopSignal Lifecycle.stopSignal
SCTP,TCP,UDP: ContainerPort.protocol EndpointPort.protocol IngressPortStatus.protocol
  NetworkPolicyPort.protocol PortStatus.protocol ServicePort.protocol
"""


def _enums() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    values: list[str] = []
    for word in _FIELDS.split():
        if word.endswith(":"):
            values = [value.replace('""', "") for value in word[:-1].split(",")]
        else:
            found[word] = values
    return found


ENUMS = _enums()
