/* What the working parts of the daemon stand on: the injected world (DESIGN.md idea 6). Made by app, borrowed by everybody;
 * lower than rpc/, so nothing in here knows of callers. */
#ifndef DAEMON_CORE_H
#define DAEMON_CORE_H

#include "daemon/breaker.h"
#include "daemon/http/client.h"
#include "daemon/loop.h"
#include "daemon/provider/provider.h"
#include "daemon/schedule.h"
#include "daemon/vault/vault.h"
#include "ipc/base/clock.h"
#include "ipc/base/rng.h"
#include "store/store.h"

struct revoker; /* daemon/oauth/outbox.h */
struct tokens;  /* daemon/oauth/tokens.h */

struct core {
	struct loop *loop;
	const struct clock *clock;
	const struct rng *rng;
	struct store *store;
	struct vault *vault;
	struct http_transport transport; /* send NULL: closed, the daemon ends */
	struct provider_config google;
	struct tokens *tokens;
	struct revoker *revoker;
	struct schedule schedule;
	struct breaker breaker; /* of google */
	bool jobs_moved;        /* times in the job queue have changed: the scheduler looks again at the end of the tick */
	int calls;      /* provider operations under way: a stop waits for them */
	bool stopping;  /* nothing is retried any more */
};

/* Configuration of a provider by its name; NULL for an unknown one. */
static inline const struct provider_config *core_provider_config(const struct core *core, const char *provider)
{
	return provider_find(provider) ? &core->google : NULL;
}

#endif
