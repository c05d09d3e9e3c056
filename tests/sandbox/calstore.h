/* The calendars of an account, and the versions that incremental lists rest on. */
#ifndef TESTS_SANDBOX_CALSTORE_H
#define TESTS_SANDBOX_CALSTORE_H

#include "tests/sandbox/state.h"

/* What a new calendar is; texts are copied, NULL where optional. */
struct calstore_new {
	const char *id;
	const char *summary;
	const char *description; /* or NULL */
	const char *zone;
	enum state_role role;
	bool primary;
	bool hidden;
};

/* Adds a calendar; NULL if the id is there already (a removed one comes back to life). */
struct calendar *calstore_add(struct state *state, struct account *account, const struct calstore_new *what);

/* The calendar the account can see under this id or `primary`, or NULL. */
struct calendar *calstore_find(const struct account *account, const char *id);

/* Marks a change: the entry gets a new etag and, with `listed`, shows up in the next incremental list. */
void calstore_touch(struct state *state, struct account *account, struct calendar *calendar, bool listed);

/* Takes a calendar out of the account's list; incremental lists tell of it. */
void calstore_remove(struct state *state, struct account *account, struct calendar *calendar);

const char *calstore_role_name(enum state_role role);

/* False for an unknown name. */
bool calstore_parse_role(const char *name, enum state_role *role);

#endif
