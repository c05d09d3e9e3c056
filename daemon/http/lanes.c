/* Who may go next. */
#include "daemon/http/lanes.h"

#include "ipc/base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 256 };

struct lane {
	LIST_ENTRY(lane) in_bucket;
	TAILQ_ENTRY(lane) in_turn;
	TAILQ_HEAD(, lane_ticket) waiting;
	bool has_turn; /* it is in the list of lanes that may send somebody */
	int going;
	size_t name_len;
	char name[];
};

struct lanes {
	int per_lane, overall, going;
	TAILQ_HEAD(, lane) turn;
	LIST_HEAD(, lane) buckets[BUCKETS];
};

struct lanes *lanes_new(int per_lane, int overall)
{
	struct lanes *lanes = mem_alloc(sizeof *lanes);
	lanes->per_lane = per_lane > 0 ? per_lane : 1;
	lanes->overall = overall > 0 ? overall : 1;
	TAILQ_INIT(&lanes->turn);
	return lanes;
}

void lanes_free(struct lanes *lanes)
{
	free(lanes);
}

/* FNV-1a: the names come from our configuration and from staff, nobody gains by collisions. */
static size_t bucket_of(const char *name, size_t len)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	return hash % BUCKETS;
}

static struct lane *lane_get(struct lanes *lanes, const char *name, size_t len)
{
	size_t bucket = bucket_of(name, len);
	struct lane *lane;
	LIST_FOREACH(lane, &lanes->buckets[bucket], in_bucket)
		if (lane->name_len == len && memcmp(lane->name, name, len) == 0)
			return lane;
	lane = mem_alloc(sizeof *lane + len);
	TAILQ_INIT(&lane->waiting);
	lane->name_len = len;
	memcpy(lane->name, name, len);
	LIST_INSERT_HEAD(&lanes->buckets[bucket], lane, in_bucket);
	return lane;
}

/* Give the lane its turn, take it away, or drop the lane, as its state demands. */
static void lane_settle(struct lanes *lanes, struct lane *lane)
{
	bool ready = lane->going < lanes->per_lane && !TAILQ_EMPTY(&lane->waiting);
	if (ready && !lane->has_turn)
		TAILQ_INSERT_TAIL(&lanes->turn, lane, in_turn);
	else if (!ready && lane->has_turn)
		TAILQ_REMOVE(&lanes->turn, lane, in_turn);
	lane->has_turn = ready;
	if (lane->going == 0 && TAILQ_EMPTY(&lane->waiting)) {
		LIST_REMOVE(lane, in_bucket);
		free(lane);
	}
}

void lanes_enter(struct lanes *lanes, struct lane_ticket *ticket, const char *name, size_t name_len)
{
	ticket->lane = lane_get(lanes, name, name_len);
	ticket->going = 0;
	TAILQ_INSERT_TAIL(&ticket->lane->waiting, ticket, entry);
	lane_settle(lanes, ticket->lane);
}

struct lane_ticket *lanes_next(struct lanes *lanes)
{
	struct lane *lane = TAILQ_FIRST(&lanes->turn);
	if (!lane || lanes->going >= lanes->overall)
		return NULL;
	struct lane_ticket *ticket = TAILQ_FIRST(&lane->waiting);
	TAILQ_REMOVE(&lane->waiting, ticket, entry);
	ticket->going = 1;
	lane->going++;
	lanes->going++;
	/* To the end of the turn, so that no host keeps the others waiting. */
	TAILQ_REMOVE(&lanes->turn, lane, in_turn);
	lane->has_turn = false;
	lane_settle(lanes, lane);
	return ticket;
}

void lanes_leave(struct lanes *lanes, struct lane_ticket *ticket)
{
	struct lane *lane = ticket->lane;
	if (!lane)
		return;
	if (ticket->going) {
		lane->going--;
		lanes->going--;
	} else {
		TAILQ_REMOVE(&lane->waiting, ticket, entry);
	}
	ticket->lane = NULL;
	ticket->going = 0;
	lane_settle(lanes, lane);
}
