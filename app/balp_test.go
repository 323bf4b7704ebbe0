package app

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
	"github.com/ficushealth/ficus/fhir/validate"
	"github.com/ficushealth/ficus/suites"
)

const balp = "https://profiles.ihe.net/ITI/BALP/"

// shorthand reads the profiles and value sets of IHE BALP from their FHIR Shorthand (https://hl7.org/fhir/uv/shorthand/), as far
// as they use it.
type shorthand struct {
	known    map[string]fhir.Resource
	profiles map[string]string // name: url
}

func readShorthand(t *testing.T) *shorthand {
	t.Helper()
	s := &shorthand{map[string]fhir.Resource{}, map[string]string{}}
	files, err := filepath.Glob(filepath.Join(suites.Path(t, "balp", "input", "fsh"), "Patient*.fsh"))
	if err != nil || len(files) != 5 {
		t.Fatal(files, err)
	}
	var texts []string
	for _, name := range append(files, filepath.Join(filepath.Dir(files[0]), "terms.fsh")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, regexp.MustCompile(`(?s)""".*?"""`).ReplaceAllString(string(text), `""`))
	}
	parts := regexp.MustCompile(`(?m)^(Profile|ValueSet|CodeSystem):\s*(\S+)`)
	for _, text := range texts {
		at := append(parts.FindAllStringSubmatchIndex(text, -1), []int{len(text)})
		for i := range len(at) - 1 {
			s.define(t, text[at[i][2]:at[i][3]], text[at[i][4]:at[i][5]], text[at[i][0]:at[i+1][0]])
		}
	}
	return s
}

