package xml

import (
	"bytes"
	"unicode/utf8"
)

// references checks the character and entity references of a text that begins at.
func (s *scanner) references(at int, text []byte) error {
	for i := 0; ; {
		n := bytes.IndexByte(text[i:], '&')
		if n < 0 {
			return nil
		}
		i += n
		_, size := reference(text[i:])
		if size == 0 {
			return s.fail(at+i, "'&' must be written as &amp;, and no entities are known but amp, lt, gt, quot and apos; other characters are written as they are, or as &#160;")
		}
		i += size
	}
}

// reference reads the reference at the start of b: the character and how long it is, 0 if there is none.
func reference(b []byte) (r rune, size int) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 3 {
		return 0, 0
	}
	if b[1] == '#' {
		return number(b[2:end]), sizeIf(number(b[2:end]) >= 0, end+1)
	}
	switch string(b[1:end]) {
	case "amp":
		return '&', 5
	case "lt":
		return '<', 4
	case "gt":
		return '>', 4
	case "quot":
		return '"', 6
	case "apos":
		return '\'', 6
	}
	return 0, 0
}

func sizeIf(ok bool, n int) int {
	if ok {
		return n
	}
	return 0
}

// number reads 160 or xA0; -1 if it is no number, or not that of a character of XML.
func number(b []byte) rune {
	base := rune(10)
	if len(b) > 0 && b[0] == 'x' {
		b, base = b[1:], 16
	}
	r := rune(0)
	for _, c := range b {
		d := digit(c)
		if d >= base || r > utf8.MaxRune {
			return -1
		}
		r = r*base + d
	}
	if len(b) == 0 || !isChar(r) {
		return -1
	}
	return r
}

func digit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return 99
}

// isChar is true of what a document may hold (https://www.w3.org/TR/xml/#NT-Char).
func isChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r <= 0xD7FF:
		return true
	}
	return r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}
