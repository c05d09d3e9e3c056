/*
 * Faults put into effect. The work is done when the request comes, also if its answer is late or lost.
 * Ownership: a delayed answer hangs on its request and goes with it.
 */
#include "tests/sandbox/outcome.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "tests/sandbox/consent.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/reply.h"

enum outcome_way { OUTCOME_WHOLE, OUTCOME_NEVER, OUTCOME_RESET, OUTCOME_NOTHING, OUTCOME_TRUNCATED, OUTCOME_HUGE };

struct outcome {
	enum outcome_way way;
	uint64_t amount; /* bytes, where the way has some */
	struct http_request *request;
	struct http_reply reply;
	struct event *timer;
};

static const char *outcome_text(const json_t *action, const char *name)
{
	return json_string_value(json_object_get(action, name));
}

static int64_t outcome_number(const json_t *action, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(action, name));
}

static bool outcome_flag(const json_t *action, const char *name)
{
	return json_is_true(json_object_get(action, name));
}

void outcome_prepare(struct call *call, const json_t *action)
{
	int64_t skew_ms = outcome_number(action, "clock_skew_s") * 1000;

	call->now_ms += skew_ms;
	call->reply.date_shift_ms = skew_ms;
	call->tweaks.drop_scope = outcome_text(action, "drop_scope");
	call->tweaks.expires_in = json_object_get(action, "expires_in");
	call->tweaks.calendar_errors = json_object_get(action, "calendar_errors");
}

static void outcome_make_oauth(struct http_reply *reply, int status, const char *reason, const char *message)
{
	const char *usual;
	int usual_status;

	if (reason == NULL)
		reason = reply_oauth_error_for(status);
	usual_status = reply_oauth_status(reason, &usual);
	reply_oauth_error(reply, status == 0 ? usual_status : status, reason, message != NULL ? message : usual);
}

static void outcome_make_error(struct http_reply *reply, const json_t *action, enum outcome_style style)
{
	int status = (int)outcome_number(action, "status");
	const char *reason = outcome_text(action, "reason");
	const char *message = outcome_text(action, "message");

	if (reason == NULL && status < 400)
		reply_json(reply, status == 0 ? 200 : status, json_object());
	else if (style == OUTCOME_OAUTH)
		outcome_make_oauth(reply, status, reason, message);
	else if (style == OUTCOME_PAGE)
		reply_html(reply, status == 0 ? 400 : status,
		           consent_render_error(reason == NULL ? "invalid_request" : reason,
		                                message == NULL ? "Something went wrong." : message));
	else
		reply_api_error(reply, status, reason == NULL ? reply_reason_for(status) : reason, message);
}

bool outcome_replace(struct call *call, const json_t *action, enum outcome_style style)
{
	static const char *const replacing[] = { "status", "reason", "body", "hang", "reset", "huge" };
	const char *body = outcome_text(action, "body");
	bool replaces = false;

	for (size_t i = 0; i < sizeof replacing / sizeof replacing[0]; i++) {
		const json_t *value = json_object_get(action, replacing[i]);

		replaces = replaces || (value != NULL && !json_is_false(value));
	}
	if (!replaces)
		return false;
	outcome_make_error(&call->reply, action, style);
	if (body != NULL) {
		reply_html(&call->reply, call->reply.status, mem_copy(body));
		call->reply.body_len = strlen(body);
	}
	return true;
}

/* What the fault adds to any reply, the endpoint's own or a replaced one. */
static void outcome_dress(struct http_reply *reply, const json_t *action)
{
	const json_t *retry = json_object_get(action, "retry_after");
	const char *type = outcome_text(action, "content_type");
	json_t *headers = json_object_get(action, "headers");
	const char *name;
	json_t *value;
	char seconds[24];

	if (type != NULL)
		reply->content_type = type;
	if (json_is_integer(retry)) {
		evutil_snprintf(seconds, sizeof seconds, "%lld", (long long)json_integer_value(retry));
		http_reply_header(reply, "Retry-After", seconds);
	} else if (retry != NULL) {
		http_reply_header(reply, "Retry-After", json_string_value(retry));
	}
	json_object_foreach(headers, name, value)
	{
		http_reply_header(reply, name, json_string_value(value));
	}
}

static void outcome_choose_way(struct outcome *outcome, const json_t *action)
{
	outcome->way = OUTCOME_WHOLE;
	if (outcome_flag(action, "hang")) {
		outcome->way = OUTCOME_NEVER;
	} else if (outcome_flag(action, "reset")) {
		outcome->way = OUTCOME_RESET;
	} else if (outcome_flag(action, "lost_answer")) {
		outcome->way = OUTCOME_NOTHING;
	} else if (json_object_get(action, "huge") != NULL) {
		outcome->way = OUTCOME_HUGE;
		outcome->amount = (uint64_t)outcome_number(action, "huge");
	} else if (json_object_get(action, "truncate") != NULL) {
		outcome->way = OUTCOME_TRUNCATED;
		outcome->amount = (uint64_t)outcome_number(action, "truncate");
	}
}

static void outcome_carry_out(struct http_request *request, const struct outcome *outcome)
{
	switch (outcome->way) {
	case OUTCOME_WHOLE: http_answer(request, &outcome->reply); break;
	case OUTCOME_NEVER: http_answer_never(request); break;
	case OUTCOME_RESET: http_answer_reset(request); break;
	case OUTCOME_NOTHING: http_answer_nothing(request); break;
	case OUTCOME_TRUNCATED: http_answer_truncated(request, &outcome->reply, (size_t)outcome->amount); break;
	case OUTCOME_HUGE: http_answer_huge(request, &outcome->reply, outcome->amount); break;
	}
}

static void outcome_free(void *arg)
{
	struct outcome *outcome = arg;

	event_free(outcome->timer);
	free((void *)(uintptr_t)outcome->reply.content_type);
	http_reply_free(&outcome->reply);
	free(outcome);
}

static void outcome_on_time(evutil_socket_t fd, short what, void *arg)
{
	struct outcome *outcome = arg;
	struct http_request *request = outcome->request;

	(void)fd;
	(void)what;
	request->attachment_free = NULL;
	outcome_carry_out(request, outcome);
	outcome_free(outcome);
}

/* The reply moves from the call to the request, where it waits. */
static void outcome_delay(struct call *call, const struct outcome *now, int64_t delay_ms, struct event_base *base)
{
	struct timeval delay = { .tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000 };
	struct outcome *later = mem_alloc(sizeof *later);

	*later = *now;
	later->request = call->request;
	later->reply.content_type = mem_copy(now->reply.content_type);
	memset(&call->reply, 0, sizeof call->reply);
	later->timer = evtimer_new(base, outcome_on_time, later);
	call->request->attachment = later;
	call->request->attachment_free = outcome_free;
	evtimer_add(later->timer, &delay);
}

bool outcome_is_answered(const json_t *action)
{
	return !outcome_flag(action, "hang") && !outcome_flag(action, "reset") && !outcome_flag(action, "lost_answer");
}

void outcome_send(struct call *call, const json_t *action, struct event_base *base)
{
	struct outcome outcome = { 0 };
	int64_t delay_ms = outcome_number(action, "delay_ms");

	if (action != NULL)
		outcome_dress(&call->reply, action);
	outcome_choose_way(&outcome, action);
	outcome.reply = call->reply;
	if (delay_ms > 0)
		outcome_delay(call, &outcome, delay_ms, base);
	else
		outcome_carry_out(call->request, &outcome);
}
