/* Accepting, turns, and the end of a tick. */
#include "daemon/rpc/server.h"

#include "daemon/rpc/dispatch.h"
#include "daemon/rpc/session.h"
#include "ipc/base/log.h"
#include "ipc/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACCEPTS_A_PASS = 64, ACCEPT_PAUSE_MS = 500 };

struct rpc_server {
	struct session_host host;   /* first: the host of a session is its server */
	struct desk desk;
	struct notices notices;
	int listen_fd;
	int reserve_fd;             /* given up for a moment to turn a client away when descriptors are out */
	struct event acceptable;
	bool paused;
	struct timer *resume;       /* accepting */
	struct timer *turns;
	int64_t clients_max, clients;
	struct session *sessions;
	struct session *turn_first, **turn_end;
	struct session *ended;
};

static void on_again(struct session_host *host, struct session *session)
{
	struct rpc_server *server = (struct rpc_server *)host;
	if (!server->turn_first)
		timer_set(server->turns, 0);
	session->next_turn = NULL;
	*server->turn_end = session;
	server->turn_end = &session->next_turn;
}

static struct session *take_turns(struct rpc_server *server)
{
	struct session *first = server->turn_first;
	server->turn_first = NULL;
	server->turn_end = &server->turn_first;
	return first;
}

static void on_turns(void *arg)
{
	struct session *next;
	for (struct session *session = take_turns(arg); session; session = next) {
		next = session->next_turn;
		session_turn(session);
	}
}

static void forget_turn(struct rpc_server *server, const struct session *gone)
{
	struct session *next;
	for (struct session *session = take_turns(server); session; session = next) {
		next = session->next_turn;
		if (session != gone)
			on_again(&server->host, session);
	}
}

static void on_ended(struct session_host *host, struct session *session)
{
	struct rpc_server *server = (struct rpc_server *)host;
	if (session->queued)
		forget_turn(server, session);
	if (session->next)
		session->next->previous = session->previous;
	if (session->previous)
		session->previous->next = session->next;
	else
		server->sessions = session->next;
	session->next_ended = server->ended;
	server->ended = session;
	server->clients--;
	if (server->paused)
		timer_set(server->resume, 0);
}

static void free_ended(struct rpc_server *server)
{
	while (server->ended) {
		struct session *session = server->ended;
		server->ended = session->next_ended;
		session_free(session);
	}
}

static void refuse(int fd, const struct err *err)
{
	struct buf text = { 0 };
	struct writer w;
	writer_init(&w, &text);
	message_reply_error(&w, "null", err);
	buf_add_char(&text, '\n');
	channel_refuse(fd, &text);
	buf_free(&text);
}

/* A peer must be known by its credentials, and to some rule of the policy. */
static int identify(struct rpc_server *server, int fd, struct caller *caller, struct err *err)
{
	if (caller_init(caller, fd, err) || caller_refresh(caller, server->host.app, err))
		return -1;
	if (!caller->access.known)
		return err_set(err, ERR_DENIED, "no rule of the policy lets you in");
	return 0;
}

static void admit(struct rpc_server *server, int fd)
{
	struct err err;
	struct caller caller = { 0 };
	if (server->clients >= server->clients_max) {
		(void)err_set(&err, ERR_LIMIT_EXCEEDED, "too many clients");
		refuse(fd, &err);
		return;
	}
	if (identify(server, fd, &caller, &err)) {
		LOG_INFO("client_refused", LOG_INT("uid", caller.peer.uid), LOG_INT("pid", caller.peer.pid),
		         LOG_STR("why", err.message));
		caller_free(&caller);
		refuse(fd, &err);
		return;
	}
	struct session *session = session_new(&server->host, fd, &caller);
	session->next = server->sessions;
	if (session->next)
		session->next->previous = session;
	server->sessions = session;
	server->clients++;
}

static int accept_one(const struct rpc_server *server)
{
	return accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int open_reserve(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Out of descriptors: turn one client away, then leave the others in the queue for a while instead of spinning. */
static void pause_accepting(struct rpc_server *server, int why)
{
	LOG_WARN("accept_paused", LOG_INT("errno", why), LOG_INT("clients", server->clients));
	if (why == EMFILE && server->reserve_fd >= 0) {
		struct err err;
		(void)close(server->reserve_fd);
		int fd = accept_one(server);
		(void)err_set(&err, ERR_LIMIT_EXCEEDED, "the daemon is out of descriptors");
		if (fd >= 0)
			refuse(fd, &err);
		server->reserve_fd = open_reserve();
	}
	server->paused = true;
	(void)event_del(&server->acceptable);
	timer_set(server->resume, ACCEPT_PAUSE_MS);
}

static void on_acceptable(evutil_socket_t listen_fd, short what, void *arg)
{
	struct rpc_server *server = arg;
	(void)listen_fd;
	(void)what;
	for (int i = 0; i < ACCEPTS_A_PASS; i++) {
		int fd = accept_one(server);
		if (fd >= 0)
			admit(server, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR && errno != ECONNABORTED) {
			pause_accepting(server, errno);
			return;
		}
	}
}

static void on_resume(void *arg)
{
	struct rpc_server *server = arg;
	if (server->reserve_fd < 0)
		server->reserve_fd = open_reserve();
	server->paused = false;
	(void)event_add(&server->acceptable, NULL);
}

int rpc_server_open(struct rpc_server **out, struct app *app, int listen_fd, struct err *err)
{
	int flags = fcntl(listen_fd, F_GETFL);
	if (dispatch_open(err))
		return -1;
	if (flags < 0 || fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_set(err, ERR_INTERNAL, "the socket cannot be made non-blocking");
	struct rpc_server *server = mem_alloc(sizeof *server);
	server->host = (struct session_host){
		.app = app,
		.desk = &server->desk,
		.notices = &server->notices,
		.frame_max = (size_t)app->config->frame_bytes,
		.pending_max = (size_t)app->config->pending_requests,
		.output_max = (size_t)app->config->output_bytes,
		.again = on_again,
		.ended = on_ended,
	};
	desk_init(&server->desk, app);
	store_on_changes(app->core.store, notices_take, &server->notices);
	server->clients_max = app->config->max_clients;
	server->turn_end = &server->turn_first;
	server->listen_fd = listen_fd;
	server->reserve_fd = open_reserve();
	server->resume = timer_new(app->core.loop, on_resume, server);
	server->turns = timer_new(app->core.loop, on_turns, server);
	(void)event_assign(&server->acceptable, loop_base(app->core.loop), listen_fd, EV_READ | EV_PERSIST, on_acceptable,
	                   server);
	(void)event_add(&server->acceptable, NULL);
	*out = server;
	return 0;
}

void rpc_server_tick_end(struct rpc_server *server, const struct err *failed)
{
	desk_settle(&server->desk, failed);
	notices_deliver(&server->notices);
	free_ended(server);
}

void rpc_server_stop_accepting(struct rpc_server *server)
{
	if (server->listen_fd < 0)
		return;
	(void)event_del(&server->acceptable);
	timer_cancel(server->resume);
	(void)close(server->listen_fd);
	server->paused = false;
	server->listen_fd = -1;
}

void rpc_server_close(struct rpc_server *server)
{
	if (!server)
		return;
	rpc_server_stop_accepting(server);
	if (server->reserve_fd >= 0)
		(void)close(server->reserve_fd);
	while (server->sessions)
		session_end(server->sessions);
	free_ended(server);
	desk_close(&server->desk);
	store_on_changes(server->host.app->core.store, NULL, NULL);
	notices_free(&server->notices);
	timer_free(server->resume);
	timer_free(server->turns);
	free(server);
}
