/*
 * Seed data. Every part has a random stream of its own, so it does not depend on the order of use.
 * Ownership: everything goes into the state.
 */
#include "tests/sandbox/people.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sandbox/calstore.h"
#include "tests/sandbox/evstore.h"
#include "tests/sandbox/mem.h"
#include "tests/sandbox/tz.h"

#define PEOPLE_DAY_MS INT64_C(86400000)
#define PEOPLE_HOUR_MS INT64_C(3600000)
#define PEOPLE_MANY_CALENDARS 130

static const char *const people_names[][2] = {
	{ "Ada", "Lovelace" },   { "Alan", "Turing" },   { "Grace", "Hopper" },   { "Edsger", "Dijkstra" },
	{ "Barbara", "Liskov" }, { "Ken", "Thompson" },  { "Dennis", "Ritchie" }, { "Margaret", "Hamilton" },
	{ "Donald", "Knuth" },   { "Radia", "Perlman" }, { "Niklaus", "Wirth" },  { "Frances", "Allen" },
	{ "Tony", "Hoare" },     { "Karen", "Jones" },   { "John", "Backus" },    { "Lynn", "Conway" },
};

#define PEOPLE_NAMES (sizeof people_names / sizeof people_names[0])

static const char *const people_zones[] = {
	"Europe/Zurich",     "America/New_York", "Asia/Tokyo",          "Europe/London",  "Australia/Lord_Howe",
	"America/Sao_Paulo", "Asia/Kolkata",     "America/Los_Angeles", "Asia/Kathmandu", "UTC",
};

#define PEOPLE_ZONES (sizeof people_zones / sizeof people_zones[0])

static const char *const people_titles[] = {
	"Work",
	"Family",
	"Team \xF0\x9F\x9A\x80",
	"Zürich Büro",
	"משפחה וחברים",
	"Evil \x1b[2J\x1b[31mred\x07 title",
	"Travel",
	"会議室の予約",
	"On call",
	"Reading & <b>writing</b>",
	"👩‍💻 pairing",
	"Gym",
};

#define PEOPLE_TITLES (sizeof people_titles / sizeof people_titles[0])

static const char *people_zone(const struct account *account)
{
	return people_zones[account->index % PEOPLE_ZONES];
}

static void people_add_primary(struct state *state, struct account *account)
{
	struct calstore_new what = { .id = account->email,
		                     .summary = account->email,
		                     .zone = people_zone(account),
		                     .role = ROLE_OWNER,
		                     .primary = true };

	calstore_add(state, account, &what);
}

static void people_add_holidays(struct state *state, struct account *account)
{
	struct calstore_new what = { .id = "en.usa#holiday@group.v.calendar.google.com",
		                     .summary = "Holidays in United States",
		                     .description = "Holidays and observances",
		                     .zone = people_zone(account),
		                     .role = ROLE_READER };

	calstore_add(state, account, &what);
}

static void people_add_secondary(struct state *state, struct account *account, struct rng *rng, uint32_t number)
{
	static const enum state_role roles[] = { ROLE_OWNER, ROLE_WRITER, ROLE_OWNER, ROLE_READER, ROLE_FREEBUSY };
	const char *title = people_titles[(account->index * 3 + number) % PEOPLE_TITLES];
	char *summary = number < PEOPLE_TITLES ? mem_copy(title) : mem_print("%s %u", title, number);
	char *raw = rng_text(rng, "", 26);
	char *id;
	struct calstore_new what = { .summary = summary, .role = roles[number % 5], .hidden = number % 11 == 10 };

	for (char *at = raw; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 32);
		if (*at == '-' || *at == '_')
			*at = '0';
	}
	id = mem_print("c_%s@group.calendar.google.com", raw);
	what.id = id;
	what.zone = number % 3 == 2 ? people_zones[(account->index + number) % PEOPLE_ZONES] : people_zone(account);
	what.description = number % 4 == 1 ? "Shared by the team" : NULL;
	calstore_add(state, account, &what);
	free(raw);
	free(id);
	free(summary);
}

void people_give_calendars(struct state *state, struct account *account, uint32_t secondary)
{
	struct rng rng;

	rng_init(&rng, state->settings.seed, "calendars", account->index);
	people_add_primary(state, account);
	for (uint32_t i = 0; i < secondary; i++) {
		if (i == 1 && secondary >= 3)
			people_add_holidays(state, account);
		else
			people_add_secondary(state, account, &rng, i);
	}
}

