-- Guided exercises as they were counted. One that was done without a monitor belongs to no session.
CREATE TABLE exercises (
    id INTEGER PRIMARY KEY,
    session_id INTEGER REFERENCES sessions (id) ON DELETE CASCADE,
    prompt_number INTEGER REFERENCES prompts (id) ON DELETE SET NULL,
    exercise TEXT NOT NULL,
    start_utc REAL NOT NULL,
    end_utc REAL NOT NULL,
    repetitions INTEGER NOT NULL CHECK (repetitions >= 0),
    half_repetitions INTEGER NOT NULL CHECK (half_repetitions >= 0),
    ended TEXT NOT NULL CHECK (ended IN ('done', 'idle', 'stopped', 'hurt', 'lost')),
    depth_deg REAL CHECK (depth_deg >= 0),
    depth_sd_deg REAL CHECK (depth_sd_deg >= 0),
    tempo_s REAL CHECK (tempo_s >= 0),
    asymmetry_deg REAL,
    CHECK (end_utc >= start_utc)
);
CREATE INDEX exercises_by_time ON exercises (start_utc);
CREATE INDEX exercises_by_session ON exercises (session_id);
CREATE INDEX exercises_by_prompt ON exercises (prompt_number);
