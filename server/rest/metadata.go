package rest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// metadata answers GET metadata (https://hl7.org/fhir/R4/http.html#capabilities).
func (c *call) metadata() error {
	mode := "full"
	for _, p := range c.pairs {
		if p.Name != "mode" {
			return store.Foreign(p)
		}
		mode = p.Value
	}
	if !slices.Contains([]string{"full", "normative", "terminology"}, mode) {
		return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the mode is full, normative or terminology", Expression: "http.mode"})
	}
	address := fhir.AppendString(nil, c.base())
	if err := c.perhaps(); err != nil {
		return err
	}
	k, err := c.s.capable(c.ctx, c.p)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, slices.Concat(k.before[mode], address, k.after))
}

// perhaps finds out who asks where nobody has to say. Who shows what lets nobody in is nobody.
func (c *call) perhaps() error {
	if c.r.Header.Get("Authorization") == "" {
		return nil
	}
	p, err := c.s.Gate(c.r)
	if err != nil && !fault.Is(err, fault.Unauthorized) {
		return err
	}
	c.p = p
	return nil
}

// capabilities are the statements of each mode, but for the address under which they are asked.
type capabilities struct {
	before map[string][]byte
	after  []byte
}

// state writes the CapabilityStatement (https://hl7.org/fhir/R4/capabilitystatement.html) from
// the tables that requests are checked against.
func (s *Server) state(own ownParams) capabilities {
	return capabilities{map[string][]byte{
		"full":        open(s.capability(own, false)),
		"normative":   open(s.capability(own, true)),
		"terminology": open(s.terminology(own.published)),
	}, []byte(`}}`)}
}

// open leaves a statement open behind the address of the implementation.
func open(o *fhir.Obj) []byte {
	head := o.JSON()
	return append(head[:len(head)-1], `,"implementation":{"description":"Ficus patient platform","url":`...)
}

// capability is the CapabilityStatement, or what of it R4 has made normative.
func (s *Server) capability(own ownParams, normative bool) *fhir.Obj {
	o := fhir.NewObject().
		Set("resourceType", "CapabilityStatement").
		Set("status", "active").
		Set("date", s.Started.UTC().Format(time.RFC3339)).
		Set("kind", "instance").
		Set("fhirVersion", r4.Version).
		Set("format", texts(fhirJSON, "json", fhirXML, "xml")).
		Set("patchFormat", texts(patch.MediaJSON, patch.MediaXML, fhirJSON, fhirXML)).
		Set("software", software(s.Version))
	if guides := own.published.Guides; len(guides) > 0 {
		o.Set("implementationGuide", texts(guides...))
	}
	return o.Set("rest", (&fhir.List{}).Add(s.restOf(own, normative)))
}

func software(version string) *fhir.Obj {
	o := fhir.NewObject().Set("name", "Ficus")
	if version != "" {
		o.Set("version", version)
	}
	return o
}

func (s *Server) restOf(own ownParams, normative bool) *fhir.Obj {
	resources := &fhir.List{}
	for _, typ := range r4.Resources() {
		if params := s.Made[typ]; params != nil {
			resources.Add(madeResource(typ, params))
			continue
		}
		o := resource(typ)
		if !normative {
			s.onTrial(o, own, typ)
		}
		resources.Add(withOperations(o.Set("searchParam", searchParams(own, typ)), s.Operations.Of(typ)))
	}
	o := fhir.NewObject().Set("mode", "server")
	if !normative {
		o.Set("security", fhir.NewObject().Set("cors", s.CORS).Set("description", "Every interaction but this one needs a bearer token (RFC 6750) whose scopes allow it."))
	}
	o.Set("resource", resources).
		Set("interaction", codes("transaction", "batch", "history-system", "search-system")).
		Set("searchParam", everywhere()).
		Set("compartment", compartmentDefinitions())
	return withOperations(o, s.Operations.Of(""))
}

func withOperations(o *fhir.Obj, offered operation.List) *fhir.Obj {
	list := &fhir.List{}
	for _, op := range offered {
		list.Add(fhir.NewObject().Set("name", op.Code).Set("definition", op.Definition))
	}
	if len(list.Items) > 0 {
		o.Set("operation", list)
	}
	return o
}

