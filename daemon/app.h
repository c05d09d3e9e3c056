/* Everything together. Only main, app and rpc/ see this struct. */
#ifndef DAEMON_APP_H
#define DAEMON_APP_H

#include "daemon/config.h"
#include "daemon/core.h"
#include "daemon/http/listener.h"
#include "daemon/policy.h"

#include <limits.h>

struct rpc_server;
struct scheduler;

struct app {
	struct core core;
	struct config *config;
	struct policy *policy;
	uint64_t policy_generation;  /* goes up with every reload that succeeded */
	struct listener *listener;
	struct rpc_server *server;
	struct http_client *client;
	struct scheduler *scheduler;
	struct timer *stop_timer;    /* how long a stop waits */
	char socket_path[SOCKET_PATH_MAX];
	char state_dir[PATH_MAX];
	char policy_path[PATH_MAX];     /* "": none */
	bool policy_required;
	char public_url[512];        /* base_url, or http://127.0.0.1:PORT of the listener */
	char callback_url[600];
	int64_t started_at, started_boot;
};

#endif
