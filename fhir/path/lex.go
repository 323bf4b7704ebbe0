package path

import (
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
)

// tokenKind sorts the tokens of http://hl7.org/fhirpath/N1/#lexical-elements.
type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokWord             // an identifier or keyword
	tokQuoted           // an identifier in backticks
	tokText             // a string
	tokNumber
	tokDate     // without the @
	tokDateTime // without the @
	tokTime     // without @T
	tokMark     // an operator or bracket, also $this, $index, $total
)

type token struct {
	kind tokenKind
	text string // decoded
	pos  int    // offset in the source
	end  int    // offset behind the token
}

func (t token) is(m string) bool { return (t.kind == tokMark || t.kind == tokWord) && t.text == m }

type lexer struct {
	src string
	i   int
}

// failure is a fault about the place in an expression.
func failure(src string, pos int, text string) error {
	before := src[:min(pos, len(src))]
	line := 1 + strings.Count(before, "\n")
	col := 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "FHIRPath: " + text, Line: line, Col: col})
}

func (l *lexer) fail(text string) error { return failure(l.src, l.i, text) }

func (l *lexer) peek(n int) byte {
	if l.i+n < len(l.src) {
		return l.src[l.i+n]
	}
	return 0
}

// next reads one token.
func (l *lexer) next() (token, error) {
	if err := l.space(); err != nil {
		return token{}, err
	}
	start := l.i
	t, err := l.read()
	t.pos, t.end = start, l.i
	return t, err
}

func (l *lexer) read() (token, error) {
	switch c := l.peek(0); {
	case l.i == len(l.src):
		return token{}, nil
	case letter(c):
		return token{kind: tokWord, text: l.take(wordByte)}, nil
	case digit(c):
		return l.number(), nil
	case c == '\'':
		return l.quoted('\'', tokText)
	case c == '`':
		return l.quoted('`', tokQuoted)
	case c == '@':
		return l.moment()
	case c == '$':
		return l.special()
	}
	return l.mark()
}

func letter(c byte) bool   { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func digit(c byte) bool    { return c >= '0' && c <= '9' }
func wordByte(c byte) bool { return letter(c) || digit(c) }

func (l *lexer) take(ok func(byte) bool) string {
	start := l.i
	for l.i < len(l.src) && ok(l.src[l.i]) {
		l.i++
	}
	return l.src[start:l.i]
}

// space steps over white space and comments.
func (l *lexer) space() error {
	for {
		l.take(func(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' })
		switch rest := l.src[l.i:]; {
		case strings.HasPrefix(rest, "//"):
			l.take(func(c byte) bool { return c != '\n' })
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return l.fail("this comment has no end")
			}
			l.i += n + 4
		default:
			return nil
		}
	}
}

func (l *lexer) number() token {
	start := l.i
	l.take(digit)
	if l.peek(0) == '.' && digit(l.peek(1)) {
		l.i++
		l.take(digit)
	}
	return token{kind: tokNumber, text: l.src[start:l.i]}
}

func (l *lexer) special() (token, error) {
	start := l.i
	l.i++
	switch name := l.take(wordByte); name {
	case "this", "index", "total":
		return token{kind: tokMark, text: l.src[start:l.i]}, nil
	}
	l.i = start
	return token{}, l.fail("expected $this, $index or $total")
}

func (l *lexer) mark() (token, error) {
	for _, m := range [...]string{"<=", ">=", "!=", "!~"} {
		if strings.HasPrefix(l.src[l.i:], m) {
			l.i += 2
			return token{kind: tokMark, text: m}, nil
		}
	}
	if strings.IndexByte("+-*/&|<>=~.,()[]{}%", l.src[l.i]) < 0 {
		return token{}, l.fail("this character has no meaning here")
	}
	l.i++
	return token{kind: tokMark, text: l.src[l.i-1 : l.i]}, nil
}

// moment reads a date, dateTime or time behind @.
func (l *lexer) moment() (token, error) {
	l.i++
	if l.peek(0) == 'T' {
		l.i++
		start := l.i
		l.clock()
		return token{kind: tokTime, text: l.src[start:l.i]}, nil
	}
	start := l.i
	l.take(digit)
	for l.peek(0) == '-' && digit(l.peek(1)) {
		l.i++
		l.take(digit)
	}
	if l.peek(0) != 'T' {
		return token{kind: tokDate, text: l.src[start:l.i]}, nil
	}
	l.i++
	if digit(l.peek(0)) {
		l.clock()
		l.zone()
	}
	return token{kind: tokDateTime, text: l.src[start:l.i]}, nil
}

func (l *lexer) clock() {
	l.take(digit)
	for l.peek(0) == ':' && digit(l.peek(1)) {
		l.i++
		l.take(digit)
	}
	if l.peek(0) == '.' && digit(l.peek(1)) {
		l.i++
		l.take(digit)
	}
}

func (l *lexer) zone() {
	switch c := l.peek(0); {
	case c == 'Z':
		l.i++
	case (c == '+' || c == '-') && digit(l.peek(1)) && digit(l.peek(2)) && l.peek(3) == ':' && digit(l.peek(4)) && digit(l.peek(5)):
		l.i += 6
	}
}
