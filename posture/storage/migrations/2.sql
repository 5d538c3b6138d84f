-- prompts is made anew, as SQLite adds no check to a column that is there. No table refers to it; version 1 never wrote an outcome.
CREATE TABLE prompts_2 (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at_utc REAL NOT NULL,
    prompt_id TEXT NOT NULL,
    kind TEXT CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting')),
    step TEXT NOT NULL CHECK (step IN ('soft', 'firm')),
    episode_start_utc REAL,
    answer TEXT CHECK (answer IN ('show', 'done', 'snooze', 'not_now')),
    answered_utc REAL,
    outcome TEXT CHECK (outcome IN ('done', 'moved', 'snoozed', 'ignored')),
    CHECK ((answer IS NULL) = (answered_utc IS NULL))
);
INSERT INTO prompts_2 (id, session_id, at_utc, prompt_id, kind, step, episode_start_utc, outcome)
    SELECT id, session_id, at_utc, prompt_id, kind, step, episode_start_utc,
        CASE WHEN outcome IN ('done', 'moved', 'snoozed', 'ignored') THEN outcome END
    FROM prompts;
DROP TABLE prompts;
ALTER TABLE prompts_2 RENAME TO prompts;
CREATE INDEX prompts_by_time ON prompts (at_utc);
CREATE INDEX prompts_by_session ON prompts (session_id);

CREATE TABLE kept (
    key TEXT PRIMARY KEY CHECK (length(trim(key)) > 0),
    value TEXT NOT NULL
);
