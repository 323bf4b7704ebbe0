package fhir

import "bytes"

// largeText is the size from which counting the values beforehand costs less than the memory that a guess wastes.
const largeText = 64 << 10

// roomFor is for how many values a parser makes room: about as many as a small document has, and in a large one as many as
// there can be, since making room again for millions takes twice the memory.
func roomFor(b []byte, most int) int {
	if len(b) < largeText {
		return len(b)/24 + 8
	}
	return min(atMost(b), most)
}

// atMost is how many values the document can have: each stands first, behind a comma, or first in its container.
func atMost(b []byte) int {
	return 1 + bytes.Count(b, []byte{','}) + bytes.Count(b, []byte{'{'}) + bytes.Count(b, []byte{'['})
}
