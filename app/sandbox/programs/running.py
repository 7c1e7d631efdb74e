"""What servers have in common: they listen on a port until their container is stopped."""

from app.sandbox.programs.http import Handler
from app.sandbox.programs.serve import Server, serve
from app.sandbox.shell.container import Container


async def run_server(
    container: Container, ports: list[int], handler: Handler, refuse: Handler | None = None
) -> int:
    """Serve until the container is stopped; return 0. Raises: OSError where a port is taken."""
    servers: list[Server] = []
    try:
        for port in ports:
            servers.append(await serve(container.place.program(port), handler, refuse))
        await container.stopping.wait()
    finally:
        for server in servers:
            await server.close()
    return 0
