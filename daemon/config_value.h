/* One configuration value: from its text to its field. */
#ifndef DAEMON_CONFIG_VALUE_H
#define DAEMON_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config;

enum config_kind {
	CONFIG_TEXT,       /* char *, no controls */
	CONFIG_WORDS,      /* char *, blanks squeezed */
	CONFIG_PATH,       /* char *, absolute */
	CONFIG_URL,        /* char *, https or loopback http, without a final slash */
	CONFIG_LISTEN,     /* char *, ADDRESS:PORT */
	CONFIG_LOG_LEVEL,
	CONFIG_LOG_FORMAT,
	CONFIG_SECRET,     /* struct secret * */
	CONFIG_INT,        /* int64_t */
	CONFIG_DURATION,   /* int64_t milliseconds; text with a unit: 90s, 15m, 1h, 7d */
	CONFIG_BOOL,       /* bool; yes, no, true, false, on, off, 1, 0 */
};

struct config_key {
	const char *section, *key;
	enum config_kind kind;
	size_t offset;         /* in struct config */
	int64_t min, max;
	const char *fallback;
};

/* False with *why ("expected …") if the text will not do; the field then keeps its value. An empty
 * text resets a text to its default. */
bool config_value_set(struct config *config, const struct config_key *key, const char *text, char *why, size_t why_size);
void config_value_clear(struct config *config, const struct config_key *key);

#endif
