/* The things the fake Google keeps: accounts, grants, tokens, calendars, events. Plain data; the state owns all of it. */
#ifndef TESTS_SANDBOX_MODEL_H
#define TESTS_SANDBOX_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "tests/sandbox/table.h"

enum state_rotate { ROTATE_NONE, ROTATE_LENIENT, ROTATE_STRICT, ROTATE_FAMILY };

enum state_role { ROLE_NONE, ROLE_FREEBUSY, ROLE_READER, ROLE_WRITER, ROLE_OWNER };

struct account;

/* An authorization code; it outlives its use, for its tokens die when it is used again. */
struct code {
	char *text;
	struct account *account;
	char *redirect_uri;
	char *challenge; /* NULL: none was sent */
	char *nonce;     /* NULL: none was sent */
	const char *scopes;
	uint64_t epoch; /* of the account's grant */
	int64_t expires_ms;
	bool s256; /* else the challenge is the verifier itself */
	bool offline;
	bool force_refresh; /* prompt=consent */
	bool used;
	bool tokens_dead;
};

struct token {
	char *text;
	struct account *account;
	struct code *origin;
	const char *scopes; /* interned */
	uint32_t mask;
	uint64_t epoch;  /* of the account's grant */
	uint64_t serial; /* order of issue */
	int64_t expires_ms;
	bool refresh;
	bool dead;
	bool replaced;               /* a refresh token that rotation has succeeded */
	struct token *older, *newer; /* among the account's usable refresh tokens */
};

/* An authorization request that waits for the user's decision on the consent page. */
struct consent {
	char *id;
	char *redirect_uri;
	char *state;      /* NULL: none was sent */
	char *challenge;  /* NULL: none was sent */
	char *nonce;      /* NULL: none was sent */
	char *login_hint; /* NULL: none was sent */
	char *prompt;     /* NULL: none was sent */
	char *scopes;     /* normalized */
	bool s256;
	bool offline;
	bool include_granted;
	bool used;
};

struct event {
	char *id;
	json_t *body; /* as the API shows it, without etag */
	int64_t start_ms;
	int64_t end_ms;
	uint64_t version;
	int64_t updated_ms;
	bool opaque;
	bool cancelled;
};

struct calendar {
	char *id;
	char *summary;
	char *summary_override; /* NULL: none */
	char *description;      /* NULL: none */
	char *zone;
	const char *background;
	uint32_t color;
	enum state_role role;
	bool primary;
	bool hidden;
	bool deleted;
	uint64_t changed; /* the list version that last touched it */
	uint64_t etag;
	json_t *shown;       /* its entry of the list, made when first asked for */
	uint64_t shown_etag; /* the etag then; another one makes it stale */
	uint64_t seed_index;
	bool events_ready;
	struct event **events; /* in order of creation */
	size_t event_count, event_capacity;
	struct table events_by_id;
};

struct account {
	char *email;
	char *sub;
	char *given;
	char *family;
	uint32_t index;
	struct calendar **calendars; /* in order of creation, removed ones too */
	size_t calendar_count, calendar_capacity;
	struct table calendars_by_id;
	uint64_t list_version;
	uint64_t sync_epoch;
	bool live;                     /* the user has granted something */
	bool offline_given;            /* a refresh token was handed out under this grant */
	const char *scopes;            /* all that was granted; interned */
	uint64_t epoch;                /* counts revocations */
	uint64_t access_cutoff;        /* access tokens up to this serial are expired */
	struct token *oldest, *newest; /* usable refresh tokens */
	size_t refresh_count;
};

#endif
