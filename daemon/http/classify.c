/* From a transport outcome to what to do about it. */
#include "daemon/http/classify.h"

#include "ipc/base/strutil.h"

#include <stdio.h>
#include <string.h>

enum { BACKOFF_BASE_MS = 1000, BACKOFF_CAP_MS = 15 * 60 * 1000 };

static void classify_status(int status, struct failure *out)
{
	if (status >= 200 && status < 300) {
		out->verdict = VERDICT_OK;
		return;
	}
	(void)snprintf(out->message, sizeof out->message, "the provider answered with HTTP status %d", status);
	if (status == 429) {
		out->verdict = VERDICT_RETRY;
		out->reason = REASON_RATE_USER;
	} else if (status == 408 || status >= 500) {
		out->verdict = VERDICT_RETRY;
		out->reason = REASON_PROVIDER_DOWN;
	} else {
		out->verdict = status == 401 ? VERDICT_AUTH : VERDICT_PERMANENT;
		out->reason = REASON_PROVIDER_REJECTED;
	}
}

void classify_response(const struct http_response *response, struct failure *out)
{
	*out = (struct failure){ 0 };
	if (response->result == HTTP_OK) {
		out->status = response->status;
		classify_status(response->status, out);
		if (out->verdict != VERDICT_OK)
			out->retry_after_ms = response->retry_after_ms;
		return;
	}
	out->verdict = VERDICT_RETRY;
	out->reason = REASON_PROVIDER_DOWN;
	(void)snprintf(out->message, sizeof out->message, "the provider could not be asked: %s",
	               http_result_text(response->result));
}

void classify_set_reason(struct failure *out, const char *provider_reason, size_t len)
{
	static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	size_t kept = 0;
	for (size_t i = 0; i < len && kept < sizeof out->provider_reason - 1; i++)
		if (provider_reason[i] && strchr(harmless, provider_reason[i]))
			out->provider_reason[kept++] = provider_reason[i];
	out->provider_reason[kept] = '\0';
}

int64_t classify_backoff_ms(int attempt, int64_t retry_after_ms, int64_t random_value)
{
	int64_t limit = BACKOFF_BASE_MS;
	for (int i = 0; i < attempt && limit < BACKOFF_CAP_MS; i++)
		limit *= 2;
	if (limit > BACKOFF_CAP_MS)
		limit = BACKOFF_CAP_MS;
	int64_t wait = (int64_t)((uint64_t)random_value % (uint64_t)(limit + 1));
	return wait > retry_after_ms ? wait : retry_after_ms;
}

void failure_to_err(const struct failure *failure, const char *connection_id, struct err *err)
{
	const struct reason_row *row = reason_row(failure->reason);
	if (failure->error != ERR_NONE) {
		err_set(err, failure->error, "%s", failure->message);
		return;
	}
	if (failure->reason == REASON_NONE || !row) {
		err_set(err, ERR_INTERNAL, "a call was said to have failed without a reason");
		return;
	}
	err_set(err, row->error, "%s", failure->message[0] ? failure->message : row->message);
	err->retry_after_ms = failure->retry_after_ms;
	err->provider_status = failure->status;
	(void)str_copy(err->provider_reason, sizeof err->provider_reason, failure->provider_reason);
	err->action_method = row->action_method;
	err->action_label = row->action_label;
	if (connection_id)
		(void)str_copy(err->action_connection, sizeof err->action_connection, connection_id);
}
