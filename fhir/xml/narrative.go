package xml

import (
	"bytes"
	"html"
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// maxNested bounds the nesting of elements in a narrative.
const maxNested = 256

// narrative writes the div whose start tag was just read, as the string it is in JSON: its
// bytes, unless they lean on declarations outside of it.
func (r *reader) narrative() error {
	div := prose{scanner: r.scanner, start: r.tag.at}
	if err := div.read(); err != nil {
		return err
	}
	raw := r.raw[div.start:r.i]
	if !div.own {
		raw = fhir.Splice(raw, div.edits)
	}
	r.mark(div.start)
	r.b = appendText(r.b, raw)
	return nil
}

// prose is a div that is read through, from its start tag to its end tag.
type prose struct {
	*scanner
	start int
	open  []span      // the names of the elements that are open
	marks []int       // of their namespaces
	own   bool        // div declares its namespace, and no name has a prefix
	edits []fhir.Edit // that make it stand on its own; places count from start
}

// read goes through the element whose start tag was just read.
func (p *prose) read() error {
	p.own = p.declaresXHTML()
	if !p.own {
		p.edit(p.tag.name.to, p.tag.name.to, ` xmlns="`+xhtmlURI+`"`)
	}
	for err := p.element(); len(p.open) > 0 || err != nil; err = p.piece() {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *prose) declaresXHTML() bool {
	for i := range p.tag.attrs {
		if a := &p.tag.attrs[i]; a.prefix.empty() && p.declares(a) {
			return spaceOf(p.get(a.value)) == xhtmlSpace
		}
	}
	return false
}

func (p *prose) edit(from, to int, text string) {
	p.edits = append(p.edits, fhir.Edit{Start: from - p.start, End: to - p.start, New: []byte(text)})
}

// element enters the element whose start tag was just read.
func (p *prose) element() error {
	t := &p.tag
	mark := p.enter()
	if got := p.space(t.prefix); got != xhtmlSpace {
		return failure(p.raw, t.at, "structure", "every element of a narrative must be in the namespace "+xhtmlURI)
	}
	if err := p.unprefixed(t); err != nil {
		return err
	}
	if t.empty {
		p.leave(mark)
		return nil
	}
	if len(p.open) == maxNested {
		return p.fail(t.at, "nested too deep")
	}
	p.open, p.marks = append(p.open, t.name), append(p.marks, mark)
	return nil
}

// unprefixed notes what must go if the div is to stand on its own: prefixes and declarations.
func (p *prose) unprefixed(t *tag) error {
	p.prefix(t)
	for i := range t.attrs {
		a := &t.attrs[i]
		switch {
		case p.declares(a):
			from := a.at
			for isWhite(p.raw[from-1]) {
				from--
			}
			p.edit(from, a.end, "")
		case !a.prefix.empty() && p.space(a.prefix) != xmlSpace:
			return failure(p.raw, a.at, "structure", "an attribute of a narrative has no prefix but xml")
		}
	}
	return nil
}

func (p *prose) prefix(t *tag) {
	if !t.prefix.empty() {
		p.own = false
		p.edit(t.prefix.from, t.local.from, "")
	}
}

// piece reads the next piece of what is in the open element.
func (p *prose) piece() error {
	rest := p.raw[p.i:]
	switch {
	case len(rest) == 0:
		return p.fail(p.start, "this element has no end tag")
	case rest[0] != '<':
		return p.text()
	case bytes.HasPrefix(rest, []byte("</")):
		return p.end()
	case bytes.HasPrefix(rest, []byte("<!--")):
		return p.comment()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return p.section()
	case bytes.HasPrefix(rest, []byte("<!")) || bytes.HasPrefix(rest, []byte("<?")):
		return p.fail(p.i, "a narrative holds no declarations and no processing instructions")
	}
	if err := p.startTag(); err != nil {
		return err
	}
	return p.element()
}

func (p *prose) end() error {
	if err := p.endTag(); err != nil {
		return err
	}
	last := len(p.open) - 1
	if err := p.ends(p.open[last]); err != nil {
		return err
	}
	p.prefix(&p.tag)
	p.leave(p.marks[last])
	p.open, p.marks = p.open[:last], p.marks[:last]
	return nil
}

func (p *prose) text() error {
	n := bytes.IndexByte(p.raw[p.i:], '<')
	if n < 0 {
		n = len(p.raw) - p.i
	}
	run := p.raw[p.i : p.i+n]
	if bad := bytes.Index(run, []byte("]]>")); bad >= 0 {
		return p.fail(p.i+bad, "]]> must be written as ]]&gt; in text")
	}
	if err := p.references(p.i, run); err != nil {
		return err
	}
	p.i += n
	return nil
}

func (p *prose) section() error {
	n := bytes.Index(p.raw[p.i:], []byte("]]>"))
	if n < 0 {
		return p.fail(p.i, "this CDATA section has no end")
	}
	p.i += n + 3
	return nil
}

// standing makes of a narrative in JSON what can stand in a document: it must be a div of
// XHTML, well-formed, and gets its namespace if that is missing. Entities of HTML become
// characters, because XML does not know them.
func standing(div []byte) ([]byte, error) {
	if at, text := badChar(div); at >= 0 {
		return nil, failure(div, at, "invalid", text)
	}
	div = resolved(div)
	s := &scanner{raw: div}
	s.white()
	start := s.i
	if !bytes.HasPrefix(div[start:], []byte("<div")) {
		return nil, s.fail(start, "a narrative must be a div")
	}
	if err := s.startTag(); err != nil {
		return nil, err
	}
	if s.of(nil) == noSpace {
		s.bound = append([]binding{{space: xhtmlSpace}}, s.bound...)
	}
	p := prose{scanner: s, start: start}
	own := p.declaresXHTML()
	if err := p.read(); err != nil {
		return nil, err
	}
	end := s.i
	if s.white(); s.i < len(div) {
		return nil, s.fail(s.i, "something follows the end of the narrative")
	}
	div = div[start:end]
	if own {
		return div, nil
	}
	return fhir.Splice(div, p.edits[:1]), nil
}

// resolved has characters for the entities that HTML has beyond those of XML.
func resolved(div []byte) []byte {
	var edits []fhir.Edit
	for i := 0; i < len(div); i++ {
		if n := opaque(div[i:]); n > 0 {
			i += n - 1
			continue
		}
		if div[i] != '&' {
			continue
		}
		if is, size := entity(div[i:]); size > 0 {
			edits = append(edits, fhir.Edit{Start: i, End: i + size, New: []byte(is)})
		}
	}
	if edits == nil {
		return div
	}
	return fhir.Splice(div, edits)
}

// opaque is the length of the comment or CDATA section at the start of b, in which nothing is resolved.
func opaque(b []byte) int {
	for _, q := range [...][2]string{{"<!--", "-->"}, {"<![CDATA[", "]]>"}} {
		rest, is := bytes.CutPrefix(b, []byte(q[0]))
		if !is {
			continue
		}
		if n := bytes.Index(rest, []byte(q[1])); n >= 0 {
			return len(q[0]) + n
		}
		return len(b) // without an end: it will be refused
	}
	return 0
}

// entity reads an entity that HTML has and XML has not.
func entity(b []byte) (is string, size int) {
	if _, n := reference(b); n > 0 {
		return "", 0
	}
	end := bytes.IndexByte(b[:min(len(b), 40)], ';') + 1
	name := string(b[:end])
	is = html.UnescapeString(name)
	if is == name || strings.ContainsAny(is, "&<>;") {
		return "", 0
	}
	return is, end
}
