package index

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

var paramCode = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// Define reads a SearchParameter resource (https://hl7.org/fhir/R4/searchparameter.html) as the parameter that it adds to
// those of R4; its number is the caller's to give. ok is false if it adds none: it is not active, or it says what R4 says. component finds
// the definition of a part of a composite; nil leaves out what depends on it. Faults: Unprocessable with the place.
func Define(r fhir.Resource, component func(url string) (r4.Param, bool)) (def r4.Param, ok bool, err error) {
	if r.Get("status").Str() != "active" {
		return def, false, nil
	}
	def = r4.Param{Code: r.Get("code").Str(), Type: r.Get("type").Str(), URL: r.Get("url").Str(), Bases: textsIn(r.Get("base")),
		Targets: textsIn(r.Get("target")), Expression: r.Get("expression").Str(), Rules: rulesOf(r)}
	for _, check := range []func(*r4.Param) error{basesThere, targetsThere, expressionCompiles} {
		if err := check(&def); err != nil {
			return def, false, err
		}
	}
	if err := notTaken(&def); err != nil || len(def.Bases) == 0 {
		return def, false, err
	}
	if !paramCode.MatchString(def.Code) {
		return def, false, wrong("code", "the code of a search parameter begins with a letter and has letters, digits and hyphens, 64 at most")
	}
	if def.Type == "composite" {
		if err := components(&def, r, component); err != nil {
			return def, false, err
		}
	}
	if def.Type != "composite" || component != nil {
		err = indexable(def)
	}
	if err != nil {
		return def, false, placed("type", err)
	}
	err = finds(&def)
	return def, err == nil, err
}

func wrong(place, text string) error {
	return fault.At(fault.Unprocessable, fault.Issue{Code: "business-rule", Expression: "SearchParameter." + place, Text: text})
}

// placed says where in the definition a fault is.
func placed(place string, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if f := fault.Find(err); f != nil {
		text = f.Text
	}
	return wrong(place, text)
}

func textsIn(v fhir.Value) (out []string) {
	for item := range v.Items() {
		out = append(out, item.Str())
	}
	return out
}

// rulesOf reads what may be asked.
func rulesOf(r fhir.Resource) *r4.ParamRules {
	rules := r4.ParamRules{Modifiers: textsIn(r.Get("modifier")), Comparators: textsIn(r.Get("comparator")), Chains: textsIn(r.Get("chain")),
		OneValue: denied(r.Get("multipleOr")), Once: denied(r.Get("multipleAnd"))}
	if rules.Modifiers == nil && rules.Comparators == nil && rules.Chains == nil && !rules.OneValue && !rules.Once {
		return nil
	}
	return &rules
}

func denied(v fhir.Value) bool { return v.Exists() && string(v.Raw()) == "false" }

func basesThere(def *r4.Param) error {
	for _, base := range def.Bases {
		if _, known := r4.ResourceIndex(base); !known && base != "Resource" && base != "DomainResource" {
			return wrong("base", "FHIR R4 has no resource type of this name")
		}
	}
	if len(def.Bases) == 0 {
		return wrong("base", "a search parameter is for one resource type or more")
	}
	return nil
}

// targetsThere takes Resource for any type, as a list that is empty.
func targetsThere(def *r4.Param) error {
	for _, t := range def.Targets {
		if _, known := r4.ResourceIndex(t); !known && t != "Resource" {
			return wrong("target", "FHIR R4 has no resource type of this name")
		}
	}
	if slices.Contains(def.Targets, "Resource") {
		def.Targets = nil
	}
	return nil
}

func expressionCompiles(def *r4.Param) error {
	if strings.TrimSpace(def.Expression) == "" {
		return wrong("expression", "an active search parameter needs an expression: without one it can find nothing")
	}
	if _, err := path.CompileR4(def.Expression); err != nil {
		return placed("expression", err)
	}
	for _, base := range def.Bases {
		if strings.TrimSpace(def.On(base)) == "" {
			return wrong("expression", "the expression says nothing of the base type "+base)
		}
	}
	return nil
}

// notTaken refuses a code that R4 has for a type, unless it means the same there: that base is served already, and left out.
func notTaken(def *r4.Param) error {
	var left []string
	for _, base := range def.Bases {
		served, fresh := false, false
		for _, t := range typesOf(base) {
			standard, taken := r4.FindParam(t, def.Code)
			switch {
			case !taken:
				fresh = true
			case !sameMeaning(*def, standard, t):
				return wrong("code", "FHIR R4 has a search parameter "+def.Code+" for "+t+" already, with another type or expression; take another code")
			default:
				served = true
			}
		}
		if served && fresh {
			return wrong("code", "FHIR R4 has a search parameter "+def.Code+" for some of the types of "+base+" already; name the others as bases")
		}
		if fresh {
			left = append(left, base)
		}
	}
	def.Bases = left
	return nil
}

// typesOf are the resource types that a base stands for.
func typesOf(base string) []string {
	if _, one := r4.ResourceIndex(base); one {
		return []string{base}
	}
	return slices.DeleteFunc(slices.Clone(r4.Resources()), func(t string) bool { return !r4.IsA(t, base) })
}

func sameMeaning(a, b r4.Param, typ string) bool {
	return a.Type == b.Type && slices.Equal(branchesOn(a, typ), branchesOn(b, typ))
}

func branchesOn(p r4.Param, typ string) []string {
	branches, err := compile(p.On(typ))
	if err != nil {
		return []string{p.Expression}
	}
	list := texts(branches)
	for i := range list {
		if t, _, _ := strings.Cut(list[i], "."); r4.IsA(typ, t) { // Patient.id is Resource.id
			list[i] = list[i][len(t):]
		}
	}
	slices.Sort(list)
	return list
}

func components(def *r4.Param, r fhir.Resource, find func(string) (r4.Param, bool)) error {
	for c := range r.Get("component").Items() {
		url, expression := c.Get("definition").Str(), c.Get("expression").Str()
		if _, err := path.CompileR4(expression); err != nil {
			return placed("component.expression", err)
		}
		if find == nil {
			continue
		}
		url, _, _ = strings.Cut(url, "|")
		part, known := find(url)
		if !known {
			return wrong("component.definition", "no search parameter that is served has this url")
		}
		def.Components = append(def.Components, r4.Component{Code: part.Code, Type: part.Type, URL: url, Expression: expression})
	}
	if !r.Get("component").Exists() {
		return wrong("component", "a composite needs components")
	}
	return nil
}

// Alike reports whether two definitions give the same rows.
func Alike(a, b r4.Param) bool {
	return a.Code == b.Code && a.Type == b.Type && a.Expression == b.Expression && slices.Equal(a.Bases, b.Bases) &&
		slices.Equal(a.Targets, b.Targets) && slices.Equal(a.Components, b.Components)
}
