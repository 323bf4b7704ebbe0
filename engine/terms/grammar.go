package terms

import (
	"math/big"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
	"github.com/ficushealth/ficus/fhir/ucum"
)

// grammar is that of a code's system, where no code system that is loaded lists the code.
func (q *asked) grammar(c term.Coding) (term.Grammar, bool, error) {
	g, known := term.GrammarOf(c.System)
	if !known {
		return g, false, nil
	}
	cs, err := q.lib.CodeSystem(versioned(c.System, c.Version))
	return g, err == nil && (cs == nil || cs.Find(c.Code) == nil), err
}

// built is $lookup of a code that is built by a grammar. Faults: Unknown.
func (q *asked) built(g term.Grammar, c term.Coding) (*fhir.Obj, error) {
	if why := g.Why(c.Code); why != "" {
		return nil, fault.At(fault.Unknown, fault.Issue{Code: "not-found", Text: "the code is not in the code system " + g.URL + ": " + why})
	}
	display, err := q.usual(g, c.Code)
	if err != nil {
		return nil, err
	}
	p := (&parameters{}).add("name", "valueString", g.Name).add("display", "valueString", display)
	if unit, ok := canonicalUnit(g, c.Code); ok && q.wants("canonical") {
		p.parts("property", (&parameters{}).add("code", "valueCode", "canonical").add("value", "valueString", unit))
	}
	return p.resource(), nil
}

// canonicalUnit is the one property that UCUM's codes have (https://hl7.org/fhir/R4/ucum.html).
func canonicalUnit(g term.Grammar, code string) (string, bool) {
	if g.Name != "UCUM" {
		return "", false
	}
	_, unit, err := ucum.Canonical(big.NewRat(1, 1), code)
	return unit, err == nil
}

// usual is the name that R4 gives to a code of a grammar, or the code itself.
func (q *asked) usual(g term.Grammar, code string) (string, error) {
	if g.Listing == "" {
		return code, nil
	}
	vs, err := q.lib.ValueSet(g.Listing)
	if err != nil || vs == nil {
		return code, err
	}
	a, err := term.Contains(q.lib, vs, term.Coding{System: g.URL, Code: code})
	if err != nil || a.Display == "" {
		return code, err
	}
	return a.Display, nil
}

// grammatical is $validate-code of such a code. Its display is not looked at: these systems define none.
func (q *asked) grammatical(g term.Grammar, c term.Coding) (verdict, error) {
	if why := g.Why(c.Code); why != "" {
		return verdict{message: "the code is not in the code system: " + why}, nil
	}
	display, err := q.usual(g, c.Code)
	return verdict{result: true, display: display}, err
}
