package fhir

import (
	"unicode/utf16"
	"unicode/utf8"
)

// str steps over the string at p.i and checks it: RFC 8259 section 7, without
// lone surrogates, and without the characters below 32 that FHIR forbids
// even when escaped (all but tab, line feed and carriage return).
func (p *parser) str() (escaped bool, err error) {
	raw := p.raw
	for i := p.i + 1; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			p.i = i + 1
			return escaped, nil
		case c == '\\':
			n, bad := escape(raw[i:])
			if bad != "" {
				return false, at(raw, i, bad)
			}
			escaped, i = true, i+n-1
		case c < 0x20:
			return false, at(raw, i, "a control character must not stand in a string")
		}
	}
	return false, at(raw, p.i, "this string has no end")
}

// escape checks the escape sequence at the start of b and gives its length.
func escape(b []byte) (n int, bad string) {
	if len(b) < 2 {
		return 0, "this escape sequence has no end"
	}
	switch b[1] {
	case '"', '\\', '/', 'n', 'r', 't':
		return 2, ""
	case 'b', 'f':
		return 0, "a control character must not stand in a string"
	case 'u':
		return unicodeEscape(b)
	}
	return 0, "unknown escape sequence"
}

func unicodeEscape(b []byte) (n int, bad string) {
	r, ok := hex4(b)
	switch {
	case !ok:
		return 0, "\\u must be followed by four hexadecimal digits"
	case r < 0x20 && r != '\t' && r != '\n' && r != '\r':
		return 0, "a control character must not stand in a string"
	case !utf16.IsSurrogate(r):
		return 6, ""
	}
	low, ok := hex4(b[6:])
	if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
		return 0, "half of a surrogate pair"
	}
	return 12, ""
}

// hex4 reads \uXXXX at the start of b.
func hex4(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | d
	}
	return r, true
}

func hexDigit(c byte) (rune, bool) {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0'), true
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10, true
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10, true
	}
	return 0, false
}

// unescape decodes a string's inside that the parser has accepted.
func unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] != '\\' {
			out = append(out, b[i])
			i++
			continue
		}
		var n int
		out, n = appendEscape(out, b[i:])
		i += n
	}
	return string(out)
}

func appendEscape(out, b []byte) ([]byte, int) {
	switch b[1] {
	case 'n':
		return append(out, '\n'), 2
	case 'r':
		return append(out, '\r'), 2
	case 't':
		return append(out, '\t'), 2
	case 'u':
		r, _ := hex4(b)
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(out, r), 6
		}
		low, _ := hex4(b[6:])
		return utf8.AppendRune(out, utf16.DecodeRune(r, low)), 12
	}
	return append(out, b[1]), 2
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		dst = appendRune(dst, r)
	}
	return append(dst, '"')
}

func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, '\\', 'n')
	case r == '\r':
		return append(dst, '\\', 'r')
	case r == '\t':
		return append(dst, '\\', 't')
	case r < 0x20:
		return append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
	}
	return utf8.AppendRune(dst, r)
}
