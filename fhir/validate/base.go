package validate

import (
	"iter"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// mostIssues is how many issues are told about one resource; who sends more gets the first ones and a note.
const mostIssues = 100

// Base checks a resource, and the resources in it, against the structure of R4 (https://hl7.org/fhir/R4/json.html and the
// definition of each type). The issues are in the order of the document; none means that it is valid. An issue's Code is
// "structure" (JSON shape, unknown element), "required" (missing element), "value" (form of a primitive, target of a
// reference), "code-invalid" (not in a required value set) or "invariant" (extension, choice); with its FHIRPath, line
// and column, and without any value of the resource. Invariants in FHIRPath are checked by Whole, profiles by a Validator.
//
// Required bindings are checked where R4 publishes all codes of the value set. Of references, those that name a type
// (Patient/1, Patient?identifier=x) are checked against the types that the element may point to.
func Base(r fhir.Resource) []fault.Issue {
	w := walk{root: r.Value, types: r4.Types()}
	w.resource(r.Value)
	return w.issues()
}

// Whole is Base, and in the same pass what else R4 asks of a resource on its own: the invariants of its types and elements
// in FHIRPath, the text of narratives, what is contained, and for a bundle its entries and the references between them. An
// invariant that gives nothing counts as met. Issues with Warning set are no reason to refuse.
func Whole(r fhir.Resource) []fault.Issue {
	w := walk{root: r.Value, types: r4.Types(), rules: true}
	w.resource(r.Value)
	return w.issues()
}

// OnWrite is Whole without warnings, as the store asks it of each write. It ends when done is closed (nil: never). Faults:
// TimedOut, and then nobody knows whether the resource is valid.
func OnWrite(done <-chan struct{}, r fhir.Resource) ([]fault.Issue, error) {
	w := walk{Watch: fhir.NewWatch(done), root: r.Value, types: r4.Types(), rules: true, terse: true}
	w.resource(r.Value)
	return w.issues(), w.Err()
}

// walk goes through one resource, every value once, and remembers what it finds.
type walk struct {
	fhir.Watch
	root        fhir.Value
	types       []r4.TypeInfo // by id, from 1
	trail                     // to where it is
	contained   bool          // inside Resource.contained
	rules       bool          // also evaluates invariants
	terse       bool          // leaves out warnings
	strictly    bool          // what the reference validator refuses is an error
	noContained bool          // contained resources are not looked at
	at          *whose        // the resource in which it is
	findings
}

// each yields the items of a value as long as there is time.
func (w *walk) each(v fhir.Value) iter.Seq[fhir.Value] {
	return func(yield func(fhir.Value) bool) { w.yield(v, yield) } // in two, so that the compiler keeps the walk off the heap
}

func (w *walk) yield(v fhir.Value, yield func(fhir.Value) bool) {
	if v.Exists() && v.Kind() != fhir.Array {
		yield(v)
		return
	}
	c := v.Cursor()
	for item := c.Next(); item.Exists(); item = c.Next() {
		if w.Late(1) || !yield(item) {
			return
		}
	}
}

func (w *walk) typeOf(e *r4.Element) *r4.TypeInfo { return &w.types[e.Type-1] }

// resource checks v as a resource of the type that it names.
func (w *walk) resource(v fhir.Value) {
	named := v.Get("resourceType")
	if v.Kind() != fhir.Object || named.Kind() != fhir.String {
		w.say("structure", v, "a resource is an object with a resourceType")
		return
	}
	t := r4.Lookup(named.Str())
	if t == nil || t.Kind != r4.Resource {
		w.say("structure", named, "resourceType names no resource type of R4")
		return
	}
	if w.depth == 0 {
		w.push(t.Name)
	}
	if !w.rules {
		w.object(t, v)
		return
	}
	w.enter(t, v)
	w.object(t, v)
	w.leave(t, v)
}

// nested checks the value of an element of type Resource.
func (w *walk) nested(e *r4.Element, v fhir.Value) {
	outer := w.contained
	if w.noContained && e.JSON == "contained" {
		return
	}
	if w.contained = e.JSON == "contained"; w.contained && outer {
		w.say("structure", v, "a contained resource cannot contain another: contain both in the outer one")
	} else {
		w.resource(v)
	}
	w.contained = outer
}
