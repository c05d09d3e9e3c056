/* The program to compare with: the same two methods in the plainest way, jansson in and jansson out, SQLite in between, over the
 * same file and with the same fields in the same order, and nothing else: no roles, no limits, no checks, no audit.
 *
 * usage: bench_reference SOCKET DATABASE plain|tuned
 * plain: every request is a transaction of its own, as SQLite does by itself. tuned: the lock on the file is kept, and one read
 * transaction serves all requests that were waiting, as in the daemon; then only the JSON differs. Replies to all requests of
 * one read leave in one write, in both. */
#include "ipc/base/buf.h"
#include "ipc/base/strutil.h"
#include "ipc/base/timefmt.h"
#include "store/connection_row.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CLIENTS_MAX = 1024, READ_SIZE = 65536 };

/* Columns in the order of CONNECTION_SELECT. */
enum {
	ID, WORKSPACE_ID, USER_ID, PROVIDER, ACCOUNT_EMAIL, SUBJECT, GRANT_ID, ACTIVE, STATE, SINCE, PAUSED_AT, DISCONNECTED_AT,
	LAST_SYNC, NEXT_SYNC_AT, NEXT_REFRESH_AT, SYNC_CURSOR, REQUIRED_SCOPES, CREATED_AT, UPDATED_AT, VERSION, SYNC_ERRORS,
	CALENDARS, SCOPES, FINGERPRINT, GENERATION, ACCESS_EXPIRES_AT, TOKEN_PRESENT
};

struct server {
	sqlite3 *db;
	sqlite3_stmt *get, *list, *total, *workspace, *begin, *commit;
	bool tuned, in_transaction;
};

static struct client {
	int fd;
	struct buf in, out;
} clients[CLIENTS_MAX];

static _Noreturn void give_up(const char *what, const char *why)
{
	(void)fprintf(stderr, "bench_reference: %s: %s\n", what, why);
	exit(1);
}

