/* The filter language of the lists: words that must all occur, `state:`, `ws:` and `reason:` for one property, `!` for not. */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include <stdbool.h>
#include <stddef.h>

enum filter_facet { FILTER_STATE, FILTER_WORKSPACE, FILTER_REASON, FILTER_FACETS };

enum { FILTER_TERMS_MAX = 16 };

struct filter {
	char text[512]; /* folded terms, one after the other */
	size_t count;
	struct {
		const char *text;  /* within text above: do not copy the struct */
		int facet;         /* -1: any column */
		bool negated;
	} terms[FILTER_TERMS_MAX];
};

void filter_parse(struct filter *filter, const char *text);
/* folded: what is to be seen of a row; facets: its properties, folded, NULL for none. */
bool filter_matches(const struct filter *filter, const char *folded, char *const facets[FILTER_FACETS]);
/* Lower case in the current locale; owned by the caller. */
char *filter_fold(const char *text);

#endif
