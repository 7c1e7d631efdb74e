"""RequestAuthentications: a bad token is refused, a good one known to policies and programs."""

import base64
import json
from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sandbox.istiod.meshed import SECURITY, App, Mesh, meshed

from app.sandbox.objects import Json, Obj

pytestmark = pytest.mark.anyio
KEY = ec.derive_private_key(7, ec.SECP256R1())
LATER = 4102444800  # 2100-01-01


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(**claims: Json) -> str:
    """Return a signed token."""
    head = json.dumps({"alg": "ES256", "kid": "a"}).encode()
    said = f"{_text(head)}.{_text(json.dumps({'exp': LATER, **claims}).encode())}"
    made = KEY.sign(said.encode(), ec.ECDSA(hashes.SHA256()))
    both = b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(made))
    return f"{said}.{_text(both)}"


def keys() -> str:
    """Return the keys that prove a token."""
    point = KEY.public_key().public_numbers()
    x, y = (_text(part.to_bytes(32, "big")) for part in (point.x, point.y))
    key = {"kty": "EC", "crv": "P-256", "kid": "a", "alg": "ES256", "x": x, "y": y}
    return json.dumps({"keys": [key]})


class Asking:
    """A mesh with a caller and a program."""

    def __init__(self, mesh: Mesh, client: App, web: App) -> None:
        self.mesh, self.client, self.web = mesh, client, web

    async def under(self, *rules: Obj) -> None:
        spec: Obj = {"jwtRules": list[Json](rules)}
        self.mesh.put(f"{SECURITY}/v1", "RequestAuthentication", "t", spec=spec)
        await self.mesh.settled()

    async def answer(self, bearer: str = "", **headers: str) -> tuple[int, str]:
        said = {"authorization": f"Bearer {bearer}"} if bearer else {}
        found = await self.mesh.ask(self.client.place, "web", headers={**said, **headers})
        return found.status, found.body


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with meshed() as mesh:
        mesh.service("web", "http")
        client = await mesh.app("client", {"app": "client"})
        web = await mesh.app("web-1", {"app": "web"})
        pool = {"http": {"maxRequestsPerConnection": 1}}
        mesh.rule("web", {"host": "web", "trafficPolicy": {"connectionPool": pool}})
        await mesh.settled()
        yield Asking(mesh, client, web)


async def test_a_token_that_is_there_must_be_good(asking: Asking) -> None:
    await asking.under({"issuer": "one", "jwks": keys()})
    assert await asking.answer() == (200, "web-1")
    assert await asking.answer(token(iss="one")) == (200, "web-1")
    assert "authorization" not in asking.web.heard[-1]
    assert await asking.answer(token(iss="two")) == (401, "Jwt issuer is not configured")
    assert await asking.answer(token(iss="one", exp=1)) == (401, "Jwt is expired")
    broken = token(iss="one")[:-4] + "AAAA"
    assert await asking.answer(broken) == (401, "Jwt verification fails")
    await asking.under({"issuer": "one", "jwksUri": "https://keys.example"})
    assert (await asking.answer(token(iss="one")))[0] == 401


async def test_a_token_is_read_and_handed_on_as_asked(asking: Asking) -> None:
    rule: Obj = {
        "issuer": "one",
        "jwks": keys(),
        "forwardOriginalToken": True,
        "fromHeaders": [{"name": "x-jwt", "prefix": "T "}],
        "outputClaimToHeaders": [{"header": "x-role", "claim": "role"}],
        "outputPayloadToHeader": "x-payload",
    }
    await asking.under(rule, {"issuer": "two", "jwks": keys()})
    good = token(iss="one", role="admin")
    assert (await asking.answer("", **{"x-jwt": f"T {good}"}))[0] == 200
    heard = asking.web.heard[-1]
    assert (heard["x-jwt"], heard["x-role"]) == (f"T {good}", "admin")
    payload = json.loads(base64.urlsafe_b64decode(heard["x-payload"] + "=="))
    assert payload["role"] == "admin"
    assert (await asking.answer(token(iss="two")))[0] == 200


async def test_policies_ask_who_is_behind_a_token(asking: Asking) -> None:
    await asking.under({"issuer": "one", "jwks": keys()})
    good, other = token(iss="one", sub="jo", groups=["a", "b"]), token(iss="one", sub="mo")

    async def let_in(rule: Obj) -> list[bool]:
        policy: Obj = {"rules": [rule]}
        asking.mesh.put(f"{SECURITY}/v1", "AuthorizationPolicy", "p", spec=policy)
        await asking.mesh.settled()
        return [(await asking.answer(each))[0] == 200 for each in ("", good, other)]

    def source(**fields: Json) -> Obj:
        return {"from": [{"source": fields}]}

    def when(key: str, *values: str) -> Obj:
        return {"when": [{"key": key, "values": [*values]}]}

    assert await let_in(source(requestPrincipals=["*"])) == [False, True, True]
    assert await let_in(source(requestPrincipals=["one/jo"])) == [False, True, False]
    assert await let_in(source(notRequestPrincipals=["one/jo"])) == [True, False, True]
    assert await let_in(when("request.auth.claims[groups]", "b", "c")) == [False, True, False]
    assert await let_in(when("request.auth.claims[sub]", "m*")) == [False, False, True]
