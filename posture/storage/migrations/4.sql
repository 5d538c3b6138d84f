-- One row, written anew in every transaction: which state of the database followed which. posture/storage/log_owner.py reads it.
CREATE TABLE log_stamp (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stamp TEXT NOT NULL
);
INSERT INTO log_stamp (id, stamp) VALUES (1, 'posture-log 0000000000000000' || lower(hex(randomblob(8))));
