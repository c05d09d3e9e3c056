/* Object ids: UUID version 7 (RFC 9562 section 5.7) in lower-case text, so that text order is creation order. */
#ifndef IPC_BASE_ID_H
#define IPC_BASE_ID_H

#include "ipc/base/clock.h"
#include "ipc/base/rng.h"

#include <stdbool.h>

#define ID_TEXT_SIZE 37 /* 36 characters and the final NUL */

void id_make(char out[ID_TEXT_SIZE], const struct clock *clock, const struct rng *rng);
/* Any UUID in canonical lower-case text, whatever its version. */
bool id_is_valid(const char *text);

#endif
