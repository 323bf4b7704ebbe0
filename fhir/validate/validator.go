package validate

import (
	"strings"
	"sync"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

// Options says what a Validator knows beyond R4. The zero Options knows R4 alone.
type Options struct {
	Definitions func(canonical string) (fhir.Resource, bool) // StructureDefinitions beyond those of R4
	Terms       term.Library                                 // nil: what R4 publishes
	Resolve     func(reference string) (fhir.Resource, bool) // targets outside the resource; nil: they are not looked at

	// Strict makes errors of what the reference validator of HL7 refuses though FHIR does not forbid it in words: unknown
	// extensions, codes and names that their code system does not have, links that cannot be followed.
	Strict bool
	// Markup refuses strings that look like HTML, MarkdownMarkup also markdown that does: for those who show them as they are.
	Markup, MarkdownMarkup bool
	// NoExamples treats extensions of example.org as any other that is not known.
	NoExamples bool
	// SkipContained leaves contained resources unchecked.
	SkipContained bool
	// Publication asks what HL7 asks of the definitions that it publishes.
	Publication bool
}

// Validator checks resources against R4, profiles and terminologies. It keeps the profiles that it has read; it is safe for
// concurrent use.
type Validator struct {
	Options
	profiles sync.Map // canonical url: *profile
}

// New makes a Validator.
func New(o Options) *Validator {
	if o.Terms == nil {
		o.Terms = term.Base()
	}
	return &Validator{Options: o}
}

// Check is Whole, and what the definitions and terminologies say: the profiles named here and those that the resource
// claims in meta.profile, every extension, every binding. What could not be checked, because a profile or a code system is
// not loaded, comes as an issue for information. Issues are in the order of the document.
func (v *Validator) Check(r fhir.Resource, profiles ...string) []fault.Issue {
	w := walk{root: r.Value, types: r4.Types(), rules: true, strictly: v.Strict, noContained: v.SkipContained}
	w.resource(r.Value)
	if !w.plausible() {
		return w.issues()
	}
	p := &pass{Validator: v, walk: &w, told: map[told]bool{}, left: mostSteps}
	p.start(r, profiles)
	return w.issues()
}

// plausible reports whether the resource has a type, without which there is nothing more to check.
func (w *walk) plausible() bool { return w.depth > 0 }

// profile is the definition of that url, read once; nil if it is not there.
func (v *Validator) profile(canonical string) *profile {
	if known, ok := v.profiles.Load(canonical); ok {
		return known.(*profile)
	}
	r, ok := v.definition(canonical)
	if !ok {
		return nil
	}
	p := compile(r)
	known, _ := v.profiles.LoadOrStore(canonical, p)
	return known.(*profile)
}

func (v *Validator) definition(canonical string) (fhir.Resource, bool) {
	if v.Definitions != nil {
		if r, ok := v.Definitions(canonical); ok {
			return r, true
		}
	}
	raw, ok := r4.Canonical("StructureDefinition", canonical)
	if !ok {
		return fhir.Resource{}, false
	}
	r, err := fhir.Parse(raw, fhir.Limits{})
	return r, err == nil
}

// Forget drops what was read, after definitions have changed.
func (v *Validator) Forget() { v.profiles.Clear() }

// baseType is the type of R4 that a canonical url names, nil if it names none.
func baseType(canonical string) *r4.TypeInfo {
	url, _, _ := strings.Cut(canonical, "|")
	if name, ok := strings.CutPrefix(url, structures); ok {
		return r4.Lookup(name)
	}
	return nil
}

const structures = "http://hl7.org/fhir/StructureDefinition/"
