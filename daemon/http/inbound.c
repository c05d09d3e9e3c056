/* One connection of a browser. */
#include "daemon/http/inbound.h"

#include "daemon/vault/secret.h"
#include "ipc/base/err.h"
#include "ipc/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_MS = 2000, LINGER_BYTES_MAX = 256 << 10, PIECE_SIZE = 2048 };

enum inbound_state {
	INBOUND_READING,   /* the head */
	INBOUND_OWED,      /* the handler has not answered yet */
	INBOUND_WRITING,   /* the answer */
	INBOUND_LINGERING, /* drain, since closing over unread bytes would reset the answer away */
};

struct inbound {
	enum inbound_state state;
	evutil_socket_t fd;
	struct event *readable, *writable, *deadline;
	int deadline_ms;
	struct secret_buf head; /* authorization codes pass through here */
	struct buf answer;
	size_t written, drained;
	const struct inbound_events *events;
	void *arg;
};

static void deadline_arm(struct inbound *inbound, int ms)
{
	const struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };
	(void)event_add(inbound->deadline, &wait);
}

static void read_head(struct inbound *inbound)
{
	char piece[PIECE_SIZE];
	size_t room = REQUEST_HEAD_MAX - inbound->head.len;
	ssize_t got = recv(inbound->fd, piece, room < sizeof piece ? room : sizeof piece, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		inbound->events->end(inbound->arg);
		return;
	}
	secret_buf_add(&inbound->head, piece, (size_t)got);
	secret_wipe(piece, (size_t)got);
	struct request_head head;
	int status = request_head_parse(inbound->head.data, inbound->head.len, &head);
	if (status == 0)
		return;
	inbound->state = INBOUND_OWED;
	(void)event_del(inbound->readable);
	(void)event_del(inbound->deadline);
	inbound->events->request(inbound->arg, status, &head);
}

static void drain(struct inbound *inbound)
{
	char piece[PIECE_SIZE];
	ssize_t got = recv(inbound->fd, piece, sizeof piece, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		inbound->drained += (size_t)got;
	if (got <= 0 || inbound->drained > LINGER_BYTES_MAX)
		inbound->events->end(inbound->arg);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	struct inbound *inbound = arg;
	if (inbound->state == INBOUND_READING)
		read_head(inbound);
	else
		drain(inbound);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	struct inbound *inbound = arg;
	struct buf *answer = &inbound->answer;
	ssize_t put = send(fd, answer->data + inbound->written, answer->len - inbound->written, MSG_NOSIGNAL);
	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (put < 0) {
		inbound->events->end(inbound->arg);
		return;
	}
	inbound->written += (size_t)put;
	if (inbound->written < answer->len)
		return;
	(void)event_del(inbound->writable);
	(void)shutdown(fd, SHUT_WR);
	inbound->state = INBOUND_LINGERING;
	(void)event_add(inbound->readable, NULL);
	deadline_arm(inbound, LINGER_MS);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	struct inbound *inbound = arg;
	inbound->events->end(inbound->arg);
}

struct inbound *inbound_new(struct event_base *base, evutil_socket_t fd, int deadline_ms, const struct inbound_events *events,
                            void *arg)
{
	struct inbound *inbound = mem_alloc(sizeof *inbound);
	inbound->fd = fd;
	inbound->deadline_ms = deadline_ms;
	inbound->events = events;
	inbound->arg = arg;
	inbound->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, inbound);
	inbound->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, inbound);
	inbound->deadline = evtimer_new(base, on_deadline, inbound);
	if (!inbound->readable || !inbound->writable || !inbound->deadline)
		fatal("the event loop does not take a connection");
	(void)event_add(inbound->readable, NULL);
	deadline_arm(inbound, deadline_ms);
	return inbound;
}

void inbound_answer(struct inbound *inbound, struct buf *text)
{
	inbound->state = INBOUND_WRITING;
	secret_buf_free(&inbound->head);
	inbound->answer = *text;
	*text = (struct buf){ 0 };
	(void)event_add(inbound->writable, NULL);
	deadline_arm(inbound, inbound->deadline_ms);
}

bool inbound_is_idle(const struct inbound *inbound)
{
	return inbound->state == INBOUND_READING || inbound->state == INBOUND_LINGERING;
}

void inbound_free(struct inbound *inbound)
{
	event_free(inbound->readable);
	event_free(inbound->writable);
	event_free(inbound->deadline);
	close(inbound->fd);
	secret_buf_free(&inbound->head);
	buf_free(&inbound->answer);
	free(inbound);
}
