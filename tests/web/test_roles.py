"""Every route, tried by every role: who may, passes; who may not, is told so."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from app.auth.access import Holder
from app.auth.roles import RIGHTS, Person, Right, Role
from app.web.deps import May
from app.web.render import Pages
from app.web.services import Services
from app.web.site import ROUTES, create_site
from web.conftest import ORIGIN
from web.fakes import make_services
from web.samples import COURSE, SNAPSHOT

PEOPLE = {role.value: role for role in Role if role is not Role.VISITOR}
FILLED = {"lesson": "canary", "step": "split", "run": "r1", "view": "describe"}
OPEN = {"/healthz", "/login"}  # the door itself
STREAMS = ("/live", "/preflight/live", "/room/live", "/rooms/{room}/live")
ANYBODY_IN = {"/settings/theme"}  # whoever has signed in


def right_of(dependant: Dependant) -> Right | None:
    """Return the right that a route's signature names."""
    if isinstance(dependant.call, May):
        return dependant.call.right
    return next(filter(None, map(right_of, dependant.dependencies)), None)


ALL = [
    (method, route.path, right_of(route.dependant))
    for router in ROUTES
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]


class Everybody:
    """A site that knows one person of each role, by the role's name."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def find(self, holder: Holder) -> Person | None:
        role = PEOPLE.get(holder.id)
        return role and Person(holder.id, holder.session, role, holder.id, "room")

    async def services(self, person: Person) -> Services:
        return self._services

    async def __aenter__(self) -> None:
        for name in PEOPLE:
            await self._services.progress.welcome(name, name)

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Services:
    services = make_services(tmp_path_factory.mktemp("roles"), COURSE, SNAPSHOT)
    everybody = Everybody(services)
    lifespans = (*services.lifespans, everybody)
    return replace(services, people=everybody, seats=everybody, lifespans=lifespans)


@pytest.fixture(scope="module")
def client(house: Services) -> Iterator[TestClient]:
    site = create_site(house, Pages())
    with TestClient(
        site, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False
    ) as found:
        yield found


def test_every_route_names_a_right_but_the_door() -> None:
    assert len(ALL) > 25
    assert {path for _, path, right in ALL if right is None} == OPEN | ANYBODY_IN


def test_the_table_names_every_right_and_the_owner_has_no_seat() -> None:
    assert set(RIGHTS) == set(Right)
    assert Role.OWNER not in RIGHTS[Right.ATTEND]
    assert RIGHTS[Right.OPEN] == RIGHTS[Right.ARRANGE] == {Role.OWNER}
    for right in set(Right) - {Right.ENTER}:
        assert Role.VISITOR not in RIGHTS[right]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("method", "path", "right"),
    [each for each in ALL if each[2] and not each[1].startswith("/api/")],
    ids=str,
)
def test_a_role_passes_where_the_table_says_so(
    client: TestClient, house: Services, role: Role, method: str, path: str, right: Right
) -> None:
    if path.startswith(STREAMS) and role in RIGHTS[right]:
        pytest.skip("a stream has no end; that it begins is told by test_stream")
    headers, cookies = {"origin": ORIGIN}, {}
    if role is not Role.VISITOR:
        cookie = house.access.open(role.value)
        holder = house.access.who(cookie)
        assert holder
        cookies = {"mesh-dojo-8765": cookie}
        headers["x-csrf-token"] = house.access.csrf(holder)
    client.cookies = cookies  # type: ignore[assignment]
    status = client.request(method, filled(path), headers=headers).status_code
    if role in RIGHTS[right]:
        assert status not in (401, 403)
        assert status < 500
    else:
        assert status == (401 if role is Role.VISITOR else 403)


def filled(path: str) -> str:
    """Return an address of the sample's course."""
    for name, value in FILLED.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{", "").replace("}", "")


def test_a_session_of_nobody_in_the_site_is_a_visitors(client: TestClient, house: Services) -> None:
    client.cookies = {"mesh-dojo-8765": house.access.open("erased")}  # type: ignore[assignment]
    assert client.get("/").status_code == 401
