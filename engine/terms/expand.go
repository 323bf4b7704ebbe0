package terms

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

// expand is $expand (https://hl7.org/fhir/R4/valueset-operation-expand.html).
func (s *Service) expand() operation.Operation {
	return s.offer(operation.Operation{
		Code: "expand", Definition: definition("ValueSet-expand"), On: operation.OnType | operation.OnInstance, Types: []string{"ValueSet"},
		In: []operation.Param{
			{Name: "url", Type: "uri"}, {Name: "valueSet", Type: "ValueSet"}, {Name: "valueSetVersion", Type: "string"},
			{Name: "context", Type: "uri"}, {Name: "contextDirection", Type: "code"}, {Name: "filter", Type: "string"}, {Name: "date", Type: "dateTime"},
			{Name: "offset", Type: "integer"}, {Name: "count", Type: "integer"}, {Name: "includeDesignations", Type: "boolean"},
			{Name: "designation", Type: "string", Many: true}, {Name: "includeDefinition", Type: "boolean"}, {Name: "activeOnly", Type: "boolean"},
			{Name: "excludeNested", Type: "boolean"}, {Name: "excludeNotForUI", Type: "boolean"}, {Name: "excludePostCoordinated", Type: "boolean"},
			{Name: "displayLanguage", Type: "code"}, {Name: "exclude-system", Type: "canonical", Many: true},
			{Name: "system-version", Type: "canonical", Many: true}, {Name: "check-system-version", Type: "canonical", Many: true},
			{Name: "force-system-version", Type: "canonical", Many: true},
		},
	}, (*asked).expansion)
}

func (q *asked) expansion() (*fhir.Obj, error) {
	if err := q.current(); err != nil {
		return nil, err
	}
	vs, err := q.set()
	if err != nil {
		return nil, err
	}
	ask, err := q.ask()
	if err != nil {
		return nil, err
	}
	x, err := term.Expand(q.lib, vs, ask)
	if err != nil {
		return nil, err
	}
	if err := q.versions(x.Used); err != nil {
		return nil, err
	}
	return q.expanded(vs, ask, x), nil
}

// ask reads what is wanted of the expansion.
func (q *asked) ask() (term.Ask, error) {
	offset, count, err := q.page()
	if err != nil {
		return term.Ask{}, err
	}
	ask := term.Ask{
		Filter: q.in.Text("filter"), Offset: offset, Count: count, ActiveOnly: q.in.True("activeOnly"),
		Designations: q.in.True("includeDesignations") || q.in.Has("designation"), Definitions: q.in.True("includeDefinition"),
		Language: q.in.Text("displayLanguage"), ExcludeSelection: q.in.True("excludeNotForUI"), Languages: languagesOf(q.in.Texts("designation")),
		Versions: map[string]string{}, Forced: map[string]string{},
	}
	for _, c := range q.in.Texts("exclude-system") {
		url, _, _ := strings.Cut(c, "|")
		ask.ExcludeSystems = append(ask.ExcludeSystems, url)
	}
	for name, into := range map[string]map[string]string{"system-version": ask.Versions, "force-system-version": ask.Forced} {
		for _, c := range q.in.Texts(name) {
			url, version, _ := strings.Cut(c, "|")
			into[url] = version
		}
	}
	return ask, nil
}

// languagesOf takes the languages out of tokens such as urn:ietf:bcp:47|de; a token of a use stands for itself.
func languagesOf(tokens []string) []string {
	var out []string
	for _, t := range tokens {
		out = append(out, strings.TrimPrefix(t, "urn:ietf:bcp:47|"))
	}
	return out
}

func (q *asked) page() (offset, count int, err error) {
	count = -1
	for name, into := range map[string]*int{"offset": &offset, "count": &count} {
		if !q.in.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.in.Text(name))
		if err != nil || n < 0 {
			return 0, 0, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Expression: "Parameters.parameter", Text: "the parameter " + name + " is a whole number from 0"})
		}
		*into = n
	}
	return offset, count, nil
}

// versions refuses to draw on another version of a code system than the caller asks to be checked.
func (q *asked) versions(used []string) error {
	for _, c := range q.in.Texts("check-system-version") {
		url, version, _ := strings.Cut(c, "|")
		for _, u := range used {
			if have, v, _ := strings.Cut(u, "|"); have == url && v != version {
				return fault.New(fault.Unprocessable, "the value set draws on another version of the code system %s than is asked for", shown(url))
			}
		}
	}
	return nil
}

