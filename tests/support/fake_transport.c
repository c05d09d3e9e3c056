/* A scripted transport. A job is owned by the transport from send until its callback has run. */
#include "tests/support/fake_transport.h"

#include "ipc/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct http_job {
	struct http_job *next;
	struct fake_transport *fake;
	struct fake_request *record;
	struct timer *timer;
	struct fake_reply reply;
	http_done_fn *fn;
	void *arg;
};

struct fake_transport {
	struct loop *loop;
	struct fake_rule *rules;
	bool *spent;             /* beside rules */
	size_t rule_count;
	struct fake_request **requests;
	size_t request_count;
	struct http_job *jobs;
	bool closing;
};

struct fake_transport *fake_transport_new(struct loop *loop)
{
	struct fake_transport *fake = mem_alloc(sizeof *fake);
	fake->loop = loop;
	return fake;
}

static void unlink_job(struct http_job *job)
{
	struct http_job **at = &job->fake->jobs;
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
}

static void deliver(void *arg)
{
	struct http_job *job = arg;
	struct http_response response = { .result = job->reply.result };
	unlink_job(job);
	if (response.result == HTTP_OK) {
		response.status = job->reply.status;
		response.retry_after_ms = job->reply.retry_after_ms;
		if (job->reply.body)
			secret_buf_add_text(&response.body, job->reply.body);
	}
	job->fn(job->arg, &response);
	http_response_clear(&response);
	timer_free(job->timer);
	free(job->reply.body);
	free(job);
}

static struct fake_rule *find_rule(struct fake_transport *fake, const char *path)
{
	struct fake_rule *best = NULL;
	for (size_t i = 0; i < fake->rule_count; i++) {
		struct fake_rule *rule = &fake->rules[i];
		if (fake->spent[i] || strcmp(rule->path, path) != 0)
			continue;
		if (rule->uses > 0) {
			fake->spent[i] = --rule->uses == 0;
			return rule;
		}
		best = rule;
	}
	return best;
}

static void answer(struct http_job *job)
{
	const struct fake_rule *rule = find_rule(job->fake, job->record->path);
	if (!rule)
		fail_msg("no rule answers %s", job->record->url);
	job->record->hangs = rule->hang;
	if (rule->hang)
		return;
	job->reply = (struct fake_reply){ .status = 200 };
	if (rule->answer)
		rule->answer(rule->arg, job->record, &job->reply);
	else
		job->reply = (struct fake_reply){ .result = rule->result,
			                          .status = rule->status,
			                          .body = mem_strdup(rule->body),
			                          .retry_after_ms = rule->retry_after_ms };
	timer_set(job->timer, rule->delay_ms);
}

static struct fake_request *record(struct fake_transport *fake, const struct http_request *request)
{
	struct fake_request *record = mem_alloc(sizeof *record);
	const char *origin = strstr(request->url, "://");
	assert_non_null(origin);
	const char *path = origin + 3 + strcspn(origin + 3, "/?");
	record->method = request->method;
	record->url = mem_strdup(request->url);
	record->path = mem_strndup(path, strcspn(path, "?"));
	record->body = mem_strdup(request->body.data ? request->body.data : "");
	record->bearer = request->bearer ? mem_strdup(secret_reveal(request->bearer)) : NULL;
	record->at = clock_boot(loop_clock(fake->loop));
	fake->requests = mem_grow_array(fake->requests, fake->request_count + 1, sizeof *fake->requests);
	fake->requests[fake->request_count++] = record;
	return record;
}

static struct http_job *send_request(void *self, struct http_request *request, http_done_fn *fn, void *arg)
{
	struct fake_transport *fake = self;
	struct http_job *job = mem_alloc(sizeof *job);
	job->fake = fake;
	job->fn = fn;
	job->arg = arg;
	job->record = record(fake, request);
	job->timer = timer_new(fake->loop, deliver, job);
	job->next = fake->jobs;
	fake->jobs = job;
	http_request_free(request);
	if (fake->closing) {
		job->reply.result = HTTP_ERR_CANCELLED;
		timer_set(job->timer, 0);
	} else {
		answer(job);
	}
	return job;
}

static void cancel_request(void *self, struct http_job *job)
{
	(void)self;
	job->reply.result = HTTP_ERR_CANCELLED;
	timer_set(job->timer, 0);
}

void fake_transport_close(struct fake_transport *fake)
{
	fake->closing = true;
	while (fake->jobs) {
		fake->jobs->reply.result = HTTP_ERR_CANCELLED;
		deliver(fake->jobs);
	}
}

void fake_transport_free(struct fake_transport *fake)
{
	fake_transport_close(fake);
	for (size_t i = 0; i < fake->request_count; i++) {
		free(fake->requests[i]->url);
		free(fake->requests[i]->path);
		free(fake->requests[i]->body);
		free(fake->requests[i]->bearer);
		free(fake->requests[i]);
	}
	free(fake->requests);
	free(fake->rules);
	free(fake->spent);
	free(fake);
}

struct http_transport fake_transport_of(struct fake_transport *fake)
{
	return (struct http_transport){ .send = send_request, .cancel = cancel_request, .self = fake };
}

void fake_script(struct fake_transport *fake, const struct fake_rule *rule)
{
	fake->rules = mem_grow_array(fake->rules, fake->rule_count + 1, sizeof *fake->rules);
	fake->spent = mem_grow_array(fake->spent, fake->rule_count + 1, sizeof *fake->spent);
	fake->spent[fake->rule_count] = false;
	fake->rules[fake->rule_count++] = *rule;
}

void fake_always(struct fake_transport *fake, const char *path, int status, const char *body)
{
	fake_script(fake, &(struct fake_rule){ .path = path, .status = status, .body = body });
}

void fake_once(struct fake_transport *fake, const char *path, int status, const char *body)
{
	fake_script(fake, &(struct fake_rule){ .path = path, .status = status, .body = body, .uses = 1 });
}

void fake_forget(struct fake_transport *fake)
{
	for (size_t i = 0; i < fake->rule_count; i++)
		fake->spent[i] |= fake->rules[i].uses > 0;
}

void fake_let_go(struct fake_transport *fake, const char *path)
{
	for (struct http_job *job = fake->jobs; job; job = job->next)
		if (job->record->hangs && strcmp(job->record->path, path) == 0)
			answer(job);
}

size_t fake_count(const struct fake_transport *fake, const char *path)
{
	size_t count = 0;
	for (size_t i = 0; i < fake->request_count; i++)
		count += !path || strcmp(fake->requests[i]->path, path) == 0;
	return count;
}

const struct fake_request *fake_last(const struct fake_transport *fake, const char *path)
{
	for (size_t i = fake->request_count; i > 0; i--)
		if (strcmp(fake->requests[i - 1]->path, path) == 0)
			return fake->requests[i - 1];
	fail_msg("no request went to %s", path);
	return NULL;
}
