"""TLS on a connection, and curl's words where it does not come about."""

import asyncio
import ssl

from app.sandbox.shell.curl.failures import CERTIFICATE, TLS, Failure, told
from app.sandbox.shell.curl.urls import Url

_BAD_CA = 77
_MORE = (
    "More details here: https://curl.se/docs/sslcerts.html\n\n"
    "curl failed to verify the legitimacy of the server and therefore could not\n"
    "establish a secure connection to it. To learn more about this situation and\n"
    "how to fix it, please visit the web page mentioned above."
)


async def secure(
    writer: asyncio.StreamWriter, url: Url, *, is_insecure: bool = False, ca: str = ""
) -> None:
    """Begin TLS; the only authority that is trusted is `ca` (PEM). Raises: Failure."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if is_insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca:
        try:
            context.load_verify_locations(cadata=ca)
        except ssl.SSLError as error:
            raise Failure(_BAD_CA, "error setting certificate verify locations") from error
    try:
        await writer.start_tls(context, server_hostname=url.host)
    except ssl.SSLCertVerificationError as error:
        said = f"SSL certificate problem: {error.verify_message}"
        raise Failure(CERTIFICATE, said, _MORE) from error
    except ssl.SSLError as error:
        raise Failure(TLS, f"OpenSSL/3.0.20: {told(error)}") from error
    except ConnectionResetError as error:
        raise Failure(TLS, "Recv failure: Connection reset by peer") from error
    except (ConnectionError, EOFError) as error:
        where = f"{url.host}:{url.port}"
        said = f"OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to {where} "
        raise Failure(TLS, said) from error
