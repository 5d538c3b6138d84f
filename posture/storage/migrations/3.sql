-- self_reports is made anew for the sake of its check, which knows one word more. No table refers to it.
CREATE TABLE self_reports_3 (
    id INTEGER PRIMARY KEY,
    at_utc REAL NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('urge', 'cracked', 'stiff', 'pain', 'numb', 'weak', 'stress')),
    place TEXT,
    note TEXT,
    acknowledged_utc REAL
);
INSERT INTO self_reports_3 (id, at_utc, kind, place, note, acknowledged_utc)
    SELECT id, at_utc, kind, place, note, acknowledged_utc FROM self_reports;
DROP TABLE self_reports;
ALTER TABLE self_reports_3 RENAME TO self_reports;
CREATE INDEX self_reports_by_time ON self_reports (at_utc);
