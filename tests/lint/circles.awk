# Lines "from to"; prints each circle found as "WORD: a -> b -> a". A line "- from to" takes an edge away (a waiver).
function next_of(name,   i) {
	for (i = 1; i <= degree[name]; i++)
		if (out[name, i] in node)
			return out[name, i]
}
$1 == "-" { waived[$2, $3] = 1; next }
$1 == $2 || (($1, $2) in waived) || (($1, $2) in edge) { next }
{
	edge[$1, $2] = 1
	node[$1] = node[$2] = 1
	out[$1, ++degree[$1]] = $2
}
END {
	# Take away what needs nothing that is left, until nothing changes; what stays leads into a circle.
	do {
		changed = 0
		for (name in node)
			if (next_of(name) == "") {
				delete node[name]
				changed = 1
			}
	} while (changed)
	# Following the first need that is left comes round to a name seen before.
	for (start in node) {
		split("", place)
		steps = 0
		for (at = start; !(at in place) && !(at in told); at = next_of(at)) {
			place[at] = ++steps
			path[steps] = at
		}
		if (at in place) {
			text = ""
			for (i = place[at]; i <= steps; i++)
				text = text path[i] " -> "
			print word ": " text at
		}
		for (i = 1; i <= steps; i++)
			told[path[i]] = 1
	}
}
