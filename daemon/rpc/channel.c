/* Reading, writing and patience. */
#include "daemon/rpc/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	READ_CHUNK = 16383,         /* with the NUL one power of two */
	DROP_CHUNK = 4096, DROP_MAX = 256,
	SENT_KEEP_MAX = 64 << 10,   /* sent bytes that may stay in front of those that wait */
	FRAME_MS = 10000, DRAIN_MS = 30000,
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *channel = arg;
	(void)fd;
	(void)what;
	channel->events->readable(channel->owner);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *channel = arg;
	(void)fd;
	(void)what;
	channel->events->writable(channel->owner);
}

void channel_open(struct channel *channel, struct loop *loop, int fd, const struct channel_events *events, void *owner)
{
	*channel = (struct channel){ .fd = fd, .loop = loop, .events = events, .owner = owner };
	(void)event_assign(&channel->readable, loop_base(loop), fd, EV_READ | EV_PERSIST, on_readable, channel);
	(void)event_assign(&channel->writable, loop_base(loop), fd, EV_WRITE, on_writable, channel);
	channel_set_reading(channel, true);
}

static void drop_and_close(int fd)
{
	char dropped[DROP_CHUNK];
	for (int i = 0; i < DROP_MAX; i++)
		if (recv(fd, dropped, sizeof dropped, MSG_DONTWAIT) <= 0)
			break;
	(void)close(fd);
}

void channel_refuse(int fd, const struct buf *text)
{
	(void)send(fd, text->data, text->len, MSG_DONTWAIT | MSG_NOSIGNAL);
	drop_and_close(fd);
}

void channel_close(struct channel *channel)
{
	if (channel->fd < 0)
		return;
	(void)event_del(&channel->readable);
	(void)event_del(&channel->writable);
	drop_and_close(channel->fd);
	channel->fd = -1;
	timer_free(channel->watchdog);
	channel->watchdog = NULL;
}

void channel_set_reading(struct channel *channel, bool reading)
{
	if (channel->reading == reading)
		return;
	channel->reading = reading;
	if (reading)
		(void)event_add(&channel->readable, NULL);
	else
		(void)event_del(&channel->readable);
}

static void on_watchdog(void *arg);

static void watch(struct channel *channel)
{
	int64_t first = channel->frame_deadline;
	if (first == 0 || (channel->drain_deadline && channel->drain_deadline < first))
		first = channel->drain_deadline;
	if (first == 0) {
		if (channel->watchdog)
			timer_cancel(channel->watchdog);
		return;
	}
	if (!channel->watchdog)
		channel->watchdog = timer_new(channel->loop, on_watchdog, channel);
	timer_set(channel->watchdog, first - clock_boot(loop_clock(channel->loop)));
}

static void on_watchdog(void *arg)
{
	struct channel *channel = arg;
	int64_t now = clock_boot(loop_clock(channel->loop));
	if (channel->frame_deadline && now >= channel->frame_deadline)
		channel->events->late(channel->owner, "frame");
	else if (channel->drain_deadline && now >= channel->drain_deadline)
		channel->events->late(channel->owner, "drain");
	else
		watch(channel);
}

static void set_deadline(struct channel *channel, int64_t *deadline, int64_t after)
{
	int64_t before = *deadline;
	*deadline = after ? clock_boot(loop_clock(channel->loop)) + after : 0;
	if (before || *deadline)
		watch(channel);
}

void channel_watch_frame(struct channel *channel, bool begun, bool anew)
{
	if (!begun)
		set_deadline(channel, &channel->frame_deadline, 0);
	else if (anew || channel->frame_deadline == 0)
		set_deadline(channel, &channel->frame_deadline, FRAME_MS);
}

enum channel_read channel_read(struct channel *channel, struct buf *buf)
{
	char *to = buf_reserve(buf, READ_CHUNK);
	ssize_t got = recv(channel->fd, to, READ_CHUNK, MSG_DONTWAIT);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? CHANNEL_AGAIN : CHANNEL_BROKEN;
	buf->len += (size_t)got;
	to[got] = '\0';
	return got == 0 ? CHANNEL_EOF : CHANNEL_READ;
}

/* What was sent leaves the buffer when that is cheap, or when much of it is in the way. */
static void forget_sent(struct channel *channel, struct outlet *outlet)
{
	if (channel->sent < outlet->buf.len && channel->sent < SENT_KEEP_MAX)
		return;
	buf_consume(&outlet->buf, channel->sent);
	outlet->safe -= channel->sent;
	channel->sent = 0;
}

int channel_send(struct channel *channel, struct outlet *outlet)
{
	bool progress = false;
	while (channel->sent < outlet->safe) {
		ssize_t sent = send(channel->fd, outlet->buf.data + channel->sent, outlet->safe - channel->sent,
		                    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno != EAGAIN)
			return -1;
		if (sent < 0)
			break;
		channel->sent += (size_t)sent;
		progress = true;
	}
	bool left = channel->sent < outlet->safe;
	if (left)
		(void)event_add(&channel->writable, NULL);
	if (!left)
		set_deadline(channel, &channel->drain_deadline, 0);
	else if (progress || channel->drain_deadline == 0)
		set_deadline(channel, &channel->drain_deadline, DRAIN_MS);
	forget_sent(channel, outlet);
	return 0;
}
