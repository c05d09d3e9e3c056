/* A question before something is done. It is pinned to the object it was opened for, whatever the lists do meanwhile.
 *
 * Two grades: `y` or no (Enter means no), and the typed name of the object. For 300 ms after it opened, keys are ignored:
 * they were meant for what was there before. */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include "tui/lineedit.h"
#include "tui/view.h"

enum { DIALOG_DEAF_MS = 300, DIALOG_LINES = 8 };

enum dialog_focus { FOCUS_FIELD, FOCUS_CANCEL, FOCUS_CONFIRM };

struct dialog {
	bool open;
	enum action action;
	enum grade grade;
	struct object object;
	char title[120], confirm[24];    /* "Disconnect" */
	char lines[DIALOG_LINES][240];   /* consequences */
	size_t line_count;
	bool ready;                      /* the consequences are known */
	char refused[200];               /* why it cannot be done any more, "" */
	struct lineedit edit;
	enum dialog_focus focus;
	int64_t opened_at;
};

enum dialog_answer { DIALOG_STAYS, DIALOG_CANCELLED, DIALOG_CONFIRMED };

void dialog_open(struct dialog *dialog, const struct action_row *row, const struct object *object, const char *title,
                 const char *confirm, int64_t now);
void dialog_add(struct dialog *dialog, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum dialog_answer dialog_key(struct dialog *dialog, uint32_t key, int64_t now);
void dialog_paste(struct dialog *dialog, const char *text, int64_t now);
/* The object went or changed so that the question is moot. */
void dialog_refuse(struct dialog *dialog, const char *why);
void dialog_draw(const struct dialog *dialog, struct cells *cells);

#endif
