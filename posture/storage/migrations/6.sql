-- How the half hour after a prompt was spent, and whether it was withheld. Columns that are only added leave the rest as it is.
ALTER TABLE prompts ADD COLUMN after_measured_s REAL CHECK (after_measured_s >= 0);
ALTER TABLE prompts ADD COLUMN after_flexed_s REAL CHECK (after_flexed_s >= 0);
ALTER TABLE prompts ADD COLUMN after_away_s REAL CHECK (after_away_s >= 0);
ALTER TABLE prompts ADD COLUMN after_ended INTEGER CHECK (after_ended IN (0, 1));
ALTER TABLE prompts ADD COLUMN withheld INTEGER CHECK (withheld IN (0, 1));
