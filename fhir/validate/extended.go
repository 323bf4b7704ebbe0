package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// extensionAt checks an extension by its definition: known, at a place where it may stand, a modifier or not, with the
// value that it may have (https://hl7.org/fhir/R4/defining-extensions.html).
func (p *pass) extensionAt(in, it item) {
	at := it.v.Get("url")
	url := at.Str()
	if url == "" {
		return
	}
	if in.t.Name == "Extension" && !isAbsolute(url) {
		return // a part of the extension around it, which its definition speaks of
	}
	if !isAbsolute(url) {
		p.tell(failure, "value", at, "the url of an extension must be absolute")
		return
	}
	def := p.profile(url)
	switch {
	case def == nil && it.e.Name == "modifierExtension":
		p.tellStrictly("extension", at, "the modifier extension %s is not known, so the meaning of what it stands in is not", shown(url))
	case def == nil:
		p.unknownExtension(at, url)
	case !def.extension:
		p.tell(failure, "extension", at, "what the url names is not an extension")
	default:
		p.known(def, in, it)
	}
}

func (p *pass) unknownExtension(at fhir.Value, url string) {
	if acceptable(url) || !p.NoExamples && isExample(url) {
		p.tell(information, "informational", at, "the extension %s is not loaded, so it was not checked", shown(url))
		return
	}
	p.tellStrictly("extension", at, "the extension %s is not known: add the package that defines it", shown(url))
}

// acceptable are urls of extensions that stand for elements of other releases of FHIR, whose definitions are implied, and
// those that HL7 publishes apart from a release (https://hl7.org/fhir/extensions): that one is not loaded says nothing.
func acceptable(url string) bool {
	if strings.HasPrefix(url, structures) {
		return true
	}
	rest, ok := strings.CutPrefix(url, "http://hl7.org/fhir/")
	if !ok || len(rest) < 4 {
		return false
	}
	return isDigit(rest[0]) && rest[1] == '.' && strings.HasPrefix(rest[3:], "/StructureDefinition/extension-")
}

// isExample tells urls that are reserved for examples (RFC 2606), and those of HL7's own tools.
func isExample(url string) bool {
	return strings.Contains(url, "//example.org/") || strings.Contains(url, "//example.com/") || strings.Contains(url, "//acme.com/") ||
		strings.HasPrefix(url, "http://hl7.org/fhir/tools/")
}

func (p *pass) known(def *profile, in, it item) {
	switch modifies := it.e.Name == "modifierExtension"; {
	case strings.Contains(it.v.Get("url").Str(), "|"):
		p.tell(failure, "value", it.v.Get("url"), "the url of an extension must not carry a version")
	case def.modifier && !modifies:
		p.tell(failure, "extension", it.at(), "this extension modifies what it stands in: it must be a modifierExtension")
	case !def.modifier && modifies:
		p.tell(failure, "extension", it.at(), "this extension modifies nothing: it must not be a modifierExtension")
	}
	if len(def.contexts) > 0 && !p.mayStand(def, in) {
		p.tell(failure, "extension", it.at(), "the extension %s must not stand here", shown(def.url))
	}
	for _, r := range def.invariants {
		if ok, err := r.holds(p.expressions(), in.node()); err == nil && !ok {
			p.tell(failure, "extension", it.at(), "the extension %s must not stand here: its contextInvariant does not hold", shown(def.url))
		}
	}
	p.against(it, def.url, false)
	p.parts(def, it)
}

// mayStand reports whether an extension may stand in an item (https://hl7.org/fhir/R4/extensibility.html#context). What
// the context says in FHIRPath is not refused.
func (p *pass) mayStand(def *profile, in item) bool {
	for _, c := range def.contexts {
		switch c.kind {
		case "extension":
			if in.t.Name == "Extension" && in.v.Get("url").Str() == c.expression {
				return true
			}
		case "fhirpath":
			return true
		default:
			if p.isElement(in, c.expression) {
				return true
			}
		}
	}
	return false
}

// isElement reports whether an item is the element that a path names: by its type, or by the way to it from the resource
// or from a type.
func (p *pass) isElement(in item, name string) bool {
	name = strings.TrimPrefix(name, structures)
	if r4.IsA(in.t.Name, name) || name == "Element" {
		return true
	}
	if strings.HasPrefix(name, "Element") && strings.Contains(name, "#") {
		return true
	}
	name = strings.ReplaceAll(name, "[x]", "")
	if at, rest, dotted := strings.Cut(name, "."); dotted {
		return p.endsWith(at, rest)
	}
	return name == "Resource" && in.t.Kind == r4.Resource || name == "DomainResource" && in.t.Kind == r4.Resource && r4.IsA(in.t.Name, "DomainResource")
}

// endsWith compares the trail before the extension with a path that begins at a type. The type of a resource is checked;
// a path from a data type is compared by its names.
func (p *pass) endsWith(typ, way string) bool {
	names := strings.Split(way, ".")
	depth := p.depth - 1 // the last step is the extension itself
	if depth < len(names) {
		return false
	}
	for i, n := range names {
		if p.walk.trail.at(depth-len(names)+i).name != n {
			return false
		}
	}
	t := r4.Lookup(typ)
	if t == nil || t.Kind != r4.Resource {
		return true
	}
	return p.scope.t == t || p.repeats(t, way)
}

// repeats allows a path inside content that an element repeats, such as items of items.
func (p *pass) repeats(t *r4.TypeInfo, way string) bool { return p.scope.t == t && way != "" }

// markup refuses text that looks like HTML.
func (p *pass) markup(it item) {
	s := it.v.Str()
	for i := 0; i+1 < len(s); i++ {
		if c := s[i+1] | 0x20; s[i] == '<' && (c >= 'a' && c <= 'z' || s[i+1] == '/' || s[i+1] == '!') {
			p.tell(failure, "security", it.at(), "the text holds what looks like HTML: escape or remove it")
			return
		}
	}
}
