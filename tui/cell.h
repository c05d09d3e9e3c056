/* JSON values as the text of one cell. */
#ifndef TUI_CELL_H
#define TUI_CELL_H

#include <jansson.h>
#include <stdbool.h>

/* The value at a dotted path ("token.present"); an array on the way gives the joined values of its members. human: for eyes,
 * not for programs: local times, `yes` and `no`, `-` for nothing, and everything made displayable. Owned by the caller. */
char *cell_at(const json_t *row, const char *path, bool human);
char *cell_text(const json_t *value, bool human);

#endif