func (s *shorthand) define(t *testing.T, kind, name, text string) {
	t.Helper()
	var rules []string
	for line := range strings.SplitSeq(joined(text), "\n") {
		if rule, is := strings.CutPrefix(strings.TrimSpace(line), "* "); is {
			rules = append(rules, strings.TrimSpace(regexp.MustCompile(`\s//.*$`).ReplaceAllString(rule, "")))
		}
	}
	o := fhir.NewObject().Set("status", "active").Set("name", name)
	switch kind {
	case "Profile":
		id := regexp.MustCompile(`Id:\s*(\S+)`).FindStringSubmatch(text)[1]
		parent := regexp.MustCompile(`Parent:\s*(\S+)`).FindStringSubmatch(text)[1]
		s.profiles[name] = balp + "StructureDefinition/" + id
		base := "http://hl7.org/fhir/StructureDefinition/AuditEvent"
		if parent != "AuditEvent" {
			base = balp + "StructureDefinition/IHE.BasicAudit." + parent
		}
		o.Set("resourceType", "StructureDefinition").Set("url", s.profiles[name]).Set("kind", "resource").Set("abstract", false).Set("type", "AuditEvent").
			Set("baseDefinition", base).Set("derivation", "constraint").Set("differential", fhir.NewObject().Set("element", elementsOf(t, rules)))
	case "ValueSet":
		include := &fhir.List{}
		for _, r := range rules {
			if system, code, is := codeOf(r); is {
				include.Add(fhir.NewObject().Set("system", system).Set("concept", (&fhir.List{}).Add(fhir.NewObject().Set("code", code))))
			}
		}
		o.Set("resourceType", "ValueSet").Set("url", balp+"ValueSet/"+name).Set("compose", fhir.NewObject().Set("include", include))
	case "CodeSystem":
		o.Set("resourceType", "CodeSystem").Set("url", balp+"CodeSystem/"+name).Set("content", "complete").
			Set("concept", (&fhir.List{}).Add(fhir.NewObject().Set("code", "XrequestId")))
	}
	r, err := fhir.Parse(o.JSON(), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s.known[r.Get("url").Str()] = r
}

// joined puts a rule that goes on over several lines into one.
func joined(text string) string {
	text = regexp.MustCompile(`\s+and\s*\n\s*`).ReplaceAllString(text, " and ")
	return regexp.MustCompile(`contains\s*\n\s*`).ReplaceAllString(text, "contains ")
}

// codeOf reads system#code, with a display or not.
func codeOf(text string) (system, code string, ok bool) {
	m := regexp.MustCompile(`^(\S*)#(\S+)`).FindStringSubmatch(text)
	if m == nil || strings.HasPrefix(m[1], "^") {
		return "", "", false
	}
	switch system = m[1]; system {
	case "DCM":
		system = "http://dicom.nema.org/resources/ontology/DCM"
	case "BasicAuditEntityType":
		system = balp + "CodeSystem/BasicAuditEntityType"
	}
	return system, m[2], true
}

// elementsOf gathers the rules by element, in the order in which these first come, each behind its parent.
func elementsOf(t *testing.T, rules []string) *fhir.List {
	t.Helper()
	var order []string
	byID := map[string]*fhir.Obj{}
	element := func(path string) *fhir.Obj {
		id, plain := "AuditEvent", "AuditEvent"
		for step := range strings.SplitSeq(path, ".") {
			name, slice, _ := strings.Cut(strings.TrimSuffix(step, "]"), "[")
			id, plain = id+"."+name, plain+"."+name
			if slice != "" {
				id += ":" + slice
			}
		}
		if byID[id] == nil {
			byID[id] = fhir.NewObject().Set("id", id).Set("path", plain)
			if i := strings.LastIndex(id, ":"); i > strings.LastIndex(id, ".") {
				byID[id].Set("sliceName", id[i+1:])
			}
			order = append(order, id)
		}
		return byID[id]
	}
	card := func(o *fhir.Obj, text string) {
		low, high, _ := strings.Cut(text, "..")
		if low != "" {
			o.Set("min", fhir.Num(low))
		}
		if high != "" {
			o.Set("max", high)
		}
	}
	for _, rule := range rules {
		path, rest, _ := strings.Cut(rule, " ")
		rest = strings.TrimSpace(rest)
		system, code, isCode := codeOf(strings.TrimPrefix(rest, "= "))
		switch {
		case strings.HasPrefix(rest, "^slicing.discriminator.path"):
			way := strings.Trim(rest[strings.Index(rest, "=")+1:], ` "`)
			element(path).Set("slicing", fhir.NewObject().Set("discriminator", (&fhir.List{}).Add(fhir.NewObject().Set("type", "value").Set("path", way))).Set("rules", "open"))
		case strings.HasPrefix(rest, "^"), rest == "MS", path == "":
		case strings.HasPrefix(rest, "contains "):
			for part := range strings.SplitSeq(strings.TrimPrefix(rest, "contains "), " and ") {
				words := strings.Fields(part)
				card(element(path+"["+words[0]+"]"), words[1])
			}
		case strings.HasPrefix(rest, "from "):
			element(path).Set("binding", fhir.NewObject().Set("strength", "required").Set("valueSet", balp+"ValueSet/"+strings.Fields(rest)[1]))
		case strings.HasPrefix(rest, "only "):
			element(path).Set("type", (&fhir.List{}).Add(fhir.NewObject().Set("code", "Reference").Set("targetProfile", (&fhir.List{}).Add("http://hl7.org/fhir/StructureDefinition/Patient"))))
		case rest == "= true":
			element(path).Set("patternBoolean", true)
		case isCode && strings.HasPrefix(path, "agent"):
			element(path).Set("patternCodeableConcept", fhir.NewObject().Set("coding", (&fhir.List{}).Add(fhir.NewObject().Set("system", system).Set("code", code))))
		case isCode && (path == "action" || path == "outcome"):
			element(path).Set("patternCode", code)
		case isCode:
			element(path).Set("patternCoding", fhir.NewObject().Set("system", system).Set("code", code))
		case strings.Contains(rest, ".."):
			card(element(path), strings.Fields(rest)[0])
		default:
			t.Fatalf("a rule that is not understood: %s %s", path, rest)
		}
	}
	return inOrder(order, byID)
}

// inOrder puts each slice and each child behind what it belongs to.
func inOrder(order []string, byID map[string]*fhir.Obj) *fhir.List {
	all, done := (&fhir.List{}).Add(fhir.NewObject().Set("id", "AuditEvent").Set("path", "AuditEvent")), map[string]bool{}
	var put func(id string)
	put = func(id string) {
		if done[id] {
			return
		}
		done[id] = true
		all.Add(byID[id])
		for _, other := range order {
			if strings.HasPrefix(other, id+".") || strings.HasPrefix(other, id+":") {
				put(other)
			}
		}
	}
	for _, id := range order {
		put(id)
	}
	return all
}

func (s *shorthand) find(url string) (fhir.Resource, bool) { r, ok := s.known[url]; return r, ok }

// CodeSystem and ValueSet find what BALP defines, and what R4 does.
func (s *shorthand) CodeSystem(url string) (*term.CodeSystem, error) {
	if r, ok := s.known[url]; ok {
		return term.ReadCodeSystem(r)
	}
	return term.Base().CodeSystem(url)
}

func (s *shorthand) ValueSet(url string) (*term.ValueSet, error) {
	if r, ok := s.known[url]; ok {
		return term.ReadValueSet(r)
	}
	return term.Base().ValueSet(url)
}

// TestAuditEventsAreThoseOfBALP: of each interaction, with one patient, none and several.
func TestAuditEventsAreThoseOfBALP(t *testing.T) {
	s := readShorthand(t)
	v := validate.New(validate.Options{Definitions: s.find, Terms: s})
	by := audit.Observer{Name: "https://ficus.example.org/fhir", Address: "ficus.example.org"}
	claimed := map[string]bool{}
	for _, action := range []string{"read", "vread", "search", "create", "update", "delete", "history", "everything", "match", "emit", "signin", "choose"} {
		for _, patients := range [][]string{nil, {"p"}, {"p", "q"}} {
			f := audit.Found{ID: "00112233445566778899aabbccddeeff-1-0", Entry: audit.Entry{At: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), Action: action, Outcome: audit.Success, Subject: "user/one",
				Name: "Dr. One", Client: "client/console", Session: "s", Address: "10.0.0.7", Agent: "console/1", RequestID: "r-1", Purpose: "TREAT", Patients: patients,
				Things: []audit.Thing{{Type: "Observation", ID: "o", Version: 3}, {Type: "Observation", ID: "o2", Version: 1}}, Query: "code&date", Detail: "more"}}
			switch action {
			case "search":
				f.Things[0] = audit.Thing{Type: "Observation"}
			case "signin":
				f.Things = []audit.Thing{{Type: "User", ID: "one"}}
			case "choose":
				f.Things = []audit.Thing{{Type: "Setting", ID: "integrity=on"}}
			}
			for _, outcome := range []string{audit.Success, audit.Refused} {
				f.Outcome = outcome
				if outcome != audit.Success {
					f.Reason, f.Subject, f.Address = "no", "", ""
				}
				r, err := fhir.Parse(f.Resource(by).JSON(), fhir.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				for p := range r.Get("meta").Get("profile").Items() {
					claimed[strings.TrimPrefix(p.Str(), balp+"StructureDefinition/IHE.BasicAudit.")] = true
				}
				issues, err := v.Check(r)
				for _, i := range issues {
					if !i.Warning { // that there is no narrative, and a code beyond an extensible set, as BALP wants it
						t.Errorf("%s, %s, %d patients: %s %s: %s", action, outcome, len(patients), i.Code, i.Expression, i.Text)
					}
				}
				if err != nil || t.Failed() {
					t.Fatalf("%v: %s", err, r.Raw())
				}
			}
		}
	}
	if got := fmt.Sprint(len(claimed)); got != "10" {
		t.Errorf("%s profiles are claimed: %v", got, claimed)
	}
}

// TestTheShorthandIsRead: an AuditEvent that is wrong is found to be, by each of the profiles.
func TestTheShorthandIsRead(t *testing.T) {
	s := readShorthand(t)
	v := validate.New(validate.Options{Definitions: s.find, Terms: s})
	r, err := fhir.Parse([]byte(`{"resourceType":"AuditEvent","type":{"system":"urn:x","code":"y"},"recorded":"2026-12-01T08:00:00Z","agent":[{"requestor":true}],"source":{"observer":{"display":"x"}}}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range s.profiles {
		issues, err := v.Check(r, url)
		wrong := 0
		for _, i := range issues {
			if !i.Warning {
				wrong++
			}
		}
		if err != nil || wrong < 6 {
			t.Errorf("%s finds %d mistakes: %+v", name, wrong, issues)
		}
	}
}