/* Account 2 has 130 calendars, account 3 none but its primary, the others one to five more. */
static uint32_t people_count_secondary(const struct state *state, uint32_t index)
{
	struct rng rng;

	if (index == 0)
		return 5;
	if (index == 2)
		return PEOPLE_MANY_CALENDARS - 1;
	if (index == 3)
		return 0;
	rng_init(&rng, state->settings.seed, "count", index);
	return 1 + rng_below(&rng, 5);
}

static char *people_email(uint32_t index)
{
	const char *const *name = people_names[index % PEOPLE_NAMES];
	char *email = index < PEOPLE_NAMES ? mem_print("%s.%s@example.com", name[0], name[1])
	                                   : mem_print("%s.%s%u@example.com", name[0], name[1],
	                                               (unsigned)(index / PEOPLE_NAMES + 1));

	for (char *at = email; *at != '\0'; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at + 32);
	}
	return email;
}

void people_fill(struct state *state)
{
	for (uint32_t i = 0; i < state->settings.accounts; i++) {
		char *email = people_email(i);
		const char *const *name = people_names[i % PEOPLE_NAMES];
		struct account *account = state_add_account(state, email, name[0], name[1]);

		people_give_calendars(state, account, people_count_secondary(state, i));
		free(email);
	}
}

struct people_event {
	const char *title;
	int day;  /* from the day the sandbox started */
	int hour; /* in the calendar's zone; -1: all day */
	int minutes;
	const char *transparency;
	const char *status;
};

static const struct people_event people_events[] = {
	{ "Stand-up", 0, 9, 30, "opaque", "confirmed" },
	{ "Planning", 0, 14, 90, "opaque", "confirmed" },
	{ "Lunch (free)", 1, 12, 60, "transparent", "confirmed" },
	{ "Deployment over midnight", 1, 23, 150, "opaque", "confirmed" },
	{ "Review", 2, 10, 60, "opaque", "tentative" },
	{ "Review, continued", 2, 10, 120, "opaque", "confirmed" },
	{ "Cancelled call", 2, 16, 60, "opaque", "cancelled" },
	{ "Offsite", 4, -1, 1440, "opaque", "confirmed" },
	{ "Birthday", 5, -1, 1440, "transparent", "confirmed" },
	{ "Retrospective", -1, 15, 60, "opaque", "confirmed" },
};

static json_t *people_make_event(const struct people_event *what, const char *zone, int64_t day_ms)
{
	json_t *body = json_pack("{s:s,s:s,s:s}", "summary", what->title, "transparency", what->transparency, "status",
	                         what->status);
	char start[40], end[40];

	if (what->hour < 0) {
		tz_format_date(day_ms + 12 * PEOPLE_HOUR_MS, zone, start);
		tz_format_date(day_ms + 12 * PEOPLE_HOUR_MS + what->minutes * INT64_C(60000), zone, end);
		json_object_set_new(body, "start", json_pack("{s:s}", "date", start));
		json_object_set_new(body, "end", json_pack("{s:s}", "date", end));
		return body;
	}
	day_ms += what->hour * PEOPLE_HOUR_MS;
	tz_format(day_ms, zone, start);
	tz_format(day_ms + what->minutes * INT64_C(60000), zone, end);
	json_object_set_new(body, "start", json_pack("{s:s,s:s}", "dateTime", start, "timeZone", zone));
	json_object_set_new(body, "end", json_pack("{s:s,s:s}", "dateTime", end, "timeZone", zone));
	return body;
}

void people_give_events(struct state *state, struct account *account, struct calendar *calendar)
{
	const char *zone = calendar->zone;
	struct rng rng;
	char today[16];
	int64_t midnight = 0;

	if (calendar->events_ready)
		return;
	calendar->events_ready = true;
	rng_init(&rng, state->settings.seed, "events", calendar->seed_index);
	tz_format_date(state->started_ms, zone, today);
	tz_parse_date(today, zone, &midnight);
	for (size_t i = 0; i < sizeof people_events / sizeof people_events[0]; i++) {
		const struct people_event *what = &people_events[i];
		json_t *body = people_make_event(what, zone, midnight + what->day * PEOPLE_DAY_MS);
		char *id = evstore_make_id(&rng);

		json_object_set_new(body, "organizer", json_pack("{s:s,s:b}", "email", account->email, "self", 1));
		json_object_set_new(body, "creator", json_pack("{s:s,s:b}", "email", account->email, "self", 1));
		json_object_set_new(body, "iCalUID", json_sprintf("%s@google.com", id));
		json_object_set_new(body, "sequence", json_integer(0));
		evstore_put(state, calendar, id, body);
		free(id);
	}
}
