"""Manifests that must not be applied: a harmless one with a part changed, or texts of their own."""

from typing import Final

POD: Final = """\
apiVersion: v1
kind: Pod
metadata:
  name: a
  namespace: mesh-demo
spec:
  containers:
    - name: a
      image: nginx
"""
DEPLOYMENT: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
  namespace: mesh-demo
spec:
  replicas: 1
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      containers:
        - name: a
          image: nginx
"""
SERVICE: Final = """\
apiVersion: v1
kind: Service
metadata:
  name: a
  namespace: mesh-demo
spec:
  ports:
    - port: 80
"""

OF_A_POD: Final = (
    "hostNetwork: true",
    "hostNetwork: yes",
    "hostNetwork: 'true'",
    'hostNetwork: "false"',
    "hostNetwork: on",
    "hostNetwork: True",
    "hostNetwork:",
    "hostNetwork: {}",
    "hostPID: true",
    "hostIPC: true",
    "hostUsers: true",
    "shareProcessNamespace: true",
    "volumes: [{name: x, hostPath: {path: /}}]",
    "volumes: [{name: x, hostPath: {path: /var/run/docker.sock}}]",
    "volumes: [{name: x, emptyDir: {}}, {name: y, hostPath: {path: /}}]",
    "volumes: [{name: x, secret: {secretName: istio-ca-secret}}]",
    "volumes: [{name: x, projected: {sources: [{secret: {name: a}}]}}]",
    "volumes: [{name: x, projected: {sources: [{serviceAccountToken: {path: t}}]}}]",
    "volumes: [{name: x, nfs: {server: evil, path: /}}]",
    "volumes: [{name: x, csi: {driver: evil}}]",
    "volumes: [{name: x, persistentVolumeClaim: {claimName: x}}]",
    "volumes: [{name: x, iscsi: {targetPortal: x}}]",
    "volumes: [{name: x, gitRepo: {repository: x}}]",
    "volumes: [{name: x, flexVolume: {driver: x}}]",
    "volumes: [{name: x, ephemeral: {}}]",
    "volumes: {name: x, hostPath: {path: /}}",
    "volumes: text",
    "nodeName: minikube",
    "tolerations: [{operator: Exists}]",
    "hostAliases: [{ip: 1.2.3.4, hostnames: [backend]}]",
    "priorityClassName: system-node-critical",
    "runtimeClassName: evil",
    "schedulerName: evil",
    "ephemeralContainers: [{name: x, image: evil}]",
    "serviceAccount: admin",
    "securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}",
    "securityContext: {windowsOptions: {hostProcess: true}}",
    "securityContext: {seLinuxOptions: {type: spc_t}}",
    "securityContext: {seccompProfile: {type: Unconfined}}",
    "securityContext: {appArmorProfile: {type: Unconfined}}",
    "securityContext: text",
    "dnsConfig: {nameservers: [1.2.3.4]}",
    "initContainers: [{name: x, image: x, securityContext: {privileged: true}}]",
    "initContainers: [{name: x, image: x, ports: [{containerPort: 1, hostPort: 1}]}]",
    "initContainers: [text]",
    "resourceClaims: []",
)
OF_A_CONTAINER: Final = (
    "securityContext: {privileged: true}",
    "securityContext: {privileged: yes}",
    "securityContext: {privileged: 'true'}",
    "securityContext: {allowPrivilegeEscalation: true}",
    "securityContext: {capabilities: {add: [SYS_ADMIN]}}",
    "securityContext: {capabilities: {drop: [ALL], add: [NET_ADMIN]}}",
    "securityContext: {procMount: Unmasked}",
    "securityContext: {seccompProfile: {type: Localhost, localhostProfile: x}}",
    "securityContext: {seLinuxOptions: {type: spc_t}}",
    "ports: [{containerPort: 80, hostPort: 80}]",
    "ports: [{containerPort: 80, hostIP: 0.0.0.0}]",
    "volumeDevices: [{name: x, devicePath: /dev/sda}]",
    "volumeMounts: [{name: x, mountPath: /x, mountPropagation: Bidirectional}]",
    "volumeMounts: [{name: x, mountPath: /x, subPathExpr: $(X)}]",
    "envFrom: [{secretRef: {name: x}}]",
    "env: [{name: X, valueFrom: {secretKeyRef: {name: x, key: y}}}]",
    "livenessProbe: {httpGet: {host: 169.254.169.254, port: 80}}",
    "readinessProbe: {tcpSocket: {host: 10.0.0.1, port: 22}}",
    "startupProbe: {httpGet: {port: 80, host: evil}}",
    "lifecycle: {postStart: {httpGet: {host: evil, port: 80}}}",
    "livenessProbe: {grpc: {port: 1, host: evil}}",
)
OF_METADATA: Final = (
    "ownerReferences: [{kind: Node, name: minikube, uid: x, apiVersion: v1}]",
    "finalizers: [evil.example.com/x]",
    "generateName: a-",
    "uid: x",
    "annotations: {sidecar.istio.io/userVolume: '[]'}",
    "annotations: {sidecar.istio.io/userVolumeMount: '[]'}",
    "annotations: {inject.istio.io/templates: evil}",
    "annotations: {proxy.istio.io/config: '{}'}",
    "annotations: {proxy.istio.io/overrides: '{}'}",
    "annotations: {sidecar.istio.io/bootstrapOverride: evil}",
    "annotations: {sidecar.istio.io/proxyImage: evil}",
    "annotations: {sidecar.istio.io/discoveryAddress: evil}",
    "annotations: {container.apparmor.security.beta.kubernetes.io/a: unconfined}",
    "annotations: {iam.gke.io/gcp-service-account: evil}",
    "annotations: {k8s.v1.cni.cncf.io/networks: evil}",
    "annotations: text",
    "labels: [a]",
)
OF_A_SERVICE: Final = (
    "type: ExternalName",
    "externalName: evil.example.com",
    "externalIPs: [1.2.3.4]",
    "loadBalancerIP: 1.2.3.4",
    "loadBalancerClass: evil",
    "type: Evil",
    "healthCheckNodePort: 1",
    "publishNotReadyAddresses: true",
)
KINDS: Final = (
    "v1/Secret",
    "v1/Node",
    "v1/PersistentVolume",
    "v1/PersistentVolumeClaim",
    "v1/Endpoints",
    "v1/ReplicationController",
    "v1/List",
    "v1/PodList",
    "v1/ServiceAccountToken",
    "rbac.authorization.k8s.io/v1/ClusterRole",
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1/Role",
    "rbac.authorization.k8s.io/v1/RoleBinding",
    "apps/v1/DaemonSet",
    "apps/v1/StatefulSet",
    "batch/v1/Job",
    "batch/v1/CronJob",
    "networking.k8s.io/v1/Ingress",
    "networking.k8s.io/v1/NetworkPolicy",
    "discovery.k8s.io/v1/EndpointSlice",
    "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1/CustomResourceDefinition",
    "apiregistration.k8s.io/v1/APIService",
    "scheduling.k8s.io/v1/PriorityClass",
    "storage.k8s.io/v1/StorageClass",
    "certificates.k8s.io/v1/CertificateSigningRequest",
    "networking.istio.io/v1alpha3/EnvoyFilter",
    "networking.istio.io/v1/WorkloadEntry",
    "networking.istio.io/v1beta1/ProxyConfig",
    "extensions.istio.io/v1alpha1/WasmPlugin",
    "install.istio.io/v1alpha1/IstioOperator",
    "v2/Pod",
    "apps/v1beta1/Deployment",
    "evil.example.com/v1/VirtualService",
    "security.istio.io/v1/VirtualService",
    "v1/pod",
    "v1/",
)
NAMESPACES: Final = (
    "kube-system",
    "istio-system",
    "default",
    "MESH-DEMO",
    "mesh-demo ",
    "mesh-demo2",
    "''",
    "[]",
    "{mesh-demo: x}",
    "~",
    "../mesh-demo",
)
TEXTS: Final = {
    "nothing": "",
    "a comment alone": "# nothing\n",
    "a text": "hello",
    "a list": "- a\n- b\n",
    "a key twice": POD.replace("spec:", "spec:\n  hostNetwork: false\nspec:"),
    "a namespace twice": POD.replace("  name: a\n", "  name: a\n  namespace: kube-system\n", 1),
    "an alias": POD.replace("image: nginx", "image: &x nginx\n      name2: *x"),
    "an anchor": POD.replace("image: nginx", "image: &x nginx"),
    "a merge key": POD.replace("spec:", "spec:\n  <<: {hostNetwork: true}"),
    "a tag": POD.replace("image: nginx", "image: !!str nginx"),
    "a python tag": POD.replace("image: nginx", "image: !!python/object/apply:os.system [id]"),
    "a binary tag": POD.replace("name: a", "name: !!binary YQ==", 1),
    "a directive": "%YAML 1.1\n---\n" + POD,
    "a bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
    "deep lists": "a: " + "[" * 200 + "]" * 200,
    "deep mappings": "a: " + "{a: " * 200 + "}" * 200,
    "open brackets": "[" * 60_000,
    "too many documents": "---\n".join([POD] * 21),
    "too much text": POD + "#" * 70_000,
    "a second document": POD + "---\n" + POD.replace("mesh-demo", "kube-system"),
    "a document after an end": POD + "...\n---\n" + POD.replace("Pod", "Secret"),
    "a list of objects": "apiVersion: v1\nkind: List\nitems:\n  - {kind: Secret}\n",
    "a tab": POD.replace("  name: a", "\tname: a", 1),
    "a next-line break": POD.replace("kind: Pod", "kind: Pod\x85x: y"),
    "a line separator": POD.replace("kind: Pod", "kind: Pod # \u2028hostNetwork: true"),
    "a bare carriage return": POD.replace("kind: Pod", "kind: Pod # \rx: y"),
    "a NUL": POD.replace("nginx", "ng\x00inx"),
    "an escape": POD.replace("nginx", "ng\x1binx"),
    "a blank": POD.replace("nginx", "___"),
    "an open quote": POD.replace("nginx", '"nginx'),
    "no name": POD.replace("  name: a\n", "", 1),
    "a name of a path": POD.replace("name: a", "name: ../a", 1),
    "no namespace": POD.replace("  namespace: mesh-demo\n", ""),
    "no metadata": "apiVersion: v1\nkind: Pod\nspec: {}\n",
    "metadata as text": "apiVersion: v1\nkind: Pod\nmetadata: text\n",
    "a key more": POD + "status: {}\n",
    "a namespace of others": "apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n",
    "a new namespace": "apiVersion: v1\nkind: Namespace\nmetadata: {name: evil}\n",
    "istio's namespace": "apiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n",
    "a namespace in one": (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: mesh-demo, namespace: mesh-demo}\n"
    ),
    "a namespace's finalizers": (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: mesh-demo}\nspec: {finalizers: []}\n"
    ),
    "an account's secrets": (
        "apiVersion: v1\nkind: ServiceAccount\n"
        "metadata: {name: a, namespace: mesh-demo}\nsecrets: [{name: x}]\n"
    ),
    "fetched keys": (
        "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\n"
        "metadata: {name: a, namespace: mesh-demo}\n"
        "spec: {jwtRules: [{issuer: x, jwksUri: 'http://169.254.169.254/'}]}\n"
    ),
    "too many replicas": DEPLOYMENT.replace("replicas: 1", "replicas: 1000"),
    "replicas in words": DEPLOYMENT.replace("replicas: 1", "replicas: 0x7fffffff"),
    "replicas below nothing": DEPLOYMENT.replace("replicas: 1", "replicas: -1"),
    "a template's annotation": DEPLOYMENT.replace(
        "{labels: {app: a}}", "{annotations: {inject.istio.io/templates: evil}}"
    ),
    "a template's namespace key": DEPLOYMENT.replace("replicas: 1", "volumeClaimTemplates: []"),
}


def hostile_manifests() -> dict[str, str]:
    """Return each with a name for the test's report."""
    found = dict(TEXTS)
    for part in OF_A_POD:
        found[f"pod, {part}"] = POD + f"  {part}\n"
        found[f"deployment, {part}"] = DEPLOYMENT + f"      {part}\n"
    for part in OF_A_CONTAINER:
        found[f"container, {part}"] = POD + f"      {part}\n"
        found[f"deployment's container, {part}"] = DEPLOYMENT + f"          {part}\n"
    for part in OF_METADATA:
        found[f"metadata, {part}"] = POD.replace("spec:", f"  {part}\nspec:")
    for part in OF_A_SERVICE:
        found[f"service, {part}"] = SERVICE + f"  {part}\n"
    for kind in KINDS:
        version, _, name = kind.rpartition("/")
        text = POD.replace("apiVersion: v1", f"apiVersion: {version}")
        found[f"kind, {kind}"] = text.replace("kind: Pod", f"kind: {name}")
    for namespace in NAMESPACES:
        key = f"namespace, {namespace}"
        found[key] = POD.replace("namespace: mesh-demo", f"namespace: {namespace!s}")
    found["namespace, mesh-demo "] = POD.replace("namespace: mesh-demo", "namespace: 'mesh-demo '")
    return found
