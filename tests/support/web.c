/* A small browser for tests. */
#include "tests/support/web.h"

#include "ipc/base/mem.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static size_t take_bytes(char *data, size_t size, size_t count, void *arg)
{
	buf_add(arg, data, size * count);
	return size * count;
}

void web_fetch(struct web_reply *reply, const char *url, const char *accept, const char *body)
{
	char accept_line[128];
	char *location = NULL;
	*reply = (struct web_reply){ 0 };
	CURL *curl = curl_easy_init();
	(void)snprintf(accept_line, sizeof accept_line, "Accept: %s", accept ? accept : "text/html,application/xhtml+xml");
	struct curl_slist *headers = curl_slist_append(NULL, accept_line);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply->body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_bytes);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply->headers);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
	reply->location = mem_strdup(location);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
}

void web_reply_free(struct web_reply *reply)
{
	buf_free(&reply->body);
	buf_free(&reply->headers);
	free(reply->location);
}
