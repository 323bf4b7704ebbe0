package patients

import (
	"strings"
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// object is a resource as an object that can be changed.
func object(r fhir.Resource) *fhir.Obj {
	o := fhir.NewObject()
	for name, v := range r.Members() {
		o.Set(name, v)
	}
	return o
}

// without is the object without a member.
func without(o *fhir.Obj, name string) *fhir.Obj {
	out := fhir.NewObject()
	for _, n := range o.Names() {
		if n != name {
			out.Set(n, o.Get(n))
		}
	}
	return out
}

// with sets a list; a member that would be empty is left out.
func with(o *fhir.Obj, name string, list []any) *fhir.Obj {
	if len(list) == 0 {
		return without(o, name)
	}
	return o.Set(name, &fhir.List{Items: list})
}

func resource(o *fhir.Obj) (fhir.Resource, error) { return fhir.Parse(o.JSON(), fhir.Limits{}) }

// retired is the source: inactive, and replaced by the target.
func retired(source fhir.Resource, target string) (fhir.Resource, error) {
	links := append(linksBut(source, target), link(target, "replaced-by"))
	return resource(with(object(source).Set("active", false), "link", links))
}

// survived is the target: it replaces the source and bears its identifiers too, as old ones.
func survived(target, source fhir.Resource) (fhir.Resource, error) {
	links := append(linksBut(target, source.ID()), link(source.ID(), "replaces"))
	list := items(target.Get("identifier"))
	for i := range source.Get("identifier").Items() {
		if i.Get("value").Exists() && !bearsSame(target, i) {
			list = append(list, old(i))
		}
	}
	return resource(with(with(object(target), "identifier", list), "link", links))
}

// old is an identifier that is in use no more.
func old(identifier fhir.Value) *fhir.Obj {
	o := fhir.NewObject().Set("use", "old")
	for name, v := range identifier.Members() {
		if name != "use" && name != "_use" {
			o.Set(name, v)
		}
	}
	return o
}

// bearsSame reports whether the patient has an identifier of this system and value.
func bearsSame(r fhir.Resource, i fhir.Value) bool {
	for have := range r.Get("identifier").Items() {
		if have.Get("system").Str() == i.Get("system").Str() && have.Get("value").Str() == i.Get("value").Str() {
			return true
		}
	}
	return false
}

func items(v fhir.Value) (list []any) {
	for item := range v.Items() {
		list = append(list, item)
	}
	return list
}

// linksBut are the links but for those to one patient.
func linksBut(r fhir.Resource, id string) (list []any) {
	for l := range r.Get("link").Items() {
		if !linksTo(l, id) {
			list = append(list, l)
		}
	}
	return list
}

// linksTo reports whether a link is to this patient, or to a version of it.
func linksTo(l fhir.Value, id string) bool {
	r := fhir.ParseRef(l.Get("other").Get("reference").Str())
	return r.Kind == fhir.RefRelative && r.Type == "Patient" && r.ID == id
}

func hasLink(r fhir.Resource, id, typ string) bool {
	for l := range r.Get("link").Items() {
		if linksTo(l, id) && l.Get("type").Str() == typ {
			return true
		}
	}
	return false
}

func link(id, typ string) *fhir.Obj {
	return fhir.NewObject().Set("other", fhir.NewObject().Set("reference", "Patient/"+id)).Set("type", typ)
}

// provenance says what was done to which versions, when and by whom (https://hl7.org/fhir/R4/provenance.html). The activity is
// a code of ISO 21089's life cycle events.
func provenance(code, display string, at time.Time, subject string, versions []string) (fhir.Resource, error) {
	targets := &fhir.List{}
	for _, v := range versions {
		targets.Add(fhir.NewObject().Set("reference", v))
	}
	coding := fhir.NewObject().Set("system", "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle").Set("code", code).Set("display", display)
	agent := fhir.NewObject().Set("who", fhir.NewObject().Set("identifier", fhir.NewObject().Set("value", strings.TrimSpace(subject))))
	return resource(fhir.NewObject().Set("resourceType", "Provenance").Set("target", targets).
		Set("recorded", at.UTC().Format(fhir.InstantFormat)).
		Set("activity", fhir.NewObject().Set("coding", (&fhir.List{}).Add(coding))).Set("agent", (&fhir.List{}).Add(agent)))
}