static sqlite3_stmt *prepare(struct server *server, const char *sql)
{
	sqlite3_stmt *stmt;
	if (sqlite3_prepare_v2(server->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		give_up(sql, sqlite3_errmsg(server->db));
	return stmt;
}

static void run_once(struct server *server, const char *sql)
{
	sqlite3_stmt *stmt = prepare(server, sql);
	(void)sqlite3_step(stmt);
	(void)sqlite3_finalize(stmt);
}

static void run(sqlite3_stmt *stmt)
{
	(void)sqlite3_step(stmt);
	(void)sqlite3_reset(stmt);
}

static void open_store(struct server *server, const char *path)
{
	if (sqlite3_open_v2(path, &server->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		give_up(path, sqlite3_errmsg(server->db));
	if (server->tuned)
		run_once(server, "PRAGMA locking_mode = EXCLUSIVE");
	run_once(server, "PRAGMA cache_size = -4096");
	server->get = prepare(server, CONNECTION_SELECT CONNECTION_FROM " WHERE c.id = ?");
	server->list = prepare(server, CONNECTION_SELECT CONNECTION_FROM " WHERE c.workspace_id = ? ORDER BY c.id LIMIT ?");
	server->total = prepare(server, "SELECT sum(n) FROM workspace_states WHERE workspace_id = ?");
	server->workspace = prepare(server, "SELECT id FROM workspaces WHERE slug = ?");
	server->begin = prepare(server, "BEGIN");
	server->commit = prepare(server, "COMMIT");
}

static const char *text_of(sqlite3_stmt *stmt, int column)
{
	return (const char *)sqlite3_column_text(stmt, column);
}

static void set_text(json_t *object, const char *name, sqlite3_stmt *stmt, int column)
{
	const char *text = text_of(stmt, column);
	json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static void set_time(json_t *object, const char *name, sqlite3_stmt *stmt, int column)
{
	char text[TIME_TEXT_SIZE];
	int64_t at = sqlite3_column_int64(stmt, column);
	if (at)
		time_format(text, at);
	json_object_set_new(object, name, at ? json_string(text) : json_null());
}

static void set_int(json_t *object, const char *name, sqlite3_stmt *stmt, int column)
{
	json_object_set_new(object, name, json_integer(sqlite3_column_int64(stmt, column)));
}

static json_t *words_of(const char *text)
{
	json_t *words = json_array();
	for (size_t len; text && *text; text += len + (text[len] == ' ')) {
		len = strcspn(text, " ");
		json_array_append_new(words, json_stringn(text, len));
	}
	return words;
}

static json_t *object_of(sqlite3_stmt *stmt)
{
	json_t *object = json_object(), *token = json_object();
	set_text(object, "id", stmt, ID);
	set_text(object, "workspace_id", stmt, WORKSPACE_ID);
	set_text(object, "user_id", stmt, USER_ID);
	set_text(object, "provider", stmt, PROVIDER);
	set_text(object, "account_email", stmt, ACCOUNT_EMAIL);
	json_object_set_new(object, "active", json_boolean(sqlite3_column_int(stmt, ACTIVE)));
	set_text(object, "state", stmt, STATE);
	set_time(object, "since", stmt, SINCE);
	json_object_set_new(object, "reasons", json_array());
	json_object_set_new(object, "scopes", words_of(text_of(stmt, SCOPES)));
	json_object_set_new(object, "missing_scopes", json_array());
	json_object_set_new(token, "present", json_boolean(sqlite3_column_int(stmt, TOKEN_PRESENT)));
	set_text(token, "fingerprint", stmt, FINGERPRINT);
	set_time(token, "expires_at", stmt, ACCESS_EXPIRES_AT);
	set_int(token, "generation", stmt, GENERATION);
	json_object_set_new(object, "token", token);
	set_time(object, "last_sync", stmt, LAST_SYNC);
	set_time(object, "next_sync_at", stmt, NEXT_SYNC_AT);
	set_time(object, "next_refresh_at", stmt, NEXT_REFRESH_AT);
	set_int(object, "sync_errors", stmt, SYNC_ERRORS);
	set_int(object, "calendars_count", stmt, CALENDARS);
	set_time(object, "created_at", stmt, CREATED_AT);
	set_time(object, "updated_at", stmt, UPDATED_AT);
	set_int(object, "version", stmt, VERSION);
	return object;
}

static json_t *answer_get(struct server *server, const json_t *params)
{
	const char *id = json_string_value(json_object_get(params, "id"));
	(void)sqlite3_bind_text(server->get, 1, id ? id : "", -1, SQLITE_STATIC);
	json_t *result = sqlite3_step(server->get) == SQLITE_ROW ? object_of(server->get) : NULL;
	(void)sqlite3_reset(server->get);
	return result;
}

static json_t *answer_list(struct server *server, const json_t *params)
{
	const char *slug = json_string_value(json_object_get(params, "workspace"));
	json_int_t limit = json_integer_value(json_object_get(params, "limit")), rows = 0;
	json_t *result = json_object(), *items = json_array(), *total = NULL;
	char workspace[64] = "", last[64] = "";
	(void)sqlite3_bind_text(server->workspace, 1, slug ? slug : "", -1, SQLITE_STATIC);
	if (sqlite3_step(server->workspace) == SQLITE_ROW)
		(void)str_copy(workspace, sizeof workspace, text_of(server->workspace, 0));
	(void)sqlite3_reset(server->workspace);
	(void)sqlite3_bind_text(server->total, 1, workspace, -1, SQLITE_STATIC);
	if (sqlite3_step(server->total) == SQLITE_ROW)
		total = json_integer(sqlite3_column_int64(server->total, 0));
	(void)sqlite3_reset(server->total);
	(void)sqlite3_bind_text(server->list, 1, workspace, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(server->list, 2, limit + 1);
	while (sqlite3_step(server->list) == SQLITE_ROW && rows++ < limit) {
		json_array_append_new(items, object_of(server->list));
		(void)str_copy(last, sizeof last, text_of(server->list, ID));
	}
	(void)sqlite3_reset(server->list);
	json_object_set_new(result, "items", items);
	json_object_set_new(result, "next_cursor", rows > limit ? json_string(last) : json_null());
	json_object_set_new(result, "total", total ? total : json_null());
	return result;
}

static void answer(struct server *server, struct client *client, const char *line, size_t len)
{
	json_t *request = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL), *reply = json_object();
	const char *method = json_string_value(json_object_get(request, "method"));
	const json_t *params = json_object_get(request, "params");
	if (server->tuned && !server->in_transaction) {
		run(server->begin);
		server->in_transaction = true;
	}
	json_t *result = str_equal(method, "connection.list") ? answer_list(server, params) : answer_get(server, params);
	json_object_set_new(reply, "jsonrpc", json_string("2.0"));
	json_object_set(reply, "id", json_object_get(request, "id"));
	json_object_set_new(reply, result ? "result" : "error", result ? result : json_string("no such connection"));
	char *text = json_dumps(reply, JSON_COMPACT);
	buf_add_text(&client->out, text);
	buf_add_char(&client->out, '\n');
	free(text);
	json_decref(reply);
	json_decref(request);
}

static void flush(int epoll, struct client *client)
{
	ssize_t put = client->out.len ? send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL) : 0;
	if (put > 0)
		buf_consume(&client->out, (size_t)put);
	/* What the socket has no room for waits until it has. */
	struct epoll_event event = { .events = EPOLLIN | (client->out.len ? EPOLLOUT : 0u), .data.ptr = client };
	if (client->out.len || put == 0)
		(void)epoll_ctl(epoll, EPOLL_CTL_MOD, client->fd, &event);
}

static void serve(struct server *server, int epoll, struct client *client, uint32_t events)
{
	if (events & EPOLLIN) {
		ssize_t got = read(client->fd, buf_reserve(&client->in, READ_SIZE), READ_SIZE);
		if (got == 0 || (got < 0 && errno != EAGAIN)) {
			(void)close(client->fd);
			buf_free(&client->in);
			buf_free(&client->out);
			client->fd = 0;
			return;
		}
		client->in.len += got > 0 ? (size_t)got : 0;
		size_t done = 0;
		for (char *eol; (eol = memchr(client->in.data + done, '\n', client->in.len - done)) != NULL;) {
			size_t end = (size_t)(eol - client->in.data);
			answer(server, client, client->in.data + done, end - done);
			done = end + 1;
		}
		buf_consume(&client->in, done);
	}
	flush(epoll, client);
}

static void accept_client(int epoll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	for (size_t i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
		if (clients[i].fd == 0) {
			struct epoll_event event = { .events = EPOLLIN, .data.ptr = &clients[i] };
			clients[i] = (struct client){ .fd = fd };
			(void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
			return;
		}
	}
}

int main(int argc, char **argv)
{
	struct server server = { .tuned = argc == 4 && strcmp(argv[3], "tuned") == 0 };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct epoll_event events[64], event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (argc != 4)
		give_up("usage", "bench_reference SOCKET DATABASE plain|tuned");
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	open_store(&server, argv[2]);
	if (!str_copy(address.sun_path, sizeof address.sun_path, argv[1]) ||
	    bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 64) != 0)
		give_up(argv[1], strerror(errno));
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int count = epoll_wait(epoll, events, 64, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				serve(&server, epoll, events[i].data.ptr, events[i].events);
			else
				accept_client(epoll, listener);
		}
		if (server.in_transaction)
			run(server.commit);
		server.in_transaction = false;
	}
}
