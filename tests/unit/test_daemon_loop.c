/* The loop's timers on a clock that the test sets, and the end of ticks. */
#include "daemon/loop.h"

#include "ipc/base/buf.h"
#include "ipc/base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t now;

static int64_t boot_ms(void *arg)
{
	(void)arg;
	return now;
}

static const struct clock clock_of_test = { boot_ms, boot_ms, NULL };

/* One pass that looks at the timers: the nudge is due before the clock moves. */
static void nothing(void *arg)
{
	(void)arg;
}

static void pass_at(struct loop *loop, int64_t at)
{
	struct timer *nudge = timer_new(loop, nothing, NULL);
	timer_set(nudge, 0);
	now = at;
	for (int i = 0; i < 3; i++)
		(void)event_base_loop(loop_base(loop), EVLOOP_ONCE | EVLOOP_NONBLOCK);
	timer_free(nudge);
}

struct note {
	struct buf *out;
	char name;
	struct timer *timer, *victim;
	int again;
	bool free_itself;
};

static void write_note(void *arg)
{
	struct note *note = arg;
	buf_printf(note->out, "%c%lld ", note->name, (long long)now);
	if (note->victim)
		timer_cancel(note->victim);
	if (note->again > 0) {
		note->again--;
		timer_set(note->timer, 0);
	}
	if (note->free_itself)
		timer_free(note->timer);
}

static void make(struct loop *loop, struct note *note, struct buf *out, char name)
{
	*note = (struct note){ .out = out, .name = name };
	note->timer = timer_new(loop, write_note, note);
}

static void test_order(void **state)
{
	struct buf out = { 0 };
	struct note notes[5];
	(void)state;
	now = 1000;
	struct loop *loop = loop_new(&clock_of_test);
	static const int64_t delays[] = { 30, 10, 20, 10, -5 };
	assert_int_equal(loop_next_due(loop), -1);
	for (size_t i = 0; i < 5; i++) {
		make(loop, &notes[i], &out, (char)('a' + i));
		timer_set(notes[i].timer, delays[i]);
	}
	assert_int_equal(loop_next_due(loop), 1000);
	pass_at(loop, 1009);
	assert_string_equal(buf_text(&out), "e1009 ");
	assert_int_equal(loop_next_due(loop), 1010);
	timer_set(notes[2].timer, 1); /* at 1010, after those set before */
	pass_at(loop, 2000);
	assert_string_equal(buf_text(&out), "e1009 b2000 d2000 c2000 a2000 ");
	assert_int_equal(loop_next_due(loop), -1);
	for (size_t i = 0; i < 5; i++)
		timer_free(notes[i].timer);
	loop_free(loop);
	buf_free(&out);
}

static void test_from_inside(void **state)
{
	struct buf out = { 0 };
	struct note notes[3];
	(void)state;
	now = 0;
	struct loop *loop = loop_new(&clock_of_test);
	for (size_t i = 0; i < 3; i++) {
		make(loop, &notes[i], &out, (char)('a' + i));
		timer_set(notes[i].timer, (int64_t)i);
	}
	notes[0].victim = notes[1].timer;
	notes[0].again = 1;
	notes[2].free_itself = true;
	pass_at(loop, 5);
	/* What is set anew comes in a pass of its own. */
	assert_string_equal(buf_text(&out), "a5 c5 a5 ");
	timer_free(notes[0].timer);
	timer_free(notes[1].timer);
	timer_free(NULL);
	loop_free(loop);
	buf_free(&out);
}

static void test_a_chain_does_not_keep_the_loop(void **state)
{
	struct buf out = { 0 };
	struct note note;
	(void)state;
	now = 0;
	struct loop *loop = loop_new(&clock_of_test);
	make(loop, &note, &out, 'a');
	note.again = 1000000;
	timer_set(note.timer, 0);
	(void)event_base_loop(loop_base(loop), EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_true(out.len < 20);
	timer_free(note.timer);
	loop_free(loop);
	buf_free(&out);
}

static void count_up(void *arg)
{
	(*(int *)arg)++;
}

/* Against a plain array, through many random settings and cancellations. */
static void test_against_a_model(void **state)
{
	enum { COUNT = 100, STEPS = 3000 };
	struct timer *timers[COUNT];
	int fired[COUNT] = { 0 }, expected[COUNT] = { 0 };
	int64_t due[COUNT];
	uint32_t seed = 7;
	(void)state;
	now = 0;
	struct loop *loop = loop_new(&clock_of_test);
	for (int i = 0; i < COUNT; i++) {
		timers[i] = timer_new(loop, count_up, &fired[i]);
		due[i] = -1;
	}
	for (int step = 0; step < STEPS; step++) {
		seed = seed * 1664525 + 1013904223;
		int i = (int)((seed >> 8) % COUNT);
		int64_t delay = (int64_t)(seed >> 16) % 500, first = -1;
		if (seed >> 29 == 0) {
			timer_cancel(timers[i]);
			due[i] = -1;
		} else {
			timer_set(timers[i], delay);
			due[i] = now + delay;
		}
		for (int k = 0; k < COUNT; k++)
			if (due[k] >= 0 && (first < 0 || due[k] < first))
				first = due[k];
		assert_int_equal(loop_next_due(loop), first);
		pass_at(loop, now + (int64_t)(seed >> 4) % 8);
		for (int k = 0; k < COUNT; k++) {
			if (due[k] >= 0 && due[k] <= now) {
				expected[k]++;
				due[k] = -1;
			}
			assert_int_equal(fired[k], expected[k]);
		}
	}
	for (int i = 0; i < COUNT; i++)
		timer_free(timers[i]);
	loop_free(loop);
}

struct run {
	struct loop *loop;
	struct timer *timer;
	int passes, fired;
};

static void on_tick_end(void *arg)
{
	struct run *run = arg;
	run->passes++;
}

static void on_timer(void *arg)
{
	struct run *run = arg;
	if (++run->fired == 3)
		loop_stop(run->loop);
	else
		timer_set(run->timer, 1);
}

static void test_run_and_stop(void **state)
{
	(void)state;
	struct run run = { .loop = loop_new(&clock_system) };
	run.timer = timer_new(run.loop, on_timer, &run);
	timer_set(run.timer, 0);
	loop_run(run.loop, on_tick_end, &run);
	assert_int_equal(run.fired, 3);
	assert_true(run.passes >= 3);
	timer_free(run.timer);
	loop_free(run.loop);
}

static void test_tick_is_cut(void **state)
{
	(void)state;
	now = 0;
	struct loop *loop = loop_new(&clock_of_test);
	int taken = 1;
	while (!loop_tick_spent(loop))
		taken++;
	assert_int_equal(taken, 256);
	loop_free(loop);
	loop = loop_new(&clock_of_test);
	for (taken = 1; !loop_tick_spent(loop); taken++)
		now++;
	assert_int_equal(taken, 16);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),           cmocka_unit_test(test_from_inside),
		cmocka_unit_test(test_a_chain_does_not_keep_the_loop), cmocka_unit_test(test_against_a_model),
		cmocka_unit_test(test_run_and_stop),    cmocka_unit_test(test_tick_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
