/* Reasons and missing scopes. */
#include "daemon/rpc/object_parts.h"

#include "daemon/provider/scopes.h"
#include "ipc/base/strutil.h"
#include "ipc/method.h"
#include "ipc/reasons.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

/* What is open, by reason: several operations may have met the same one. */
struct open_reasons {
	struct {
		int64_t since; /* 0: not open */
		char message[320];
	} of[REASON_COUNT];
};

static void collect_reason(void *arg, const struct sync_error_row *row)
{
	struct open_reasons *open = arg;
	const struct reason_row *reason = reason_row_by_code(row->code);
	if (!reason)
		return;
	bool first = open->of[reason->reason].since == 0;
	if (first || row->first_at < open->of[reason->reason].since)
		open->of[reason->reason].since = row->first_at;
	if (first)
		(void)str_copy(open->of[reason->reason].message, sizeof open->of[0].message,
		               row->message && row->message[0] ? row->message : reason->message);
}

static void put_if_known(struct writer *w, const struct method *method, const char *name, const char *value)
{
	if (method && method_param(method, name))
		writer_put_text(w, name, value);
}

/* What the action's method wants to know of the connection. */
static void action_write(struct writer *w, const struct reason_row *reason, const struct connection_row *row)
{
	const struct method *method = method_find(reason->action_method, strlen(reason->action_method));
	writer_object(w);
	writer_put_text(w, "method", reason->action_method);
	writer_key(w, "params");
	writer_object(w);
	put_if_known(w, method, "id", row->id);
	put_if_known(w, method, "workspace", row->workspace_id);
	put_if_known(w, method, "provider", row->provider);
	put_if_known(w, method, "connection", row->id);
	writer_end(w);
	writer_put_text(w, "label", reason->action_label);
	writer_end(w);
}

static void reason_write(struct writer *w, const struct reason_row *reason, int64_t since, const char *message,
                         const struct connection_row *row)
{
	writer_object(w);
	writer_put_text(w, "code", reason->code);
	writer_put_text(w, "class", reason->reason_class);
	writer_put_time(w, "since", since);
	writer_put_text(w, "message", message);
	writer_key(w, "action");
	if (reason->action_method)
		action_write(w, reason, row);
	else
		writer_null(w);
	writer_end(w);
}

/* The state a reason leads to; those that lead to none come last. */
static enum connection_state severity(const struct reason_row *reason)
{
	enum connection_state state;
	return connection_state_parse(reason->state, &state) ? state : STATE_COUNT;
}

void reasons_write(struct writer *w, struct store *store, const struct connection_row *row)
{
	writer_array(w);
	if (row->sync_errors > 0) {
		struct open_reasons open;
		struct err ignored; /* a store that fails here fails the whole tick */
		memset(&open, 0, sizeof open);
		(void)store_sync_error_of(store, row->id, true, collect_reason, &open, &ignored);
		for (enum connection_state state = 0; state <= STATE_COUNT; state++)
			for (enum reason i = REASON_NONE + 1; i < REASON_COUNT; i++)
				if (open.of[i].since && severity(reason_row(i)) == state)
					reason_write(w, reason_row(i), open.of[i].since, open.of[i].message, row);
	}
	writer_end(w);
}

static bool holds_word(const char *list, const char *wanted, size_t wanted_len)
{
	const char *word;
	size_t len;
	while (scopes_next(&list, &word, &len))
		if (len == wanted_len && memcmp(word, wanted, len) == 0)
			return true;
	return false;
}

/* Word for word, which is the rule; only what is not there so needs the provider's knowledge. */
static bool covers_plainly(const char *granted, const char *required)
{
	const char *word;
	size_t len;
	while (scopes_next(&required, &word, &len))
		if (!holds_word(granted, word, len))
			return false;
	return true;
}

void missing_scopes_write(struct writer *w, const struct connection_row *row)
{
	const struct provider *provider = provider_find(row->provider);
	char *missing = NULL;
	if (provider && row->scopes && row->required_scopes && !covers_plainly(row->scopes, row->required_scopes))
		missing = scopes_missing(provider, row->scopes, row->required_scopes);
	writer_words(w, missing);
	free(missing);
}
