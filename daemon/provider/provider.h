/* The provider seam (DESIGN.md idea 1): a provider is a table of pure operations. An operation is a step function: given the last
 * response (NULL at first) it says what to send next, or that it is done, or that it failed. Paging, cursor expiry and
 * discovery are just more steps. No I/O, no clock, no retry here: daemon/call drives. */
#ifndef DAEMON_PROVIDER_PROVIDER_H
#define DAEMON_PROVIDER_PROVIDER_H

#include "daemon/http/classify.h"
#include "daemon/http/message.h"
#include "ipc/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* What is the same for every OAuth provider. All strings owned by the config. */
struct provider_config {
	const char *client_id;
	struct secret *client_secret; /* NULL: none configured */
	const char *scopes;           /* required, blank-separated */
	const char *auth_url, *token_url, *revoke_url, *userinfo_url, *api_url;
	const char *redirect_uri;
};

enum step_kind { STEP_SEND, STEP_DONE, STEP_FAIL };
struct step {
	enum step_kind kind;
	struct http_request *request; /* STEP_SEND: owned by the receiver; the driver adds the bearer token */
	struct failure failure;       /* STEP_FAIL */
};

struct operation;
struct operation_class {
	const char *name;             /* "calendar_list": for errors, metrics, timeline */
	bool needs_token;             /* the driver gets an access token and handles 401 */
	bool repeatable;              /* may be sent again after an unknown outcome */
	/* next(op, NULL) at any time gives the request of the current step again (DONE once the operation is done). STEP_FAIL
	 * leaves the operation where it is, so a retry is next(op, NULL), then next(op, the new response). The response is only
	 * read, and not kept. */
	struct step (*next)(struct operation *operation, const struct http_response *response);
	void (*free)(struct operation *operation);
};
/* First member of every concrete operation. */
struct operation {
	const struct operation_class *class;
	const struct provider_config *config; /* borrowed; outlives the operation */
};
void operation_free(struct operation *operation); /* NULL is fine */

/* Results. An operation is done ⇒ its result may be read; it belongs to the operation. */
struct token_result {                    /* of exchange and refresh; a revoke has none */
	struct secret *access, *refresh; /* refresh NULL: none was sent */
	int64_t expires_in_s;
	char *scopes;                    /* as granted, normalised and sorted; NULL: none was sent */
};
/* subject and email are always there, name may be NULL. */
struct userinfo_result {
	char *subject, *email, *name;
	bool email_verified;
};
/* Foreign text, bounded (CONTRACT.md section 7) but not made displayable. summary: the person's own title first, the id if there
 * is none. access_role: "none" if unknown. Any other text may be NULL. Each id comes once. */
struct calendar_item {
	char *external_id, *summary, *description, *access_role, *time_zone, *background_color, *foreground_color;
	bool primary, deleted;
};
struct calendar_list_result {
	struct calendar_item *items;
	size_t count;
	char *cursor;                    /* for the next incremental list */
	bool full;                       /* everything that exists is in items (a cursor expired on the way counts as full) */
	bool cursor_expired;
};
struct busy_span {
	int64_t start, end;              /* wall ms, [start, end) */
};
/* Spans are as the provider sent them: in no order, and they may touch or overlap. */
struct busy_calendar {
	char *external_id;
	char error[64];                  /* "" or the provider's word: then it is unknown, never free */
	struct busy_span *spans;
	size_t count;
};
/* As many as asked for and in that order. */
struct free_busy_result {
	struct busy_calendar *calendars;
	size_t count;
};

struct provider {
	const char *name; /* "google" */
	/* The URL a person opens. All texts are escaped here. */
	void (*authorization_url)(const struct provider_config *config, struct buf *out, const char *state, const char *challenge,
	                          const char *login_hint);
	struct operation *(*exchange)(const struct provider_config *config, const struct secret *code, const struct secret *verifier);
	struct operation *(*refresh)(const struct provider_config *config, const struct secret *refresh_token);
	struct operation *(*revoke)(const struct provider_config *config, const struct secret *token);
	struct operation *(*userinfo)(const struct provider_config *config);
	/* cursor NULL: full. */
	struct operation *(*calendar_list)(const struct provider_config *config, const char *cursor);
	/* At most 50 ids a provider request; the operation batches. */
	struct operation *(*free_busy)(const struct provider_config *config, const char *const *external_ids, size_t count,
	                               int64_t from, int64_t to);
	const struct token_result *(*token_result)(const struct operation *operation);
	const struct userinfo_result *(*userinfo_result)(const struct operation *operation);
	const struct calendar_list_result *(*calendar_list_result)(const struct operation *operation);
	const struct free_busy_result *(*free_busy_result)(const struct operation *operation);
	/* Scope knowledge: does `granted` cover `wanted` (aliases, wider scopes)? */
	bool (*scope_covers)(const char *granted, const char *wanted);
	/* What is lost without a scope, for people: "availability", "creating events"; NULL: nothing much. */
	const char *(*scope_feature)(const char *scope);
	/* The one scope without which a connection is of no use at all (listing calendars): the narrowest such scope of the
	 * required ones. Static text; NULL if none of them lists calendars. */
	const char *(*scope_essential)(const char *required);
};

/* By name; NULL if there is none. */
const struct provider *provider_find(const char *name);

#endif
