/* Calls to the daemon. */
#include "tui/caller.h"

#include "ipc/client_sync.h"
#include "ipc/socket.h"
#include "tui/report.h"

#include <stdint.h>

/* Twice what the daemon allows itself for a call that reaches a provider. */
enum { CALL_TIMEOUT_MS = 120000 };

int caller_open(struct caller *caller, const struct io *io, const struct options *options)
{
	char path[SOCKET_PATH_MAX];
	struct err err;
	*caller = (struct caller){ .io = io };
	if (socket_path_client(path, options->socket, &err))
		return report_err(io, &err, EXIT_USAGE);
	if (client_sync_open(&caller->client, path, &err)) {
		(void)fprintf(io->err, "almanac: %s (unreachable)\n", err.message);
		return EXIT_UNREACHABLE;
	}
	return EXIT_DONE;
}

void caller_close(struct caller *caller)
{
	client_sync_close(caller->client);
	caller->client = NULL;
}

int caller_call(struct caller *caller, const char *method, const json_t *params, json_t **result)
{
	struct err err;
	json_t *reply;
	if (client_sync_call(caller->client, method, params, CALL_TIMEOUT_MS, &reply, &err)) {
		(void)fprintf(caller->io->err, "almanac: %s (unreachable)\n", err.message);
		return EXIT_UNREACHABLE;
	}
	const json_t *error = json_object_get(reply, "error");
	int code = error ? report_reply(caller->io, error) : EXIT_DONE;
	if (!error)
		*result = json_incref(json_object_get(reply, "result"));
	json_decref(reply);
	return code;
}

int caller_list(struct caller *caller, const char *method, const json_t *params, json_t **result)
{
	json_t *asked = json_copy((json_t *)(uintptr_t)params);
	json_t *page, *all = NULL;
	int code;
	json_object_set_new(asked, "limit", json_integer(500));
	while ((code = caller_call(caller, method, asked, &page)) == EXIT_DONE) {
		json_t *next = json_object_get(page, "next_cursor");
		if (json_is_string(next))
			json_object_set(asked, "cursor", next);
		bool more = json_is_string(next) && json_array_size(json_object_get(page, "items")) > 0;
		if (!all) {
			all = page;
		} else {
			json_array_extend(json_object_get(all, "items"), json_object_get(page, "items"));
			json_decref(page);
		}
		if (!more)
			break;
	}
	json_decref(asked);
	if (code != EXIT_DONE) {
		json_decref(all);
		return code;
	}
	json_object_set_new(all, "next_cursor", json_null());
	*result = all;
	return EXIT_DONE;
}
