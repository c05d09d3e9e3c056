/* One error value for the whole house.
 *
 * A fallible function returns 0, or -1 with *err filled. The caller owns the struct (usually on its stack);
 * nothing in it is allocated, so it may be copied freely. Texts never contain secrets or unfiltered foreign text. */
#ifndef IPC_BASE_ERR_H
#define IPC_BASE_ERR_H

#include <stdarg.h>
#include <stdint.h>

/* What went wrong, in the words of the wire (data.code); ipc/errors.c maps each to its JSON-RPC and exit code. */
enum err_code {
	ERR_NONE,
	ERR_PARSE_ERROR,
	ERR_INVALID_REQUEST,
	ERR_METHOD_NOT_FOUND,
	ERR_INVALID_PARAMS,
	ERR_INTERNAL,
	ERR_DENIED,
	ERR_NOT_FOUND,
	ERR_CONFLICT,
	ERR_BUSY,
	ERR_LIMIT_EXCEEDED,
	ERR_REAUTH_REQUIRED,
	ERR_SCOPE_MISSING,
	ERR_RATE_LIMITED,
	ERR_PROVIDER_UNAVAILABLE,
	ERR_PROVIDER_REJECTED,
	ERR_ACCOUNT_MISMATCH,
	ERR_SEALED,
	ERR_APP_MISCONFIGURED,
	ERR_STORE_FAILED,
	/* Inside the daemon only, never on the wire. */
	ERR_CONFIG,       /* bad configuration or policy: exit 78 */
	ERR_STORE_LOCKED, /* another daemon owns the store: exit 75 */
	ERR_CODE_COUNT
};

struct err {
	enum err_code code;
	char message[320];
	char field[64];          /* the parameter at fault (ERR_INVALID_PARAMS), else "" */
	int64_t retry_after_ms;  /* 0: not said */
	int provider_status;     /* HTTP status of the provider, 0: none */
	char provider_reason[64];
	const char *action_method; /* static text: what would mend it, NULL: nothing to offer */
	const char *action_label;
	char action_connection[40], action_workspace[40], action_provider[16];
	char run_id[40];         /* ERR_BUSY: the work that goes on, "" if none */
};

/* Fill *err and return -1, so that a function can end with `return err_set(...)`. err may be NULL. */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* ERR_INVALID_PARAMS that names the parameter. */
int err_field(struct err *err, const char *field, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The broken start-up invariant or exhausted memory: says why on stderr and exits 70. Never for anything a peer sent. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
