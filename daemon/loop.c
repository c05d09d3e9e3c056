/* The event loop, its timers and its ticks. */
#include "daemon/loop.h"

#include "ipc/base/err.h"
#include "ipc/base/mem.h"

#include <stdlib.h>

enum { TICK_REQUESTS_MAX = 256, TICK_MS_MAX = 5 };

struct loop {
	struct event_base *base;
	const struct clock *clock;
	bool stopping;
	int requests;       /* of this tick */
	int64_t tick_start; /* boot ms of its first request */
};

struct timer {
	struct event *event;
	void (*fn)(void *arg);
	void *arg;
};

struct loop *loop_new(const struct clock *clock)
{
	struct loop *loop = mem_alloc(sizeof *loop);
	loop->clock = clock;
	loop->base = event_base_new();
	if (!loop->base)
		fatal("no event loop");
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	event_base_free(loop->base);
	free(loop);
}

struct event_base *loop_base(const struct loop *loop)
{
	return loop->base;
}

const struct clock *loop_clock(const struct loop *loop)
{
	return loop->clock;
}

void loop_run(struct loop *loop, void (*tick_end)(void *arg), void *arg)
{
	/* libevent 2.1 has no prepare watchers: one pass at a time gives the place where a tick ends. */
	while (!loop->stopping) {
		if (event_base_loop(loop->base, EVLOOP_ONCE) < 0)
			fatal("the event loop failed");
		loop->requests = 0;
		tick_end(arg);
	}
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
	event_base_loopbreak(loop->base);
}

bool loop_tick_spent(struct loop *loop)
{
	if (loop->requests++ == 0)
		loop->tick_start = clock_boot(loop->clock);
	/* Reading the clock costs as much as a small request: look only now and then. */
	bool late = loop->requests % 16 == 0 && clock_boot(loop->clock) - loop->tick_start >= TICK_MS_MAX;
	if (loop->requests < TICK_REQUESTS_MAX && !late)
		return false;
	event_base_loopbreak(loop->base);
	return true;
}

static void timer_fire(evutil_socket_t fd, short what, void *arg)
{
	struct timer *timer = arg;
	(void)fd;
	(void)what;
	timer->fn(timer->arg);
}

struct timer *timer_new(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct timer *timer = mem_alloc(sizeof *timer);
	timer->fn = fn;
	timer->arg = arg;
	timer->event = evtimer_new(loop->base, timer_fire, timer);
	if (!timer->event)
		fatal("no timer");
	return timer;
}

void timer_set(struct timer *timer, int64_t delay_ms)
{
	if (delay_ms < 0)
		delay_ms = 0;
	const struct timeval delay = { .tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000 };
	(void)evtimer_add(timer->event, &delay);
}

void timer_cancel(struct timer *timer)
{
	(void)evtimer_del(timer->event);
}

void timer_free(struct timer *timer)
{
	if (!timer)
		return;
	event_free(timer->event);
	free(timer);
}
