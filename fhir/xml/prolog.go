package xml

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// open checks the size and the characters of a document and steps over its declaration.
func open(doc []byte, lim fhir.Limits) (*scanner, error) {
	if len(doc) > lim.Bytes {
		return nil, fault.New(fault.TooLarge, "the document has %d bytes, at most %d are accepted", len(doc), lim.Bytes)
	}
	s := &scanner{raw: doc}
	s.tag.attrs = make([]attr, 0, 8)
	if err := s.characters(); err != nil {
		return nil, err
	}
	s.i = len(doc) - len(bytes.TrimPrefix(doc, []byte("\xEF\xBB\xBF")))
	return s, s.declaration()
}

// characters refuses what is not UTF-8 or not a character of XML.
func (s *scanner) characters() error {
	at, text := badChar(s.raw)
	if at < 0 {
		return nil
	}
	if bytes.HasPrefix(s.raw, []byte("\xFE\xFF")) || bytes.HasPrefix(s.raw, []byte("\xFF\xFE")) || bytes.HasPrefix(s.raw, []byte("<\x00")) || bytes.HasPrefix(s.raw, []byte("\x00<")) {
		text = "the document is UTF-16; only UTF-8 is accepted"
	}
	return s.fail(at, text)
}

// badChar finds the first byte that no XML document may hold; -1 if there is none.
func badChar(b []byte) (at int, text string) {
	if !utf8.Valid(b) {
		return badUTF8(b), "not valid UTF-8"
	}
	for i, c := range b {
		switch {
		case c >= 0x20 && c != 0xEF:
		case c == 0xEF && (b[i+1] != 0xBF || b[i+2] < 0xBE):
		case c != '\n' && c != '\r' && c != '\t':
			return i, "a control character, or what is no character, must not stand in XML"
		}
	}
	return -1, ""
}

func badUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// declaration reads <?xml version="1.0" encoding="UTF-8"?>, if it is there.
func (s *scanner) declaration() error {
	rest := s.raw[s.i:]
	if !bytes.HasPrefix(rest, []byte("<?xml")) || len(rest) < 6 || !isWhite(rest[5]) {
		return nil
	}
	start := s.i
	s.i += len("<?xml")
	s.tag = tag{attrs: s.tag.attrs[:0]}
	for {
		before := s.i
		s.white()
		if bytes.HasPrefix(s.raw[s.i:], []byte("?>")) {
			s.i += 2
			return s.declare(start)
		}
		if s.i == before {
			return s.fail(s.i, "a space is expected here, or the end of the XML declaration")
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
}

// declare checks what the declaration says: its attributes come in a fixed order.
func (s *scanner) declare(start int) error {
	order := 0
	for _, a := range s.tag.attrs {
		name := string(s.get(a.local))
		i := 1 + strings.Index("ves", name[:1])
		switch {
		case !a.prefix.empty() || i <= order || name != [...]string{"", "version", "encoding", "standalone"}[i]:
			return s.fail(a.at, "the XML declaration holds version, encoding and standalone, in this order")
		case name == "version" && string(s.get(a.value)) != "1.0":
			return s.fail(a.value.from, "only XML 1.0 is accepted")
		case name == "encoding" && !bytes.EqualFold(s.get(a.value), []byte("UTF-8")):
			return s.fail(a.value.from, "the encoding must be UTF-8")
		case name == "standalone" && string(s.get(a.value)) != "yes" && string(s.get(a.value)) != "no":
			return s.fail(a.value.from, "standalone must be yes or no")
		}
		order = i
	}
	if len(s.tag.attrs) == 0 || !s.is(s.tag.attrs[0].local, "version") {
		return s.fail(start, "the XML declaration must begin with the version")
	}
	return nil
}
