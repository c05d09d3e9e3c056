/* The store: one SQLite file in the state directory, one writer, one transaction a tick (DESIGN.md idea 3).
 *
 * Every read and write of a tick runs in one transaction, opened by the first statement and committed by store_tick_end.
 * What must not happen before the commit (a reply, a provider request) is queued with store_after_commit; its callback is
 * told whether the tick was committed. Within a tick, a unit (one request) can be undone alone.
 *
 * The store never sees a plaintext token, never logs and knows no RPC. Rows handed to callbacks borrow SQLite's memory:
 * they are valid until the callback returns. A callback may run other queries; its own again is refused with ERR_INTERNAL.
 * It must not write to what it is reading, nor end the unit or the tick: take copies and act afterwards. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "ipc/base/clock.h"
#include "ipc/base/err.h"
#include "ipc/base/id.h"
#include "ipc/base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_DIGEST_SIZE 32

struct store;

struct store_options {
	const char *directory; /* made (0700) if absent; holds almanac.db and almanac.lock */
	const struct clock *clock;
	const struct rng *rng;
	/* The hash of the audit chain, handed in so that the store needs no crypto library. */
	void (*digest)(uint8_t out[STORE_DIGEST_SIZE], const void *bytes, size_t len);
};

/* ERR_STORE_LOCKED when another process holds almanac.lock; ERR_STORE_FAILED for anything else. */
int store_open(struct store **out, const struct store_options *options, struct err *err);
void store_close(struct store *store);

const char *store_uuid(const struct store *store);
int store_schema_version(const struct store *store);
int64_t store_now(const struct store *store); /* wall ms */
void store_new_id(const struct store *store, char out[ID_TEXT_SIZE]);

/* failed == NULL: committed. Otherwise the tick, or the unit the effect belongs to, was rolled back: drop what was to
 * happen, say `failed` to whom it concerns, and free arg. Called exactly once, in queue order, after the transaction is
 * over; a callback may use the store again (that is the next tick). */
typedef void store_effect_fn(void *arg, const struct err *failed);
void store_after_commit(struct store *store, store_effect_fn *fn, void *arg);

/* Commit what this tick did and release its effects, and so on while these cause more work (64 times at most; then
 * store_tick_pending is true). -1: it was rolled back; effects were called with the error. From an effect it does nothing.
 * Without any statement in the tick it only releases the effects. An fsync that failed ends the process with exit code 74. */
int store_tick_end(struct store *store, struct err *err);
/* Something waits for store_tick_end: do not block before it was called. */
bool store_tick_pending(const struct store *store);
bool store_tick_failed(const struct store *store); /* a statement lost the transaction: everything answers store_failed */

/* A part of the tick that can be undone alone. Units do not nest. store_unit_end(…, keep=false) rolls the unit's statements
 * back at once; its effects keep their place in the queue and are told *why (copied) at the end of the tick. */
int store_unit_begin(struct store *store, struct err *err);
int store_unit_end(struct store *store, bool keep, const struct err *why, struct err *err);

/* Called after any rollback of a tick, before its effects: memory derived from the store must be read again. */
void store_on_rollback(struct store *store, void (*fn)(void *arg), void *arg);
/* Goes up whenever workspaces were made, deleted or rolled back: what was derived from them is out of date. */
uint64_t store_workspace_epoch(const struct store *store);

/* Paging, common to all lists. Lists are in a total order (sort column, id); a cursor names the last row seen. */
struct store_page {
	int limit;               /* 1..500 */
	const char *cursor;      /* NULL: from the start. ERR_INVALID_PARAMS field "cursor" if it is not ours */
	const char *scope;       /* JSON array text of the workspace ids the caller may see; NULL: all */
};
struct store_page_end {
	bool has_total;          /* false: more than 10 000 */
	int64_t total;
	char next_cursor[512];   /* "" : this was the last page */
};

#endif
