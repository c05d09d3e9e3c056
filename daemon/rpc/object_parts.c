/* Reasons and missing scopes. */
#include "daemon/rpc/object_parts.h"

#include "daemon/health_read.h"
#include "daemon/provider/scopes.h"
#include "ipc/method.h"

#include <stdlib.h>
#include <string.h>

static void put_if_known(struct writer *w, const struct method *method, const char *name, const char *value)
{
	if (method && method_param(method, name))
		writer_put_text(w, name, value);
}

void action_write(struct writer *w, const char *name, const char *label, const struct connection_row *row)
{
	if (!name) {
		writer_null(w);
		return;
	}
	const struct method *method = method_find(name, strlen(name));
	writer_object(w);
	writer_put_text(w, "method", name);
	writer_key(w, "params");
	writer_object(w);
	put_if_known(w, method, "id", row->id);
	put_if_known(w, method, "workspace", row->workspace_id);
	put_if_known(w, method, "provider", row->provider);
	put_if_known(w, method, "connection", row->id);
	writer_end(w);
	writer_put_text(w, "label", label);
	writer_end(w);
}

void provider_answer_write(struct writer *w, int status, const char *reason)
{
	writer_key(w, "provider");
	if (status == 0 && (!reason || reason[0] == '\0')) {
		writer_null(w);
		return;
	}
	writer_object(w);
	writer_put_int(w, "status", status);
	writer_put_text(w, "reason", reason);
	writer_end(w);
}

void reason_state_write(struct writer *w, enum connection_state state)
{
	writer_put_text(w, "state", state == STATE_CONNECTED ? NULL : connection_state_name(state));
}

void reason_members(struct writer *w, const struct health_reason *reason, const struct connection_row *row)
{
	const struct reason_row *known = reason_row(reason->reason);
	writer_put_text(w, "code", known->code);
	writer_put_text(w, "class", known->reason_class);
	writer_put_time(w, "since", reason->first_at);
	writer_put_text(w, "message", reason->message ? reason->message : known->message);
	writer_key(w, "action");
	action_write(w, known->action_method, known->action_label, row);
}

/* One a code: several operations may have met the same reason, the first of them speaks for all. */
static void write_findings(struct writer *w, const struct health_explanation *why, const struct connection_row *row)
{
	bool told[REASON_COUNT] = { false };
	for (size_t i = 0; i < why->count; i++) {
		struct health_reason reason = why->findings[i].reason;
		if (told[reason.reason])
			continue;
		told[reason.reason] = true;
		for (size_t k = i + 1; k < why->count; k++)
			if (why->findings[k].reason.reason == reason.reason && why->findings[k].reason.first_at < reason.first_at)
				reason.first_at = why->findings[k].reason.first_at;
		writer_object(w);
		reason_members(w, &reason, row);
		writer_end(w);
	}
}

void reasons_write(struct writer *w, struct store *store, const struct connection_row *row)
{
	bool without_grant = !row->token_present && row->disconnected_at == 0;
	writer_array(w);
	if (row->sync_errors > 0 || without_grant) {
		struct health_facts facts = { .text_count = 0 };
		struct health_explanation why;
		struct err ignored; /* a store that fails here fails the whole tick */
		(void)health_read(store, row, &facts, &ignored);
		health_explain(&facts.record, &why);
		write_findings(w, &why, row);
		health_facts_clear(&facts);
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
