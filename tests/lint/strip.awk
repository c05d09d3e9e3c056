# C without its comments, and without what its strings say (keep=1: strings stay): "path:line:code", line for line.
FNR == 1 { inside = 0 }
{
	rest = $0
	out = ""
	while (rest != "") {
		if (inside) {
			at = index(rest, "*/")
			if (!at)
				break
			inside = 0
			rest = substr(rest, at + 2)
			continue
		}
		if (!match(rest, /\/\*|\/\/|"|'/)) {
			out = out rest
			break
		}
		out = out substr(rest, 1, RSTART - 1)
		mark = substr(rest, RSTART, RLENGTH)
		rest = substr(rest, RSTART + RLENGTH)
		if (mark == "//")
			break
		if (mark == "/*") {
			inside = 1
			out = out " "
			continue
		}
		text = ""
		while (rest != "" && substr(rest, 1, 1) != mark) {
			size = substr(rest, 1, 1) == "\\" ? 2 : 1
			text = text substr(rest, 1, size)
			rest = substr(rest, size + 1)
		}
		rest = substr(rest, 2)
		out = out mark (keep && !(out ~ /^[ \t]*#[ \t]*include/) ? text : "") mark
	}
	print FILENAME ":" FNR ":" out
}
