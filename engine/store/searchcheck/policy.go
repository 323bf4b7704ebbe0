package searchcheck

import (
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Allowed is a part of the corpus that somebody may see: resources of a type ("*" is any), those in the compartment of a patient
// ("" is anybody's), as far as they meet all conditions.
type Allowed struct {
	Type, Patient string
	Where         [][2]string
}

// Policy is all that somebody may see: what any of its parts has.
type Policy []Allowed

// Scopes writes the policy as scopes of SMART App Launch 2
// (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).
func (p Policy) Scopes() string {
	words := make([]string, len(p))
	for i, a := range p {
		words[i] = map[bool]string{true: "user/", false: "patient/"}[a.Patient == ""] + a.Type + ".rs"
		for n, pair := range a.Where {
			words[i] += map[bool]string{true: "?", false: "&"}[n == 0] + pair[0] + "=" + url.QueryEscape(pair[1])
		}
	}
	return strings.Join(words, " ")
}

// membership names, by type, the parameters by which a resource is in the compartment of a patient
// (https://hl7.org/fhir/R4/compartmentdefinition-patient.html), for the types that Synthea writes.
const membership = `
AllergyIntolerance patient recorder asserter
CarePlan patient performer
CareTeam patient participant
Claim patient payee
Condition patient asserter
Coverage policy-holder subscriber beneficiary payor
DiagnosticReport subject
DocumentReference subject author
Encounter patient
ExplanationOfBenefit patient payee
Goal patient
ImagingStudy patient
Immunization patient
MedicationAdministration patient performer subject
MedicationRequest subject
MedicationStatement subject
Observation subject performer
Patient link
Procedure patient performer
Provenance patient
SupplyDelivery patient
ServiceRequest subject performer
`

// Policies makes random policies for a patient of the corpus, and says which that is.
func (c *Corpus) Policies(seed uint64, n int) (list []Policy, patients []string) {
	r := rand.New(rand.NewPCG(seed, seed+3))
	types := slices.Sorted(maps.Keys(c.docs))
	for i := range n {
		who := c.docs["Patient"][r.IntN(len(c.docs["Patient"]))].id
		var p Policy
		switch i % 4 {
		case 0:
			p = Policy{{Type: "*", Patient: who}}
		case 1:
			p = Policy{{Type: "*", Patient: who}, {Type: "Practitioner"}, {Type: "Organization"}}
		case 2:
			p = Policy{{"Observation", who, [][2]string{{"category", "laboratory"}}}, {Type: "Patient", Patient: who}, {Type: "Encounter"}}
		}
		for len(p) < 4 {
			p = append(p, c.allowed(r, types))
		}
		list, patients = append(list, p), append(patients, who)
	}
	return list, patients
}

// allowed is a part of a type, by a code that some have.
func (c *Corpus) allowed(r *rand.Rand, types []string) Allowed {
	for {
		typ := types[r.IntN(len(types))]
		at := r.IntN(len(c.params[typ]))
		p := c.params[typ][at]
		d := c.docs[typ][r.IntN(len(c.docs[typ]))]
		if r.IntN(3) == 0 {
			return Allowed{Type: typ}
		}
		if p.kind != token || strings.HasPrefix(p.code, "_") || len(d.values[at]) == 0 {
			continue
		}
		if codes := p.codes(d.values[at][0]); len(codes) > 0 && codes[0].code != "" {
			return Allowed{Type: typ, Where: [][2]string{{p.code + map[bool]string{true: ":not"}[r.IntN(4) == 0], strings.ReplaceAll(codes[0].code, ",", `\,`)}}}
		}
	}
}

// Under is the corpus as somebody sees it under the policy: what it asks and follows leads to what he may see.
func (c *Corpus) Under(p Policy, now time.Time) *Corpus {
	out := *c
	out.hidden = map[*doc]bool{}
	members := map[string][]string{}
	for line := range strings.Lines(membership) {
		if words := strings.Fields(line); len(words) > 0 {
			members[words[0]] = words[1:]
		}
	}
	for typ, docs := range c.docs {
		for _, d := range docs {
			out.hidden[d] = !slices.ContainsFunc(p, func(a Allowed) bool { return c.allows(a, members, typ, d, now) })
		}
	}
	return &out
}

func (c *Corpus) allows(a Allowed, members map[string][]string, typ string, d *doc, now time.Time) bool {
	if a.Type != "*" && a.Type != typ || a.Patient != "" && !c.member(members, typ, d, "Patient/"+a.Patient) {
		return false
	}
	for _, pair := range a.Where {
		code, modifier, _ := strings.Cut(pair[0], ":")
		at := slices.IndexFunc(c.params[typ], func(p param) bool { return p.code == code })
		if at < 0 || (clause{&c.params[typ][at], at, modifier, []string{pair[1]}}).match(d, now) != yes {
			return false
		}
	}
	return true
}

func (c *Corpus) member(members map[string][]string, typ string, d *doc, patient string) bool {
	if typ+"/"+d.id == patient {
		return true
	}
	for at, p := range c.params[typ] {
		if !slices.Contains(members[typ], p.code) {
			continue
		}
		for _, v := range d.values[at] {
			if target, _ := member(v, "reference").(string); target == patient {
				return true
			}
		}
	}
	return false
}

// Sees reports whether somebody under the policy sees a resource.
func (c *Corpus) Sees(typ, id string) bool {
	d := c.byKey[typ+"/"+id]
	return d != nil && !c.hidden[d]
}

// IDs are the resources of a type, seen or not, in the order of loading; Types are those that there are.
func (c *Corpus) IDs(typ string) (ids []string) {
	for _, d := range c.docs[typ] {
		ids = append(ids, d.id)
	}
	return ids
}

// Types are described with IDs.
func (c *Corpus) Types() []string { return slices.Sorted(maps.Keys(c.docs)) }

// Points are the resources, as Type/id, to which one refers by any search parameter, as far as they are seen.
func (c *Corpus) Points(typ, id string) (names []string) {
	d := c.byKey[typ+"/"+id]
	for at, p := range c.params[typ] {
		if p.kind != reference {
			continue
		}
		for _, v := range d.values[at] {
			target, _ := member(v, "reference").(string)
			if x := c.byKey[target]; x != nil && !c.hidden[x] && !slices.Contains(names, target) {
				names = append(names, target)
			}
		}
	}
	return names
}
