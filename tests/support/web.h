/* A small browser for tests: blocking GET and POST by libcurl, without following redirects. */
#ifndef TESTS_SUPPORT_WEB_H
#define TESTS_SUPPORT_WEB_H

#include "ipc/base/buf.h"

struct web_reply {
	long status;             /* 0: no answer */
	struct buf body, headers;
	char *location;          /* NULL: none */
};

/* accept NULL: a browser's. body NULL: GET. */
void web_fetch(struct web_reply *reply, const char *url, const char *accept, const char *body);
void web_reply_free(struct web_reply *reply);

#endif
