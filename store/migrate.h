/* Bringing a database file to the schema this program knows. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/stmt.h"

/* Run the missing upgrades, each in a transaction of its own with its version number written last. A file of a newer
 * version is refused and left as it is. */
int migrate_run(struct db *db, struct stmt_cache *statements, int64_t now, struct err *err);
/* The newest version of this program. */
int migrate_latest(void);

#endif
