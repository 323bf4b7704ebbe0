package dump

import "strings"

type kind uint8

const (
	word     kind = iota // a bare word or number
	name                 // a quoted identifier
	text                 // a string
	variable             // @user or @@system variable
	punct                // one other character
)

// token is one word, name, string or sign of a statement.
type token struct {
	kind kind
	text string // names and strings without quotes and escapes
	at   int    // its place in the statement
	end  int
}

// is reports whether t is the bare word w, given in lower case.
func (t token) is(w string) bool { return t.kind == word && strings.EqualFold(t.text, w) }

func (t token) sign(c byte) bool { return t.kind == punct && t.text[0] == c }

// named reports whether t can be an identifier.
func (t token) named() bool { return t.kind == word || t.kind == name }

// tokenize cuts a statement, comments taken out already. ansi says that double quotes hold names.
func tokenize(s string, ansi, noBackslash bool) (tokens []token) {
	for at := 0; at < len(s); {
		c := s[at]
		if isSpace(c) {
			at++
			continue
		}
		t := token{at: at}
		switch {
		case c == '`' || c == '"' && ansi:
			t.kind, t.text, t.end = name, "", 0
			t.text, t.end = quoted(s, at, true)
		case c == '\'' || c == '"':
			t.kind = text
			t.text, t.end = quoted(s, at, noBackslash)
		case c == '@':
			t.kind, t.end = variable, at+1
			for t.end < len(s) && (isWord(s[t.end]) || s[t.end] == '@' || s[t.end] == '.') {
				t.end++
			}
			t.text = s[at:t.end]
		case isWord(c):
			t.end = at + 1
			for t.end < len(s) && isWord(s[t.end]) {
				t.end++
			}
			t.text = s[at:t.end]
		default:
			t.kind, t.end, t.text = punct, at+1, s[at:at+1]
		}
		tokens, at = append(tokens, t), t.end
	}
	return tokens
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// quoted reads the quoted text that starts at; an unclosed one ends with the statement.
func quoted(s string, at int, noBackslash bool) (text string, end int) {
	var b strings.Builder
	q := s[at]
	for i := at + 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && !noBackslash && i+1 < len(s):
			i++
			b.WriteString(string(unescape(nil, s[i])))
		case s[i] != q:
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == q:
			i++
			b.WriteByte(q)
		default:
			return b.String(), i + 1
		}
	}
	return b.String(), len(s)
}
