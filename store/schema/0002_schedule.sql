-- Schedules, their ledger, and what happened to a connection over time.

ALTER TABLE connections ADD COLUMN paused_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE connections ADD COLUMN paused_reason TEXT;
CREATE INDEX connections_paused_until ON connections (paused_until) WHERE paused_until > 0;
CREATE INDEX connections_disconnected ON connections (disconnected_at, id) WHERE disconnected_at > 0;

-- To find what is left of a purged connection's account.
CREATE INDEX grants_account ON grants (provider, subject);
CREATE INDEX revocations_grant ON revocations (grant_id);

ALTER TABLE sync_errors ADD COLUMN acknowledged_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sync_errors ADD COLUMN acknowledged_by TEXT;
CREATE INDEX sync_errors_workspace ON sync_errors (workspace_id, id);
CREATE INDEX sync_errors_code ON sync_errors (code, id);
CREATE INDEX sync_errors_first ON sync_errors (first_at, code, workspace_id);
CREATE INDEX sync_errors_open_list ON sync_errors (id) WHERE resolved_at = 0;
CREATE INDEX sync_errors_open_workspace ON sync_errors (workspace_id, id) WHERE resolved_at = 0;
CREATE INDEX sync_errors_open_code_list ON sync_errors (code, id) WHERE resolved_at = 0;
CREATE INDEX sync_errors_resolved_at ON sync_errors (resolved_at) WHERE resolved_at > 0;

CREATE TABLE jobs (
	number INTEGER PRIMARY KEY NOT NULL,
	id TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL CHECK (kind IN ('token_refresh', 'calendar_sync', 'full_sync', 'cleanup')),
	-- NULL: of the whole daemon.
	connection_id TEXT REFERENCES connections (id) ON DELETE CASCADE,
	workspace_id TEXT,
	state TEXT NOT NULL CHECK (state IN ('scheduled', 'running', 'backoff', 'paused')),
	-- Also while it runs, when its state cannot say so.
	paused INTEGER NOT NULL DEFAULT 0,
	interval_ms INTEGER NOT NULL DEFAULT 0,
	next_run_at INTEGER NOT NULL,
	next_run_why TEXT NOT NULL,
	attempts INTEGER NOT NULL DEFAULT 0,
	last_result TEXT,
	last_run_at INTEGER NOT NULL DEFAULT 0,
	last_duration_ms INTEGER NOT NULL DEFAULT 0,
	-- While it runs.
	lease_until INTEGER NOT NULL DEFAULT 0,
	run_id TEXT
) STRICT;
CREATE UNIQUE INDEX jobs_connection ON jobs (connection_id, kind);
CREATE UNIQUE INDEX jobs_alone ON jobs (kind) WHERE connection_id IS NULL;
CREATE INDEX jobs_workspace ON jobs (workspace_id, number);
CREATE INDEX jobs_kind ON jobs (kind, number);
-- What may become due, and the few that stand apart: looking for either never meets the others.
CREATE INDEX jobs_due ON jobs (next_run_at) WHERE state IN ('scheduled', 'backoff');
CREATE INDEX jobs_running ON jobs (number) WHERE state = 'running';
CREATE INDEX jobs_backoff ON jobs (number) WHERE state = 'backoff';
CREATE INDEX jobs_paused ON jobs (number) WHERE state = 'paused';

-- A connection shows when its jobs run next: 0 without one or while it is paused.
CREATE TRIGGER jobs_made AFTER INSERT ON jobs
WHEN NEW.connection_id IS NOT NULL AND NEW.kind IN ('token_refresh', 'calendar_sync') BEGIN
	UPDATE connections SET
		next_refresh_at = CASE WHEN NEW.kind <> 'token_refresh' THEN next_refresh_at
		                       WHEN NEW.paused = 0 THEN NEW.next_run_at ELSE 0 END,
		next_sync_at = CASE WHEN NEW.kind <> 'calendar_sync' THEN next_sync_at
		                    WHEN NEW.paused = 0 THEN NEW.next_run_at ELSE 0 END
	WHERE id = NEW.connection_id;
END;
CREATE TRIGGER jobs_moved AFTER UPDATE OF next_run_at, paused ON jobs
WHEN NEW.connection_id IS NOT NULL AND NEW.kind IN ('token_refresh', 'calendar_sync')
     AND (OLD.next_run_at <> NEW.next_run_at OR OLD.paused <> NEW.paused) BEGIN
	UPDATE connections SET
		next_refresh_at = CASE WHEN NEW.kind <> 'token_refresh' THEN next_refresh_at
		                       WHEN NEW.paused = 0 THEN NEW.next_run_at ELSE 0 END,
		next_sync_at = CASE WHEN NEW.kind <> 'calendar_sync' THEN next_sync_at
		                    WHEN NEW.paused = 0 THEN NEW.next_run_at ELSE 0 END
	WHERE id = NEW.connection_id;
END;
CREATE TRIGGER jobs_deleted AFTER DELETE ON jobs
WHEN OLD.connection_id IS NOT NULL AND OLD.kind IN ('token_refresh', 'calendar_sync') BEGIN
	UPDATE connections SET
		next_refresh_at = CASE OLD.kind WHEN 'token_refresh' THEN 0 ELSE next_refresh_at END,
		next_sync_at = CASE OLD.kind WHEN 'calendar_sync' THEN 0 ELSE next_sync_at END
	WHERE id = OLD.connection_id;
END;

-- The ledger. A run outlives its job: a disconnected connection has no jobs, but a history.
CREATE TABLE runs (
	number INTEGER PRIMARY KEY NOT NULL,
	id TEXT NOT NULL UNIQUE,
	job_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	connection_id TEXT REFERENCES connections (id) ON DELETE CASCADE,
	workspace_id TEXT,
	state TEXT NOT NULL CHECK (state IN ('running', 'ok', 'failed', 'interrupted')),
	cause TEXT NOT NULL,
	started_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0,
	code TEXT,
	counts TEXT
) STRICT;
CREATE INDEX runs_connection ON runs (connection_id, number);
CREATE INDEX runs_workspace ON runs (workspace_id, number);
CREATE INDEX runs_kind ON runs (kind, number);
CREATE INDEX runs_started ON runs (started_at);

CREATE TABLE timeline (
	number INTEGER PRIMARY KEY NOT NULL,
	id TEXT NOT NULL,
	connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
	workspace_id TEXT NOT NULL,
	at INTEGER NOT NULL,
	kind TEXT NOT NULL,
	actor TEXT,
	text TEXT NOT NULL,
	details TEXT
) STRICT;
CREATE INDEX timeline_connection ON timeline (connection_id, number);
CREATE INDEX timeline_at ON timeline (at);
