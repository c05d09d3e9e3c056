/* A load generator: clients on one Unix socket, each keeping a number of requests on the way, for some seconds.
 *
 * usage: bench_load SOCKET SERVER-PID get|list KEY-FILE CLIENTS PIPELINED MILLISECONDS
 * Prints one line: requests a second, microseconds of the server's CPU a request, bytes a reply, and the median and the
 * 99th percentile of the time from request to reply in microseconds. Ends with 1 when a reply is an error. */
#include "ipc/base/buf.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PIPELINED_MAX = 64, LATENCY_MAX_US = 1000000, HEAD = 200, KEY_SIZE = 64, WARM_UP_MS = 200 };

struct load {
	const char *format;
	char (*keys)[KEY_SIZE];
	size_t key_count;
	uint64_t random;
	int64_t replies, bytes, refused;
	uint32_t latency[LATENCY_MAX_US + 1]; /* replies by microsecond; the last holds all that took longer */
	bool measuring;
};

struct client {
	struct load *load;
	int fd;
	struct buf in, out;
	int64_t sent_at[PIPELINED_MAX]; /* by request number; answers come in any order */
	int64_t next;
};

static int64_t now_us(void)
{
	struct timespec at;
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static _Noreturn void give_up(const char *what)
{
	(void)fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Nanoseconds the server was on a CPU; it has one thread. */
static int64_t server_cpu_ns(const char *pid)
{
	char path[64], text[128], *end;
	(void)snprintf(path, sizeof path, "/proc/%s/schedstat", pid);
	FILE *file = fopen(path, "re");
	if (!file || !fgets(text, sizeof text, file))
		give_up(path);
	(void)fclose(file);
	return strtoll(text, &end, 10);
}

static void read_keys(struct load *load, const char *path)
{
	char line[KEY_SIZE];
	FILE *file = fopen(path, "re");
	if (!file)
		give_up(path);
	while (fgets(line, sizeof line, file)) {
		if ((load->key_count & (load->key_count - 1)) == 0)
			load->keys = mem_grow_array(load->keys, load->key_count ? load->key_count * 2 : 1, KEY_SIZE);
		(void)str_copy(load->keys[load->key_count++], KEY_SIZE, str_trim(line));
	}
	(void)fclose(file);
	if (load->key_count == 0)
		give_up("no keys");
}

static int client_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !str_copy(address.sun_path, sizeof address.sun_path, path) ||
	    connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		give_up("cannot connect");
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void client_add_request(struct client *client)
{
	struct load *load = client->load;
	/* xorshift64 */
	load->random ^= load->random << 13;
	load->random ^= load->random >> 7;
	load->random ^= load->random << 17;
	int64_t number = client->next++;
	client->sent_at[number % PIPELINED_MAX] = now_us();
	buf_printf(&client->out, "{\"jsonrpc\":\"2.0\",\"id\":%lld,\"method\":", (long long)number);
	buf_add_text(&client->out, load->format);
	buf_printf(&client->out, "\"%s\"}}\n", load->keys[load->key_count ? load->random % load->key_count : 0]);
}

static void client_write(struct client *client)
{
	ssize_t put = write(client->fd, client->out.data, client->out.len);
	if (put < 0 && errno != EAGAIN)
		give_up("cannot write");
	/* A few hundred bytes a client always fit. */
	if (put != (ssize_t)client->out.len)
		give_up("a short write");
	buf_truncate(&client->out, 0);
}

static void client_take_reply(struct client *client, const char *line, size_t len)
{
	struct load *load = client->load;
	size_t head = len < HEAD ? len : HEAD;
	const char *id = memmem(line, head, "\"id\":", 5);
	char *end;
	if (!id || !memmem(line, head, "\"result\":", 9)) {
		if (load->refused++ == 0)
			(void)fprintf(stderr, "bench_load: not a result: %.*s\n", (int)head, line);
		id = NULL;
	}
	if (load->measuring) {
		int64_t taken = id ? now_us() - client->sent_at[strtoll(id + 5, &end, 10) % PIPELINED_MAX] : 0;
		load->latency[taken < LATENCY_MAX_US ? taken : LATENCY_MAX_US]++;
		load->replies++;
		load->bytes += (int64_t)len;
	}
}

/* As many requests go out as replies came in. */
static void client_serve(struct client *client)
{
	size_t from = client->in.len;
	char *room = buf_reserve(&client->in, 256 * 1024);
	ssize_t got = read(client->fd, room, 256 * 1024);
	if (got <= 0)
		give_up("the server hung up");
	client->in.len += (size_t)got;
	size_t done = 0;
	for (char *eol; (eol = memchr(client->in.data + from, '\n', client->in.len - from)) != NULL;) {
		from = (size_t)(eol - client->in.data) + 1;
		client_take_reply(client, client->in.data + done, from - done);
		client_add_request(client);
		done = from;
	}
	buf_consume(&client->in, done);
	if (client->out.len > 0)
		client_write(client);
}

static void run_until(int epoll, int64_t end_us)
{
	struct epoll_event events[64];
	while (now_us() < end_us) {
		int count = epoll_wait(epoll, events, 64, 100);
		for (int i = 0; i < count; i++)
			client_serve(events[i].data.ptr);
	}
}

static int64_t percentile(const struct load *load, int64_t hundredths)
{
	int64_t seen = 0;
	for (int64_t us = 0; us <= LATENCY_MAX_US; us++) {
		seen += load->latency[us];
		if (seen * 100 >= load->replies * hundredths)
			return us;
	}
	return LATENCY_MAX_US;
}

static struct load load = { .random = 88172645463325252u };

int main(int argc, char **argv)
{
	int64_t clients, pipelined, ms;
	if (argc != 8 || !str_to_int64(argv[5], 1, 1000, &clients) || !str_to_int64(argv[6], 1, PIPELINED_MAX, &pipelined) ||
	    !str_to_int64(argv[7], 1, 600000, &ms)) {
		(void)fputs("usage: bench_load SOCKET SERVER-PID get|list KEY-FILE CLIENTS PIPELINED MILLISECONDS\n", stderr);
		return 64;
	}
	load.format = strcmp(argv[3], "list") == 0 ? "\"connection.list\",\"params\":{\"limit\":50,\"workspace\":"
	                                           : "\"connection.get\",\"params\":{\"id\":";
	read_keys(&load, argv[4]);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct client *all = mem_alloc_array((size_t)clients, sizeof *all);
	for (int64_t i = 0; i < clients; i++) {
		all[i] = (struct client){ .load = &load, .fd = client_connect(argv[1]) };
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = &all[i] };
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, all[i].fd, &event) != 0)
			give_up("epoll_ctl");
		for (int64_t k = 0; k < pipelined; k++)
			client_add_request(&all[i]);
		client_write(&all[i]);
	}
	run_until(epoll, now_us() + WARM_UP_MS * 1000);
	int64_t began = now_us(), cpu = server_cpu_ns(argv[2]);
	load.measuring = true;
	run_until(epoll, began + ms * 1000);
	int64_t taken = now_us() - began;
	cpu = server_cpu_ns(argv[2]) - cpu;
	if (load.replies == 0 || load.refused > 0)
		return 1;
	printf("%.0f %.2f %lld %lld %lld\n", (double)load.replies * 1e6 / (double)taken, (double)cpu / 1e3 / (double)load.replies,
	       (long long)(load.bytes / load.replies), (long long)percentile(&load, 50), (long long)percentile(&load, 99));
	return 0;
}
