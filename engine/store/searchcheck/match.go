package searchcheck

import (
	"strings"
	"time"
)

// clause is one parameter of a query: any of the texts must match, with :not none.
type clause struct {
	param    *param
	at       int // position of param in its type's list
	modifier string
	texts    []string // as written, escapes included
}

// match is the verdict on a resource.
func (c clause) match(d *doc, now time.Time) verdict {
	values := d.values[c.at]
	if c.modifier == "missing" {
		has := anyValue(values, c.param.tells)
		if c.texts[0] == "true" {
			return yes - has
		}
		return has
	}
	best := no
	for _, t := range c.texts {
		best = max(best, anyValue(values, func(v any) verdict { return c.param.match(c.modifier, v, t, now) }))
	}
	if c.modifier == "not" {
		return yes - best
	}
	return best
}

func (p *param) match(modifier string, v any, t string, now time.Time) verdict {
	switch {
	case modifier == "identifier":
		return (&param{kind: token}).token(member(v, "identifier"), t)
	case modifier == "text":
		return p.display(v, t)
	case modifier == "of-type":
		return ofType(v, t)
	}
	switch p.kind {
	case token, contact:
		return p.token(v, t)
	case text:
		return stringMatch(modifier, v, unescape(t))
	case date:
		return dateMatch(v, t, now)
	case number, quantity:
		return quantityMatch(v, t)
	case reference:
		return referenceMatch(modifier, v, t)
	case uri:
		return uriMatch(modifier, v, unescape(t))
	}
	return p.compositeMatch(v.([2][]any), t, now)
}

// tells is the verdict on whether a value counts as one: it is open where it says nothing
// that a search could find, such as a reference that has only a display.
func (p *param) tells(v any) verdict {
	if pair, ok := v.([2][]any); ok {
		return min(anyValue(pair[0], p.parts[0].tells), anyValue(pair[1], p.parts[1].tells))
	}
	there := true
	switch p.kind {
	case token, contact:
		there = len(p.codes(v)) > 0
	case reference:
		target, _ := member(v, "reference").(string)
		there = target != "" && !strings.HasPrefix(target, "#")
	case number, quantity:
		_, there = numberOf(v)
	}
	return max(maybe, is(there))
}

// compositeMatch wants both parts in one element (https://hl7.org/fhir/R4/search.html#composite).
func (p *param) compositeMatch(v [2][]any, t string, now time.Time) verdict {
	texts := split(t, '$')
	if len(texts) != 2 {
		return no
	}
	worst := yes
	for i, part := range p.parts {
		worst = min(worst, anyValue(v[i], func(x any) verdict { return part.match("", x, texts[i], now) }))
	}
	return worst
}

// token matches code, system|code, |code and system| (https://hl7.org/fhir/R4/search.html#token).
func (p *param) token(v any, t string) verdict {
	parts := split(t, '|')
	for _, c := range p.codes(v) {
		if len(parts) == 1 && c.code == unescape(parts[0]) {
			return yes
		}
		if len(parts) == 2 && c.system == unescape(parts[0]) && (parts[1] == "" || c.code == unescape(parts[1])) {
			return yes
		}
	}
	return no
}

// ofType matches system|code|value: an identifier by a coding of its type and its value (https://hl7.org/fhir/R4/search.html#token).
func ofType(v any, t string) verdict {
	parts := split(t, '|')
	id, _ := v.(map[string]any)
	kind, _ := id["type"].(map[string]any)
	if len(parts) != 3 || str(id, "value") != unescape(parts[2]) {
		return no
	}
	for _, c := range list(kind["coding"]) {
		if m := c.(map[string]any); str(m, "system") == unescape(parts[0]) && str(m, "code") == unescape(parts[1]) {
			return yes
		}
	}
	return no
}

type coded struct{ system, code string }

// codes lists what a token search sees of a value, whatever data type it has.
func (p *param) codes(v any) []coded {
	switch x := v.(type) {
	case string:
		return []coded{{p.implied(), x}}
	case bool:
		return []coded{{p.implied(), map[bool]string{true: "true", false: "false"}[x]}}
	case map[string]any:
		if list, ok := x["coding"].([]any); ok {
			var all []coded
			for _, c := range list {
				all = append(all, p.codes(c)...)
			}
			return all
		}
		value, isIdentifier := x["value"].(string)
		switch {
		case p.kind == contact && value != "":
			return []coded{{"", value}}
		case isIdentifier:
			return []coded{{str(x, "system"), value}}
		case x["code"] != nil:
			return []coded{{str(x, "system"), str(x, "code")}}
		}
	}
	return nil
}

func (p *param) implied() string {
	if p.system == "?" {
		return "\x00" // we do not say, so nothing that is asked for matches
	}
	return p.system
}

// display matches the text of a code as a string (https://hl7.org/fhir/R4/search.html#modifiers).
func (p *param) display(v any, t string) verdict {
	best := no
	for _, s := range displays(v) {
		best = max(best, stringMatch("", s, unescape(t)))
	}
	return best
}

func displays(v any) []string {
	x, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	all := []string{str(x, "text"), str(x, "display")}
	for _, c := range list(x["coding"]) {
		all = append(all, str(c.(map[string]any), "display"))
	}
	if kind, ok := x["type"].(map[string]any); ok {
		all = append(all, str(kind, "text"))
	}
	return all
}

// referenceMatch compares the literal reference: Type/id, an id, or with a type as modifier an id.
func referenceMatch(modifier string, v any, t string) verdict {
	target, _ := member(v, "reference").(string)
	typ, id, _ := strings.Cut(target, "/")
	id, _, versioned := strings.Cut(id, "/_history/")
	t, _, pinned := strings.Cut(t, "/_history/")
	switch {
	case target == "" || strings.HasPrefix(target, "#"):
		return no
	case strings.Contains(typ, ":") || strings.Contains(id, "/"):
		return elsewhere(target, t)
	case versioned || pinned:
		return min(maybe, is(id == t || typ+"/"+id == t))
	case strings.Contains(t, "/"):
		return is(target == t && (modifier == "" || modifier == typ))
	}
	return is(id == t && (modifier == "" || modifier == typ))
}

// elsewhere is a reference to another server, or an urn: whether an id alone finds it is open.
func elsewhere(target, t string) verdict {
	if target == t {
		return yes
	}
	return min(maybe, is(strings.HasSuffix(target, "/"+t)))
}

// uriMatch is equality; :below takes in what lies under the path (https://hl7.org/fhir/R4/search.html#uri).
func uriMatch(modifier string, v any, t string) verdict {
	s, _ := v.(string)
	switch modifier {
	case "below":
		return is(s == t || strings.HasPrefix(s, strings.TrimSuffix(t, "/")+"/"))
	case "above":
		return is(s == t || strings.HasPrefix(t, strings.TrimSuffix(s, "/")+"/"))
	}
	return is(s == t)
}

func member(v any, name string) any {
	m, _ := v.(map[string]any)
	return m[name]
}

func str(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
