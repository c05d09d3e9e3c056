/* A very small Google. */
#include "tests/support/world_google.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

/* A field of a form whose values need no escaping. The caller frees it; NULL without the field. */
static char *form_field(const char *body, const char *name)
{
	size_t len = strlen(name);
	for (const char *at = body; *at; at += strcspn(at, "&"), at += *at == '&')
		if (strncmp(at, name, len) == 0 && at[len] == '=')
			return mem_strndup(at + len + 1, strcspn(at + len + 1, "&"));
	return NULL;
}

/* "alice" of "rt-alice-7"; the caller frees it. */
static char *account_of(const char *token)
{
	const char *end = strrchr(token, '-');
	assert_true(strlen(token) > 3 && end && end >= token + 3);
	return mem_strndup(token + 3, (size_t)(end - token - 3));
}

static void set_body(struct fake_reply *out, struct buf *body)
{
	out->body = mem_strdup(buf_text(body));
	buf_free(body);
}

static void write_tokens(struct world_google *google, const char *account, bool with_refresh, struct fake_reply *out)
{
	struct buf body = { 0 };
	int number = ++google->issued;
	buf_printf(&body, "{\"access_token\":\"at-%s-%d\",\"token_type\":\"Bearer\",\"expires_in\":%d", account, number,
	           google->expires_in);
	if (with_refresh) {
		buf_printf(&body, ",\"refresh_token\":\"rt-%s-%d\"", account, number);
		google->current = number;
	}
	if (google->scopes)
		buf_printf(&body, ",\"scope\":\"%s\"", google->scopes);
	buf_add_text(&body, "}");
	set_body(out, &body);
}

static void answer_token(void *arg, const struct fake_request *request, struct fake_reply *out)
{
	struct world_google *google = arg;
	char *code = form_field(request->body, "code"), *refresh = form_field(request->body, "refresh_token");
	if (code) {
		write_tokens(google, code, !google->without_refresh, out);
	} else {
		assert_non_null(refresh);
		char *account = account_of(refresh);
		int number = (int)strtol(strrchr(refresh, '-') + 1, NULL, 10);
		if (google->rotates && number != google->current) {
			out->status = 400;
			out->body = mem_strdup("{\"error\":\"invalid_grant\"}");
		} else {
			write_tokens(google, account, google->rotates, out);
		}
		free(account);
	}
	free(code);
	free(refresh);
}

static void answer_userinfo(void *arg, const struct fake_request *request, struct fake_reply *out)
{
	struct buf body = { 0 };
	(void)arg;
	assert_non_null(request->bearer);
	char *account = account_of(request->bearer);
	buf_printf(&body, "{\"id\":\"sub-%s\",\"email\":\"%s@example.com\",\"verified_email\":true}", account, account);
	set_body(out, &body);
	free(account);
}

static void answer_calendars(void *arg, const struct fake_request *request, struct fake_reply *out)
{
	struct world_google *google = arg;
	struct buf body = { 0 };
	assert_non_null(request->bearer);
	buf_printf(&body, "{\"items\":%s,\"nextSyncToken\":\"cursor-%d\"}", google->items, ++google->lists);
	set_body(out, &body);
}

/* Nobody is ever busy. */
static void answer_free_busy(void *arg, const struct fake_request *request, struct fake_reply *out)
{
	(void)arg;
	json_t *asked = json_loads(request->body, 0, NULL), *calendars = json_object(), *item;
	size_t i;
	json_array_foreach(json_object_get(asked, "items"), i, item)
		json_object_set_new(calendars, json_string_value(json_object_get(item, "id")), json_pack("{s:[]}", "busy"));
	json_t *reply = json_pack("{s:o}", "calendars", calendars);
	char *text = json_dumps(reply, JSON_COMPACT);
	out->body = mem_strdup(text);
	free(text);
	json_decref(reply);
	json_decref(asked);
}

void world_google_open(struct world_google *google, struct fake_transport *fake)
{
	*google = (struct world_google){
		.scopes = GOOGLE_SCOPES_ALL,
		.expires_in = 3600,
		.items = "[{\"id\":\"home@example.com\",\"summary\":\"Home\",\"accessRole\":\"owner\",\"primary\":true},"
		         "{\"id\":\"team@example.com\",\"summary\":\"Team\",\"accessRole\":\"reader\"}]",
	};
	const struct fake_rule rules[] = {
		{ .path = GOOGLE_TOKEN, .answer = answer_token, .arg = google },
		{ .path = GOOGLE_USERINFO, .answer = answer_userinfo, .arg = google },
		{ .path = GOOGLE_CALENDARS, .answer = answer_calendars, .arg = google },
		{ .path = GOOGLE_FREE_BUSY, .answer = answer_free_busy },
		{ .path = GOOGLE_REVOKE, .status = 200, .body = "{}" },
	};
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		fake_script(fake, &rules[i]);
}
