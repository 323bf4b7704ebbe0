package patch

import (
	"strconv"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Patch is a list of operations on a resource. It is immutable and safe for concurrent use.
type Patch struct {
	ops []operation // of a JSON or FHIRPath Patch
	xml []xmlStep   // of an XML Patch
}

// operation is one step of a patch.
type operation interface {
	// apply changes the document. Its error says why it cannot be.
	apply(d *document) error
	// at is where the operation stands in the patch.
	at() place
}

// place is an operation's place in its patch.
type place struct {
	name       string // "operation 2 (replace)", counted from 1
	expression string // FHIRPath in a Parameters resource
	line, col  int
}

// The bounds of what a patch may ask for.
const (
	maxOperations = 10_000
	maxSize       = 16 << 20  // bytes that a patch may add to a document
	maxWork       = 128 << 20 // bytes that are read again because of FHIRPath operations
	maxResult     = 80 << 20  // bytes of a document, as accepted and changed
	maxDepth      = 64        // as fhir.Limits has it
)

// The media types of patches that are no resources.
const (
	MediaJSON = "application/json-patch+json"
	MediaXML  = "application/xml-patch+xml"
)

// Read reads a patch of one of these media types. Faults: Unsupported for any other; as JSON and XML.
func Read(media string, doc []byte) (Patch, error) {
	switch media {
	case MediaJSON:
		return JSON(doc)
	case MediaXML:
		return XML(doc)
	}
	return Patch{}, fault.New(fault.Unsupported, "a patch is %s, %s or a Parameters resource", MediaJSON, MediaXML)
}

// Len counts the operations.
func (p Patch) Len() int { return len(p.ops) + len(p.xml) }

// Apply gives the resource with all operations done. Faults: Unprocessable for an operation that this resource does not
// allow (no such element, a test that fails, a value of the wrong type) and for a result that is no resource, TooLarge
// beyond the bounds, TimedOut when done is closed before (nil: never).
func (p Patch) Apply(done <-chan struct{}, r fhir.Resource) (fhir.Resource, error) {
	edit := p.value
	if len(p.xml) > 0 {
		edit = p.applyXML
	}
	v, err := edit(fhir.NewWatch(done), r)
	if err != nil {
		return fhir.Resource{}, err
	}
	out, err := fhir.AsResource(v)
	if err != nil {
		return fhir.Resource{}, fault.New(fault.Unprocessable, "what the patch leaves is no resource: an object with a resourceType")
	}
	return out, nil
}

func (p Patch) value(watch fhir.Watch, r fhir.Resource) (fhir.Value, error) {
	d := &document{root: untouched(r.Value), size: maxSize, work: maxWork, watch: watch}
	for _, op := range p.ops {
		if err := d.watch.Over(); err != nil {
			return fhir.Value{}, err
		}
		if err := op.apply(d); err != nil {
			return fhir.Value{}, op.at().wrap(err)
		}
	}
	return d.parse()
}

// refusal is why an operation cannot be done on this document.
func refusal(text string) error { return fault.New(fault.Unprocessable, "%s", text) }

func tooLarge() error {
	return fault.New(fault.TooLarge, "the patch makes the document larger, deeper or costlier than is accepted")
}

func (p place) wrap(err error) error {
	f := fault.Find(err)
	if f == nil {
		return err
	}
	code := ""
	if len(f.Issues) > 0 {
		code = f.Issues[0].Code
	}
	out := fault.At(f.Kind, fault.Issue{Code: code, Text: p.name + ": " + f.Text, Expression: p.expression, Line: p.line, Col: p.col})
	return out
}

// malformed is what is wrong with the patch itself.
func (p place) malformed(text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "structure", Text: p.name + ": " + text, Expression: p.expression, Line: p.line, Col: p.col})
}

func numbered(i int, verb string) string {
	name := "operation " + strconv.Itoa(i+1)
	if verb != "" {
		name += " (" + verb + ")"
	}
	return name
}
