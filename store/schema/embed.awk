# Turns NNNN_name.sql files into C: awk -f embed.awk schema/*.sql > store_schema.c
BEGIN {
	print "/* Generated from store/schema/ by embed.awk. */"
	print "#include \"store/schema.h\"\n"
	print "const struct schema_step store_schema[] = {"
}
FNR == 1 {
	if (count++)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.sql$/, "", name)
	version = name
	sub(/_.*/, "", version)
	sub(/^[0-9]*_/, "", name)
	printf "\t{ %d, \"%s\",\n", version + 0, name
}
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	printf "\t  \"%s\\n\"\n", $0
}
END {
	if (count)
		print "\t},"
	print "};"
	print "const size_t store_schema_count = " count + 0 ";"
}
