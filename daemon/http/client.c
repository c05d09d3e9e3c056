/* Outbound HTTP: requests wait in lanes, go over pooled curl handles, and are delivered from an event of our own.
 *
 * A job is owned by the client from send until its callback has run. States: waiting in a lane, going (it has an easy handle),
 * over (in the list of jobs to deliver). Only job_end leads to "over". */
#include "daemon/http/client.h"

#include "daemon/http/client_multi.h"
#include "daemon/http/lanes.h"
#include "daemon/http/transfer.h"
#include "daemon/http/url.h"
#include "daemon/vault/wiping.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum job_state { JOB_WAITING, JOB_GOING, JOB_OVER };

struct http_job {
	struct lane_ticket ticket; /* first, so that a ticket is its job */
	TAILQ_ENTRY(http_job) entry; /* in `all` or in `over` */
	enum job_state state;
	bool plain;
	struct http_request *request;
	struct http_response response;
	struct transfer transfer;
	http_done_fn *fn;
	void *arg;
};
TAILQ_HEAD(job_list, http_job);

struct http_client {
	struct client_multi *multi;
	struct lanes *lanes;
	struct event *deliver;
	const struct clock *clock;
	char *user_agent;
	char *ca_file;
	struct job_list all;  /* waiting and going */
	struct job_list over; /* to be delivered */
	CURL **idle;          /* handles without a job */
	size_t idle_count, handle_count;
	bool closing; /* nothing starts any more */
};

static void job_end(struct http_client *client, struct http_job *job)
{
	lanes_leave(client->lanes, &job->ticket);
	if (job->state != JOB_OVER)
		TAILQ_REMOVE(&client->all, job, entry);
	job->state = JOB_OVER;
	TAILQ_INSERT_TAIL(&client->over, job, entry);
	event_active(client->deliver, EV_TIMEOUT, 0);
}

static CURL *handle_take(struct http_client *client)
{
	if (client->idle_count > 0)
		return client->idle[--client->idle_count];
	client->handle_count++;
	client->idle = mem_grow_array(client->idle, client->handle_count, sizeof(CURL *));
	return transfer_handle_new(client->user_agent, client->ca_file);
}

static void handle_return(struct http_client *client, CURL *easy)
{
	client->idle[client->idle_count++] = easy;
}

static void job_start(struct http_client *client, struct http_job *job)
{
	CURL *easy = handle_take(client);
	job->state = JOB_GOING;
	job->transfer = (struct transfer){ .request = job->request, .response = &job->response, .clock = client->clock };
	transfer_start(&job->transfer, easy, job->plain);
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
	CURLMcode code = curl_multi_add_handle(client_multi_handle(client->multi), easy);
	if (code != CURLM_OK) {
		LOG_ERROR("http_start_failed", LOG_INT("code", code));
		transfer_finish(&job->transfer, CURLE_FAILED_INIT);
		handle_return(client, easy);
		job_end(client, job);
	}
}

static void start_waiting(struct http_client *client)
{
	struct lane_ticket *ticket;
	while (!client->closing && (ticket = lanes_next(client->lanes)))
		job_start(client, (struct http_job *)(void *)ticket);
}

/* From the loop, after curl was let work. */
static void on_progress(void *arg)
{
	struct http_client *client = arg;
	CURLM *multi = client_multi_handle(client->multi);
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result; /* the message dies with the removal */
		char *private = NULL;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
		struct http_job *job = (struct http_job *)(void *)private;
		(void)curl_multi_remove_handle(multi, easy);
		transfer_finish(&job->transfer, code);
		handle_return(client, easy);
		job_end(client, job);
	}
	start_waiting(client);
}

static void job_deliver(struct http_job *job)
{
	job->fn(job->arg, &job->response);
	http_response_clear(&job->response);
	http_request_free(job->request);
	free(job);
}

static void on_deliver(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	struct http_client *client = arg;
	struct http_job *job;
	while ((job = TAILQ_FIRST(&client->over))) {
		TAILQ_REMOVE(&client->over, job, entry);
		job_deliver(job);
	}
}

static struct http_job *client_send(void *self, struct http_request *request, http_done_fn *fn, void *arg)
{
	struct http_client *client = self;
	struct http_job *job = mem_alloc(sizeof *job);
	struct url_parts parts;
	struct err why;
	job->request = request;
	job->fn = fn;
	job->arg = arg;
	TAILQ_INSERT_TAIL(&client->all, job, entry);
	int refused = url_split(request->url, &parts, &why);
	if (!refused && !transfer_is_sendable(request))
		refused = err_set(&why, ERR_INTERNAL, "a header field of the request is not printable");
	if (refused || client->closing) {
		if (refused)
			LOG_WARN("http_request_refused", LOG_STR("why", why.message));
		job->response.result = refused ? HTTP_ERR_BROKEN : HTTP_ERR_CANCELLED;
		job_end(client, job);
		return job;
	}
	job->plain = parts.plain;
	lanes_enter(client->lanes, &job->ticket, request->url, parts.origin_len);
	start_waiting(client);
	return job;
}

static void client_cancel(void *self, struct http_job *job)
{
	struct http_client *client = self;
	if (job->state == JOB_OVER)
		return;
	if (job->state == JOB_GOING) {
		CURL *easy = job->transfer.easy;
		(void)curl_multi_remove_handle(client_multi_handle(client->multi), easy);
		transfer_drop(&job->transfer);
		handle_return(client, easy);
	}
	job->response.result = HTTP_ERR_CANCELLED;
	job_end(client, job);
	start_waiting(client);
}

int http_url_check(const char *url, struct err *err)
{
	return url_split(url, NULL, err);
}

int http_client_new(struct http_client **out, const struct http_client_options *options, struct err *err)
{
	/* curl keeps headers and bodies of ours in memory of its own for a while. */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup, calloc) != CURLE_OK)
		return err_set(err, ERR_INTERNAL, "libcurl does not start");
	struct http_client *client = mem_alloc(sizeof *client);
	client->clock = options->clock;
	client->user_agent = mem_strdup(options->user_agent);
	client->ca_file = mem_strdup(options->ca_file);
	client->lanes = lanes_new(options->per_host, options->concurrency);
	TAILQ_INIT(&client->all);
	TAILQ_INIT(&client->over);
	client->deliver = event_new(options->base, -1, 0, on_deliver, client);
	client->multi = client_multi_new(options->base, options->concurrency, on_progress, client);
	if (!client->multi || !client->deliver) {
		http_client_free(client);
		return err_set(err, ERR_INTERNAL, "libcurl does not start");
	}
	*out = client;
	return 0;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	struct http_job *job;
	client->closing = true;
	while ((job = TAILQ_FIRST(&client->all)))
		client_cancel(client, job);
	on_deliver(-1, 0, client);
	if (client->deliver)
		event_free(client->deliver);
	for (size_t i = 0; i < client->idle_count; i++)
		curl_easy_cleanup(client->idle[i]);
	client_multi_free(client->multi);
	lanes_free(client->lanes);
	free(client->idle);
	free(client->user_agent);
	free(client->ca_file);
	free(client);
	curl_global_cleanup();
}

struct http_transport http_client_transport(struct http_client *client)
{
	return (struct http_transport){ .send = client_send, .cancel = client_cancel, .self = client };
}
