/* The method table: one row per RPC method, the single source of dispatch, validation, authorization, rpc.discover, the CLI
 * verbs and their help, completions and the protocol page (DESIGN.md idea 2). Rows live in ipc/methods_*.c, one file a noun. */
#ifndef IPC_METHOD_H
#define IPC_METHOD_H

#include "ipc/base/err.h"
#include "ipc/method_types.h"

const char *role_name(enum role role);
bool role_parse(const char *name, enum role *out);

/* All rows, sorted by name. */
extern const struct method *const method_table[];
extern const size_t method_count;
const struct method *method_find(const char *name, size_t len);
const struct method *method_find_verb(const char *verb);
const struct param *method_param(const struct method *method, const char *name);
/* The table obeys its own rules (order, unique names and verbs, subjects that exist, `reason` and `dry_run` where promised):
 * for the start of the daemon. ERR_INTERNAL names the row. */
int method_table_check(struct err *err);

#endif
