/* Requests to providers and what came of them: making and freeing. */
#include "daemon/http/message.h"

#include "ipc/base/mem.h"

#include <stdlib.h>

struct http_request *http_request_new(enum http_method method, const char *url, size_t reply_max)
{
	struct http_request *request = mem_alloc(sizeof *request);
	request->method = method;
	request->url = mem_strdup(url);
	request->reply_max = reply_max;
	request->timeout_ms = HTTP_TIMEOUT_MS;
	return request;
}

void http_request_free(struct http_request *request)
{
	if (!request)
		return;
	free(request->url);
	secret_buf_free(&request->body);
	secret_unref(request->bearer);
	free(request->if_match);
	free(request);
}

const char *http_result_text(enum http_result result)
{
	switch (result) {
	case HTTP_OK: return "answered";
	case HTTP_ERR_RESOLVE: return "the name could not be resolved";
	case HTTP_ERR_CONNECT: return "no connection could be made";
	case HTTP_ERR_TLS: return "no trusted TLS connection could be made";
	case HTTP_ERR_TIMEOUT: return "no complete answer came in time";
	case HTTP_ERR_TOO_LARGE: return "the answer is larger than allowed";
	case HTTP_ERR_BROKEN: return "the answer broke off or is not HTTP";
	case HTTP_ERR_CANCELLED: return "the request was cancelled";
	}
	return "unknown";
}

void http_response_clear(struct http_response *response)
{
	secret_buf_free(&response->body);
	*response = (struct http_response){ 0 };
}
