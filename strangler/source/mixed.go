package source

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// DoubleEncoded reports whether text looks as if UTF-8 had been read as latin1 and encoded once more ("Ã©" for "é"), and
// what it would be with that undone. It is a sign, not a proof: the caller makes a finding of it and keeps the text.
func DoubleEncoded(text []byte) (undone []byte, ok bool) {
	plain := true
	for rest := text; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		c, in := latin1Byte(r)
		if !in || r == utf8.RuneError {
			return nil, false
		}
		undone, rest, plain = append(undone, c), rest[n:], plain && c < 0x80
	}
	if plain || !utf8.Valid(undone) {
		return nil, false
	}
	return undone, true
}

func latin1Byte(r rune) (c byte, ok bool) {
	switch r {
	case 0x81, 0x8D, 0x8F, 0x90, 0x9D:
		return byte(r), true
	}
	return charmap.Windows1252.EncodeRune(r)
}
