package terms

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// translate is $translate (https://hl7.org/fhir/R4/conceptmap-operation-translate.html).
func (s *Service) translate() operation.Operation {
	return s.offer(operation.Operation{
		Code: "translate", Definition: definition("ConceptMap-translate"), On: operation.OnType | operation.OnInstance, Types: []string{"ConceptMap"},
		In: []operation.Param{
			{Name: "url", Type: "uri"}, {Name: "conceptMap", Type: "ConceptMap"}, {Name: "conceptMapVersion", Type: "string"}, {Name: "code", Type: "code"},
			{Name: "system", Type: "uri"}, {Name: "version", Type: "string"}, {Name: "source", Type: "uri"}, {Name: "coding", Type: "Coding"},
			{Name: "codeableConcept", Type: "CodeableConcept"}, {Name: "target", Type: "uri"}, {Name: "targetsystem", Type: "uri"},
			{Name: "dependency", Many: true}, {Name: "reverse", Type: "boolean"},
		},
	}, (*asked).translation)
}

func (q *asked) translation() (*fhir.Obj, error) {
	codes, err := q.coded(q.in.Text("system"), q.in.Text("version"))
	if err != nil {
		return nil, err
	}
	maps, err := q.maps()
	if err != nil {
		return nil, err
	}
	var found []term.Match
	for _, m := range maps {
		for _, c := range codes {
			more, err := q.through(m, c, nil)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	return q.translated(found, len(maps)), nil
}

// maps are the concept maps of the call: that of the instance, one that came, one by its url, or those that lead from the
// source value set to the target.
func (q *asked) maps() ([]*term.ConceptMap, error) {
	if r, ok, err := q.given("conceptMap"); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return []*term.ConceptMap{term.ReadConceptMap(r)}, nil
	}
	url := q.in.Text("url")
	if url == "" {
		return q.between()
	}
	canonical := versioned(url, q.in.Text("conceptMapVersion"))
	m, err := q.lib.conceptMap(canonical)
	if err == nil && m == nil {
		err = q.notLoaded("ConceptMap", canonical)
	}
	return []*term.ConceptMap{m}, err
}

// between finds the stored maps by the value sets that they name; where only the system of the target is told, all of them.
func (q *asked) between() ([]*term.ConceptMap, error) {
	source, target := q.in.Text("source"), q.in.Text("target")
	if source == "" && target == "" && !q.in.Has("targetsystem") {
		return nil, lacking("the concept map is not named: give url, conceptMap, source and target, or targetsystem")
	}
	if q.in.True("reverse") {
		source, target = target, source
	}
	maps, err := q.s.mapsBetween(q.ctx, q.desk.Tenant(), source, target)
	system, back := q.in.Text("targetsystem"), q.in.True("reverse")
	return slices.DeleteFunc(maps, func(m *term.ConceptMap) bool { return system != "" && !m.LeadsTo(system, back) }), err
}

// through follows a map, and the maps to which it sends what it does not know.
func (q *asked) through(m *term.ConceptMap, c term.Coding, way []string) ([]term.Match, error) {
	found, other := m.Translate(c, q.in.Text("targetsystem"), q.in.True("reverse"))
	if other == "" || len(way) > 16 {
		return found, nil
	}
	for _, url := range way {
		if url == other {
			return nil, fault.New(fault.Unprocessable, "the concept maps send each other in a circle")
		}
	}
	next, err := q.lib.conceptMap(other)
	if err != nil || next == nil {
		return found, err
	}
	more, err := q.through(next, c, append(way, other))
	return append(found, more...), err
}

func (q *asked) translated(found []term.Match, maps int) *fhir.Obj {
	result, lacking := false, ""
	list := &parameters{}
	for _, m := range found {
		if n, met := q.meets(m.DependsOn); !met {
			lacking = n.Property
			continue
		}
		result = result || term.Related(m.Equivalence)
		list.parts("match", matched(m))
	}
	out := (&parameters{}).add("result", "valueBoolean", result)
	switch {
	case result:
	case lacking != "":
		out.add("message", "valueString", "a mapping of the code depends on "+shown(lacking)+"; tell its value as dependency")
	case maps == 0:
		out.add("message", "valueString", "no concept map is loaded that leads from one to the other: add the package that has it, or store it")
	default:
		out.add("message", "valueString", "the map has no translation for the code")
	}
	out.list.Items = append(out.list.Items, list.list.Items...)
	return out.resource()
}

func matched(m term.Match) *parameters {
	part := (&parameters{}).say("equivalence", "valueCode", m.Equivalence)
	if m.Code != "" {
		part.add("concept", "valueCoding", codingObject(m.Coding))
	}
	for _, p := range m.Product {
		value := codingObject(term.Coding{System: p.System, Code: p.Value, Display: p.Display})
		part.parts("product", (&parameters{}).say("element", "valueUri", p.Property).add("concept", "valueCoding", value))
	}
	return part.say("source", "valueUri", m.Map)
}

// meets reports whether the call tells the values that a mapping depends on; if not, which is wanted. A mapping is only
// applicable if it does (https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.element.target.dependsOn).
func (q *asked) meets(needed []term.Dependency) (wanted term.Dependency, met bool) {
	given := q.in.All("dependency")
	for _, n := range needed {
		if !slices.ContainsFunc(given, func(d fhir.Value) bool { return tells(d, n) }) {
			return n, false
		}
	}
	return term.Dependency{}, true
}

// tells reports whether a dependency of the call is the element and value that a mapping depends on.
func tells(given fhir.Value, n term.Dependency) bool {
	element, value := "", false
	for part := range given.Get("part").Items() {
		switch part.Get("name").Str() {
		case "element":
			element = part.Get("valueUri").Str()
		case "concept":
			value = value || hasValue(part, n)
		}
	}
	return element == n.Property && value
}

// hasValue looks at a CodeableConcept or Coding. Without a system, the value may be a text too.
func hasValue(part fhir.Value, n term.Dependency) bool {
	concept := part.Get("valueCodeableConcept")
	codes := slices.Collect(concept.Get("coding").Items())
	if c := part.Get("valueCoding"); c.Exists() {
		codes = append(codes, c)
	}
	system, _, _ := strings.Cut(n.System, "|")
	is := func(c fhir.Value) bool {
		return c.Get("code").Str() == n.Value && (system == "" || c.Get("system").Str() == system)
	}
	return slices.ContainsFunc(codes, is) || system == "" && n.Value != "" && concept.Get("text").Str() == n.Value
}