// deletes is what a conditional delete takes (http://hl7.org/fhir/conditional-delete-status).
func (s *Server) deletes() string {
	if s.DeleteMany {
		return "multiple"
	}
	return "single"
}

func resource(typ string) *fhir.Obj {
	return fhir.NewObject().
		Set("type", typ).
		Set("profile", "http://hl7.org/fhir/StructureDefinition/"+typ).
		Set("interaction", codes("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"))
}

// onTrial adds what R4 has for trial use, as the marks at the elements of its definition say
// (https://hl7.org/fhir/R4/capabilitystatement-definitions.html).
func (s *Server) onTrial(o *fhir.Obj, own ownParams, typ string) {
	if profiles := own.published.Profiles[typ]; len(profiles) > 0 {
		o.Set("supportedProfile", texts(profiles...))
	}
	o.Set("versioning", "versioned").
		Set("readHistory", true).
		Set("updateCreate", true).
		Set("conditionalCreate", true).
		Set("conditionalRead", "full-support").
		Set("conditionalUpdate", true).
		Set("conditionalDelete", s.deletes()).
		Set("searchInclude", includes(own.set, typ)).
		Set("searchRevInclude", revincludes(own.set, typ))
}

// includes are the values that _include takes for a type.
func includes(set *r4.ParamSet, typ string) *fhir.List {
	list := texts("*")
	for _, p := range set.Params(typ) {
		if p.Type == "reference" {
			list.Add(typ + ":" + p.Code)
		}
	}
	return list
}

// taken asks the reader of searches: some parameters are published with more targets than they lead to.
func taken(set *r4.ParamSet, typ, revinclude string) bool {
	_, _, err := search.ParseIn(set, typ, []search.Pair{{Name: "_revinclude", Value: revinclude}}, search.Strict)
	return err == nil
}

// revincludes are the values that _revinclude takes for a type, but for those by which anything may be referred to.
func revincludes(set *r4.ParamSet, typ string) *fhir.List {
	list := texts("*")
	for _, from := range r4.Resources() {
		for _, p := range set.Params(from) {
			if p.Type == "reference" && len(p.Targets) < len(r4.Resources()) && slices.Contains(p.Targets, typ) && taken(set, typ, from+":"+p.Code) {
				list.Add(from + ":" + p.Code)
			}
		}
	}
	return list
}

func searchParams(own ownParams, typ string) *fhir.List {
	list := &fhir.List{}
	for _, p := range own.set.Params(typ) {
		if !search.Served(p) {
			continue
		}
		o := fhir.NewObject().Set("name", p.Code).Set("definition", p.URL).Set("type", p.Type)
		if own.building[p.ID] {
			o.Set("documentation", "Matches may be missing while it is being indexed; a search by it says how far it is")
		}
		list.Add(o)
	}
	return list
}

// everywhere are the parameters that every search takes and that have no definition in R4.
func everywhere() *fhir.List {
	list := &fhir.List{}
	for _, p := range [][2]string{
		{"_contained", "true or both: also resources inside others, in a search of one type; _containedType says what is returned"},
		{"_filter", "Conditions joined by and, or and not; all operators"},
		{"_has", "_has:Type:reference:parameter, nested and mixed with chains"},
		{"_list", "Ids of List resources"},
		{"_type", "Resource types, of a search over several"},
	} {
		list.Add(fhir.NewObject().Set("name", p[0]).Set("type", "special").Set("documentation", p[1]))
	}
	return list
}

// compartmentDefinitions are the canonical URLs of the compartments that can be searched.
func compartmentDefinitions() *fhir.List {
	list := &fhir.List{}
	for _, typ := range compartments {
		list.Add("http://hl7.org/fhir/CompartmentDefinition/" + strings.ToLower(typ[:1]) + typ[1:])
	}
	return list
}

func codes(list ...string) *fhir.List {
	out := &fhir.List{}
	for _, code := range list {
		out.Add(fhir.NewObject().Set("code", code))
	}
	return out
}

func texts(list ...string) *fhir.List {
	out := &fhir.List{}
	for _, s := range list {
		out.Add(s)
	}
	return out
}
