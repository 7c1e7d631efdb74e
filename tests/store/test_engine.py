"""The store brings its database up to date, keeps what it holds, and says when it cannot."""

import asyncio
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, select
from sqlalchemy.schema import CreateTable

from app.errors import StoreUnavailable
from app.progress.queries import Progress
from app.store.engine import DRIVER_THREAD, MIGRATIONS, VERSION_TABLE, Store, newest_migration
from app.store.room_tables import MemberRow
from app.store.tables import ChoiceRow, Table


def address(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'deep' / 'x.db'}"


async def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    async with Store(address(tmp_path)) as store:
        await Progress(store).choose("ann", "theme", "dark")
    async with Store(address(tmp_path)) as store:
        assert await Progress(store).choice("ann", "theme") == "dark"


async def test_the_migrations_end_in_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    begin(tmp_path, VERSION_TABLE)
    async with Store(address(tmp_path)):
        pass
    engine = create_engine(address(tmp_path).replace("+aiosqlite", ""))
    with engine.connect() as connection:
        assert _differences(connection) == []
    engine.dispose()


async def test_a_new_database_is_the_one_that_the_migrations_end_in(tmp_path: Path) -> None:
    migrated, new = tmp_path / "migrated", tmp_path / "new"
    begin(migrated, VERSION_TABLE)
    for folder in (migrated, new):
        async with Store(address(folder)):
            pass
    assert held(new) == held(migrated)


async def test_a_database_whose_making_was_cut_off_is_made_whole(tmp_path: Path) -> None:
    async with Store(address(tmp_path / "whole")):
        pass
    begin(tmp_path / "cut", str(CreateTable(Table.metadata.tables["learners"])))
    async with Store(address(tmp_path / "cut")):
        pass
    assert held(tmp_path / "cut") == held(tmp_path / "whole")


def test_the_newest_migration_is_the_one_that_all_others_lead_to() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest_migration()]


async def test_a_database_that_is_behind_is_brought_up_to_date(tmp_path: Path) -> None:
    begin(tmp_path, VERSION_TABLE)
    async with Store(address(tmp_path)) as store:
        await Progress(store).choose("ann", "theme", "dark")


def begin(folder: Path, statement: str) -> None:
    """Make a database that holds one table."""
    (folder / "deep").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "deep" / "x.db")) as database:
        database.execute(statement)


def held(folder: Path) -> tuple[list[tuple[str, str]], list[tuple[str]]]:
    """Return what the database is made of, by name, and the version that it says it has."""
    with closing(sqlite3.connect(folder / "deep" / "x.db")) as database:
        made = database.execute("SELECT name, coalesce(sql, '') FROM sqlite_master ORDER BY name")
        version = database.execute("SELECT version_num FROM alembic_version")
        return [(name, " ".join(sql.split())) for name, sql in made], version.fetchall()


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))


async def test_a_locked_database_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    async with Store(address(tmp_path)) as store:
        progress = Progress(store)
        await progress.choose("ann", "theme", "dark")
        async with store.session() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("PRAGMA busy_timeout=0")
        other = sqlite3.connect(tmp_path / "deep" / "x.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await progress.choose("ann", "theme", "light")
        other.execute("ROLLBACK")
        other.close()
        assert await progress.choice("ann", "theme") == "dark"


async def test_a_database_that_is_read_only_is_said_when_it_is_opened(tmp_path: Path) -> None:
    async with Store(address(tmp_path)) as store:
        await Progress(store).choose("ann", "theme", "dark")
    file = tmp_path / "deep" / "x.db"
    with pytest.raises(StoreUnavailable, match="cannot be written: attempt to write a readonly"):
        async with Store(f"sqlite+aiosqlite:///file:{file}?mode=ro&uri=true"):
            pass
    assert driver_threads() == []


async def test_a_uri_makes_no_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Store("sqlite+aiosqlite:///file:x.db?uri=true"):
        pass
    assert os.listdir() == ["x.db"]


async def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "x.db").write_text("not a database, but long enough to look like one")
    with pytest.raises(StoreUnavailable, match="not a database"):
        async with Store(address(tmp_path)):
            pass


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable):
        async with Store(address(tmp_path)):
            pass


async def test_no_thread_of_the_driver_outlives_the_store(tmp_path: Path) -> None:
    async with Store(address(tmp_path)) as store:
        await Progress(store).choice("ann", "theme")
        assert driver_threads()
        reading = asyncio.create_task(Progress(store).choice("ann", "theme"))
        await asyncio.sleep(0)
        reading.cancel()
    assert driver_threads() == []


async def test_whoever_asks_may_leave_at_any_moment(tmp_path: Path) -> None:
    async with Store(address(tmp_path)) as store:
        progress = Progress(store)
        for turns in range(12):
            asked = [asyncio.create_task(progress.choose("ann", str(n), "x")) for n in range(4)]
            for _ in range(turns):
                await asyncio.sleep(0)
            for each in asked:
                each.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        assert await progress.choice("bob", "theme") == ""
    async with Store(address(tmp_path)) as store:
        assert await Progress(store).choice("ann", "3") == "x"
    assert driver_threads() == []


def driver_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.endswith(DRIVER_THREAD)]


async def test_a_database_of_before_the_workshops_keeps_what_it_holds(tmp_path: Path) -> None:
    engine = create_engine(address(tmp_path).replace("+aiosqlite", ""))
    (tmp_path / "deep").mkdir()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql("INSERT INTO choices VALUES ('ann', 'theme', 'dark')")
    engine.dispose()
    async with Store(address(tmp_path)) as store:
        assert await Progress(store).choice("ann", "theme") == "dark"
        async with store.session() as session:
            assert (await session.scalars(select(MemberRow))).all() == []


async def test_writers_are_served_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    served: list[int] = []
    async with Store(address(tmp_path)) as store:

        async def write(number: int) -> None:
            async with store.writing() as session:
                row = ChoiceRow(learner="ann", name=f"n{number}", value="")
                session.add(row)
                await session.flush()
                served.append(number)

        await asyncio.gather(*(write(number) for number in range(20)))
    assert served == list(range(20))
