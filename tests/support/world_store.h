/* Looking into the store of a world, and breaking it. */
#ifndef TESTS_SUPPORT_WORLD_STORE_H
#define TESTS_SUPPORT_WORLD_STORE_H

#include "tests/support/world.h"

/* The next `count` transactions that wrote something fail to commit; -1: all, 0: none any more. */
void world_fail_commits(struct world *world, int count);
/* A transaction was begun and not yet committed. */
bool world_has_open_tick(const struct world *world);

/* The first column of the first row of a query, with at most one text parameter (:a). Text: "" for NULL or no row. */
int64_t world_number(struct world *world, const char *sql, const char *a);
void world_text(struct world *world, const char *sql, const char *a, char *out, size_t size);
void world_blob(struct world *world, const char *sql, const char *a, struct buf *out); /* appends */
/* Run a statement in the tick that is open, or alone. */
void world_sql(struct world *world, const char *sql, const char *a);

/* "connected", and the codes of the open reasons of a connection, sorted, blank-separated: "provider_down/token". */
void world_expect_state(struct world *world, const char *connection_id, const char *state, const char *reasons);
/* How many files of the store hold these bytes. */
int world_files_with(struct world *world, const void *bytes, size_t len);

#endif