// expanded is the answer: the value set with its expansion.
func (q *asked) expanded(vs *term.ValueSet, ask term.Ask, x term.Expansion) *fhir.Obj {
	exp := fhir.NewObject().Set("identifier", "urn:uuid:"+uuid.NewString()).Set("timestamp", q.s.now().UTC().Format(time.RFC3339)).Set("total", x.Total)
	if ask.Offset > 0 || ask.Count >= 0 {
		exp.Set("offset", ask.Offset)
	}
	if len(x.Parts) > 0 {
		exp.Set("extension", (&fhir.List{}).Add(fhir.NewObject().Set("url", unclosedExtension).Set("valueBoolean", true)))
	}
	if list := q.used(x); len(list.Items) > 0 {
		exp.Set("parameter", list)
	}
	if len(x.Entries) > 0 {
		list := &fhir.List{}
		for _, e := range x.Entries {
			list.Add(entryObject(e))
		}
		exp.Set("contains", list)
	}
	o := fhir.NewObject().Set("resourceType", "ValueSet")
	for _, m := range [][2]string{{"url", vs.URL}, {"version", vs.Version}, {"name", vs.Name}, {"title", vs.Title}} {
		if m[1] != "" {
			o.Set(m[0], m[1])
		}
	}
	return o.Set("status", "active").Set("expansion", exp)
}

// used are the parameters that shaped the expansion, and the versions on which it draws.
func (q *asked) used(x term.Expansion) *fhir.List {
	list := &fhir.List{}
	for _, name := range []string{"filter", "displayLanguage", "exclude-system"} {
		if text := q.in.Text(name); text != "" {
			list.Add(fhir.NewObject().Set("name", name).Set("valueString", text))
		}
	}
	for _, name := range []string{"activeOnly", "excludeNested", "excludeNotForUI", "includeDefinition", "includeDesignations"} {
		if q.in.Has(name) {
			list.Add(fhir.NewObject().Set("name", name).Set("valueBoolean", q.in.True(name)))
		}
	}
	for _, name := range []string{"offset", "count"} {
		if q.in.Has(name) {
			list.Add(fhir.NewObject().Set("name", name).Set("valueInteger", fhir.Num(q.in.Text(name))))
		}
	}
	for _, u := range x.Used {
		list.Add(fhir.NewObject().Set("name", "used-codesystem").Set("valueUri", u))
	}
	for _, u := range x.Parts {
		list.Add(fhir.NewObject().Set("name", "incomplete-codesystem").Set("valueUri", u))
	}
	return list
}

func entryObject(e term.Entry) *fhir.Obj {
	o := fhir.NewObject()
	if e.System != "" {
		o.Set("system", e.System)
	}
	if e.Abstract {
		o.Set("abstract", true)
	}
	if e.Inactive {
		o.Set("inactive", true)
	}
	if e.Version != "" {
		o.Set("version", e.Version)
	}
	o.Set("code", e.Code)
	if e.Display != "" {
		o.Set("display", e.Display)
	}
	if list := designations(e.Designations); list != nil {
		o.Set("designation", list)
	}
	if e.Definition != "" {
		o.Set("extension", (&fhir.List{}).Add(fhir.NewObject().Set("url", definitionExtension).Set("valueString", e.Definition)))
	}
	return o
}

const (
	definitionExtension = "http://hl7.org/fhir/StructureDefinition/valueset-concept-definition"
	// unclosedExtension marks an expansion that lacks codes which may be valid
	// (https://hl7.org/fhir/R4/extension-valueset-unclosed.html).
	unclosedExtension = "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"
)

func designations(ds []term.Designation) *fhir.List {
	if len(ds) == 0 {
		return nil
	}
	list := &fhir.List{}
	for _, d := range ds {
		o := fhir.NewObject()
		if d.Language != "" {
			o.Set("language", d.Language)
		}
		if d.UseCode != "" {
			o.Set("use", codingObject(term.Coding{System: d.UseSystem, Code: d.UseCode}))
		}
		list.Add(o.Set("value", d.Value))
	}
	return list
}

// bindingOf is the value set to which an element of R4 is bound, named as http://.../Patient#Patient.gender or Patient.gender.
func bindingOf(context string) (string, error) {
	_, path, found := strings.Cut(context, "#")
	if !found {
		path = context
	}
	i := strings.LastIndexByte(path, '.')
	if i > 0 {
		if t := r4.Lookup(path[:i]); t != nil {
			if e := t.Find(path[i+1:]); e != nil && e.Binding != "" {
				return e.Binding, nil
			}
		}
	}
	return "", fault.At(fault.Unknown, fault.Issue{Code: "not-found", Text: "the context names no element of R4 that is bound to a value set: name it as Patient.maritalStatus"})
}
