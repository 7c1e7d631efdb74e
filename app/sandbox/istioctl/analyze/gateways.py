"""What a Gateway refers to: pods, their Services' ports, certificates, and other Gateways."""

import base64
from collections.abc import Iterator

from cryptography import x509

from app.sandbox.istioctl.analyze.labels import first_key, matches, written
from app.sandbox.istioctl.analyze.messages import Message, listed, quoted
from app.sandbox.istioctl.analyze.resource import Resource
from app.sandbox.istioctl.analyze.selected import Selecting
from app.sandbox.istioctl.analyze.snapshot import Snapshot
from app.sandbox.objects import Obj, at, items, number, strings, table, text, words


def ports(snapshot: Snapshot) -> Iterator[Message]:
    """Yield Gateways that select no pod, and ports that no Service of their pods has."""
    selecting = Selecting(snapshot)
    for gateway in snapshot.all("Gateway"):
        selector = strings(gateway.spec, "selector")
        pods = [pod for pod in snapshot.all("Pod") if matches(selector, pod.labels)]
        if not pods:
            yield _selects_none(gateway)
            continue
        line = gateway.line(f".spec.selector.{first_key(selector)}")
        known = {port for pod in pods for port in _ports_of(selecting, pod)}
        for server in items(gateway.spec, "servers"):
            port = number(server, "port.number")
            if "port" in server and port not in known:
                yield Message("IST0162", gateway, (str(port), written(selector)), line)


def _ports_of(selecting: Selecting, pod: Resource) -> Iterator[int]:
    """Yield the ports at which Services reach a pod, both theirs and the pod's."""
    without = selecting.without_selector(pod.namespace)
    for service in (*selecting.find(pod.namespace, pod.labels), *without):
        for port in items(service.spec, "ports"):
            if text(port, "protocol") == "TCP":
                yield number(port, "port")
                target = at(port, "targetPort")
                if isinstance(target, int):
                    yield target


def _selects_none(gateway: Resource) -> Message:
    selector = strings(gateway.spec, "selector")
    line = gateway.line(f".spec.selector.{first_key(selector)}")
    return Message("IST0101", gateway, ("selector", quoted(written(selector))), line)


def conflicts(snapshot: Snapshot) -> Iterator[Message]:
    """Yield servers with the pods, the port and a host of another Gateway's server."""
    for gateway in snapshot.all("Gateway"):
        selector = strings(gateway.spec, "selector")
        rivals = [other for other in snapshot.all("Gateway") if _meets(snapshot, gateway, other)]
        for server in items(gateway.spec, "servers"):
            port, hosts = number(server, "port.number"), words(server, "hosts")
            found = [
                other.full_name
                for other in rivals
                if other.full_name != gateway.full_name and _shares(server, _last(other, port))
            ]
            if found:
                named = (",".join(sorted(found)), written(selector), str(port), ",".join(hosts))
                yield Message("IST0145", gateway, named)


def _meets(snapshot: Snapshot, one: Resource, other: Resource) -> bool:
    """Whether two Gateways select a pod in common, or say the same of pods."""
    mine, theirs = strings(one.spec, "selector"), strings(other.spec, "selector")
    if mine == theirs:
        return True
    if written(mine) not in written(theirs) and written(theirs) not in written(mine):
        return False
    return any(
        matches(mine, pod.labels) and matches(theirs, pod.labels) for pod in snapshot.all("Pod")
    )


def _last(gateway: Resource, port: int) -> Obj | None:
    """Return a Gateway's last server of a port: the one that the real analyzer remembers."""
    of_port = [s for s in items(gateway.spec, "servers") if number(s, "port.number") == port]
    return of_port[-1] if of_port else None


def _shares(server: Obj, other: Obj | None) -> bool:
    if other is None or text(server, "bind") != text(other, "bind"):
        return False
    return bool(set(words(server, "hosts")) & set(words(other, "hosts")))


def certificates(snapshot: Snapshot) -> Iterator[Message]:
    """Yield Gateways that serve the certificate of another one for the same pods."""
    for gateway in snapshot.all("Gateway"):
        selector = strings(gateway.spec, "selector")
        for other in snapshot.all("Gateway"):
            is_other = other.full_name != gateway.full_name
            if not is_other or not matches(selector, strings(other.spec, "selector")):
                continue
            pairs = (
                (mine, theirs)
                for mine in items(gateway.spec, "servers")
                for theirs in items(other.spec, "servers")
            )
            if any(_same_certificate(table(a, "tls"), table(b, "tls")) for a, b in pairs):
                names = listed([gateway.full_name, other.full_name])
                yield Message("IST0138", gateway, (names,), gateway.line(".metadata.name"))


def _same_certificate(one: Obj, other: Obj) -> bool:
    fields = ("credentialName", "serverCertificate", "privateKey")
    (mine, my_file, my_key), (theirs, their_file, their_key) = (
        [text(tls, field) for field in fields] for tls in (one, other)
    )
    if mine or theirs:
        return mine == theirs
    return bool(my_file and my_key) and (my_file, my_key) == (their_file, their_key)


def secrets(snapshot: Snapshot) -> Iterator[Message]:
    """Yield credentials of Gateways that do not exist or hold no certificate."""
    for gateway in snapshot.all("Gateway"):
        selector = strings(gateway.spec, "selector")
        pods = [pod for pod in snapshot.all("Pod") if matches(selector, pod.labels)]
        if not pods:
            yield _selects_none(gateway)
            continue
        for i, server in enumerate(items(gateway.spec, "servers")):
            name = text(server, "tls.credentialName")
            if not name:
                continue
            line = gateway.line(f".spec.servers[{i}].tls.credentialName")
            place, _, plain = name.rpartition("/")
            secret = snapshot.find("Secret", place or pods[0].namespace, plain)
            if secret is None:
                yield Message("IST0101", gateway, ("credentialName", quoted(name)), line)
            elif not _is_certificate(secret.obj):
                yield Message("IST0161", gateway, (gateway.name, pods[0].namespace), line)


def _is_certificate(secret: Obj) -> bool:
    """Whether a Secret has a key and a certificate that can be read."""
    for certificate, key in (("tls.crt", "tls.key"), ("cert", "key")):
        data = table(secret, "data")
        if data.get(certificate) and data.get(key):
            try:
                x509.load_pem_x509_certificate(base64.b64decode(str(data[certificate])))
            except ValueError:
                return False
            return True
    return False
