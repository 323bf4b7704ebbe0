package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/searchcheck"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/suites"
)

// twinned are the types whose parameters TestTwins defines once more.
var twinned = []string{"CodeSystem", "Condition", "DiagnosticReport", "DocumentReference", "Encounter", "Group", "Location", "MedicationRequest", "Observation", "Organization", "Patient",
	"PlanDefinition", "Practitioner", "Procedure", "Questionnaire", "RiskAssessment", "ValueSet"}

// TestTwins defines each parameter of R4 a second time, under another code, when half of the examples are stored, and asks
// the questions of a slow filter over the files by these codes.
func TestTwins(t *testing.T) {
	onBoth(t, store.Options{DanglingReferences: true, Now: clockOf2026, OwnParams: 1000}, func(x *defining) {
		s := &exampleStore{t: x.T, desk: x.desk, corpus: searchcheck.New(), keys: map[string]bool{}}
		n := 0
		for name, raw := range suites.Package(x.T, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz") {
			if typ, _, _ := strings.Cut(name, "-"); !slices.Contains(twinned, typ) || n == 600 {
				continue
			}
			if n++; n == 300 {
				s.store()
				x.twins()
			}
			s.take(name, raw)
		}
		s.store()
		x.start()
		x.settled()
		x.sound()
		seed := seedOf(x.T)
		queries := append(s.corpus.Queries(seed, 300, 3000, clockOf2026()), s.corpus.Chains(seed, 100, 3000, clockOf2026())...)
		asked := 0
		for _, q := range queries {
			own, any := twinOf(q)
			if !any {
				continue
			}
			asked++
			if wrong := own.Wrong(x.all(own)); wrong != "" {
				x.Errorf("seed %d: %s", seed, wrong)
			}
		}
		if asked < 240 {
			x.Errorf("seed %d: only %d questions", seed, asked)
		}
	})
}

// twins defines the parameters.
func (x *defining) twins() {
	x.Helper()
	var entries []string
	for _, typ := range twinned {
		for _, p := range r4.Params(typ) {
			if !hasTwin(p) {
				continue
			}
			targets := p.Targets
			if p.Code == "patient" {
				targets = []string{"Patient"}
			}
			id := typ + "-" + p.Code
			o := fhir.NewObject().Set("resourceType", "SearchParameter").Set("id", id).Set("url", "http://x.test/"+id).Set("name", "x").Set("status", "active").
				Set("description", "x").Set("code", "own-"+p.Code).Set("type", p.Type).Set("base", list(typ)).Set("expression", p.On(typ))
			if len(targets) > 0 {
				o.Set("target", list(targets...))
			}
			if p.Type == "composite" {
				parts := &fhir.List{}
				for _, c := range p.Components {
					parts.Add(fhir.NewObject().Set("definition", c.URL).Set("expression", c.Expression))
				}
				o.Set("component", parts)
			}
			entries = append(entries, fmt.Sprintf(`{"resource":%s,"request":{"method":"PUT","url":"SearchParameter/%s"}}`, o.JSON(), id))
		}
	}
	storetest.Post(x, x.desk, entries)
}

func list(texts ...string) *fhir.List {
	out := &fhir.List{}
	for _, s := range texts {
		out.Add(s)
	}
	return out
}

func hasTwin(p r4.Param) bool {
	return p.Expression != "" && p.Code[0] != '_' && p.Type != "special" && p.Code != "relationship"
}

// twinOf is a question that asks by the twins.
func twinOf(q searchcheck.Query) (searchcheck.Query, bool) {
	pairs := slices.Clone(q.Pairs)
	any := false
	for i := range pairs {
		name, renamed := twinName(q.Type, pairs[i][0])
		pairs[i][0], any = name, any || renamed
	}
	q.Pairs = pairs
	return q, any
}

func twinName(typ, name string) (string, bool) {
	if rest, has := strings.CutPrefix(name, "_has:"); has {
		parts := strings.SplitN(rest, ":", 3)
		code, _ := twinName(parts[0], parts[1])
		end, renamed := twinName(parts[0], parts[2])
		return "_has:" + parts[0] + ":" + code + ":" + end, renamed
	}
	head, rest, chained := strings.Cut(name, ".")
	code, modifier, modified := strings.Cut(head, ":")
	p, known := r4.FindParam(typ, code)
	if !known || !slices.Contains(twinned, typ) || !hasTwin(p) {
		return name, false
	}
	out := "own-" + head
	if !chained {
		return out, true
	}
	if !modified && len(p.Targets) == 1 {
		modifier = p.Targets[0]
	}
	if code == "patient" {
		modifier = "Patient"
	}
	end, _ := twinName(modifier, rest)
	return out + "." + end, true
}

func (x *defining) all(q searchcheck.Query) []string {
	var pairs []search.Pair
	for _, p := range q.Pairs {
		pairs = append(pairs, search.Pair{Name: p[0], Value: p[1]})
	}
	text := search.Encode(append(pairs, search.Pair{Name: "_count", Value: "300"}))
	ids, err := storetest.All(x.Context(), x.desk, q.Type, text)
	if err != nil {
		x.Errorf("%s: %v", q, err)
	}
	return ids
}
