/* Time, handed in so that tests and the simulator can bring their own.
 *
 * All times in almanac are int64_t milliseconds. "wall" counts from the Unix epoch and is for expiry and display;
 * "boot" is CLOCK_BOOTTIME (runs through suspend, never jumps) and is for timers, deadlines and latency. */
#ifndef IPC_BASE_CLOCK_H
#define IPC_BASE_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*wall_ms)(void *arg);
	int64_t (*boot_ms)(void *arg);
	void *arg;
};

extern const struct clock clock_system;

static inline int64_t clock_wall(const struct clock *clock)
{
	return clock->wall_ms(clock->arg);
}

static inline int64_t clock_boot(const struct clock *clock)
{
	return clock->boot_ms(clock->arg);
}

#endif
