package xml

import (
	"bytes"

	"github.com/ficushealth/ficus/fault"
)

// kind is what next has found.
type kind uint8

const (
	opening kind = iota // a start tag, or the tag of an element without content
	closing             // an end tag
	ending              // the end of the document
)

// scanner takes an XML document apart, tag by tag, where between the tags is nothing but
// white space, comments and processing instructions. The characters of the document have
// been checked before.
type scanner struct {
	raw   []byte
	i     int
	tag   tag
	seen  kind
	again bool // next gives the same once more
	spaces
}

// tag is the start or end tag that was found last. Its attributes are good until the next.
type tag struct {
	at            int  // of its <
	name          span // with its prefix
	prefix, local span
	attrs         []attr
	empty         bool // has no content and no end tag
}

const (
	maxAttrs = 128 // of one element; one of FHIR has three
	maxName  = 1024
)

func (s *scanner) fail(at int, text string) error { return failure(s.raw, at, "invalid", text) }

// failure is a fault at a byte of the document.
func failure(raw []byte, at int, code, text string) error {
	line, col := position(raw, min(at, len(raw)))
	return fault.At(fault.Invalid, fault.Issue{Code: code, Text: text, Line: line, Col: col})
}

func position(raw []byte, at int) (line, col int) {
	before := raw[:at]
	return 1 + bytes.Count(before, []byte{'\n'}), at - bytes.LastIndexByte(before, '\n')
}

// next finds the next tag. Faults: Invalid for anything else that is not mere form.
func (s *scanner) next() (kind, error) {
	if s.again {
		s.again = false
		return s.seen, nil
	}
	if err := s.skip(); err != nil {
		return 0, err
	}
	var err error
	s.seen, err = s.found()
	return s.seen, err
}

// back makes next give the same tag again.
func (s *scanner) back() { s.again = true }

func (s *scanner) found() (kind, error) {
	switch {
	case s.i == len(s.raw):
		return ending, nil
	case bytes.HasPrefix(s.raw[s.i:], []byte("</")):
		return closing, s.endTag()
	}
	return opening, s.startTag()
}

// skip steps over white space, comments and processing instructions.
func (s *scanner) skip() error {
	for {
		s.white()
		done, err := s.aside()
		if done || err != nil {
			return err
		}
	}
}

// aside steps over one comment or processing instruction. done: a tag or the end is next.
func (s *scanner) aside() (done bool, err error) {
	rest := s.raw[s.i:]
	switch {
	case len(rest) == 0:
		return true, nil
	case rest[0] != '<':
		return false, s.fail(s.i, "text must not stand here: a value is written as the attribute value")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return false, s.comment()
	case bytes.HasPrefix(rest, []byte("<?")):
		return false, s.instruction()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return false, s.fail(s.i, "a CDATA section must not stand here: a value is written as the attribute value")
	case bytes.HasPrefix(rest, []byte("<!")):
		return false, s.fail(s.i, "a document type or other declaration is not accepted, because entities can name files and grow without bounds")
	}
	return true, nil
}

func (s *scanner) white() {
	for s.i < len(s.raw) && isWhite(s.raw[s.i]) {
		s.i++
	}
}

func isWhite(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// comment steps over a comment, in which -- stands only at the end.
func (s *scanner) comment() error {
	start := s.i
	n := bytes.Index(s.raw[s.i+4:], []byte("--"))
	if n < 0 {
		return s.fail(start, "this comment has no end")
	}
	s.i += 4 + n + 2
	if s.i == len(s.raw) || s.raw[s.i] != '>' {
		return s.fail(s.i-2, "-- must not stand inside a comment")
	}
	s.i++
	return nil
}

// instruction steps over a processing instruction. The declaration of the document is none.
func (s *scanner) instruction() error {
	start := s.i
	s.i += 2
	name, err := s.name()
	if err != nil {
		return err
	}
	if bytes.EqualFold(s.get(name), []byte("xml")) {
		return s.fail(start, "the XML declaration stands only at the very beginning of a document")
	}
	n := bytes.Index(s.raw[s.i:], []byte("?>"))
	if n < 0 || n > 0 && !isWhite(s.raw[s.i]) {
		return s.fail(start, "this processing instruction has no end, or no space behind its name")
	}
	s.i += n + 2
	return nil
}

// startTag reads <name a="b"> or <name/>, and what it says about namespaces.
func (s *scanner) startTag() error {
	t := &s.tag
	*t = tag{at: s.i, attrs: t.attrs[:0]}
	s.i++
	if err := s.tagName(); err != nil {
		return err
	}
	for {
		before := s.i
		s.white()
		switch rest := s.raw[s.i:]; {
		case len(rest) == 0:
			return s.fail(t.at, "this tag has no end")
		case rest[0] == '>':
			s.i++
			return s.declared()
		case rest[0] == '/':
			t.empty = true
			s.i++
			if len(rest) < 2 || rest[1] != '>' {
				return s.fail(s.i, "'>' must follow '/' in a tag")
			}
			s.i++
			return s.declared()
		case s.i == before:
			return s.fail(s.i, "a space is expected here, or the end of the tag")
		}
		if err := s.attribute(); err != nil {
			return err
		}
	}
}

func (s *scanner) endTag() error {
	s.tag = tag{at: s.i, attrs: s.tag.attrs[:0]}
	s.i += 2
	if err := s.tagName(); err != nil {
		return err
	}
	s.white()
	if s.i == len(s.raw) || s.raw[s.i] != '>' {
		return s.fail(s.i, "'>' is expected here")
	}
	s.i++
	return nil
}

func (s *scanner) tagName() (err error) {
	t := &s.tag
	at := s.i
	if t.name, err = s.name(); err != nil {
		return err
	}
	var ok bool
	if t.prefix, t.local, ok = s.split(t.name); !ok {
		return s.fail(at, "a name has at most one colon, with something on both sides of it")
	}
	return nil
}

// ends checks that the end tag is that of the element.
func (s *scanner) ends(name span) error {
	if !bytes.Equal(s.get(s.tag.name), s.get(name)) {
		return s.fail(s.tag.at, "this is not the end tag of the element that is open")
	}
	return nil
}
