/* The log: one line an event on stderr, key=value text or JSON, filtered so that foreign text stays on its line.
 *
 *   LOG_INFO("connection_created", LOG_STR("connection", id), LOG_INT("calendars", n));
 *
 * There is deliberately no way to log a struct secret. Values are cut at 512 bytes. */
#ifndef IPC_BASE_LOG_H
#define IPC_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct log_field {
	const char *key;
	const char *text; /* NULL: the number is meant */
	int64_t number;
};

/* Process-wide, set once at start. */
void log_setup(enum log_level least, enum log_format format);
/* "debug", "info", "warn" or "error"; anything else is info. */
enum log_level log_level_parse(const char *name);
bool log_enabled(enum log_level level);
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);

static inline struct log_field log_text(const char *key, const char *text)
{
	return (struct log_field){ .key = key, .text = text ? text : "" };
}

#define LOG_STR(key_, text_) log_text((key_), (text_))
#define LOG_INT(key_, number_) ((struct log_field){ .key = (key_), .number = (int64_t)(number_) })

#define LOG_AT(level_, event_, ...)                                                                         \
	do {                                                                                                \
		if (log_enabled(level_)) {                                                                  \
			const struct log_field log_fields_[] = { __VA_ARGS__ };                             \
			log_write(level_, event_, log_fields_, sizeof log_fields_ / sizeof log_fields_[0]); \
		}                                                                                           \
	} while (0)
#define LOG_DEBUG(event_, ...) LOG_AT(LOG_LEVEL_DEBUG, event_, __VA_ARGS__)
#define LOG_INFO(event_, ...) LOG_AT(LOG_LEVEL_INFO, event_, __VA_ARGS__)
#define LOG_WARN(event_, ...) LOG_AT(LOG_LEVEL_WARN, event_, __VA_ARGS__)
#define LOG_ERROR(event_, ...) LOG_AT(LOG_LEVEL_ERROR, event_, __VA_ARGS__)

#endif
