package r4

import (
	"slices"
	"testing"
)

func TestElement(t *testing.T) {
	for _, c := range []struct {
		typ, json string
		want      Element // the parts that are set are compared
	}{
		{"Patient", "id", Element{Name: "id", Max: 1, Types: []string{"id"}, Summary: true}},
		{"Patient", "contact", Element{Name: "contact", Max: -1, Types: []string{"Patient.contact"}}},
		{"Patient", "deceasedDateTime", Element{Name: "deceased", Max: 1, Types: []string{"dateTime"}, Choice: true, Summary: true, Modifier: true}},
		{"Patient", "managingOrganization", Element{Name: "managingOrganization", Max: 1, Types: []string{"Reference"}, Targets: []string{"Organization"}, Summary: true}},
		{"Patient", "contained", Element{Name: "contained", Max: -1, Types: []string{"Resource"}}},
		{"Patient.contact", "relationship", Element{Name: "relationship", Max: -1, Types: []string{"CodeableConcept"}, Binding: "http://hl7.org/fhir/ValueSet/patient-contactrelationship", Strength: "extensible"}},
		{"Patient.contact", "modifierExtension", Element{Name: "modifierExtension", Max: -1, Types: []string{"Extension"}, Modifier: true, Summary: true}},
		{"Observation.component", "valueQuantity", Element{Name: "value", Max: 1, Types: []string{"Quantity"}, Choice: true, Summary: true}},
		{"Observation.component", "referenceRange", Element{Name: "referenceRange", Max: -1, Types: []string{"Observation.referenceRange"}, ContentRef: "Observation.referenceRange"}},
		{"Bundle.entry", "link", Element{Name: "link", Max: -1, Types: []string{"Bundle.link"}, ContentRef: "Bundle.link", Summary: true}},
		{"Questionnaire.item", "item", Element{Name: "item", Max: -1, Types: []string{"Questionnaire.item"}, ContentRef: "Questionnaire.item"}},
		{"Questionnaire.item", "linkId", Element{Name: "linkId", Min: 1, Max: 1, Types: []string{"string"}}},
		{"Extension", "url", Element{Name: "url", Min: 1, Max: 1, Types: []string{"uri"}}},
		{"Extension", "valueReference", Element{Name: "value", Max: 1, Types: []string{"Reference"}, Choice: true}},
		{"Age", "value", Element{Name: "value", Max: 1, Types: []string{"decimal"}, Summary: true}},
		{"Observation.referenceRange", "low", Element{Name: "low", Max: 1, Types: []string{"Quantity"}, Profiles: []string{"SimpleQuantity"}}},
		{"date", "extension", Element{Name: "extension", Max: -1, Types: []string{"Extension"}}},
	} {
		typ, ok := Type(c.typ)
		got, found := typ.Element(c.json)
		if !ok || !found {
			t.Errorf("%s.%s: type %v, element %v", c.typ, c.json, ok, found)
			continue
		}
		same := got.Name == c.want.Name && got.JSON == c.json && got.Min == c.want.Min && got.Max == c.want.Max &&
			slices.Equal(got.Types, c.want.Types) && slices.Equal(got.Targets, c.want.Targets) && slices.Equal(got.Profiles, c.want.Profiles) &&
			got.Choice == c.want.Choice && got.Summary == c.want.Summary && got.Modifier == c.want.Modifier && got.ContentRef == c.want.ContentRef &&
			(c.want.Binding == "" || got.Binding == c.want.Binding && got.Strength == c.want.Strength)
		if !same {
			t.Errorf("%s.%s is %+v", c.typ, c.json, got)
		}
		if ByID(got.Type).Name != got.Types[0] {
			t.Errorf("%s.%s: type id %d is not %s", c.typ, c.json, got.Type, got.Types[0])
		}
	}
}

func TestNoSuchElement(t *testing.T) {
	patient, _ := Type("Patient")
	for _, name := range []string{"", "deceased", "deceased[x]", "deceasedString", "_birthDate", "Name", "project"} {
		if e, ok := patient.Element(name); ok {
			t.Errorf("%q found as %s", name, e.JSON)
		}
	}
	if _, ok := Type("Patient.name"); ok {
		t.Error("Patient.name is no type: its type is HumanName")
	}
	var none TypeInfo
	if _, ok := none.Element("id"); ok {
		t.Error("the zero type has an element")
	}
}

