package xml

import "bytes"

// attr is one attribute of a start tag.
type attr struct {
	at            int // of its name
	end           int // behind its closing quotation mark
	valueAt       int
	prefix, local []byte
	value         []byte // as written, between the quotation marks
}

// attribute reads name="value".
func (s *scanner) attribute() error {
	a := attr{at: s.i}
	name, err := s.name()
	if err != nil {
		return err
	}
	var ok bool
	if a.prefix, a.local, ok = split(name); !ok {
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
	a.valueAt = s.i
	n := bytes.IndexByte(s.raw[s.i:], quote)
	if n < 0 {
		return s.fail(a.valueAt-1, "this value has no end")
	}
	a.value = s.raw[s.i : s.i+n]
	s.i += n + 1
	a.end = s.i
	if bad := bytes.IndexByte(a.value, '<'); bad >= 0 {
		return s.fail(a.valueAt+bad, "'<' must be written as &lt; in the value of an attribute")
	}
	return s.references(a.valueAt, a.value)
}

// keep adds the attribute to the tag, unless there is one of its name.
func (s *scanner) keep(a attr) error {
	if len(s.tag.attrs) == maxAttrs {
		return s.fail(a.at, "this element has too many attributes")
	}
	for i := range s.tag.attrs {
		if b := &s.tag.attrs[i]; bytes.Equal(a.local, b.local) && bytes.Equal(a.prefix, b.prefix) {
			return s.fail(a.at, "this attribute stands twice in its element")
		}
	}
	s.tag.attrs = append(s.tag.attrs, a)
	return nil
}

// declares tells whether the attribute is a declaration of a namespace.
func (a *attr) declares() bool {
	return string(a.prefix) == "xmlns" || len(a.prefix) == 0 && string(a.local) == "xmlns"
}
