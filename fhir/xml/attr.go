package xml

import "bytes"

// attr is one attribute of a start tag.
type attr struct {
	at, end       int // from its name to behind its closing quotation mark
	prefix, local span
	value         span // as written, between the quotation marks
}

// span is a piece of the document: two numbers, because slices would keep the garbage collector busy.
type span struct{ from, to int }

func (s *scanner) get(p span) []byte { return s.raw[p.from:p.to:p.to] }

func (s *scanner) is(p span, text string) bool { return string(s.raw[p.from:p.to]) == text }

func (p span) empty() bool { return p.from == p.to }

// attribute reads name="value".
func (s *scanner) attribute() error {
	a := attr{at: s.i}
	name, err := s.name()
	if err != nil {
		return err
	}
	var ok bool
	if a.prefix, a.local, ok = s.split(name); !ok {
		return s.fail(a.at, "a name has at most one colon, with something on both sides of it")
	}
	if err := s.equals(); err != nil {
		return err
	}
	if err := s.quoted(&a); err != nil {
		return err
	}
	return s.keep(a)
}

func (s *scanner) equals() error {
	s.white()
	if s.i == len(s.raw) || s.raw[s.i] != '=' {
		return s.fail(s.i, "'=' is expected behind the name of an attribute")
	}
	s.i++
	s.white()
	return nil
}

func (s *scanner) quoted(a *attr) error {
	if s.i == len(s.raw) || s.raw[s.i] != '"' && s.raw[s.i] != '\'' {
		return s.fail(s.i, "the value of an attribute must stand in quotation marks")
	}
	quote := s.raw[s.i]
	s.i++
	n := bytes.IndexByte(s.raw[s.i:], quote)
	if n < 0 {
		return s.fail(s.i-1, "this value has no end")
	}
	a.value = span{s.i, s.i + n}
	s.i += n + 1
	a.end = s.i
	value := s.get(a.value)
	if bad := bytes.IndexByte(value, '<'); bad >= 0 {
		return s.fail(a.value.from+bad, "'<' must be written as &lt; in the value of an attribute")
	}
	return s.references(a.value.from, value)
}

// keep adds the attribute to the tag, unless there is one of its name.
func (s *scanner) keep(a attr) error {
	if len(s.tag.attrs) == maxAttrs {
		return s.fail(a.at, "this element has too many attributes")
	}
	for i := range s.tag.attrs {
		if b := &s.tag.attrs[i]; bytes.Equal(s.get(a.local), s.get(b.local)) && bytes.Equal(s.get(a.prefix), s.get(b.prefix)) {
			return s.fail(a.at, "this attribute stands twice in its element")
		}
	}
	s.tag.attrs = append(s.tag.attrs, a)
	return nil
}

// declares tells whether the attribute is a declaration of a namespace.
func (s *scanner) declares(a *attr) bool {
	if a.prefix.empty() {
		return s.is(a.local, "xmlns")
	}
	return s.is(a.prefix, "xmlns")
}
