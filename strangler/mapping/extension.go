package mapping

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

const translationURL = "http://hl7.org/fhir/StructureDefinition/translation"

// extension makes the place of a rule that keeps a column as an extension.
func (b *builder) extension(s *ruleSpec) (location, bool) {
	on, steps, shown, ok := b.host(s)
	if !ok {
		return location{}, false
	}
	url := b.extensionURL(s)
	ext := r4.Lookup("Extension")
	m := on.member("extension", r4.Lookup("Element").Find("extension"))
	if m.slice(url) != nil {
		b.add(s.extension.at, "the extension %s is written by another rule already", s.extension.s)
		return location{}, false
	}
	e := &entry{slice: url, branch: &branch{typ: ext}}
	e.branch.member("url", ext.Find("url")).entries = []*entry{{fixed: fhir.AppendString(nil, url)}}
	m.entries = append(m.entries, e)
	steps = append(steps[:len(steps):len(steps)], step{"extension", true, b.urlPattern(s, url)})
	b.define(s, url, shown)
	if s.child.given() {
		return location{path: shown + ".extension", elem: m.elem, entry: e, route: route{steps: steps}, at: s.at}, true
	}
	return b.extensionValue(s, e, steps, shown)
}

func (b *builder) extensionURL(s *ruleSpec) string {
	switch {
	case s.url.given():
		return s.url.s
	case b.nested:
		return s.extension.s
	}
	return b.pack.extensions + s.extension.s
}

func (b *builder) urlPattern(s *ruleSpec, url string) fhir.Value {
	return b.patternValue(&pattern{at: s.at, value: fhir.NewObject().Set("url", url)})
}

// extensionValue makes the value[x] of an extension.
func (b *builder) extensionValue(s *ruleSpec, e *entry, steps []step, shown string) (location, bool) {
	if !s.typ.given() {
		b.add(s.at, "say what the extension holds: type: string")
		return location{}, false
	}
	name := "value" + strings.ToUpper(s.typ.s[:min(1, len(s.typ.s))]) + s.typ.s[min(1, len(s.typ.s)):]
	if e.branch.typ.Find(name) == nil {
		var known []string
		for _, c := range e.branch.typ.Choices("value") {
			known = append(known, c.Types[0])
		}
		b.add(s.typ.at, "an extension cannot hold %s%s", fault.A(s.typ.s), near(s.typ.s, known))
		return location{}, false
	}
	return b.walkPath(text{name, s.typ.at}, e.branch, steps, "", shown+".extension")
}

// host finds what an extension stands on: the root of the scope, an object, or a primitive element.
func (b *builder) host(s *ruleSpec) (on *branch, steps []step, shown string, ok bool) {
	if !s.on.given() {
		return b.scope.root, nil, b.path, true
	}
	at, ok := b.walkPath(s.on, b.scope.root, nil, b.prefix, b.path)
	if !ok {
		return nil, nil, "", false
	}
	on, steps = at.host()
	if on == nil {
		b.add(s.on.at, "%s is written as a whole by another rule, so no extension can stand on it", at.path)
	}
	return on, steps, at.path, on != nil
}

// host is the object that the extensions of an element stand in.
func (l *location) host() (*branch, []step) {
	if l.entry.branch != nil {
		return l.entry.branch, l.route.steps
	}
	if l.entry.leaf == nil || l.entry.leaf.whole {
		return nil, nil
	}
	if l.entry.leaf.extras == nil {
		l.entry.leaf.extras = &branch{typ: r4.Lookup("Element")}
	}
	return l.entry.leaf.extras, append(l.route.steps[:len(l.route.steps):len(l.route.steps)], step{name: l.route.under, many: l.route.many})
}

// translation makes the place of a text in another language: the translation extension on the element.
func (b *builder) translation(s *ruleSpec, at location) (location, bool) {
	on, steps := at.host()
	if on == nil || at.entry.branch != nil {
		b.add(s.lang.at, "%s is no text, so it has no translation", at.path)
		return at, false
	}
	ext := r4.Lookup("Extension")
	m := on.member("extension", r4.Lookup("Element").Find("extension"))
	if m.slice(s.lang.s) != nil {
		b.add(s.lang.at, "%s has a translation to %s already", at.path, s.lang.s)
		return at, false
	}
	lang := fhir.NewObject().Set("url", "lang").Set("valueCode", s.lang.s)
	outer := &entry{slice: s.lang.s, branch: &branch{typ: ext}}
	outer.branch.member("url", ext.Find("url")).entries = []*entry{{fixed: fhir.AppendString(nil, translationURL)}}
	inner := &entry{slice: "content", branch: &branch{typ: ext}}
	inner.branch.member("url", ext.Find("url")).entries = []*entry{{fixed: []byte(`"content"`)}}
	outer.branch.member("extension", m.elem).entries = []*entry{{fixed: lang.JSON()}, inner}
	m.entries = append(m.entries, outer)
	whole := fhir.NewObject().Set("url", translationURL).Set("extension", (&fhir.List{}).Add(lang))
	steps = append(steps[:len(steps):len(steps)],
		step{"extension", true, b.patternValue(&pattern{s.at, whole, true})},
		step{"extension", true, b.patternValue(&pattern{s.at, fhir.NewObject().Set("url", "content"), true})})
	return b.walkPath(text{"valueString", s.lang.at}, inner.branch, steps, "", at.path+".extension")
}

// define notes an extension of the pack.
func (b *builder) define(s *ruleSpec, url, context string) {
	if b.nested || s.url.given() {
		return
	}
	d := Definition{URL: url, Type: s.typ.s, Context: context, Text: s.about.s}
	if s.child.given() {
		d.Type = "Extension"
	}
	if d.Text == "" {
		d.Text = b.scope.table.String() + "." + s.column.s
	}
	b.pack.definitions = append(b.pack.definitions, d)
}
