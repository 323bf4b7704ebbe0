package xml

import (
	"cmp"
	"slices"
	"unsafe"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// ToJSON is the JSON form of the resource in an XML document, without white space, its
// members in the order of the document. Faults: TooLarge beyond the limits; Invalid, with
// line and column, for what is no XML or no resource of R4.
func ToJSON(doc []byte, lim fhir.Limits) ([]byte, error) {
	r, err := convert(doc, lim.OrDefault(), false)
	if err != nil {
		return nil, err
	}
	return r.b, nil
}

// Parse reads the resource in an XML document. Pos of its values, and so the places in
// faults about them, are those in the XML. Faults: as ToJSON.
func Parse(doc []byte, lim fhir.Limits) (fhir.Resource, error) { return parse(doc, lim, false) }

// ParseAnyOrder is Parse for a document that is only looked at: the elements inside another may come
// in any order, if only those of one name stand together. Some examples of HL7 need it.
func ParseAnyOrder(doc []byte, lim fhir.Limits) (fhir.Resource, error) { return parse(doc, lim, true) }

func parse(doc []byte, lim fhir.Limits, anyOrder bool) (fhir.Resource, error) {
	lim = lim.OrDefault()
	r, err := convert(doc, lim, anyOrder)
	if err != nil {
		return fhir.Resource{}, err
	}
	lim.Bytes = 0 // JSON may be a little longer than XML
	if len(r.b) > lim.OrDefault().Bytes {
		lim.Bytes = len(r.b)
	}
	return fhir.ParseFrom(r.b, lim, places{doc, r.marks}.of)
}

// places finds the XML of JSON.
type places struct {
	raw   []byte
	marks []mark
}

func (p places) of(at int) (line, col int) {
	i, exact := slices.BinarySearchFunc(p.marks, at, func(m mark, at int) int { return cmp.Compare(int(m.json), at) })
	if !exact {
		i--
	}
	if i < 0 {
		return 1, 1
	}
	return position(p.raw, int(p.marks[i].xml))
}

// reader writes JSON while it reads XML.
type reader struct {
	*scanner
	*buffer
	deep, depth int  // nesting of objects and arrays in the JSON, and its bound
	anyOrder    bool // elements may stand in disorder
	spare       []*primitive
}

// borrow is an empty frame, for use until it is given back.
func (r *reader) borrow(t *r4.TypeInfo) *primitive {
	n := len(r.spare) - 1
	if n < 0 {
		return &primitive{frame: frame{t: t}}
	}
	p := r.spare[n]
	r.spare = r.spare[:n]
	p.t = t
	return p
}

func (r *reader) giveBack(p *primitive) {
	*p = primitive{}
	r.spare = append(r.spare, p)
}

func convert(doc []byte, lim fhir.Limits, anyOrder bool) (*reader, error) {
	s, err := open(doc, lim)
	if err != nil {
		return nil, err
	}
	r := &reader{scanner: s, buffer: &buffer{b: make([]byte, 0, len(doc)), marks: make([]mark, 0, len(doc)/40+4)}, depth: lim.Depth, anyOrder: anyOrder}
	if err := r.document(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *reader) document() error {
	if err := r.want(opening, "a resource is expected here"); err != nil {
		return err
	}
	if err := r.resource(true); err != nil {
		return err
	}
	return r.want(ending, "something follows the end of the resource")
}

// resource writes the element whose start tag was just read, as a resource.
func (r *reader) resource(root bool) error {
	t := r4.Lookup(text(r.get(r.tag.local)))
	switch {
	case r.space(r.tag.prefix) != fhirSpace:
		return r.alien()
	case t == nil || t.Kind != r4.Resource:
		return r.refuse(r.tag.at, "FHIR R4 has no resource type of this name")
	}
	p := r.borrow(t)
	defer r.giveBack(p)
	p.root = root
	return r.object(&p.frame)
}

// alien is the fault of an element in a namespace that is not FHIR's.
func (r *reader) alien() error {
	if r.space(r.tag.prefix) == unknownSpace {
		return r.fail(r.tag.at, "the prefix of this element stands for no namespace")
	}
	return r.refuse(r.tag.at, "this element must be in the namespace "+fhirURI)
}

func (r *reader) refuse(at int, text string) error { return failure(r.raw, at, "structure", text) }

// down enters an array or object of the JSON.
func (r *reader) down(c byte) error {
	if r.deep == r.depth {
		return r.fail(r.tag.at, "nested too deep")
	}
	r.deep++
	r.byte(c)
	return nil
}

func (r *reader) up(c byte) {
	r.deep--
	r.byte(c)
}

// text shares the document's bytes, which never change.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
