"""Broken settings, catalogues, profiles, exports, manifests and kept values: words of the program's own, never anything else.

``POSTURE_FUZZ_EXAMPLES`` says how many of each (50 by default, 2,000 in full).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from fuzz.odd import ODD, almost, broken_bytes, values
from posture._support import catalogue, config
from posture.biomechanics.calibration import Neutral
from posture.errors import CatalogueError, ConfigError, InputError, ModelError, PostureError, StoreError
from posture.monitor.camera_choice import CAMERA_KEY, camera_of, kept_camera
from posture.monitor.control.requests import PAUSE_KEY, kept_pause
from posture.pose import manifest, weights
from posture.settings import Settings
from posture.storage import profiles
from posture.storage.exchange.exporting import export
from posture.storage.exchange.importing import import_from
from posture.storage.exchange.tables import ExportFormat
from posture.storage.records import Origin, SessionEnd
from posture.storage.schema import MEMORY
from posture.storage.store import Store

EXAMPLES = int(os.environ.get("POSTURE_FUZZ_EXAMPLES", "50"))
many = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES <= 100)
SHIPPED = (Path(catalogue.__file__).parents[1] / "data" / "catalogue.toml").read_bytes()
SETTINGS = config.describe(Settings()).encode()
OWN = b"""
[prompts.own_one]
trigger = ["flexed"]
kind = "exercise"
where = "desk"
title = "Reach up"
steps = ["Stand.", "Reach."]
why = "It helps."
passages = ["A-mobility"]
position = "standing"
duration = "1 minute"
"""
NAMES = [f"{section}.{key}" for section, kind in config.SECTIONS.items() for key in kind.__dataclass_fields__]
KEPT = {"address": "0", "known": {"index": 0, "name": "x"}}
NEUTRAL: dict[str, Any] = Neutral(
    source="given",
    start_s=0.0,
    end_s=2.0,
    count=10,
    sd_deg=0.5,
    still=True,
    cue={"yaw_deg": 80.0, "px_per_m": 300.0, "head_y": 0.2, "trunk_deg": -3.0},
    layout={"xy": (1.0,) * 30, "left": (1.0,) * 12, "right": (2.0,) * 12, "size": (640.0, 480.0)},
    has_outline=True,
    hips_inside=True,
).as_dict()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one example."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def one_line(error: Exception) -> None:
    """What a user is told is one line of bearable length."""
    text = str(error)
    assert text and "\n" not in text, text
    assert len(text) < 8000, text[:300]


@many
@given(broken_bytes([SETTINGS, b'[measure]\nrate_hz = 3.0\nmodel = "lite"\n[prompts]\ncatalogue = "my.toml"\n']))
@example(b"a = " + b"[" * 100_000)
@example(b'[prompts]\ncatalogue = "~nobody-of-this-name/x"\n')
@example(b'[prompts]\ncatalogue = "a\\u0000b"\n')
def test_settings_files(data: bytes) -> None:
    """A settings file is read, or refused by a ConfigError."""
    with folder() as here:
        file = here / "config.toml"
        file.write_bytes(data)
        try:
            assert isinstance(config.load(file), Settings)
        except ConfigError as error:
            one_line(error)


@many
@given(st.sampled_from(NAMES) | st.text(max_size=12), values)
@example("prompts.catalogue", "~nobody-of-this-name/x")
@example("dose.soft_s", "[" * 100_000)
def test_settings_of_the_command_line(name: str, value: Any) -> None:
    """So is ``--set``, whatever stands behind it."""
    try:
        assert isinstance(config.load(None, [f"{name}={value}"]), Settings)
    except ConfigError as error:
        one_line(error)


@many
@given(broken_bytes([OWN, SHIPPED.split(b"[prompts.")[1].join([b"[prompts.", b""])]))
@example(b"prompts = " + b"[" * 100_000)
def test_catalogue_files(data: bytes) -> None:
    """A catalogue is read, or refused by a CatalogueError; the referral is there in any case."""
    with folder() as here:
        file = here / "my.toml"
        file.write_bytes(data)
        try:
            assert any(p.kind == "referral" for p in catalogue.load(file).prompts)
        except CatalogueError as error:
            one_line(error)


def test_a_catalogue_path_that_cannot_be_one() -> None:
    """A path that no system can have is a CatalogueError as well."""
    with pytest.raises(CatalogueError):
        catalogue.load(Path("a\0b"))


@many
@given(almost(NEUTRAL))
@example({**NEUTRAL, "count": float("inf")})
@example({**NEUTRAL, "layout": {**NEUTRAL["layout"], "xy": [1.0] * 3}})
@example([])
def test_neutrals(data: Any) -> None:
    """A stored neutral is read, and can be used then, or raises one of the three errors that its readers expect."""
    try:
        neutral = Neutral.from_dict(data)
    except (KeyError, TypeError, ValueError):
        return
    assert neutral.track().xy.shape == (1, 15, 2)


@many
@given(st.sampled_from([json.dumps(NEUTRAL)]) | almost(NEUTRAL).map(json.dumps) | values.map(json.dumps) | st.text(max_size=20))
@example("[" * 100_000)
@example("[]")
def test_stored_profiles(text: str) -> None:
    """Whatever stands in the database as a profile: it is listed, used, or refused by a StoreError."""
    camera = profiles.CameraIdentity("path:x", "x")
    with Store.open(MEMORY) as store:
        with store.writing() as db:
            db.execute("INSERT INTO profiles (name, created_utc, view, data) VALUES ('desk', 1.0, NULL, ?)", (storable(text),))
        uses: tuple[Callable[[], object], ...] = (
            lambda: profiles.listed(store),
            lambda: profiles.choose(store, camera),
            lambda: profiles.choose(store, camera, "desk"),
        )
        for use in uses:
            try:
                use()
            except StoreError as error:
                one_line(error)


@many
@given(st.none() | values.map(json.dumps) | st.text(max_size=20) | almost(KEPT).map(json.dumps))
@example("[" * 100_000)
@example("1" + "0" * 400)
@example(json.dumps({"address": "0", "known": {"index": 0, "name": 5, "path": 7}}))
def test_kept_values(text: str | None) -> None:
    """The pause and the camera that are kept for the next start are taken, or count as none."""
    with Store.open(MEMORY) as store:
        for key in (CAMERA_KEY, PAUSE_KEY):
            if text is not None:
                store.set_meta(key, storable(text))
        kept_pause(store.get_meta(PAUSE_KEY), 1_767_600_000.0)
        kept = kept_camera(store)
        if kept is not None:
            assert isinstance(kept[0], str)
            assert isinstance(kept[1].name, str)
            profiles.camera_of(*kept)
        camera_of(None, Settings(), store)


def storable(text: str) -> str:
    """What SQLite takes."""
    return text.encode("utf-8", "replace").decode()


def exported(form: ExportFormat, target: Path) -> Path:
    """A small export with a row of everything."""
    with Store.open(MEMORY) as store:
        with store.writing() as db:
            day = {
                "origin": Origin.LIVE,
                "source": "cam",
                "started_utc": 1.7676e9,
                "ended_utc": 1.7676e9 + 600,
                "ended": SessionEnd.COMPLETE,
            }
            more = {"heartbeat_utc": 1.7676e9, "pid": 1, "process": "x", "app_version": "1", "tz_offset_s": 0.0}
            rows: list[tuple[str, dict[str, Any]]] = [
                ("sessions", {"id": 1, **day, **more}),
                ("spans", {"session_id": 1, "start_utc": 1.7676e9, "end_utc": 1.7676e9 + 600, "posture": "flexed", "seated": 1, "open": 0}),
                (
                    "episodes",
                    {"session_id": 1, "kind": "flexed", "start_utc": 1.7676e9, "end_utc": 1.7676e9 + 9, "dose_s": 9, "in_state_s": 9},
                ),
                ("prompts", {"session_id": 1, "at_utc": 1.7676e9, "prompt_id": "cat_cow", "kind": "flexed", "step": "soft"}),
                ("held_prompts", {"session_id": 1, "at_utc": 1.7676e9, "kind": "flexed", "step": "soft", "reason": "quiet"}),
                ("moves", {"session_id": 1, "at_utc": 1.7676e9, "kind": "shift"}),
                (
                    "exercises",
                    {
                        **{"session_id": 1, "exercise": "cat_cow", "start_utc": 1.7676e9, "end_utc": 1.7676e9 + 60, "repetitions": 5},
                        **{"half_repetitions": 0, "ended": "done"},
                    },
                ),
                ("self_reports", {"at_utc": 1.7676e9, "kind": "urge", "place": "low", "note": 'a, "b"'}),
                ("profiles", {"name": "desk", "created_utc": 1.7676e9, "data": json.dumps(NEUTRAL)}),
            ]
            for table, row in rows:
                db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
        export(store, target, form, 1.7676e9)
    return target


def taken_in(path: Path) -> None:
    """Import into a database that has a session already; it is whole afterwards, and empty of anything if the import failed."""
    with Store.open(MEMORY) as store:
        session = store.start_session(origin=Origin.FILE, started_utc=1.0, source="mine")
        store.end_session(session)
        try:
            import_from(store, path)
        except PostureError as error:
            one_line(error)
            with store.reading() as db:
                assert [tuple(r) for r in db.execute("SELECT id FROM sessions")] == [(session,)]
        with store.reading() as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert db.execute("PRAGMA foreign_key_check").fetchone() is None


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[ExportFormat, Path]:
    """An export of each kind."""
    here = tmp_path_factory.mktemp("sound")
    return {form: exported(form, here / (f"{form}.json" if form is ExportFormat.JSON else form)) for form in ExportFormat}


@many
@given(data=st.data())
def test_imports_of_json_with_odd_values(sound: dict[ExportFormat, Path], data: st.DataObject) -> None:
    """JSON with values that cannot be: an InputError, and nothing was taken in."""
    with folder() as here:
        file = here / "x.json"
        value = data.draw(almost(json.loads(sound[ExportFormat.JSON].read_text())))
        file.write_text(json.dumps(value))
        taken_in(file)


@pytest.mark.parametrize(
    "odd", [pytest.param(odd, marks=pytest.mark.soak if i % 6 else ()) for i, odd in enumerate(ODD)], ids=lambda v: repr(v)[:24]
)
def test_each_cell_with_each_odd_value(sound: dict[ExportFormat, Path], odd: Any, tmp_path: Path) -> None:
    """No single cell of an export can hold anything that does more than be refused."""
    whole = json.loads(sound[ExportFormat.JSON].read_text())
    for table, rows in whole["tables"].items():
        for column in rows[0]:
            file = tmp_path / "x.json"
            changed = {**whole, "tables": {**whole["tables"], table: [{**rows[0], column: odd}]}}
            file.write_text(json.dumps(changed))
            taken_in(file)


def test_a_session_with_the_last_number_that_there_is(sound: dict[ExportFormat, Path], tmp_path: Path) -> None:
    """No number is left for a second session: refused in words."""
    whole = json.loads(sound[ExportFormat.JSON].read_text())
    first = whole["tables"]["sessions"][0]
    others = [{**first, "session": 2**63 - 1, "origin": "file", "source": "last"}]
    whole["tables"] = {**{name: [] for name in whole["tables"]}, "sessions": [first, *others]}
    whole["rows"] = {name: len(rows) for name, rows in whole["tables"].items()}
    (tmp_path / "x.json").write_text(json.dumps(whole))
    taken_in(tmp_path / "x.json")


@many
@given(data=st.data())
@pytest.mark.parametrize("form", list(ExportFormat))
def test_imports_of_broken_files(sound: dict[ExportFormat, Path], form: ExportFormat, data: st.DataObject) -> None:
    """Any file of an export with bytes changed, in each format."""
    with folder() as here:
        copy = here / sound[form].name
        if sound[form].is_dir():
            shutil.copytree(sound[form], copy)
            file = data.draw(st.sampled_from(sorted(copy.iterdir())))
        else:
            file = Path(shutil.copy(sound[form], copy))
        file.write_bytes(data.draw(broken_bytes([file.read_bytes()])))
        taken_in(copy)


MANIFEST = (Path(catalogue.__file__).parents[2] / "models" / "models.toml").read_text(encoding="utf-8")


@many
@given(broken_bytes([MANIFEST.encode()]))
@example(b"full = 'x'")
@example(b"a = " + b"[" * 100_000)
def test_manifests(data: bytes) -> None:
    """The list of pose models is read, or refused by a ModelError."""
    with folder() as here:
        file = here / "models.toml"
        file.write_bytes(data)
        try:
            for model in manifest.manifest_of(file).values():
                assert model.file_name
        except ModelError as error:
            one_line(error)


@many
@given(st.binary(max_size=200) | broken_bytes([b"PK\x03\x04" + bytes(60)]))
def test_model_files(data: bytes) -> None:
    """A file that the user calls a model, and is none, is refused by a ModelError."""
    with folder() as here:
        file = here / "x.task"
        file.write_bytes(data)
        with pytest.raises(ModelError) as caught:
            weights.resolve(str(file))
        one_line(caught.value)


@many
@given(st.text(max_size=40))
def test_model_names(name: str) -> None:
    """A name or path that is nothing is refused by a ModelError."""
    with folder() as here:
        try:
            weights.path(name, cache=here)
        except ModelError as error:
            one_line(error)


def test_what_a_refusal_is() -> None:
    """The errors that these tests let pass are the program's own."""
    assert all(issubclass(e, PostureError) for e in (CatalogueError, ConfigError, InputError, ModelError, StoreError))
