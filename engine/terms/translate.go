package terms

import (
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
	return q.translated(found), nil
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
	m, err := q.lib.conceptMap(versioned(url, q.in.Text("conceptMapVersion")))
	if err == nil && m == nil {
		err = notLoaded("concept map", url)
	}
	return []*term.ConceptMap{m}, err
}

// between finds the stored maps by the value sets that they name; where only the system of the target is told, all of them.
func (q *asked) between() ([]*term.ConceptMap, error) {
	source, target := q.in.Text("source"), q.in.Text("target")
	if source == "" && target == "" && !q.in.Has("targetsystem") {
		return nil, fault.New(fault.Invalid, "the concept map is not named: give url, conceptMap, source and target, or targetsystem")
	}
	if q.in.True("reverse") {
		source, target = target, source
	}
	return q.s.mapsBetween(q.ctx, q.desk.Tenant(), source, target)
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

func (q *asked) translated(found []term.Match) *fhir.Obj {
	result := false
	list := &parameters{}
	for _, m := range found {
		if !q.fits(m.DependsOn) {
			continue
		}
		result = result || term.Related(m.Equivalence)
		part := (&parameters{}).say("equivalence", "valueCode", m.Equivalence)
		if m.Code != "" {
			part.add("concept", "valueCoding", codingObject(m.Coding))
		}
		for _, p := range m.Product {
			value := codingObject(term.Coding{System: p.System, Code: p.Value, Display: p.Display})
			part.parts("product", (&parameters{}).say("element", "valueUri", p.Property).add("concept", "valueCoding", value))
		}
		list.parts("match", part.say("source", "valueUri", m.Map))
	}
	out := (&parameters{}).add("result", "valueBoolean", result)
	if !result {
		out.add("message", "valueString", "the map has no translation for the code")
	}
	out.list.Items = append(out.list.Items, list.list.Items...)
	return out.resource()
}

// fits reports whether the dependencies of a mapping are met by those of the call; a call that names none meets all.
func (q *asked) fits(needed []term.Dependency) bool {
	given := q.in.All("dependency")
	if len(given) == 0 {
		return true
	}
	for _, n := range needed {
		met := false
		for _, d := range given {
			met = met || dependencyIs(d, n)
		}
		if !met {
			return false
		}
	}
	return true
}

func dependencyIs(given fhir.Value, n term.Dependency) bool {
	element, value := "", ""
	for part := range given.Get("part").Items() {
		switch part.Get("name").Str() {
		case "element":
			element = part.Get("valueUri").Str()
		case "concept":
			for c := range part.Get("valueCodeableConcept").Get("coding").Items() {
				value = c.Get("code").Str()
			}
			if c := part.Get("valueCoding"); c.Exists() {
				value = c.Get("code").Str()
			}
		}
	}
	return element == n.Property && value == n.Value
}
