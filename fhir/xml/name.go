package xml

import (
	"bytes"
	"unicode/utf8"
)

// name reads a name (https://www.w3.org/TR/xml/#NT-Name).
func (s *scanner) name() (span, error) {
	start := s.i
	for s.i < len(s.raw) {
		if c := s.raw[s.i]; c < utf8.RuneSelf {
			if !asciiName(c) || s.i == start && !nameStart(rune(c)) {
				break
			}
			s.i++
			continue
		}
		r, n := utf8.DecodeRune(s.raw[s.i:])
		if !nameStart(r) && (s.i == start || !nameOnly(r)) {
			break
		}
		s.i += n
	}
	switch n := s.i - start; {
	case n == 0:
		return span{}, s.fail(start, "a name is expected here")
	case n > maxName:
		return span{}, s.fail(start, "this name is too long")
	}
	return span{start, s.i}, nil
}

func asciiName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c == ':'
}

// starts are the ranges of characters beyond ASCII with which a name may begin.
var starts = [...][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F},
	{0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

func nameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return asciiName(byte(r)) && r != '.' && r != '-' && (r < '0' || r > '9')
	}
	for _, in := range starts {
		if r >= in[0] && r <= in[1] {
			return true
		}
	}
	return false
}

// nameOnly is true of characters beyond ASCII that may stand in a name, but not begin it.
func nameOnly(r rune) bool {
	return r == 0xB7 || r >= 0x300 && r <= 0x36F || r >= 0x203F && r <= 0x2040
}

// split takes a name apart at its colon.
func (s *scanner) split(name span) (prefix, local span, ok bool) {
	i := bytes.IndexByte(s.get(name), ':')
	if i < 0 {
		return span{}, name, true
	}
	prefix, local = span{name.from, name.from + i}, span{name.from + i + 1, name.to}
	return prefix, local, i > 0 && !local.empty() && bytes.IndexByte(s.get(local), ':') < 0
}
