"""A learner at a terminal with kubectl and istioctl, who follows a task page line by line."""

import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

from tools.conformance.cluster import Answer, Cluster

Seen = TypeVar("Seen")
LIMIT_S = 60.0
ASIDE_S = 0.1
NOT_PULLED = ("ErrImagePull", "ImagePullBackOff")
FORWARDED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+) -> ")


@dataclass
class Learner:
    """Types lines in a folder that has `samples/`; `namespace` is the kubeconfig's own.

    `may_lack` says that the cluster may be without an image, which then skips the page.
    """

    cluster: Cluster
    room: Path
    namespace: str
    may_lack: bool = False
    made: list[str] = field(default_factory=list)

    def says(self, line: str, given: str = "") -> Answer:
        """Return how a line ended and what it said."""
        return self.cluster.ask(shlex.split(line), self.room, stdin=given)

    def do(self, line: str, given: str = "") -> str:
        """Return what a line printed; it must succeed."""
        answer = self.says(line, given)
        assert answer.code == 0, f"{line}: {answer.out}{answer.err}"
        return answer.out

    def fails(self, line: str, given: str = "") -> str:
        """Return what a line complained of; it must fail."""
        answer = self.says(line, given)
        assert answer.code, f"{line}: {answer.out}"
        return answer.err

    def apply(self, *objects: object, namespace: str = "") -> str:
        """Apply objects; return what kubectl said."""
        given = yaml.safe_dump_all(objects, sort_keys=False)
        return self.do(f"kubectl apply -n {namespace or self.namespace} -f -", given)

    def refused(self, *objects: object) -> str:
        """Return with which sentence objects are refused."""
        return self.fails("kubectl apply -f -", yaml.safe_dump_all(objects, sort_keys=False))

    def is_given(self, namespace: str, *, injected: bool) -> None:
        """Make a namespace, to be removed with the page."""
        self.made.append(namespace)
        self.do(f"kubectl create namespace {namespace}")
        if injected:
            self.do(f"kubectl label namespace {namespace} istio-injection=enabled")

    def has(self, *samples: str, namespace: str = "") -> None:
        """Apply samples, and wait until their pods are ready."""
        namespace = namespace or self.namespace
        for sample in samples:
            self.do(f"kubectl apply -n {namespace} -f samples/{sample}.yaml")
        self.awaits_pods(namespace)

    def awaits_pods(self, namespace: str) -> None:
        """Wait until every pod of a namespace is ready."""
        states = "jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}"
        end = time.monotonic() + LIMIT_S
        ready = f"kubectl wait --for=condition=Available deployment --all -n {namespace}"
        while self.says(f"{ready} --timeout=5s").code:
            waiting = self.do(f"kubectl get pods -n {namespace} -o {states}")
            if self.may_lack and any(reason in waiting for reason in NOT_PULLED):
                pytest.skip("this cluster has no image of a sample")
            assert time.monotonic() < end, self.do(f"kubectl describe pods -n {namespace}")

    def curl(self, line: str, by: str = "curl", namespace: str = "") -> Answer:
        """Return what curl says in the pod of a Deployment."""
        where = f"-n {namespace or self.namespace} deploy/{by} -c {by}"
        return self.says(f"kubectl exec {where} -- curl -s -m 20 {line}")

    def code(self, line: str, by: str = "curl", namespace: str = "") -> str:
        """Return with which status curl is answered; 000 where it is not."""
        return self.curl(f"-o /dev/null -w %{{http_code}} {line}", by, namespace).out

    def versions(self, times: int, headers: str = "") -> Counter[str]:
        """Return how often each version of helloworld answers."""
        url = f'"http://helloworld:5000/hello?n=[1-{times}]"'
        return Counter(re.findall(r"version: (v\d)", self.curl(f"{headers} {url}").out))

    def until(
        self, ask: Callable[[], Seen], wanted: Seen | Callable[[Seen], bool], why: str = ""
    ) -> Seen:
        """Ask until the answer is as wanted, and return it."""
        end = time.monotonic() + LIMIT_S
        while True:
            seen = ask()
            if wanted(seen) if callable(wanted) else seen == wanted:
                return seen
            assert time.monotonic() < end, f"{why or 'the answer'} is still {seen}"
            time.sleep(ASIDE_S)

    @contextmanager
    def forwarding(self, target: str, port: int) -> Iterator[int]:
        """Give the local port of a `kubectl port-forward` to a port of Istio's."""
        line = ["kubectl", "port-forward", "-n", "istio-system", target, f":{port}"]
        child = self.cluster.start(line, self.room)
        assert child.stdout
        try:
            found = FORWARDED.match(child.stdout.readline())
            assert found, child.stderr and child.stderr.read()
            yield int(found[1])
        finally:
            child.terminate()
            with child:
                child.wait(LIMIT_S)

    def leave(self) -> None:
        """Remove the namespaces of the page."""
        self.do(f"kubectl delete namespace {' '.join(self.made)} --wait=false")


def only(version: str) -> Callable[[Counter[str]], bool]:
    """Say of answers whether they are all of one version."""
    return lambda seen: set(seen) == {version} and seen.total() > 0