func TestEveryTypeIsWhole(t *testing.T) {
	for i, info := range Types() {
		if info.ID != TypeID(i+1) || info.Kind == 0 || (info.Base == "") != (info.Name == "Element" || info.Name == "Resource") {
			t.Errorf("%s: id %d, kind %d, base %q", info.Name, info.ID, info.Kind, info.Base)
		}
		if len(info.Elements) > 64 {
			t.Errorf("%s has %d elements, more than Required has bits", info.Name, len(info.Elements))
		}
		for i, e := range info.Elements {
			if e.Index != i || (e.Min > 0) != (info.Required>>i&1 == 1) {
				t.Errorf("%s.%s has index %d, min %d, required %x", info.Name, e.Name, e.Index, e.Min, info.Required)
			}
			properties := info.Choices(e.Name)
			if !e.Choice {
				properties = []Element{e}
			}
			if len(properties) != len(e.Types) {
				t.Errorf("%s.%s: %d properties for %d types", info.Name, e.Name, len(properties), len(e.Types))
			}
			for _, p := range properties {
				found := info.Find(p.JSON)
				if found == nil || found.JSON != p.JSON || found.Type == 0 || found.Index != i {
					t.Errorf("%s.%s cannot be found or has no type", info.Name, p.JSON)
				}
			}
			if e.Strength == "required" && e.Binding == "" || e.Max == 0 && info.Name != "xhtml" {
				t.Errorf("%s.%s: %+v", info.Name, e.Name, e)
			}
		}
	}
}

func TestOrderIsThatOfTheDefinition(t *testing.T) {
	patient, _ := Type("Patient")
	var names []string
	for _, e := range patient.Elements[:12] {
		names = append(names, e.JSON)
	}
	want := []string{"id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension", "identifier", "active", "name", "telecom"}
	if !slices.Equal(names, want) {
		t.Errorf("elements are %v", names)
	}
	if first := patient.Choices("multipleBirth"); len(first) != 2 || first[0].JSON != "multipleBirthBoolean" {
		t.Errorf("multipleBirth[x] is %v", first)
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		typ  string
		want []string
	}{
		{"Patient", []string{"dom-2", "dom-3", "dom-4", "dom-5", "dom-6"}},
		{"Patient.contact", []string{"ele-1", "pat-1"}},
		{"Extension", []string{"ele-1", "ext-1"}},
		{"Age", []string{"ele-1", "qty-3", "age-1"}},
		{"Bundle.entry", []string{"ele-1", "bdl-5", "bdl-8"}},
	} {
		info, _ := Type(c.typ)
		var keys []string
		for _, r := range info.Rules {
			keys = append(keys, r.Key)
			if r.Expression == "" || r.Human == "" || (r.Severity != "error" && r.Severity != "warning") {
				t.Errorf("%s: %+v", c.typ, r)
			}
		}
		slices.Sort(keys)
		slices.Sort(c.want)
		if !slices.Equal(keys, c.want) {
			t.Errorf("%s has the rules %v, want %v", c.typ, keys, c.want)
		}
	}
	observation := Lookup("Observation.component")
	if got := observation.Find("referenceRange").Rules; len(got) != 0 {
		t.Errorf("a repeated content brings its rules by its type, not %v", got)
	}
}

func TestIsA(t *testing.T) {
	for _, c := range []struct {
		name, ancestor string
		want           bool
	}{
		{"Patient", "DomainResource", true}, {"Patient", "Resource", true}, {"Bundle", "DomainResource", false}, {"Age", "Quantity", true},
		{"Patient.contact", "BackboneElement", true}, {"Timing.repeat", "BackboneElement", false}, {"id", "string", true}, {"Patient", "Element", false},
		{"nothing", "Element", false}, {"Patient", "Patient", true},
	} {
		if got := IsA(c.name, c.ancestor); got != c.want {
			t.Errorf("IsA(%s, %s) = %v", c.name, c.ancestor, got)
		}
	}
}

func TestLookingUpAllocatesNothing(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		info, _ := Type("Observation")
		e, _ := info.Element("valueQuantity")
		_ = e.Codes()
		_, _ = FindParam("Observation", "code")
		_, _ = ResourceIndex("Observation")
		_, _ = CodeSystemOf("http://hl7.org/fhir/ValueSet/observation-status|4.0.1", "final")
		_ = Compartment("Patient", "Observation")
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkElement(b *testing.B) {
	info := Lookup("Observation")
	for b.Loop() {
		info.Element("valueQuantity")
	}
}

func BenchmarkFind(b *testing.B) {
	info := Lookup("Observation")
	for b.Loop() {
		info.Find("valueQuantity")
	}
}

func BenchmarkType(b *testing.B) {
	Lookup("Patient")
	for b.Loop() {
		Type("Observation.component")
	}
}
