"""All settings, read once from the environment at start-up and passed down."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


def _data_dir() -> Path:
    return Path.home() / ".local" / "share" / "mesh-dojo"


class Settings(BaseSettings):
    """Every setting, each read from MESH_DOJO_<NAME>. Units: `_s` seconds, `_bytes` bytes."""

    model_config = SettingsConfigDict(env_prefix="MESH_DOJO_", frozen=True)

    host: str = Field(
        default="127.0.0.1", description="address to serve on; loopback unless TLS is given"
    )
    port: int = Field(default=8765, description="port to serve on")
    allowed_hosts: tuple[str, ...] = Field(
        default=(), description="further host names that a request may carry, beside loopback's"
    )
    tls_certificate: Path | None = Field(
        default=None, description="certificate file to serve https with"
    )
    tls_key: Path | None = Field(default=None, description="key file of that certificate")
    insecure_http: bool = Field(
        default=False, description="serve plain http on an address off loopback"
    )
    data_dir: Path = Field(
        default_factory=_data_dir, description="where progress, runs and keys are kept"
    )
    database_url: str = Field(
        default="",
        description="SQLAlchemy address of the database; empty: SQLite in the data folder",
    )
    lessons_dir: Path = Field(default=ROOT / "lessons", description="the course")
    context: str = Field(
        default="",
        description="kubeconfig context to work in; empty: the chosen or the current one",
    )
    kubeconfig: Path | None = Field(
        default=None, description="kubeconfig file; empty: KUBECONFIG, else ~/.kube/config"
    )
    sandbox: bool = Field(
        default=True, description="offer the embedded sandbox, and use it where there is no cluster"
    )
    istio_release_dir: Path | None = Field(
        default=None, description="unpacked Istio release, whose samples/addons the course applies"
    )
    command_timeout_s: float = Field(
        default=600.0, description="longest time of a foreground command"
    )
    background_timeout_s: float = Field(
        default=4 * 3600.0, description="longest time of a background command"
    )
    max_output_bytes: int = Field(
        default=32 * 1024 * 1024, description="output kept of one command"
    )
    max_output_lines: int = Field(default=200_000, description="lines kept of one command")
    log_level: str = Field(default="info", description="debug, info, warning or error")

    def database(self) -> str:
        """Return the database's address. Shape: a SQLAlchemy URL with an async driver."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'mesh-dojo.db'}"
