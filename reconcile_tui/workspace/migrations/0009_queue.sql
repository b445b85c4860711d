-- Every order of the queue is an index, so that its first page is there at once; states are counted at every opening.
DROP INDEX group_risk;
CREATE INDEX group_value ON record_group (consent_at_risk DESC, cells_at_risk DESC, score DESC, id);
CREATE INDEX group_uncertainty ON record_group (uncertainty DESC, id);
CREATE INDEX group_size ON record_group (size DESC, id);
CREATE INDEX group_newest ON record_group (newest DESC, id);
CREATE INDEX group_state ON record_group (state);
