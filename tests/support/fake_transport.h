/* A struct http_transport without a network: replies come from a script, by the path of the URL, and are delivered by timers of
 * the loop, so that the injected clock says when. Every request is recorded.
 *
 * A request takes the first rule for its path that has uses left; rules with limited uses come before those without limit, and
 * of the latter the newest wins. A request without a rule fails the cmocka test. */
#ifndef TESTS_SUPPORT_FAKE_TRANSPORT_H
#define TESTS_SUPPORT_FAKE_TRANSPORT_H

#include "daemon/http/client.h"
#include "daemon/loop.h"

struct fake_transport;

/* A request as it left. Owned by the transport, valid until it is freed. */
struct fake_request {
	enum http_method method;
	char *url, *path;  /* path: without origin and query */
	char *body;        /* "" without one */
	char *bearer;      /* NULL: no Authorization header */
	int64_t at;        /* boot ms */
	bool hangs;        /* no reply was scheduled */
};

struct fake_reply {
	enum http_result result;
	int status;
	char *body;              /* owned by the reply; NULL: empty */
	int64_t retry_after_ms;
};
/* Makes the reply to a request; *out is { .status = 200 } before. */
typedef void fake_answer_fn(void *arg, const struct fake_request *request, struct fake_reply *out);

struct fake_rule {
	const char *path;        /* static text */
	fake_answer_fn *answer;  /* NULL: the fixed reply below */
	void *arg;
	enum http_result result;
	int status;
	const char *body;        /* static text, NULL: empty */
	int64_t retry_after_ms;
	int64_t delay_ms;
	bool hang;               /* until fake_let_go */
	int uses;                /* 0: without limit */
};

struct fake_transport *fake_transport_new(struct loop *loop);
/* What is under way ends as HTTP_ERR_CANCELLED now, as with http_client_free; what is sent from now on, at once. */
void fake_transport_close(struct fake_transport *fake);
void fake_transport_free(struct fake_transport *fake);
struct http_transport fake_transport_of(struct fake_transport *fake);

void fake_script(struct fake_transport *fake, const struct fake_rule *rule);
/* A fixed reply for all further requests to a path, or for the next one. */
void fake_always(struct fake_transport *fake, const char *path, int status, const char *body);
void fake_once(struct fake_transport *fake, const char *path, int status, const char *body);
/* Forget the rules with limited uses that are left. */
void fake_forget(struct fake_transport *fake);
/* Answer the hanging requests to a path by the rules as they are now. */
void fake_let_go(struct fake_transport *fake, const char *path);

/* Requests so far to a path; NULL: to any. */
size_t fake_count(const struct fake_transport *fake, const char *path);
/* The last request to a path; fails the test if there was none. */
const struct fake_request *fake_last(const struct fake_transport *fake, const char *path);

#endif
