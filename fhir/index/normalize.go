package index

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalize is the form in which strings are compared: decomposed (NFKD, so that a letter of full width is the letter), marks
// dropped, case folded, letters of Latin that have no decomposition written with those that stand for them, each run of white
// space one blank, none at the ends. A string that has this form already comes back as it is.
func Normalize(s string) string {
	switch asciiForm(s) {
	case asIs:
		return s
	case ascii:
		return lowered(s)
	}
	return collapse(spelled(strings.Map(folded, norm.NFKD.String(s))))
}

// spelled writes letters that no decomposition takes apart with those that stand for them, as in a file that knows no others.
func spelled(s string) string {
	var b strings.Builder
	for _, r := range s {
		if letters := standIn(r); letters != "" {
			b.WriteString(letters)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// standIn are the letters for a small letter of Latin; empty for all others.
func standIn(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð', 'ɖ':
		return "d"
	case 'ħ':
		return "h"
	case 'ŧ':
		return "t"
	case 'ŋ':
		return "n"
	case 'ı', 'ɨ':
		return "i"
	}
	return ""
}

type form uint8

const (
	asIs  form = iota // normal already
	ascii             // only ASCII
	other
)

func asciiForm(s string) form {
	f, before := asIs, byte(' ')
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			return other
		case c >= 'A' && c <= 'Z', c < ' ', c == ' ' && before == ' ':
			f = ascii
		}
		before = c
	}
	if before == ' ' && s != "" {
		return ascii
	}
	return f
}

// lowered is the form of an ASCII string.
func lowered(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c == ' ', c >= '\t' && c <= '\r':
			if len(out) == 0 || out[len(out)-1] == ' ' {
				continue
			}
			c = ' '
		}
		out = append(out, c)
	}
	return string(bytes.TrimSuffix(out, []byte{' '}))
}

// folded drops a mark, and gives all cases of a letter the same form.
func folded(r rune) rune {
	if unicode.Is(unicode.Mn, r) {
		return -1
	}
	least := r
	for x := unicode.SimpleFold(r); x != r; x = unicode.SimpleFold(x) {
		if !unicode.Is(unicode.Mn, x) {
			least = min(least, x)
		}
	}
	return unicode.ToLower(least)
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// Cut shortens s to at most MaxString bytes without breaking a rune.
func Cut(s string) string { return cut(s, MaxString) }

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
