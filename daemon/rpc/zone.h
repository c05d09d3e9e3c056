/* The zones of the system's tzdata: does one exist, and how old are they? */
#ifndef DAEMON_RPC_ZONE_H
#define DAEMON_RPC_ZONE_H

#include <stdbool.h>
#include <stddef.h>

/* name: checked for its syntax before (PARAM_ZONE), so it names nothing outside the directory. */
bool zone_exists(const char *name);
/* "2026a"; false when it is not said anywhere. */
bool zone_version(char *out, size_t size);

#endif
