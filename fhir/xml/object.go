package xml

import "github.com/ficushealth/ficus/fhir/r4"

// frame is an object that is being written.
type frame struct {
	t     *r4.TypeInfo
	root  bool // of the document
	name  span // of its element
	at    int
	ended bool        // the end of the element is behind us
	any   bool        // it has a member
	url   attr        // of an extension, until it is written
	last  *r4.Element // the child before
	seen  uint64      // bit i: there was a child of the i-th element of the type
	list  list        // of the child before
}

// object writes the element whose start tag was just read, as a JSON object.
func (r *reader) object(f *frame) error {
	f.name, f.at, f.ended = r.tag.name, r.tag.at, r.tag.empty
	mark := r.enter()
	r.mark(r.tag.at)
	if err := r.down('{'); err != nil {
		return err
	}
	if f.t.Kind == r4.Resource {
		f.any = true
		r.text(`"resourceType":"` + f.t.Name + `"`)
	}
	if err := r.attributes(f); err != nil {
		return err
	}
	if !f.ended {
		if err := r.children(f); err != nil {
			return err
		}
	}
	r.address(f)
	if !f.any {
		return r.refuse(f.at, "an element must not be empty")
	}
	r.leave(mark)
	r.up('}')
	return nil
}

// attributes writes the id and keeps the url, which in JSON comes behind the extensions.
func (r *reader) attributes(f *frame) error {
	for i := range r.tag.attrs {
		a := &r.tag.attrs[i]
		switch {
		case r.declares(a) || f.root && r.schema(a):
		case !a.prefix.empty() || !isAttribute(f.t, text(r.get(a.local))):
			return r.refuse(a.at, "this element has no such attribute")
		case r.is(a.local, "url"):
			f.url = *a
		default:
			r.comma(f)
			r.key("", "id")
			if err := r.literal(a, tokenForm); err != nil {
				return err
			}
		}
	}
	return nil
}

// schema lets pass where a schema is. Nobody should send it, but many a tool writes it into the
// root; it is no content, and is never followed.
func (r *reader) schema(a *attr) bool {
	return r.space(a.prefix) == schemaSpace && (r.is(a.local, "schemaLocation") || r.is(a.local, "noNamespaceSchemaLocation"))
}

// isAttribute tells which elements of a type are attributes in XML.
func isAttribute(t *r4.TypeInfo, name string) bool {
	return name == "id" && t.Kind != r4.Resource || name == "url" && t.Name == "Extension"
}

// address writes the url of an extension, if it is still to be written.
func (r *reader) address(f *frame) error {
	if f.url.at == 0 {
		return nil
	}
	r.comma(f)
	r.key("", "url")
	a := f.url
	f.url = attr{}
	return r.literal(&a, tokenForm)
}

func (r *reader) comma(f *frame) {
	if f.any {
		r.byte(',')
	}
	f.any = true
}

// children writes the elements inside, up to the end tag.
func (r *reader) children(f *frame) error {
	for {
		k, err := r.next()
		switch {
		case err != nil:
			return err
		case k == ending:
			return r.fail(f.at, "this element has no end tag")
		case k == closing:
			r.finish(f)
			return r.ends(f.name)
		}
		if err := r.child(f); err != nil {
			return err
		}
	}
}

// child writes one element inside.
func (r *reader) child(f *frame) error {
	e := f.t.Find(text(r.get(r.tag.local)))
	if err := r.fits(f, e); err != nil {
		return err
	}
	t := r4.ByID(e.Type)
	plain := t.Kind == r4.Primitive && t.Name != "xhtml"
	if e != f.last {
		if err := r.begin(f, e, plain); err != nil {
			return err
		}
	}
	if plain {
		return r.primitive(f, e, t)
	}
	if e.Many() {
		if f.list.items++; f.list.items > 1 {
			r.byte(',')
		}
	}
	return r.complex(t)
}

// begin ends the list of the child before and begins the member of the next. That of a primitive
// which does not repeat is begun when it is known whether it has a value.
func (r *reader) begin(f *frame, e *r4.Element, plain bool) error {
	r.finish(f)
	if e.Name != "extension" {
		if err := r.address(f); err != nil {
			return err
		}
	}
	f.last, f.list = e, list{from: len(r.b), any: f.any}
	if plain && !e.Many() {
		return nil
	}
	r.comma(f)
	r.key("", e.JSON)
	if e.Many() {
		return r.down('[')
	}
	return nil
}

func (r *reader) complex(t *r4.TypeInfo) error {
	switch t.Name {
	case "xhtml":
		return r.narrative()
	case "Resource":
		return r.container()
	}
	p := r.borrow(t)
	defer r.giveBack(p)
	return r.object(&p.frame)
}

// container writes the resource inside an element such as contained.
func (r *reader) container() error {
	name, at, mark := r.tag.name, r.tag.at, r.enter()
	switch {
	case len(r.tag.attrs) > len(r.bound)-mark:
		return r.refuse(at, "an element that holds a resource has no attributes")
	case r.tag.empty:
		return r.refuse(at, "an element must not be empty")
	}
	if err := r.want(opening, "a resource is expected here"); err != nil {
		return err
	}
	if err := r.resource(false); err != nil {
		return err
	}
	if err := r.want(closing, "only one resource can stand here"); err != nil {
		return err
	}
	r.leave(mark)
	return r.ends(name)
}

// want reads a tag of a kind.
func (r *reader) want(k kind, otherwise string) error {
	got, err := r.next()
	if err == nil && got != k {
		err = r.refuse(r.i, otherwise)
		if got != ending {
			err = r.refuse(r.tag.at, otherwise)
		}
	}
	return err
}
