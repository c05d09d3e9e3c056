/* The provider of the simulator: any number of accounts behind a struct http_transport, in virtual time. Accounts are made by being
 * named: the code "a17" is exchanged for tokens of a17@example.com. Nothing is recorded but counters, so a month costs no memory. */
#ifndef TESTS_SUPPORT_SIM_GOOGLE_H
#define TESTS_SUPPORT_SIM_GOOGLE_H

#include "daemon/core.h"

enum { SIM_ACCOUNTS_MAX = 1024 };

struct sim_google {
	struct core *core;
	int64_t token_life_ms;
	bool down;                              /* 503 to everybody */
	bool revoked[SIM_ACCOUNTS_MAX];         /* the user took the consent back */
	int64_t requests, refused, refreshes;
	int64_t second, in_second, peak;        /* requests in the busiest virtual second since sim_google_watch */
	int in_flight;
};

void sim_google_open(struct sim_google *google, struct core *core);
struct http_transport sim_google_transport(struct sim_google *google);
/* Start measuring the peak anew. */
void sim_google_watch(struct sim_google *google);

#endif
