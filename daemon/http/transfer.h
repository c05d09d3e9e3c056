/* One request on one curl easy handle: options, budgets, and what came back. Inside daemon/http only.
 *
 * The handle is borrowed from the client's pool between transfer_start and transfer_finish. */
#ifndef DAEMON_HTTP_TRANSFER_H
#define DAEMON_HTTP_TRANSFER_H

#include "daemon/http/message.h"
#include "ipc/base/clock.h"

#include <curl/curl.h>

struct transfer {
	CURL *easy;
	const struct http_request *request;
	struct http_response *response;
	const struct clock *clock;
	int64_t started_ms;          /* boot */
	int64_t date_ms;             /* the reply's Date, when response->has_date */
	size_t head_len;             /* header bytes so far */
	bool too_large;
	char retry_after[64];
	struct curl_slist headers[3];
	struct secret_buf header_text; /* what the list points into: may hold the bearer token */
};

/* A handle with everything set that no request changes; exhausted memory is fatal. */
CURL *transfer_handle_new(const char *user_agent, const char *ca_file);
/* False when a header field would hold something that cannot stand in one. */
bool transfer_is_sendable(const struct http_request *request);
/* Set the handle up. request, response and clock are already in *transfer and outlive it; `plain` allows http. */
void transfer_start(struct transfer *transfer, CURL *easy, bool plain);
/* Fill the response from what happened and let go of the handle. */
void transfer_finish(struct transfer *transfer, CURLcode code);
/* Let go of the handle without a result: it was cancelled. */
void transfer_drop(struct transfer *transfer);

#endif
