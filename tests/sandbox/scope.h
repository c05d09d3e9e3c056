/* OAuth scopes as space-separated lists and as bit masks. */
#ifndef TESTS_SANDBOX_SCOPE_H
#define TESTS_SANDBOX_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCOPE_OPENID (1U << 0)
#define SCOPE_EMAIL (1U << 1)
#define SCOPE_PROFILE (1U << 2)
#define SCOPE_CALENDAR (1U << 3)
#define SCOPE_READONLY (1U << 4)
#define SCOPE_LIST (1U << 5)
#define SCOPE_LIST_READONLY (1U << 6)
#define SCOPE_APP_CREATED (1U << 7)
#define SCOPE_CALENDARS (1U << 8)
#define SCOPE_CALENDARS_READONLY (1U << 9)
#define SCOPE_FREEBUSY (1U << 10)
#define SCOPE_EVENTS (1U << 11)
#define SCOPE_EVENTS_READONLY (1U << 12)
#define SCOPE_EVENTS_OWNED (1U << 13)
#define SCOPE_EVENTS_OWNED_READONLY (1U << 14)
#define SCOPE_EVENTS_FREEBUSY (1U << 15)
#define SCOPE_EVENTS_PUBLIC_READONLY (1U << 16)
#define SCOPE_SIGN_IN (SCOPE_OPENID | SCOPE_EMAIL | SCOPE_PROFILE)

/* Google's spelling of a list: aliases replaced, each scope once. NULL if one is unknown; the caller frees it. */
char *scope_normalize(const char *list);

/* The bits of the scopes in a normalized list. */
uint32_t scope_mask(const char *list);

/* Whether a normalized list holds a scope (`name` of `len` bytes). */
bool scope_has(const char *list, const char *name, size_t len);

/* All scopes of both normalized lists; the caller frees it. */
char *scope_join(const char *left, const char *right);

/* The scopes of `asked` that are sign-in scopes or in `wanted`; the caller frees it. */
char *scope_choose(const char *asked, const char *wanted);

/* The list without one scope (any spelling); the caller frees it. */
char *scope_drop(const char *list, const char *name);

/* Calls `each` for every scope of a list. */
void scope_each(const char *list, void (*each)(void *arg, const char *name, bool sign_in), void *arg);

#endif
