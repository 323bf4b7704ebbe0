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
	Profiles    func(canonical string) (*Profile, bool)      // StructureDefinitions beyond those of R4, read before
	Definitions func(canonical string) (fhir.Resource, bool) // the same, read when first needed
	// Questionnaires finds those of responses by their canonical url; nil: those that are contained are known.
	Questionnaires func(canonical string) (fhir.Resource, bool)

	Terms   term.Library                                 // nil: what R4 publishes
	Resolve func(reference string) (fhir.Resource, bool) // targets outside the resource; nil: they are not looked at

	// Strict makes errors of what the reference validator of HL7 refuses though FHIR does not forbid it in words: unknown
	// extensions, codes and names that their code system does not have, links that cannot be followed.
	Strict bool
	// Markup refuses strings that look like HTML, MarkdownMarkup also markdown that does: for those who show them as they are.
	Markup, MarkdownMarkup bool
	// NoExamples treats extensions of example.org as any other that is not known.
	NoExamples bool
	// SkipContained leaves contained resources unchecked.
	SkipContained bool
	// Done is closed when there is no more time, as that of a context.Context is; nil: never.
	Done <-chan struct{}
	// Publication asks what HL7 asks of the definitions that it publishes.
	Publication bool
}

// Profile is a StructureDefinition that was read. It is immutable.
type Profile struct{ p *profile }

// ReadProfile reads a StructureDefinition; whatever in it cannot be understood asks for nothing.
func ReadProfile(r fhir.Resource) *Profile { return &Profile{compile(r)} }

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
// not loaded, comes as an issue for information. Issues are in the order of the document. Faults: TimedOut after Done, and
// then nobody knows whether the resource is valid.
func (v *Validator) Check(r fhir.Resource, profiles ...string) ([]fault.Issue, error) {
	w := walk{Watch: fhir.NewWatch(v.Done), root: r.Value, types: r4.Types(), rules: true, strictly: v.Strict, noContained: v.SkipContained}
	w.resource(r.Value)
	if !w.plausible() {
		return w.issues(), w.Err()
	}
	p := &pass{Validator: v, walk: &w, told: map[told]bool{}, met: map[claim]bool{}, unmet: map[claim]string{}, left: mostSteps, heirs: map[*profile]bool{}, slicing: map[*node]*node{}}
	p.start(r, profiles)
	return w.issues(), w.Err()
}

// plausible reports whether the resource has a type, without which there is nothing more to check.
func (w *walk) plausible() bool { return w.depth > 0 }

// Knows reports whether there is a definition of that url, in that version if it names one.
func (v *Validator) Knows(canonical string) bool {
	return baseType(canonical) != nil || v.profile(canonical) != nil
}

// notLoaded names a definition that is not there, and the version in which it is there instead of the one that is asked for.
func (v *Validator) notLoaded(canonical string) string {
	url, version, _ := strings.Cut(canonical, "|")
	if version == "" || shown(canonical) != canonical || !v.Knows(url) {
		return shown(canonical) + " is not loaded"
	}
	there := r4.Version
	if def := v.profile(url); def != nil {
		there = def.version
	}
	if there == "" {
		there = "one that has none"
	}
	return url + " is not loaded in version " + version + ", but in " + there
}

// profile is the definition of that url, in the version that stands behind | if one does, read once; nil if it is not there
// (https://hl7.org/fhir/R4/references.html#canonical).
func (v *Validator) profile(canonical string) *profile {
	if known, ok := v.profiles.Load(canonical); ok {
		return known.(*profile)
	}
	if v.Profiles != nil {
		if p, ok := v.Profiles(canonical); ok {
			v.profiles.Store(canonical, p.p)
			return p.p
		}
	}
	if v.Definitions == nil {
		return baseProfile(canonical)
	}
	r, ok := v.Definitions(canonical)
	if !ok {
		return baseProfile(canonical)
	}
	p := compile(r)
	known, _ := v.profiles.LoadOrStore(canonical, p)
	return known.(*profile)
}

// baseProfiles keeps the profiles of R4 that were asked for, by the first byte of their text: they never change.
var baseProfiles = sync.OnceValue(func() *sync.Map { return new(sync.Map) })

func baseProfile(canonical string) *profile {
	raw, ok := r4.Canonical("StructureDefinition", canonical)
	if !ok {
		return nil
	}
	p := readOnce(raw)
	if _, version, _ := strings.Cut(canonical, "|"); p == nil || version != "" && version != p.version {
		return nil
	}
	return p
}

func readOnce(raw []byte) *profile {
	if known, ok := baseProfiles().Load(&raw[0]); ok {
		return known.(*profile)
	}
	r, err := fhir.Parse(raw, fhir.Limits{})
	if err != nil {
		return nil
	}
	p := compile(r)
	baseProfiles().Store(&raw[0], p)
	return p
}

// Forget drops what was read, after definitions have changed.
func (v *Validator) Forget() { v.profiles.Clear() }

// baseType is the type of R4 that a canonical url names, nil if it names none.
func baseType(canonical string) *r4.TypeInfo {
	url, version, _ := strings.Cut(canonical, "|")
	if name, ok := strings.CutPrefix(url, structures); ok && (version == "" || version == r4.Version) {
		return r4.Lookup(name)
	}
	return nil
}

const structures = "http://hl7.org/fhir/StructureDefinition/"
