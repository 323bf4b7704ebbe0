package path

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string or delimited identifier and decodes its escapes.
func (l *lexer) quoted(quote byte, kind tokenKind) (token, error) {
	start := l.i
	n := strings.IndexByte(l.src[start+1:], quote)
	if n < 0 {
		return token{}, l.fail("this string has no end")
	}
	l.i += n + 2
	if raw := l.src[start+1 : l.i-1]; strings.IndexByte(raw, '\\') < 0 {
		return token{kind: kind, text: raw}, nil
	}
	l.i = start + 1
	return l.escaped(quote, kind, start)
}

func (l *lexer) escaped(quote byte, kind tokenKind, start int) (token, error) {
	var b strings.Builder
	for l.i < len(l.src) {
		switch c := l.src[l.i]; c {
		case quote:
			l.i++
			return token{kind: kind, text: b.String()}, nil
		case '\\':
			r, n := escape(l.src[l.i:])
			if n == 0 {
				return token{}, l.fail("unknown escape sequence")
			}
			b.WriteRune(r)
			l.i += n
		default:
			b.WriteByte(c)
			l.i++
		}
	}
	l.i = start
	return token{}, l.fail("this string has no end")
}

// escape decodes the escape sequence at the start of s; n is its length, 0 if it is none.
func escape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch c := s[1]; c {
	case '\'', '"', '`', '\\', '/':
		return rune(c), 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return unicodeEscape(s)
	}
	return 0, 0
}

func unicodeEscape(s string) (rune, int) {
	r, ok := hex4(s)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := hex4(s[6:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
		return utf16.DecodeRune(r, low), 12
	}
	return utf8.RuneError, 6
}

// hex4 reads \uXXXX.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}
