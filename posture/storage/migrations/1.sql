CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL CHECK (origin IN ('live', 'file')),
    source TEXT NOT NULL,
    started_utc REAL NOT NULL,
    expected_end_utc REAL CHECK (expected_end_utc >= started_utc),
    ended_utc REAL CHECK (ended_utc >= started_utc),
    ended TEXT CHECK (ended IN ('complete', 'interrupted', 'failed', 'hard')),
    heartbeat_utc REAL NOT NULL,
    pid INTEGER NOT NULL,
    process TEXT NOT NULL,
    view TEXT CHECK (view IN ('auto', 'front', 'oblique', 'side')),
    profile TEXT,
    model TEXT,
    app_version TEXT NOT NULL,
    tz_offset_s REAL NOT NULL CHECK (abs(tz_offset_s) <= 86400),
    CHECK ((ended IS NULL) = (ended_utc IS NULL))
);
CREATE INDEX sessions_by_time ON sessions (origin, started_utc);
CREATE INDEX sessions_not_ended ON sessions (id) WHERE ended_utc IS NULL;

CREATE TABLE spans (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    start_utc REAL NOT NULL,
    end_utc REAL NOT NULL,
    posture TEXT NOT NULL CHECK (posture IN ('neutral', 'flexed', 'anterior_tilt', 'away', 'unknown')),
    seated INTEGER CHECK (seated IN (0, 1)),
    reason TEXT,
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    CHECK (end_utc >= start_utc)
);
CREATE INDEX spans_by_time ON spans (session_id, end_utc);
CREATE UNIQUE INDEX spans_one_open ON spans (session_id) WHERE open = 1;

CREATE TABLE episodes (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting')),
    start_utc REAL NOT NULL,
    end_utc REAL NOT NULL,
    dose_s REAL NOT NULL CHECK (dose_s >= 0),
    angle TEXT,
    peak_deg REAL,
    mean_deg REAL,
    in_state_s REAL NOT NULL CHECK (in_state_s >= 0),
    CHECK (end_utc >= start_utc)
);
CREATE INDEX episodes_by_start ON episodes (start_utc);
CREATE INDEX episodes_by_session ON episodes (session_id);

CREATE TABLE prompts (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at_utc REAL NOT NULL,
    prompt_id TEXT NOT NULL,
    kind TEXT CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting')),
    step TEXT NOT NULL CHECK (step IN ('soft', 'firm')),
    episode_start_utc REAL,
    outcome TEXT
);
CREATE INDEX prompts_by_time ON prompts (at_utc);
CREATE INDEX prompts_by_session ON prompts (session_id);

CREATE TABLE moves (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at_utc REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('break', 'shift'))
);
CREATE INDEX moves_by_time ON moves (at_utc);
CREATE INDEX moves_by_session ON moves (session_id);

CREATE TABLE profiles (
    name TEXT PRIMARY KEY CHECK (length(trim(name)) > 0),
    created_utc REAL NOT NULL,
    view TEXT CHECK (view IN ('front', 'oblique', 'side')),
    data TEXT NOT NULL
);

CREATE TABLE self_reports (
    id INTEGER PRIMARY KEY,
    at_utc REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('urge', 'cracked', 'stiff', 'pain', 'numb', 'weak')),
    place TEXT,
    note TEXT,
    acknowledged_utc REAL
);
CREATE INDEX self_reports_by_time ON self_reports (at_utc);
