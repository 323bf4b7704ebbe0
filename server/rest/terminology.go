package rest

import (
	"time"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fhir"
)

// contentExtension is TerminologyCapabilities.codeSystem.content of R5, which R4 lacks
// (https://hl7.org/fhir/R4/versions.html#extensions).
const contentExtension = "http://hl7.org/fhir/5.0/StructureDefinition/extension-TerminologyCapabilities.codeSystem.content"

// terminology is the TerminologyCapabilities (https://hl7.org/fhir/R4/terminologycapabilities.html), without closure, which is
// not offered: the code systems that are loaded, and what the operations do.
func (s *Server) terminology(p *terms.Published) *fhir.Obj {
	o := fhir.NewObject().
		Set("resourceType", "TerminologyCapabilities").
		Set("status", "active").
		Set("date", s.Started.UTC().Format(time.RFC3339)).
		Set("kind", "instance").
		Set("software", software(s.Version))
	if systems := codeSystems(p, s.offers("subsumes", "CodeSystem")); len(systems.Items) > 0 {
		o.Set("codeSystem", systems)
	}
	if s.offers("expand", "ValueSet") {
		o.Set("expansion", expansion(s.Expansions))
	}
	o.Set("codeSearch", "explicit")
	if s.offers("validate-code", "ValueSet") {
		o.Set("validateCode", fhir.NewObject().Set("translations", true)) // a designation is a name too
	}
	if s.offers("translate", "ConceptMap") {
		o.Set("translation", fhir.NewObject().Set("needsMap", false))
	}
	return o
}

func (s *Server) offers(code, typ string) bool {
	_, ok := s.Operations.Find(code, operation.OnType, typ)
	return ok
}

func codeSystems(p *terms.Published, subsumption bool) *fhir.List {
	list := &fhir.List{}
	for _, y := range p.Systems {
		versions := &fhir.List{}
		for i, v := range y.Versions {
			versions.Add(codeSystemVersion(v, i == 0))
		}
		content := fhir.NewObject().Set("url", contentExtension).Set("valueCode", y.Versions[0].Content)
		list.Add(fhir.NewObject().Set("extension", (&fhir.List{}).Add(content)).Set("uri", y.URL).Set("version", versions).Set("subsumption", subsumption))
	}
	return list
}

func codeSystemVersion(v terms.SystemVersion, first bool) *fhir.Obj {
	o := fhir.NewObject()
	if v.Version != "" {
		o.Set("code", v.Version)
	}
	return o.Set("isDefault", first)
}

func expansion(parameters []string) *fhir.Obj {
	list := &fhir.List{}
	for _, name := range parameters {
		list.Add(fhir.NewObject().Set("name", name))
	}
	o := fhir.NewObject().Set("hierarchical", false).Set("paging", true).Set("incomplete", false)
	if len(list.Items) > 0 {
		o.Set("parameter", list)
	}
	return o.Set("textFilter", "Each word begins a word of a display, or the whole begins a code; also of the display in displayLanguage.")
}
