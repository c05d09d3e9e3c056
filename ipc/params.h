/* Validation of a request's params against its row, and typed access afterwards.
 *
 * params_check refuses unknown members, missing required ones and values out of bounds with ERR_INVALID_PARAMS that names the
 * member in err->field and says what was expected. After it succeeded the getters cannot fail. `params` may be NULL (none). */
#ifndef IPC_PARAMS_H
#define IPC_PARAMS_H

#include "ipc/method.h"

#include <jansson.h>

int params_check(const struct method *method, const json_t *params, struct err *err);

const char *params_text(const json_t *params, const char *name);       /* NULL when absent or null; borrowed from params */
bool params_has(const json_t *params, const char *name);               /* present, null included */
int64_t params_int(const json_t *params, const char *name, int64_t fallback);
bool params_bool(const json_t *params, const char *name, bool fallback);

#endif
