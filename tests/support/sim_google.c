/* The provider of the simulator. Tokens carry what there is to know: "at-17-EXPIRES" is good until EXPIRES (boot ms). */
#include "tests/support/sim_google.h"

#include "ipc/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATENCY_MIN_MS = 20, LATENCY_SPREAD_MS = 180 };

struct sim_request {
	struct sim_google *google;
	struct http_request *request;
	struct timer *timer;
	http_done_fn *fn;
	void *arg;
};

static void say(struct http_response *response, int status, const char *text)
{
	response->status = status;
	secret_buf_add_text(&response->body, text);
}

static void give_tokens(struct sim_google *google, int account, bool with_refresh, struct http_response *response)
{
	char text[512], refresh[64] = "";
	int64_t expires = clock_boot(google->core->clock) + google->token_life_ms;
	if (with_refresh)
		(void)snprintf(refresh, sizeof refresh, "\"refresh_token\":\"rt-%d\",", account);
	(void)snprintf(text, sizeof text,
	               "{\"access_token\":\"at-%d-%lld\",%s\"expires_in\":%lld,\"token_type\":\"Bearer\",\"scope\":\"%s\"}", account,
	               (long long)expires, refresh, (long long)google->token_life_ms / 1000, google->core->google.scopes);
	say(response, 200, text);
}

static void answer_token(struct sim_google *google, const char *body, struct http_response *response)
{
	const char *code = strstr(body, "code=a"), *refresh = strstr(body, "refresh_token=rt-");
	const char *digits = code ? code + 6 : refresh ? refresh + 17 : "-1";
	int account = (int)strtol(digits, NULL, 10);
	if (account < 0 || account >= SIM_ACCOUNTS_MAX || (refresh && google->revoked[account])) {
		google->refused++;
		say(response, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired or revoked.\"}");
		return;
	}
	google->refreshes += refresh != NULL;
	if (code)
		google->revoked[account] = false;
	give_tokens(google, account, code != NULL, response);
}

static void answer_api(struct sim_google *google, const struct http_request *request, struct http_response *response)
{
	char text[512];
	int account = -1;
	long long expires = 0;
	bool read = request->bearer && sscanf(secret_reveal(request->bearer), "at-%d-%lld", &account, &expires) == 2;
	if (!read || account < 0 || account >= SIM_ACCOUNTS_MAX || google->revoked[account] ||
	    expires <= clock_boot(google->core->clock)) {
		say(response, 401,
		    "{\"error\":{\"code\":401,\"message\":\"Invalid Credentials\",\"errors\":[{\"domain\":\"global\","
		    "\"reason\":\"authError\",\"message\":\"Invalid Credentials\"}]}}");
		return;
	}
	if (strstr(request->url, "/userinfo"))
		(void)snprintf(text, sizeof text, "{\"id\":\"%d\",\"email\":\"a%d@example.com\",\"verified_email\":true}", account, account);
	else
		(void)snprintf(text, sizeof text,
		               "{\"kind\":\"calendar#calendarList\",\"nextSyncToken\":\"s\",\"items\":[{\"id\":\"a%d@example.com\","
		               "\"summary\":\"Main\",\"accessRole\":\"owner\",\"primary\":true,\"timeZone\":\"UTC\"}]}",
		               account);
	say(response, 200, text);
}

static void count_request(struct sim_google *google)
{
	int64_t second = clock_boot(google->core->clock) / 1000;
	google->requests++;
	google->in_second = second == google->second ? google->in_second + 1 : 1;
	google->second = second;
	if (google->in_second > google->peak)
		google->peak = google->in_second;
}

static void deliver(void *arg)
{
	struct sim_request *pending = arg;
	struct sim_google *google = pending->google;
	struct http_response response = { .result = HTTP_OK };
	const char *body = pending->request->body.data ? pending->request->body.data : "";
	google->in_flight--;
	if (google->down)
		say(&response, 503, "{\"error\":{\"code\":503,\"message\":\"Service Unavailable\"}}");
	else if (strstr(pending->request->url, "/token"))
		answer_token(google, body, &response);
	else if (strstr(pending->request->url, "/revoke"))
		say(&response, 200, "{}");
	else
		answer_api(google, pending->request, &response);
	pending->fn(pending->arg, &response);
	http_response_clear(&response);
	http_request_free(pending->request);
	timer_free(pending->timer);
	free(pending);
}

static struct http_job *sim_send(void *self, struct http_request *request, http_done_fn *fn, void *arg)
{
	struct sim_google *google = self;
	struct sim_request *pending = mem_alloc(sizeof *pending);
	*pending = (struct sim_request){ .google = google, .request = request, .fn = fn, .arg = arg };
	pending->timer = timer_new(google->core->loop, deliver, pending);
	timer_set(pending->timer, LATENCY_MIN_MS + rng_below(google->core->rng, LATENCY_SPREAD_MS));
	google->in_flight++;
	count_request(google);
	return NULL;
}

static void sim_cancel(void *self, struct http_job *job)
{
	(void)self;
	(void)job;
}

void sim_google_open(struct sim_google *google, struct core *core)
{
	*google = (struct sim_google){ .core = core, .token_life_ms = 3600000 };
}

struct http_transport sim_google_transport(struct sim_google *google)
{
	return (struct http_transport){ .send = sim_send, .cancel = sim_cancel, .self = google };
}

void sim_google_watch(struct sim_google *google)
{
	google->peak = 0;
	google->in_second = 0;
}
