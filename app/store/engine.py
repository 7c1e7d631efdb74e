"""The database: opened once, brought up to date by its migrations, asked through short sessions."""

import asyncio
import shlex
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import ConnectionPoolEntry

import app.store.room_tables  # noqa: F401  # loaded, so that the metadata holds all tables
from app.errors import StoreUnavailable
from app.store.tables import Table
from app.store.whole import UnderWay

DRIVER_THREAD = "(_connection_worker_thread)"  # as aiosqlite 0.22 names them
DRIVER_END_S = 0.5  # one of another store goes on
BUSY_TIMEOUT_MS = (
    5000  # a second process (the CLI beside the site) may hold SQLite's one write lock
)
MIGRATIONS = Path(__file__).parent / "migrations"
UNWRITABLE = (  # as SQLite and the operating system say it
    "readonly database",
    "unable to open database file",
    "Permission denied",
    "Read-only file system",
    "Operation not permitted",
)
VERSION_TABLE = (  # as alembic makes it
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)


class Store:
    """The engine and its sessions. Open it with `async with`; that also runs the migrations.

    Raises, on opening: StoreUnavailable, also where the database can be read but not written.
    """

    def __init__(self, address: str) -> None:
        self._file = _file_of(address)
        self._engine: AsyncEngine = create_async_engine(address)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self.under_way = UnderWay()
        self._writers: AbstractAsyncContextManager[object] = nullcontext()
        if make_url(address).get_backend_name() == "sqlite":
            self._writers = asyncio.Lock()
            event.listen(self._engine.sync_engine, "connect", _set_up_sqlite)

    async def __aenter__(self) -> Self:
        self._make_file()
        try:
            async with self._engine.begin() as connection:
                await connection.run_sync(_migrate)
        except (DBAPIError, OSError) as error:
            await self._close()
            raise _unavailable(error, self._file) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.under_way.end()
        await self._close()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Give a session that commits at the end of the block, and rolls back on an error.

        Raises: StoreUnavailable when the database is locked, read-only, full or gone.
        """
        try:
            async with self._sessions.begin() as session:
                yield session
        except DBAPIError as error:
            raise _unavailable(error, self._file) from error

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a session as `session` does once it is this one's turn: first come, first served.

        SQLite has one writer at a time, and serves those that wait for it by chance: of a whole
        class that comes at once some would wait too long. Raises: as `session`.
        """
        async with self._writers, self.session() as session:
            yield session

    async def _close(self) -> None:
        await self._engine.dispose()
        await asyncio.to_thread(_let_drivers_end)

    def _make_file(self) -> None:
        """Open the file once before the driver does, whose thread outlives a failure."""
        if self._file:
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file.open("ab").close()
            except OSError as error:
                raise _unavailable(error, self._file) from error


def newest_migration() -> str:
    """Return the revision that the last migration leads to; its file's name begins with it."""
    return max(file.name for file in MIGRATIONS.glob("versions/[0-9]*.py")).partition("_")[0]


def _file_of(address: str) -> Path | None:
    """The file behind an address; None where the driver alone knows it, as with `file:` URIs."""
    url = make_url(address)
    name = url.database or ":memory:"
    is_file = url.get_backend_name() == "sqlite" and not name.startswith((":memory:", "file:"))
    return Path(name) if is_file else None


def _migrate(connection: Connection) -> None:
    if not inspect(connection).has_table("alembic_version"):
        _make(connection)
    elif not _is_up_to_date(connection):
        from alembic import command  # only here: loading it is a tenth of the site's start
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    # A write that changes nothing: one that cannot be written is said now, not at the first click.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _make(connection: Connection) -> None:
    """Make all tables at once, without the way that migrations took to them.

    The version comes last: where this is cut off, the next start makes what is missing.
    """
    Table.metadata.create_all(connection)
    connection.execute(text(VERSION_TABLE))
    connection.execute(
        text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": newest_migration()}
    )


def _is_up_to_date(connection: Connection) -> bool:
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return list(found) == [newest_migration()]


def _set_up_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _let_drivers_end() -> None:
    """Wait for the threads of aiosqlite.

    A query that was cancelled still ends in its thread, and reports to a loop that must be there.
    """
    for thread in threading.enumerate():
        if thread.name.endswith(DRIVER_THREAD):
            thread.join(DRIVER_END_S)


def _unavailable(error: Exception, file: Path | None) -> StoreUnavailable:
    cause = _cause(error)
    if any(sign in cause for sign in UNWRITABLE):
        return StoreUnavailable(
            f"The lab's database cannot be written: {cause}.",
            hint="Nothing that was saved before is lost. Name another one in MESH_DOJO_DATA_DIR or "
            f"MESH_DOJO_DATABASE_URL, or let the lab write {_what_to_write(file)}",
        )
    return StoreUnavailable(
        f"The lab's database does not take this: {cause}.",
        hint="Check that its disk has room, that the file may be written, and that no other "
        "program holds it; then try again. Nothing that was saved before is lost.",
    )


def _cause(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename}"
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _what_to_write(file: Path | None) -> str:
    if file is None:
        return "to this one."
    command = shlex.join(("chmod", "u+w", str(file.parent), str(file)))
    return f"this one and its folder: {command}"
