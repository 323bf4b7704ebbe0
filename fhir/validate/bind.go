package validate

import (
	"errors"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

var errUnknown = errors.New("a definition that decides is not loaded")

// bind checks the codes of an item against a value set. Required: an error. Extensible: a warning, for the value set may be
// left where it has no fitting code. Preferred: for information. What cannot be decided is told, never passed as valid.
func (p *pass) bind(strength, url string, it item) {
	if strength != "required" && strength != "extensible" && strength != "preferred" {
		return
	}
	codings := codingsOf(it.t, it.v)
	if len(codings) == 0 {
		if strength == "required" && it.t != nil && it.t.Name == "CodeableConcept" && it.v.Exists() {
			p.tell(failure, "code-invalid", it.at(), "a coding from the value set %s is required here", shown(url))
		}
		return
	}
	in, why := term.No, ""
	for _, c := range codings {
		a, err := p.contains(url, c)
		if err != nil {
			a.In, a.Missing = term.Unknown, []string{url}
		}
		if a.In == term.Yes {
			return
		}
		if a.In == term.Unknown {
			in, why = term.Unknown, a.Why(p.Terms).Text
		}
	}
	p.notIn(strength, url, it, in, why)
}

// atMost checks the codes of an item against the value set from which they must be although the binding is not required
// (http://hl7.org/fhir/R4/extension-elementdefinition-maxvalueset.html). An item without codes is none of its concern.
func (p *pass) atMost(url string, it item) {
	if len(codingsOf(it.t, it.v)) > 0 {
		p.bind("required", url, it)
	}
}

// languages are bound in R4 as preferred, all of them with the same largest value set.
const languages, allLanguages = "http://hl7.org/fhir/ValueSet/languages", "http://hl7.org/fhir/ValueSet/all-languages"

func (p *pass) notIn(strength, url string, it item, in term.Verdict, why string) {
	switch {
	case in == term.Unknown:
		p.tell(information, "not-supported", it.at(), "the binding to %s was not checked: %s", shown(url), why)
	case strength == "required":
		p.tell(failure, "code-invalid", it.at(), "a code from the value set %s is required here", shown(url))
	case strength == "extensible":
		p.tell(warning, "code-invalid", it.at(), "no code is from the value set %s: use one of it if it has one that fits", shown(url))
	default:
		p.tell(information, "code-invalid", it.at(), "no code is from the value set %s, which is preferred here", shown(url))
	}
}

func (p *pass) contains(url string, c term.Coding) (term.Answer, error) {
	vs, err := p.Terms.ValueSet(url)
	if err != nil {
		return term.Answer{}, err
	}
	if vs == nil {
		return term.Answer{In: term.Unknown, Missing: []string{shown(url)}}, nil
	}
	return term.Contains(p.Terms, vs, c)
}

// codingsOf are the codes that a value of a type carries.
func codingsOf(t *r4.TypeInfo, v fhir.Value) []term.Coding {
	if t == nil || !v.Exists() {
		return nil
	}
	switch {
	case t.Name == "CodeableConcept":
		var out []term.Coding
		for c := range v.Get("coding").Items() {
			if c.Get("code").Exists() {
				out = append(out, codingOf(c))
			}
		}
		return out
	case t.Name == "Coding" || r4.IsA(t.Name, "Quantity"):
		if v.Get("code").Exists() {
			return []term.Coding{codingOf(v)}
		}
	case t.Kind == r4.Primitive && v.Kind() == fhir.String:
		return []term.Coding{{Code: v.Str()}}
	}
	return nil
}

func codingOf(v fhir.Value) term.Coding {
	return term.Coding{System: v.Get("system").Str(), Version: v.Get("version").Str(), Code: v.Get("code").Str(), Display: v.Get("display").Str()}
}
