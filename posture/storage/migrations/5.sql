-- episodes and prompts are made anew for the sake of their checks, which know one word more, and for why a prompt came.
CREATE TABLE episodes_5 (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting', 'stillness')),
    start_utc REAL NOT NULL,
    end_utc REAL NOT NULL,
    dose_s REAL NOT NULL CHECK (dose_s >= 0),
    angle TEXT,
    peak_deg REAL,
    mean_deg REAL,
    in_state_s REAL NOT NULL CHECK (in_state_s >= 0),
    CHECK (end_utc >= start_utc)
);
INSERT INTO episodes_5 (id, session_id, kind, start_utc, end_utc, dose_s, angle, peak_deg, mean_deg, in_state_s)
    SELECT id, session_id, kind, start_utc, end_utc, dose_s, angle, peak_deg, mean_deg, in_state_s FROM episodes;
DROP TABLE episodes;
ALTER TABLE episodes_5 RENAME TO episodes;
CREATE INDEX episodes_by_start ON episodes (start_utc);
CREATE INDEX episodes_by_session ON episodes (session_id);

CREATE TABLE prompts_5 (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at_utc REAL NOT NULL,
    prompt_id TEXT NOT NULL,
    kind TEXT CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting', 'stillness')),
    step TEXT NOT NULL CHECK (step IN ('soft', 'firm')),
    episode_start_utc REAL,
    answer TEXT CHECK (answer IN ('show', 'done', 'snooze', 'not_now')),
    answered_utc REAL,
    outcome TEXT CHECK (outcome IN ('done', 'moved', 'snoozed', 'ignored')),
    reason TEXT CHECK (reason IN ('dose', 'repeat', 'share', 'snoozed')),
    CHECK ((answer IS NULL) = (answered_utc IS NULL))
);
INSERT INTO prompts_5 (id, session_id, at_utc, prompt_id, kind, step, episode_start_utc, answer, answered_utc, outcome)
    SELECT id, session_id, at_utc, prompt_id, kind, step, episode_start_utc, answer, answered_utc, outcome FROM prompts;
DROP TABLE prompts;
ALTER TABLE prompts_5 RENAME TO prompts;
CREATE INDEX prompts_by_time ON prompts (at_utc);
CREATE INDEX prompts_by_session ON prompts (session_id);

CREATE TABLE held_prompts (
    id INTEGER PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    at_utc REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('flexed', 'anterior_tilt', 'sitting', 'stillness')),
    step TEXT NOT NULL CHECK (step IN ('soft', 'firm')),
    reason TEXT NOT NULL CHECK (reason IN (
        'hold', 'snooze', 'quiet', 'cap', 'unanswered', 'referral', 'same', 'none', 'withheld', 'over')),
    until_utc REAL,
    detail TEXT
);
CREATE INDEX held_prompts_by_time ON held_prompts (at_utc);
CREATE INDEX held_prompts_by_session ON held_prompts (session_id);
