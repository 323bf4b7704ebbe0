package terms

import (
	"slices"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// lookup is $lookup (https://hl7.org/fhir/R4/codesystem-operation-lookup.html).
func (s *Service) lookup() operation.Operation {
	return s.offer(operation.Operation{
		Code: "lookup", Definition: definition("CodeSystem-lookup"), On: operation.OnType, Types: []string{"CodeSystem"},
		In: []operation.Param{
			{Name: "code", Type: "code"}, {Name: "system", Type: "uri"}, {Name: "version", Type: "string"}, {Name: "coding", Type: "Coding"},
			{Name: "date", Type: "dateTime"}, {Name: "displayLanguage", Type: "code"}, {Name: "property", Type: "code", Many: true},
		},
	}, (*asked).details)
}

func (q *asked) details() (*fhir.Obj, error) {
	if err := q.current(); err != nil {
		return nil, err
	}
	codes, err := q.coded(q.in.Text("system"), q.in.Text("version"))
	if err != nil {
		return nil, err
	}
	c := codes[0]
	if g, is, err := q.grammar(c); is || err != nil {
		if err != nil {
			return nil, err
		}
		return q.built(g, c)
	}
	cs, err := q.system("", c.System, c.Version)
	if err != nil {
		return nil, err
	}
	concept := cs.Find(c.Code)
	if concept == nil {
		return nil, noCode(cs)
	}
	more, err := q.lib.supplements(cs)
	if err != nil {
		return nil, err
	}
	return q.about(cs, concept, more), nil
}

// about says what the code system knows of a concept, and what its supplements add.
func (q *asked) about(cs *term.CodeSystem, c *term.Concept, more []*term.CodeSystem) *fhir.Obj {
	p := &parameters{}
	name := cs.Name
	if name == "" {
		name = cs.URL
	}
	names := slices.Clone(cs.Designations(c.Code))
	for _, s := range more {
		names = append(names, s.Designations(c.Code)...)
	}
	p.say("name", "valueString", name).say("version", "valueString", cs.Version)
	p.say("display", "valueString", term.InLanguage(c.Display, names, q.in.Text("displayLanguage")))
	if q.wants("designation") {
		for _, d := range names {
			part := &parameters{}
			part.say("language", "valueCode", d.Language)
			if d.UseCode != "" {
				part.add("use", "valueCoding", codingObject(term.Coding{System: d.UseSystem, Code: d.UseCode}))
			}
			p.parts("designation", part.add("value", "valueString", d.Value))
		}
	}
	q.properties(p, cs, c, more)
	return p.resource()
}

// wants reports whether a property is asked for; without any named, all are.
func (q *asked) wants(property string) bool {
	names := q.in.Texts("property")
	return len(names) == 0 || slices.Contains(names, property) || slices.Contains(names, "*")
}

func (q *asked) properties(p *parameters, cs *term.CodeSystem, c *term.Concept, more []*term.CodeSystem) {
	one := func(code, member string, value any) {
		if q.wants(code) {
			part := &parameters{}
			p.parts("property", part.add("code", "valueCode", code).add("value", member, value))
		}
	}
	if c.Definition != "" {
		one("definition", "valueString", c.Definition)
	}
	one("inactive", "valueBoolean", c.Inactive)
	for _, code := range cs.Parents(c.Code) {
		one("parent", "valueCode", code)
	}
	for _, code := range cs.Children(c.Code) {
		one("child", "valueCode", code)
	}
	list := slices.Clone(cs.Properties(c.Code))
	for _, s := range more {
		list = append(list, s.Properties(c.Code)...)
	}
	for _, prop := range list {
		if prop.Code == "parent" || prop.Code == "child" || prop.Code == "inactive" {
			continue
		}
		member, value := propertyValue(prop)
		one(prop.Code, member, value)
	}
}

func propertyValue(p term.Property) (member string, value any) {
	switch p.Kind {
	case "Coding":
		return "valueCoding", codingObject(term.Coding{System: p.System, Code: p.Value})
	case "boolean":
		return "valueBoolean", p.Value == "true"
	case "integer":
		return "valueInteger", fhir.Num(p.Value)
	case "decimal":
		return "valueDecimal", fhir.Num(p.Value)
	case "dateTime":
		return "valueDateTime", p.Value
	case "code":
		return "valueCode", p.Value
	}
	return "valueString", p.Value
}
