/* The event loop, its timers and its ticks.
 *
 * One pass of libevent, then the end of the tick: the hook commits the store and releases replies (DESIGN.md idea 3). A tick is
 * also cut when it took 256 requests or 5 ms (loop_tick_spent says so to whoever reads requests). */
#ifndef DAEMON_LOOP_H
#define DAEMON_LOOP_H

#include "ipc/base/clock.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct timer;

struct loop *loop_new(const struct clock *clock);
void loop_free(struct loop *loop);
struct event_base *loop_base(const struct loop *loop);
const struct clock *loop_clock(const struct loop *loop);

/* Runs until loop_stop. The hook is called after every pass. */
void loop_run(struct loop *loop, void (*tick_end)(void *arg), void *arg);
void loop_stop(struct loop *loop);

/* Count a request of this tick; true: the tick is full, come back in the next one (the pass is broken off). */
bool loop_tick_spent(struct loop *loop);

/* fn is called when somebody sets the wall clock (the machine's, not an injected one). One at a time. */
void loop_watch_clock(struct loop *loop, void (*fn)(void *arg), void *arg);

/* A one-shot timer on the loop's boot clock; owned by the caller, set again as often as wanted. The callback may free it. Timers
 * run out in the order of their times. */
struct timer *timer_new(struct loop *loop, void (*fn)(void *arg), void *arg);
void timer_set(struct timer *timer, int64_t delay_ms);
void timer_cancel(struct timer *timer);
void timer_free(struct timer *timer); /* NULL is fine */
/* When the first timer runs out (boot ms), -1: none is set. Tells a simulated clock where to go next. */
int64_t loop_next_due(const struct loop *loop);

#endif
