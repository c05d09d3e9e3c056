/* The numbered upgrades of the schema, generated from store/schema/NNNN_name.sql by embed.awk. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

extern const struct schema_step {
	int version; /* 1, 2, 3, … without gaps */
	const char *name;
	const char *sql;
} store_schema[];
extern const size_t store_schema_count;

#endif
