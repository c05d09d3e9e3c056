/* Control orders about accounts, calendars and events. Each returns NULL, or what is wrong for the caller to free. */
#ifndef TESTS_SANDBOX_CONTROL_WORLD_H
#define TESTS_SANDBOX_CONTROL_WORLD_H

#include "tests/sandbox/sandbox.h"

char *control_world_expire_sync(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_page_size(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_add_account(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_add_calendar(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_remove_calendar(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_rename_calendar(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_set_role(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_add_event(struct sandbox *sandbox, const json_t *order, json_t *result);
char *control_world_remove_event(struct sandbox *sandbox, const json_t *order, json_t *result);

#endif
