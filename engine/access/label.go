package access

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Security labels (https://hl7.org/fhir/R4/security-labels.html) narrow who has a clearance: nothing that is labelled as more
// confidential than it, and of what is labelled with purposes of use only what may be used for his.

const (
	confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
	reasons         = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
)

// confidential are the codes of confidentiality, the least first.
var confidential = [...]string{"U", "L", "M", "N", "R", "V"}

// cleared are the conditions of the principal's clearance. One that is not known clears nothing that has a label of confidentiality.
func (p *Principal) cleared(resourceType string, set *r4.ParamSet) []search.Clause {
	if p.Clearance == "" || resourceType == "" {
		return nil
	}
	above := confidential[slices.Index(confidential[:], p.Clearance)+1:]
	denied := []search.Clause{}
	if len(above) > 0 {
		denied = append(denied, labelled(resourceType, set, confidentiality, above...))
	}
	other := search.Clause{Form: search.None, Name: "access", Sub: []search.Clause{labelled(resourceType, set, reasons, p.Purpose)}}
	if p.Purpose == "" {
		other = search.Clause{Form: search.All, Name: "access"}
	}
	denied = append(denied, search.Clause{Form: search.All, Name: "access", Sub: []search.Clause{labelled(resourceType, set, reasons, ""), other}})
	return []search.Clause{{Form: search.None, Name: "access", Sub: denied}}
}

// labelled is the condition that a resource has one of the labels; the code "" is any of the system.
func labelled(resourceType string, set *r4.ParamSet, system string, codes ...string) search.Clause {
	values := make([]string, len(codes))
	for i, code := range codes {
		values[i] = search.Escape(system) + "|" + search.Escape(code)
	}
	q, _, err := search.ParseIn(set, resourceType, []search.Pair{{Name: "_security", Value: strings.Join(values, ",")}}, search.Strict)
	if err != nil { // a purpose that can be no code: none has it
		return search.Clause{Form: search.Any, Name: "access"}
	}
	return all(q.Clauses)
}

// IsClearance reports whether a text can be a Principal's Clearance.
func IsClearance(code string) bool { return code == "" || slices.Contains(confidential[:], code) }

// IsPurpose reports whether a text can be a Principal's Purpose.
func IsPurpose(code string) bool { return code == "" || len(code) <= 20 && isCode(code) }

// LowerClearance is the one of two that clears less; none clears everything.
func LowerClearance(a, b string) string {
	if a == "" || b != "" && slices.Index(confidential[:], b) < slices.Index(confidential[:], a) {
		return b
	}
	return a
}
