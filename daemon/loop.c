/* The event loop, its timers and its ticks.
 *
 * libevent's own timers run on a clock that stands still while the machine sleeps, and on no injected one. So the timers are a
 * heap of ours, and one event wakes the loop for the first of them: a timerfd on CLOCK_BOOTTIME, which fires in time after the
 * machine has slept. With an injected clock a timer of libevent serves, for whoever moves that clock runs the loop as well. */
#include "daemon/loop.h"

#include "ipc/base/err.h"
#include "ipc/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TICK_REQUESTS_MAX = 256, TICK_MS_MAX = 5 };

struct loop {
	struct event_base *base;
	const struct clock *clock;
	bool stopping;
	int requests;       /* of this tick */
	int64_t tick_start; /* boot ms of its first request */
	int wake_fd;         /* -1: an injected clock */
	struct event *wake;
	int clock_fd;        /* tells when the wall clock is set, -1: nobody asked */
	struct event *clock_set;
	void (*on_clock_set)(void *arg);
	void *clock_arg;
	struct timer **heap; /* of the timers that are set: the earliest first */
	size_t set, capacity;
	uint64_t order;
};

struct timer {
	struct loop *loop;
	void (*fn)(void *arg);
	void *arg;
	int64_t due;    /* boot ms */
	uint64_t order; /* of timer_set: decides between equal times */
	size_t place;   /* in the heap, from 1; 0: not set */
};

static void timers_run(evutil_socket_t fd, short what, void *arg);

struct loop *loop_new(const struct clock *clock)
{
	struct loop *loop = mem_alloc(sizeof *loop);
	loop->clock = clock;
	loop->base = event_base_new();
	loop->wake_fd = clock == &clock_system ? timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC) : -1;
	loop->clock_fd = -1;
	if (loop->base && loop->wake_fd >= 0)
		loop->wake = event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, timers_run, loop);
	else if (loop->base)
		loop->wake = evtimer_new(loop->base, timers_run, loop);
	if (!loop->wake || (loop->wake_fd >= 0 && event_add(loop->wake, NULL) != 0))
		fatal("no event loop");
	return loop;
}

/* A timer that would fire in a hundred years, unless the clock is set. */
static void arm_clock_watch(struct loop *loop)
{
	const struct itimerspec far = { .it_value.tv_sec = (time_t)100 * 365 * 86400 + clock_wall(&clock_system) / 1000 };
	(void)timerfd_settime(loop->clock_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL);
}

static void clock_was_set(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t ignored;
	(void)what;
	if (read(fd, &ignored, sizeof ignored) < 0 && errno == EAGAIN)
		return;
	arm_clock_watch(loop);
	loop->on_clock_set(loop->clock_arg);
}

void loop_watch_clock(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	loop->on_clock_set = fn;
	loop->clock_arg = arg;
	if (loop->clock != &clock_system || loop->clock_fd >= 0)
		return;
	loop->clock_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->clock_set = loop->clock_fd >= 0 ? event_new(loop->base, loop->clock_fd, EV_READ | EV_PERSIST, clock_was_set, loop) : NULL;
	if (!loop->clock_set || event_add(loop->clock_set, NULL) != 0)
		fatal("the wall clock cannot be watched");
	arm_clock_watch(loop);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	event_free(loop->wake);
	if (loop->clock_set)
		event_free(loop->clock_set);
	event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	if (loop->clock_fd >= 0)
		close(loop->clock_fd);
	free(loop->heap);
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

static bool runs_out_before(const struct timer *a, const struct timer *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(struct loop *loop, size_t place, struct timer *timer)
{
	loop->heap[place - 1] = timer;
	timer->place = place;
}

/* Find the place of a timer, from one that is free. */
static void sift(struct loop *loop, size_t place, struct timer *timer)
{
	while (place > 1 && runs_out_before(timer, loop->heap[place / 2 - 1])) {
		put(loop, place, loop->heap[place / 2 - 1]);
		place /= 2;
	}
	for (size_t child; (child = 2 * place) <= loop->set; place = child) {
		if (child < loop->set && runs_out_before(loop->heap[child], loop->heap[child - 1]))
			child++;
		if (!runs_out_before(loop->heap[child - 1], timer))
			break;
		put(loop, place, loop->heap[child - 1]);
	}
	put(loop, place, timer);
}

static void take_out(struct timer *timer)
{
	struct loop *loop = timer->loop;
	size_t place = timer->place;
	if (place == 0)
		return;
	struct timer *last = loop->heap[--loop->set];
	timer->place = 0;
	if (last != timer)
		sift(loop, place, last);
}

int64_t loop_next_due(const struct loop *loop)
{
	return loop->set > 0 ? loop->heap[0]->due : -1;
}

static void wake_in(struct loop *loop, int64_t wait)
{
	if (loop->wake_fd < 0) {
		const struct timeval delay = { .tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000 };
		(void)evtimer_add(loop->wake, &delay);
		return;
	}
	/* A time of zero would switch it off. */
	const struct itimerspec delay = { .it_value = { .tv_sec = wait / 1000, .tv_nsec = wait % 1000 * 1000000 + (wait == 0) } };
	(void)timerfd_settime(loop->wake_fd, 0, &delay, NULL);
}

static void wake_for_first(struct loop *loop)
{
	static const struct itimerspec never;
	if (loop->set > 0) {
		int64_t wait = loop->heap[0]->due - clock_boot(loop->clock);
		wake_in(loop, wait > 0 ? wait : 0);
	} else if (loop->wake_fd >= 0) {
		(void)timerfd_settime(loop->wake_fd, 0, &never, NULL);
	} else {
		(void)evtimer_del(loop->wake);
	}
}

/* Those that are set meanwhile wait for the next pass, so that no chain of them keeps the loop from its other work. */
static void timers_run(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t order = loop->order;
	int64_t now = clock_boot(loop->clock);
	uint64_t ignored;
	(void)what;
	if (fd >= 0 && read(fd, &ignored, sizeof ignored) < 0 && errno != EAGAIN)
		fatal("the timer cannot be read");
	while (loop->set > 0 && loop->heap[0]->due <= now && loop->heap[0]->order < order) {
		struct timer *timer = loop->heap[0];
		take_out(timer);
		timer->fn(timer->arg);
	}
	wake_for_first(loop);
}

struct timer *timer_new(struct loop *loop, void (*fn)(void *arg), void *arg)
{
	struct timer *timer = mem_alloc(sizeof *timer);
	timer->loop = loop;
	timer->fn = fn;
	timer->arg = arg;
	return timer;
}

void timer_set(struct timer *timer, int64_t delay_ms)
{
	struct loop *loop = timer->loop;
	take_out(timer);
	timer->due = clock_boot(loop->clock) + (delay_ms > 0 ? delay_ms : 0);
	timer->order = loop->order++;
	if (loop->set == loop->capacity) {
		loop->capacity = loop->capacity ? loop->capacity * 2 : 64;
		loop->heap = mem_grow_array(loop->heap, loop->capacity, sizeof(struct timer *));
	}
	sift(loop, ++loop->set, timer);
	if (timer->place == 1)
		wake_for_first(loop);
}

void timer_cancel(struct timer *timer)
{
	take_out(timer);
}

void timer_free(struct timer *timer)
{
	if (!timer)
		return;
	take_out(timer);
	free(timer);
}
