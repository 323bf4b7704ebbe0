package fhir

import "slices"

// Edit replaces the bytes [Start, End) of a document.
type Edit struct {
	Start, End int
	New        []byte
}

// Splice applies edits that do not overlap; those at one place apply in the order given.
func Splice(raw []byte, edits []Edit) []byte {
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	size := len(raw)
	for _, e := range edits {
		size += len(e.New) - (e.End - e.Start)
	}
	out, from := make([]byte, 0, size), 0
	for _, e := range edits {
		out = append(append(out, raw[from:e.Start]...), e.New...)
		from = e.End
	}
	return append(out, raw[from:]...)
}

// Compact drops the white space between the tokens of a valid document and
// leaves every string and number as it is.
func Compact(raw []byte) []byte {
	out, inString := make([]byte, 0, len(raw)), false
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case inString && c == '\\':
			out = append(out, c)
			i++
			c = raw[i]
		case c == '"':
			inString = !inString
		case !inString && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out = append(out, c)
	}
	return out
}
