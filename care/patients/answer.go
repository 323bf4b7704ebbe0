package patients

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// maxTold is how many resources an outcome names one by one.
const maxTold = 100

// answer is what $merge answers: what went in, what was done, and the target as it is then, or would be.
func (m *merging) answer(c operation.Call) (operation.Answer, error) {
	text := fmt.Sprintf("Patient/%s was merged into Patient/%s; %s", m.source, m.target, tally(m.moved, "moved")+followedToo)
	body := fhir.Resource{}
	var err error
	if m.preview {
		text = fmt.Sprintf("Preview: nothing was changed. Patient/%s would be merged into Patient/%s; %s", m.source, m.target, tally(m.moved, "to be moved")+followedToo)
		body, err = uncommitted(m.body)
	} else {
		body, err = fhir.Parse(m.result.Body, fhir.Limits{})
	}
	if err != nil {
		return operation.Answer{}, err
	}
	out := parameters{}
	out.add("input", m.input(c))
	out.add("outcome", fhir.Outcome("information", fault.Issue{Code: "informational", Text: text}))
	out.add("result", body.Value)
	return out.answer(), nil
}

// uncommitted is a body that is no version of anything.
func uncommitted(r fhir.Resource) (fhir.Resource, error) {
	meta := object(fhir.Resource{Value: r.Get("meta")})
	meta = without(without(meta, "versionId"), "lastUpdated")
	o := without(object(r), "meta")
	if meta.Len() > 0 {
		o.Set("meta", meta)
	}
	return resource(o)
}

// input is what went in, as Parameters.
func (m *merging) input(c operation.Call) *fhir.Obj {
	out := parameters{}
	for _, name := range []string{"source-patient", "source-patient-identifier", "target-patient", "target-patient-identifier", "preview"} {
		for _, v := range c.In.All(name) {
			out.list.Add(v)
		}
	}
	if m.wanted.Exists() {
		out.add("result-patient", m.wanted.Value)
	}
	return out.resource()
}

// tally counts resources by type.
func tally(list []moved, verb string) string {
	if len(list) == 0 {
		return "no resource refers to it"
	}
	by := map[string]int{}
	for _, m := range list {
		by[m.typ]++
	}
	var parts []string
	for _, typ := range slices.Sorted(maps.Keys(by)) {
		parts = append(parts, fmt.Sprintf("%d %s", by[typ], typ))
	}
	some := "1 resource"
	if n := len(list); n > 1 {
		some = strconv.Itoa(n) + " resources"
	}
	return "references " + verb + " in " + some + ": " + strings.Join(parts, ", ")
}

// parameters is an answer of the type Parameters.
type parameters struct{ list fhir.List }

func (p *parameters) add(name string, resource any) {
	p.list.Add(fhir.NewObject().Set("name", name).Set("resource", resource))
}

func (p *parameters) resource() *fhir.Obj {
	o := fhir.NewObject().Set("resourceType", "Parameters")
	if len(p.list.Items) > 0 {
		o.Set("parameter", &p.list)
	}
	return o
}

func (p *parameters) answer() operation.Answer { return operation.Resource(p.resource()) }
