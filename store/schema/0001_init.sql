-- Ids are UUID texts, times wall milliseconds (0: not set), booleans 0 or 1.

CREATE TABLE meta (
	name TEXT PRIMARY KEY NOT NULL,
	value TEXT NOT NULL
) STRICT;

CREATE TABLE upgrades (
	version INTEGER PRIMARY KEY NOT NULL,
	name TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT;

CREATE TABLE keys (
	id TEXT PRIMARY KEY NOT NULL,
	check_value BLOB NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE workspaces (
	id TEXT PRIMARY KEY NOT NULL,
	name TEXT NOT NULL,
	slug TEXT NOT NULL UNIQUE,
	time_zone TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	version INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
	id TEXT PRIMARY KEY NOT NULL,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	email TEXT NOT NULL,
	name TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_email ON users (workspace_id, lower(email));
CREATE INDEX users_workspace ON users (workspace_id, id);

CREATE TABLE grants (
	id TEXT PRIMARY KEY NOT NULL,
	provider TEXT NOT NULL,
	client_id TEXT NOT NULL,
	subject TEXT NOT NULL,
	email TEXT NOT NULL,
	scopes TEXT NOT NULL,
	live INTEGER NOT NULL,
	generation INTEGER NOT NULL,
	fingerprint TEXT,
	access_expires_at INTEGER NOT NULL,
	consented_at INTEGER NOT NULL,
	refreshed_at INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	key_id TEXT,
	-- Sealed; last, so that reading the rest never touches them.
	data_key BLOB,
	refresh_token BLOB,
	access_token BLOB,
	UNIQUE (provider, client_id, subject)
) STRICT;

CREATE TABLE connections (
	id TEXT PRIMARY KEY NOT NULL,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
	provider TEXT NOT NULL,
	account_email TEXT NOT NULL,
	subject TEXT NOT NULL,
	grant_id TEXT REFERENCES grants (id),
	active INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('disconnected', 'paused', 'blocked', 'reauth_required', 'failing', 'degraded',
	                                     'pending', 'connected')),
	-- The order of the states: the worst first.
	severity INTEGER GENERATED ALWAYS AS (
		CASE state
			WHEN 'disconnected' THEN 0 WHEN 'paused' THEN 1 WHEN 'blocked' THEN 2 WHEN 'reauth_required' THEN 3
			WHEN 'failing' THEN 4 WHEN 'degraded' THEN 5 WHEN 'pending' THEN 6 ELSE 7
		END) VIRTUAL,
	since INTEGER NOT NULL,
	paused_at INTEGER NOT NULL DEFAULT 0,
	disconnected_at INTEGER NOT NULL DEFAULT 0,
	last_sync INTEGER NOT NULL DEFAULT 0,
	next_sync_at INTEGER NOT NULL DEFAULT 0,
	next_refresh_at INTEGER NOT NULL DEFAULT 0,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	version INTEGER NOT NULL,
	sync_errors INTEGER NOT NULL DEFAULT 0,
	calendars INTEGER NOT NULL DEFAULT 0,
	sweep INTEGER NOT NULL DEFAULT 0,
	required_scopes TEXT NOT NULL,
	sync_cursor TEXT,
	UNIQUE (workspace_id, provider, subject)
) STRICT;
CREATE INDEX connections_user ON connections (user_id, id);
CREATE INDEX connections_grant ON connections (grant_id);
CREATE INDEX connections_severity ON connections (severity, id);
CREATE INDEX connections_email ON connections (account_email, id);
CREATE INDEX connections_last_sync ON connections (last_sync, id);
CREATE INDEX connections_since ON connections (since, id);
CREATE INDEX connections_workspace ON connections (workspace_id, id);
CREATE INDEX connections_workspace_severity ON connections (workspace_id, severity, id);
CREATE INDEX connections_workspace_email ON connections (workspace_id, account_email, id);
CREATE INDEX connections_workspace_last_sync ON connections (workspace_id, last_sync, id);
CREATE INDEX connections_workspace_since ON connections (workspace_id, since, id);

-- Connections by state, so that counting never reads them.
CREATE TABLE workspace_states (
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	state TEXT NOT NULL,
	n INTEGER NOT NULL,
	PRIMARY KEY (workspace_id, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER connections_made AFTER INSERT ON connections BEGIN
	INSERT INTO workspace_states (workspace_id, state, n) VALUES (NEW.workspace_id, NEW.state, 1)
	ON CONFLICT (workspace_id, state) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER connections_deleted AFTER DELETE ON connections BEGIN
	UPDATE workspace_states SET n = n - 1 WHERE workspace_id = OLD.workspace_id AND state = OLD.state;
END;
CREATE TRIGGER connections_moved AFTER UPDATE OF state, workspace_id ON connections
WHEN OLD.state <> NEW.state OR OLD.workspace_id <> NEW.workspace_id BEGIN
	UPDATE workspace_states SET n = n - 1 WHERE workspace_id = OLD.workspace_id AND state = OLD.state;
	INSERT INTO workspace_states (workspace_id, state, n) VALUES (NEW.workspace_id, NEW.state, 1)
	ON CONFLICT (workspace_id, state) DO UPDATE SET n = n + 1;
END;

CREATE TABLE calendars (
	id TEXT PRIMARY KEY NOT NULL,
	workspace_id TEXT NOT NULL,
	connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
	provider TEXT NOT NULL,
	external_id TEXT NOT NULL,
	given_name TEXT,
	summary TEXT NOT NULL,
	description TEXT,
	access_role TEXT,
	time_zone TEXT,
	background_color TEXT,
	foreground_color TEXT,
	state TEXT NOT NULL CHECK (state IN ('ok', 'gone', 'forbidden')),
	is_primary INTEGER NOT NULL,
	active INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	version INTEGER NOT NULL,
	UNIQUE (connection_id, external_id)
) STRICT;
CREATE INDEX calendars_workspace ON calendars (workspace_id, id);
CREATE TRIGGER calendars_made AFTER INSERT ON calendars WHEN NEW.state = 'ok' BEGIN
	UPDATE connections SET calendars = calendars + 1 WHERE id = NEW.connection_id;
END;
CREATE TRIGGER calendars_deleted AFTER DELETE ON calendars WHEN OLD.state = 'ok' BEGIN
	UPDATE connections SET calendars = calendars - 1 WHERE id = OLD.connection_id;
END;
CREATE TRIGGER calendars_moved AFTER UPDATE OF state ON calendars WHEN (OLD.state = 'ok') <> (NEW.state = 'ok') BEGIN
	UPDATE connections SET calendars = calendars + CASE WHEN NEW.state = 'ok' THEN 1 ELSE -1 END
	WHERE id = NEW.connection_id;
END;

CREATE TABLE sync_errors (
	id TEXT PRIMARY KEY NOT NULL,
	connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
	workspace_id TEXT NOT NULL,
	code TEXT NOT NULL,
	operation TEXT NOT NULL,
	message TEXT NOT NULL,
	provider_status INTEGER NOT NULL,
	provider_reason TEXT,
	count INTEGER NOT NULL,
	first_at INTEGER NOT NULL,
	last_at INTEGER NOT NULL,
	resolved_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX sync_errors_connection ON sync_errors (connection_id, last_at);
CREATE UNIQUE INDEX sync_errors_open ON sync_errors (connection_id, code, operation) WHERE resolved_at = 0;
CREATE INDEX sync_errors_open_code ON sync_errors (code, connection_id) WHERE resolved_at = 0;
CREATE TRIGGER sync_errors_made AFTER INSERT ON sync_errors WHEN NEW.resolved_at = 0 BEGIN
	UPDATE connections SET sync_errors = sync_errors + 1 WHERE id = NEW.connection_id;
END;
CREATE TRIGGER sync_errors_deleted AFTER DELETE ON sync_errors WHEN OLD.resolved_at = 0 BEGIN
	UPDATE connections SET sync_errors = sync_errors - 1 WHERE id = OLD.connection_id;
END;
CREATE TRIGGER sync_errors_resolved AFTER UPDATE OF resolved_at ON sync_errors
WHEN (OLD.resolved_at = 0) <> (NEW.resolved_at = 0) BEGIN
	UPDATE connections SET sync_errors = sync_errors + CASE WHEN NEW.resolved_at = 0 THEN 1 ELSE -1 END
	WHERE id = NEW.connection_id;
END;

CREATE TABLE attempts (
	id TEXT PRIMARY KEY NOT NULL,
	workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
	user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
	provider TEXT NOT NULL,
	login_hint TEXT,
	connection_id TEXT REFERENCES connections (id) ON DELETE SET NULL,
	reconnect INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('created', 'opened', 'returned', 'done', 'failed', 'expired', 'cancelled')),
	error_code TEXT,
	error_message TEXT,
	actor TEXT,
	key_id TEXT,
	secrets BLOB,
	state_hash TEXT NOT NULL UNIQUE,
	short_hash TEXT NOT NULL UNIQUE,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	ended_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX attempts_workspace ON attempts (workspace_id);
CREATE INDEX attempts_user ON attempts (user_id);
CREATE INDEX attempts_connection ON attempts (connection_id);
CREATE INDEX attempts_expiry ON attempts (expires_at) WHERE ended_at = 0;
CREATE INDEX attempts_ended ON attempts (ended_at) WHERE ended_at > 0;

CREATE TABLE revocations (
	id TEXT PRIMARY KEY NOT NULL,
	provider TEXT NOT NULL,
	grant_id TEXT NOT NULL,
	key_id TEXT NOT NULL,
	data_key BLOB NOT NULL,
	token BLOB NOT NULL,
	attempts INTEGER NOT NULL,
	next_attempt_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revocations_due ON revocations (next_attempt_at);

CREATE TABLE audit (
	seq INTEGER PRIMARY KEY NOT NULL,
	at INTEGER NOT NULL,
	uid INTEGER NOT NULL,
	actor TEXT,
	workspace_id TEXT,
	method TEXT,
	object_type TEXT,
	object_id TEXT,
	outcome TEXT,
	reason TEXT,
	details TEXT,
	prev_hash TEXT NOT NULL,
	hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_workspace ON audit (workspace_id, seq);
CREATE INDEX audit_object ON audit (object_id, seq);

-- The last row of the audit, kept apart so that a row cut off its end is missed.
CREATE TABLE audit_head (
	one INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
	seq INTEGER NOT NULL,
	hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (one, seq, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
