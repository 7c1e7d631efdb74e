"""nginx serves by its configuration, and refuses one that it does not take."""

from collections.abc import AsyncIterator

import pytest
from sandbox.shell.lab import Lab, lab

pytestmark = pytest.mark.anyio

FOLDER = "/etc/nginx/conf.d"


@pytest.fixture
async def made() -> AsyncIterator[Lab]:
    async with lab() as made:
        made.container("curlimages/curl")
        yield made


async def get(made: Lab, url: str, *words: str) -> tuple[str, dict[str, str], str]:
    done = await made.exec(made.containers["me"], "curl", "-s", "-i", *words, url)
    head, _, body = done.out.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return first, {name: value for name, _, value in pairs}, body


async def site(made: Lab, text: str) -> None:
    await made.start("nginx", "web", 80, files={FOLDER: {"default.conf": text.encode()}})


async def test_the_image_alone_welcomes(made: Lab) -> None:
    await made.start("nginx:1.27", "web", 80)
    first, headers, body = await get(made, "http://web/")
    assert first == "HTTP/1.1 200 OK"
    assert "<title>Welcome to nginx!</title>" in body
    assert list(headers) == [
        "Server", "Date", "Content-Type", "Content-Length", "Last-Modified", "Connection", "ETag",
        "Accept-Ranges",
    ]  # fmt: skip
    assert headers["Server"].startswith("nginx/1.")


async def test_pages_of_errors_are_nginxs(made: Lab) -> None:
    await made.start("nginx", "web", 80)
    first, headers, body = await get(made, "http://web/nope")
    assert (first, headers["Content-Type"]) == ("HTTP/1.1 404 Not Found", "text/html")
    assert "<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/" in body
    assert (await get(made, "http://web/", "-X", "POST"))[0] == "HTTP/1.1 405 Not Allowed"


async def test_locations_do_what_they_say(made: Lab) -> None:
    await made.start("hashicorp/http-echo", "backend", 5678, "-text=v1")
    await made.start("mccutchen/go-httpbin", "httpbin", 8080)
    await site(
        made,
        """upstream app { server backend:80; }
        server {
          listen 80 default_server;
          location = /health { return 200 "ok $request_method\\n"; default_type text/plain; }
          location /old { return 301 http://new$request_uri; }
          location /gone { return 410; }
          location /app { proxy_pass http://app; add_header X-Way "$scheme"; }
          location /bin/ { proxy_pass http://httpbin/; proxy_set_header Host $host;
                           proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }
          location / { root /usr/share/nginx/html; try_files $uri /index.html; }
        }""",
    )
    assert (await get(made, "http://web/health"))[2] == "ok GET\n"
    assert (await get(made, "http://web/old/x?y=1"))[1]["Location"] == "http://new/old/x?y=1"
    assert (await get(made, "http://web/gone"))[0] == "HTTP/1.1 410 Gone"
    _first, headers, body = await get(made, "http://web/app")
    assert (body, headers["X-Way"], headers["Server"][:6]) == ("v1\n", "http", "nginx/")
    assert '"Host": [\n      "web"\n    ]' in (await get(made, "http://web/bin/headers"))[2]
    assert '"10.244.0.2"' in (await get(made, "http://web/bin/ip"))[2]
    assert "Welcome to nginx!" in (await get(made, "http://web/anything"))[2]


async def test_servers_are_chosen_by_port_and_name(made: Lab) -> None:
    one = "server { listen 80; server_name a.x; return 200 one; }"
    two = "server { listen 80; server_name *.y; return 200 two; }"
    await site(made, one + two + "server { listen 8080; return 200 three; }")
    assert (await get(made, "http://web/", "-H", "Host: a.x"))[2] == "one"
    assert (await get(made, "http://web/", "-H", "Host: b.y"))[2] == "two"
    assert (await get(made, "http://web/", "-H", "Host: other"))[2] == "one"
    ip = made.containers["web"].place.ip
    assert (await get(made, f"http://{ip}:8080/"))[2] == "three"


async def test_an_upstream_that_does_not_answer_is_told(made: Lab) -> None:
    await made.start("mccutchen/go-httpbin", "httpbin", 8080)
    await site(
        made,
        """server { listen 80;
          location /dead { proxy_pass http://httpbin:81; proxy_read_timeout 50ms; }
          location / { proxy_pass http://httpbin; proxy_read_timeout 50ms; } }""",
    )
    assert (await get(made, "http://web/delay/1"))[0] == "HTTP/1.1 504 Gateway Time-out"
    assert (await get(made, "http://web/dead"))[0].startswith("HTTP/1.1 504")


async def test_files_are_the_containers_own_and_no_path_leads_out(made: Lab) -> None:
    html = {"index.html": b"mine", "a.css": b"x", "sub/page.html": b"page"}
    await made.start("nginx", "web", 80, files={"/usr/share/nginx/html": html})
    assert (await get(made, "http://web/"))[2] == "mine"
    assert (await get(made, "http://web/a.css"))[1]["Content-Type"] == "text/css"
    assert (await get(made, "http://web/sub"))[0] == "HTTP/1.1 301 Moved Permanently"
    assert (await get(made, "http://web/sub/"))[0] == "HTTP/1.1 403 Forbidden"
    for path in ("/../../../etc/nginx/nginx.conf", "/%2e%2e/%2e%2e/etc/nginx/nginx.conf"):
        assert "404" in (await get(made, f"http://web{path}", "--path-as-is"))[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("server { listen 80; foo bar; }", 'unknown directive "foo" in'),
        ("server { listen 80;", 'unexpected end of file, expecting "}" in'),
        ("server { listen 80 }", 'unexpected "}" in'),
        ("server { listen x; }", 'invalid port in "x" of the "listen" directive in'),
        ("server { location / { proxy_pass http://nope; } }", 'host not found in upstream "nope"'),
        ("server { location ~ \\.php$ { return 200; } }", "does not emulate locations by regular"),
        ("server { listen 443 ssl; }", "does not emulate TLS"),
        ("server { rewrite ^/a /b; }", 'does not emulate "rewrite"'),
        ("return 200;", '"return" directive is not allowed here'),
        ("", "no server is configured"),
    ],
)
async def test_a_configuration_that_is_not_taken_ends_nginx(made: Lab, text: str, why: str) -> None:
    await site(made, text)
    assert await made.running["web"] == 1
    assert made.logs["web"][-1].startswith("nginx: [emerg] ")
    assert why in made.logs["web"][-1]


async def test_requests_are_logged_with_the_callers_address(made: Lab) -> None:
    await made.start("nginx", "web", 80)
    await get(made, "http://web/")
    assert made.logs["web"][-1].startswith("10.244.0.2 - - [")
    assert '"GET / HTTP/1.1" 200 ' in made.logs["web"][-1]
