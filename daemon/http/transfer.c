/* One request on one curl easy handle. */
#include "daemon/http/transfer.h"

#include "daemon/http/retry_after.h"
#include "ipc/base/err.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum {
	HEAD_MAX = 64 << 10,
	CONNECT_TIMEOUT_MS = 10000,
	/* Slower than this for as long as a whole request may take by default: only the longer ones are ended by it. */
	LOW_SPEED_BYTES = 100,
	LOW_SPEED_SECONDS = 30,
	CONNECTION_LIFE_SECONDS = 3600,
	UPLOAD_BUFFER = 16 << 10
};

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	struct secret_buf *body = &transfer->response->body;
	size_t len = size * count;
	/* Counted here, since curl 7.88 knows the size of neither chunked nor decoded bodies. */
	if (len > transfer->request->reply_max - body->len) {
		transfer->too_large = true;
		return 0;
	}
	secret_buf_add(body, bytes, len);
	return len;
}

/* The value of a header line if its name is `name`, cut to fit. */
static bool header_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);
	if (len <= name_len || strncasecmp(line, name, name_len) != 0 || line[name_len] != ':')
		return false;
	const char *value = line + name_len + 1, *end = line + len;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]))
		end--;
	size_t keep = (size_t)(end - value);
	if (keep >= size || memchr(value, '\0', keep))
		return false;
	memcpy(out, value, keep);
	out[keep] = '\0';
	return true;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct transfer *transfer = arg;
	size_t len = size * count;
	transfer->head_len += len;
	if (transfer->head_len > HEAD_MAX) {
		transfer->too_large = true;
		return 0;
	}
	char text[64];
	if (len >= 5 && strncmp(line, "HTTP/", 5) == 0) {
		/* What an interim reply said does not count. */
		transfer->response->has_date = false;
		transfer->retry_after[0] = '\0';
	} else if (header_value(line, len, "date", text, sizeof text)) {
		transfer->response->has_date = http_date_parse(text, &transfer->date_ms);
	} else {
		(void)header_value(line, len, "retry-after", transfer->retry_after, sizeof transfer->retry_after);
	}
	return len;
}

