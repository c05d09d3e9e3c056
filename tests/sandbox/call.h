/* One request on its way through the sandbox, as the endpoints see it. */
#ifndef TESTS_SANDBOX_CALL_H
#define TESTS_SANDBOX_CALL_H

#include "tests/sandbox/http.h"
#include "tests/sandbox/query.h"
#include "tests/sandbox/state.h"

/* What a fault changes in the work itself (the rest of a fault concerns the reply). */
struct call_tweaks {
	const char *drop_scope;        /* left out of token replies and of the tokens */
	const json_t *expires_in;      /* said instead of the true life */
	const json_t *calendar_errors; /* freeBusy: id or "*" → reason */
};

struct call {
	struct state *state;
	struct http_request *request;
	char *path;        /* decoded */
	char *argument[2]; /* decoded variable segments of the path */
	struct query query;
	struct query form; /* of a form-encoded body */
	const char *grant_type;
	struct account *account; /* whose tokens came along, or NULL */
	struct token *bearer;    /* the token of the Authorization header, however dead, or NULL */
	int64_t now_ms;          /* for the life of tokens: moved by `advance` and a skewed clock */
	struct call_tweaks tweaks;
	struct http_reply reply;
};

/* Decodes what the request brought. False: it is malformed. call_free() either way. */
bool call_read(struct call *call, struct state *state, struct http_request *request);

/* Finds out whose request it is. */
void call_find_account(struct call *call);

/* The bearer's token text in the header, or NULL. */
const char *call_bearer_text(const struct call *call);

/* The account behind the bearer token; NULL after a 401, or a 403 if it has none of the scopes in `mask`. */
struct account *call_authorize(struct call *call, uint32_t mask);

/* The calendar of the path or the body, with its events made; NULL after a 404. */
struct calendar *call_find_calendar(struct call *call, struct account *account, const char *id);

/* Reads a count between 1 and max; false after a 400. A cap of the sandbox applies. */
bool call_read_count(struct call *call, const char *name, size_t usual, size_t max, size_t *value);

/* Reads true or false; false after a 400. */
bool call_read_flag(struct call *call, const char *name, bool usual, bool *value);

/* The body as a JSON object; NULL after a 400. */
json_t *call_read_json(struct call *call);

/* Opaque texts for page and sync tokens: numbers in base64url with a check. The caller frees the text. */
char *call_seal_numbers(char kind, const uint64_t numbers[4]);

/* False if the text was not made by call_seal_numbers() with this kind. */
bool call_open_numbers(char kind, const char *text, uint64_t numbers[4]);

void call_free(struct call *call);

#endif
