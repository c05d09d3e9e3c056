/* The configuration: built-in defaults < INI file < environment (CONTRACT.md section 2). Immutable after loading. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "daemon/vault/secret.h"
#include "ipc/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* All strings owned, "" when not set. Times in milliseconds. */
struct config {
	char *socket, *socket_group, *state_dir;
	int64_t max_clients;

	char *listen, *base_url, *after_connect_url;
	bool metrics;
	char *ca_file;

	char *client_id, *client_secret_file, *scopes;
	struct secret *client_secret; /* NULL: none */
	bool secret_exposed;          /* it stands in a file that others can read */
	char *auth_url, *token_url, *revoke_url, *userinfo_url, *api_url;

	int64_t token_refresh, calendar_sync, full_sync, cleanup, trash, history;
	int64_t concurrency, per_host;

	int64_t frame_bytes, pending_requests, output_bytes;

	char *log_level, *log_format;
};

/* path NULL: no file. ERR_CONFIG with "file:line: why" or "environment NAME: why". */
int config_load(struct config **out, const char *path, struct err *err);
void config_free(struct config *config);
/* Where the files are looked for when nothing is said: /etc/almanac for root, else $XDG_CONFIG_HOME/almanac; "" if unknown. */
void config_default_path(char *out, size_t size, const char *file);

#endif
