/* Two workspaces with one object of each kind, for tests of who may do what: acme, which callers have rights in, and globex, which
 * is foreign to them; and what does not exist at all. */
#ifndef TESTS_SUPPORT_TWO_WORKSPACES_H
#define TESTS_SUPPORT_TWO_WORKSPACES_H

#include "ipc/method.h"
#include "tests/support/stage.h"

enum side { SIDE_ACME, SIDE_GLOBEX, SIDE_ABSENT, SIDE_COUNT };

struct belongings {
	char slug[16], workspace[40], user[40], connection[40], calendar[40], attempt[40];
	char redirect[256]; /* where the browser of the attempt came back to, with a code that no provider knows */
	json_t *others;     /* kind → id of the first of its list, for kinds that the table has beside these */
};

struct two_workspaces {
	struct belongings of[SIDE_COUNT];
};

/* Needs a stage with its sandbox, and a caller who may do everything. */
void two_workspaces_make(struct two_workspaces *two, struct stage *stage);
void two_workspaces_free(struct two_workspaces *two);

/* Params that are good for the method, about objects of a side; `dry_run` where there is one. by_slug: how workspaces are named.
 * Fails the test when the method wants something of a kind unknown here. */
json_t *two_workspaces_params(const struct two_workspaces *two, const struct method *method, enum side side, bool by_slug);
/* The id of the object that a parameter of this name means, "workspace" or "attempt_id"; NULL for names that mean none. */
const char *two_workspaces_id(const struct two_workspaces *two, const char *noun, enum side side, bool by_slug);

#endif
