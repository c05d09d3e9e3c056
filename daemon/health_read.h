/* The record of a connection's health, read from the store. */
#ifndef DAEMON_HEALTH_READ_H
#define DAEMON_HEALTH_READ_H

#include "daemon/health_rules.h"
#include "ipc/base/err.h"
#include "store/store.h"

/* Owns what its record points to. Zero-initialise; health_facts_clear frees. Not to be copied. */
struct health_facts {
	struct health_record record;
	struct health_reason reasons[HEALTH_REASONS_MAX];
	struct health_next next[HEALTH_NEXT_MAX];
	char *texts[HEALTH_REASONS_MAX * 3 + HEALTH_NEXT_MAX];
	size_t text_count;
};

/* row is read, not kept; with no open error in it the store is not asked. Fine inside the callback that was given the row. */
int health_read(struct store *store, const struct connection_row *row, struct health_facts *out, struct err *err);
/* What happens next by itself, too; trash_ms: how long a disconnected connection is kept. */
int health_read_next(struct store *store, const struct connection_row *row, int64_t trash_ms, struct health_facts *out,
                     struct err *err);
void health_facts_clear(struct health_facts *facts);

#endif
