package validate

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

// resourceIn goes through a resource by the types of R4: its claims, bindings, extensions, codes, and the resources in it.
func (p *pass) resourceIn(it item, inside bool) {
	if it.t == nil || it.t.Kind != r4.Resource {
		return
	}
	leave := p.enterResource(it, inside)
	defer leave()
	p.special(it)
	for _, c := range p.items(it, "meta") {
		for url := range p.each(c.v.Get("profile")) {
			p.against(it, url.Str(), false)
		}
	}
	p.members(it)
}

// members goes through the elements of a value.
func (p *pass) members(it item) {
	object := it.object()
	if object.Kind() != fhir.Object || it.t == nil || !p.step() {
		return
	}
	c := object.Cursor()
	for m := c.Next(); m.Exists(); m = c.Next() {
		e := it.t.Find(m.Name())
		if e == nil {
			if name := m.Name(); len(name) < 2 || name[0] != '_' || object.Get(name[1:]).Exists() {
				continue
			}
			if e = it.t.Find(m.Name()[1:]); e == nil {
				continue
			}
		}
		for _, sub := range p.values(object, e) {
			p.under(sub)
			p.element(it, sub)
			p.pop()
		}
	}
}

// element checks one value by the definition of its element in R4.
func (p *pass) element(in, it item) {
	switch {
	case it.e.Types[0] == "Resource":
		p.within(in, it)
		return
	case it.t.Name == "Extension":
		p.extensionAt(in, it)
	}
	p.identified(it)
	if it.e.Binding != "" && it.e.Codes() == nil && !(it.t.Kind == r4.Primitive && it.t.Name != "code") {
		p.bind(it.e.Strength, it.e.Binding, it)
		if it.e.Binding == languages {
			p.atMost(allLanguages, it)
		}
	}
	if it.t.Name == "Coding" || r4.IsA(it.t.Name, "Quantity") {
		p.coding(it)
	}
	if it.t.Name == "Reference" && p.scope.bundle != nil {
		p.inBundle(it)
	}
	if (p.Markup || p.MarkdownMarkup && it.t.Name == "markdown") && it.t.Kind == r4.Primitive && it.v.Kind() == fhir.String && it.t.Name != "xhtml" {
		p.markup(it)
	}
	p.members(it)
}

// within goes into a resource in a resource: an entry of a bundle, a contained one, a parameter.
func (p *pass) within(in, it item) {
	if p.SkipContained && it.e.Name == "contained" {
		return
	}
	entry := p.scope.entry
	if b := p.scope.bundle; b != nil && in.t.Name == "Bundle.entry" && it.e.Name == "resource" {
		p.scope.entry = in.index
	}
	p.resourceIn(it, it.e.Name == "contained")
	p.scope.entry = entry
}

// inBundle checks the type of what a reference inside a bundle means.
func (p *pass) inBundle(it item) {
	text := it.v.Get("reference").Str()
	i, _ := p.scope.bundle.find(p.scope.entry, text, &p.Watch)
	if i < 0 {
		i = p.scope.bundle.byUUID(text)
	}
	if i < 0 {
		return
	}
	to := &p.scope.bundle.entries[i]
	if to.typ == "" {
		return
	}
	if ref := fhir.ParseRef(text); ref.Type != "" && ref.Type != to.typ {
		p.tell(failure, "value", it.at(), "the entry of the bundle that this reference means is %s", fault.A(to.typ))
		return
	}
	if !targets(it.e, to.typ) {
		p.tell(failure, "value", it.at(), "%s cannot refer to %s, which is what the entry of the bundle is", it.e.JSON, to.typ)
	}
}

// coding checks a code and its display against its own code system.
func (p *pass) coding(it item) {
	c := codingOf(it.v)
	if c.System == "" || c.Code == "" {
		return
	}
	if valid, known := term.Grammatical(c.System, c.Code); known {
		if !valid {
			p.tellStrictly("code-invalid", it.at(), "the code is none of its code system")
		}
		return
	}
	if term.Malformed(c.System, c.Code) {
		p.tellStrictly("code-invalid", it.at(), "the code has not the form of a code of %s", shown(c.System))
		return
	}
	cs, err := p.Terms.CodeSystem(canonicalOf(c))
	if err != nil || cs == nil {
		return
	}
	switch {
	case cs.Has(c.Code) == term.No:
		p.tellStrictly("code-invalid", it.at(), "the code is not in the code system %s", shown(c.System))
	case it.t.Name == "Coding" && c.Display != "" && cs.Find(c.Code) != nil && !cs.Named(c.Code, c.Display):
		p.tellStrictly("invalid", it.at(), "the display is none that the code system %s has for this code", shown(c.System))
	}
}

func canonicalOf(c term.Coding) string {
	if c.Version == "" {
		return c.System
	}
	return c.System + "|" + c.Version
}