/* A constant option that curl refuses means a curl that we were not built for. */
#define SET(easy_, option_, value_)                                                \
	do {                                                                       \
		if (curl_easy_setopt(easy_, option_, value_) != CURLE_OK)          \
			fatal("libcurl refuses " #option_);                        \
	} while (0)

CURL *transfer_handle_new(const char *user_agent, const char *ca_file)
{
	CURL *easy = curl_easy_init();
	if (!easy)
		fatal("out of memory (a curl handle)");
	SET(easy, CURLOPT_NOSIGNAL, 1L);
	SET(easy, CURLOPT_QUICK_EXIT, 1L); /* a name being resolved must not hold up the loop */
	SET(easy, CURLOPT_PROXY, "");      /* also keeps *_proxy of the environment out */
	SET(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(easy, CURLOPT_FOLLOWLOCATION, 0L);
	SET(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
	SET(easy, CURLOPT_UNRESTRICTED_AUTH, 0L);
	SET(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(easy, CURLOPT_PATH_AS_IS, 1L);
	SET(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(easy, CURLOPT_PIPEWAIT, 1L);
	SET(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	SET(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file)
		SET(easy, CURLOPT_CAINFO, ca_file);
	SET(easy, CURLOPT_USERAGENT, user_agent);
	SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	SET(easy, CURLOPT_MAXLIFETIME_CONN, (long)CONNECTION_LIFE_SECONDS);
	SET(easy, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES);
	SET(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_SECONDS);
	SET(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
	SET(easy, CURLOPT_WRITEFUNCTION, on_body);
	SET(easy, CURLOPT_HEADERFUNCTION, on_header);
	return easy;
}

static bool is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

bool transfer_is_sendable(const struct http_request *request)
{
	const struct secret *bearer = request->bearer;
	return (!request->content_type || is_printable(request->content_type, strlen(request->content_type))) &&
	       (!request->if_match || is_printable(request->if_match, strlen(request->if_match))) &&
	       (!bearer || (secret_len(bearer) > 0 && is_printable(secret_reveal(bearer), secret_len(bearer))));
}

/* The lines stand one after the other in locked memory, each with its NUL; curl gets a list of ours that points there, where
 * curl_slist_append would copy. */
static void headers_build(struct transfer *transfer)
{
	const struct http_request *request = transfer->request;
	const char *bearer = request->bearer ? secret_reveal(request->bearer) : NULL;
	const char *lines[][2] = { { "Content-Type: ", request->content_type },
		                   { "If-Match: ", request->if_match },
		                   { "Authorization: Bearer ", bearer } };
	size_t starts[3], count = 0;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (!lines[i][1])
			continue;
		starts[count++] = transfer->header_text.len;
		secret_buf_add_text(&transfer->header_text, lines[i][0]);
		secret_buf_add(&transfer->header_text, lines[i][1], strlen(lines[i][1]) + 1);
	}
	for (size_t i = 0; i < count; i++) {
		transfer->headers[i].data = transfer->header_text.data + starts[i];
		transfer->headers[i].next = i + 1 < count ? &transfer->headers[i + 1] : NULL;
	}
	SET(transfer->easy, CURLOPT_HTTPHEADER, count ? transfer->headers : NULL);
}

static void method_set(CURL *easy, const struct http_request *request)
{
	const char *custom = request->method == HTTP_PATCH ? "PATCH" : request->method == HTTP_DELETE ? "DELETE" : NULL;
	if (request->method == HTTP_POST || request->method == HTTP_PATCH) {
		SET(easy, CURLOPT_POST, 1L);
		SET(easy, CURLOPT_POSTFIELDS, request->body.data ? request->body.data : "");
		SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
	} else {
		SET(easy, CURLOPT_HTTPGET, 1L);
	}
	SET(easy, CURLOPT_CUSTOMREQUEST, custom);
}

void transfer_start(struct transfer *transfer, CURL *easy, bool plain)
{
	const struct http_request *request = transfer->request;
	long timeout = request->timeout_ms > 0 ? request->timeout_ms : HTTP_TIMEOUT_MS;
	transfer->easy = easy;
	transfer->started_ms = clock_boot(transfer->clock);
	SET(easy, CURLOPT_URL, request->url);
	SET(easy, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
	SET(easy, CURLOPT_TIMEOUT_MS, timeout);
	SET(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout < CONNECT_TIMEOUT_MS ? timeout : (long)CONNECT_TIMEOUT_MS);
	SET(easy, CURLOPT_WRITEDATA, transfer);
	SET(easy, CURLOPT_HEADERDATA, transfer);
	method_set(easy, request);
	headers_build(transfer);
}

static enum http_result result_of(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY: return HTTP_ERR_RESOLVE;
	case CURLE_COULDNT_CONNECT:
	case CURLE_INTERFACE_FAILED: return HTTP_ERR_CONNECT;
	case CURLE_OPERATION_TIMEDOUT: return HTTP_ERR_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_ENGINE_INITFAILED: return HTTP_ERR_TLS;
	default: return HTTP_ERR_BROKEN;
	}
}

/* Nothing of this request may stay behind in a handle that waits for the next one. */
static void handle_clean(struct transfer *transfer)
{
	SET(transfer->easy, CURLOPT_HTTPHEADER, NULL);
	SET(transfer->easy, CURLOPT_POSTFIELDS, NULL);
	secret_buf_free(&transfer->header_text);
	transfer->easy = NULL;
}

void transfer_finish(struct transfer *transfer, CURLcode code)
{
	struct http_response *response = transfer->response;
	long status = 0;
	int64_t now = clock_wall(transfer->clock);
	response->elapsed_ms = clock_boot(transfer->clock) - transfer->started_ms;
	response->result = transfer->too_large ? HTTP_ERR_TOO_LARGE : code == CURLE_OK ? HTTP_OK : result_of(code);
	if (response->result == HTTP_OK) {
		(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		response->status = (int)status;
		response->date_skew_ms = response->has_date ? transfer->date_ms - now : 0;
		response->retry_after_ms =
			retry_after_parse(transfer->retry_after, response->has_date ? transfer->date_ms : now);
	} else {
		response->has_date = false;
		secret_buf_free(&response->body);
	}
	handle_clean(transfer);
}

void transfer_drop(struct transfer *transfer)
{
	secret_buf_free(&transfer->response->body);
	transfer->response->has_date = false;
	handle_clean(transfer);
}
