package term

import (
	"slices"

	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// ConceptMap is a concept map that was read.
type ConceptMap struct {
	URL, Version, Name   string
	SourceSet, TargetSet string // canonical urls of value sets, where it names them
	groups               []mapGroup
}

type mapGroup struct {
	source, target, targetVersion string
	elements                      map[string][]mapTarget
	back                          map[string][]mapTarget // by the target's code: what maps to it
	unmapped                      unmapped
}

type mapTarget struct {
	code, display, equivalence string
	product, depends           []Dependency
}

type unmapped struct{ mode, code, display, url string }

// Dependency is another element that a mapping depends on or also yields. The way back yields what the way there depends on.
type Dependency struct{ Property, System, Value, Display string }

// Match is what a map makes of a code.
type Match struct {
	Coding
	Equivalence        string
	Map                string // canonical url of the map
	Product, DependsOn []Dependency
}

// ReadConceptMap reads a ConceptMap resource.
func ReadConceptMap(r fhir.Resource) *ConceptMap {
	m := &ConceptMap{URL: r.Get("url").Str(), Version: r.Get("version").Str(), Name: r.Get("name").Str(),
		SourceSet: oneOf(r, "sourceCanonical", "sourceUri"), TargetSet: oneOf(r, "targetCanonical", "targetUri")}
	for g := range r.Get("group").Items() {
		m.groups = append(m.groups, group(g))
	}
	return m
}

func oneOf(r fhir.Resource, names ...string) string {
	for _, n := range names {
		if s := r.Get(n).Str(); s != "" {
			return s
		}
	}
	return ""
}

func group(v fhir.Value) mapGroup {
	u := v.Get("unmapped")
	g := mapGroup{
		source: v.Get("source").Str(), target: v.Get("target").Str(), targetVersion: v.Get("targetVersion").Str(),
		elements: map[string][]mapTarget{}, back: map[string][]mapTarget{},
		unmapped: unmapped{u.Get("mode").Str(), u.Get("code").Str(), u.Get("display").Str(), u.Get("url").Str()},
	}
	for e := range v.Get("element").Items() {
		code, display := e.Get("code").Str(), e.Get("display").Str()
		g.elements[code] = append(g.elements[code], []mapTarget{}...)
		for t := range e.Get("target").Items() {
			to := mapTarget{t.Get("code").Str(), t.Get("display").Str(), t.Get("equivalence").Str(), dependencies(t.Get("product")), dependencies(t.Get("dependsOn"))}
			g.elements[code] = append(g.elements[code], to)
			g.back[to.code] = append(g.back[to.code], mapTarget{code: code, display: display, equivalence: turned(to.equivalence), product: to.depends})
		}
	}
	return g
}

func dependencies(list fhir.Value) []Dependency {
	var out []Dependency
	for d := range list.Items() {
		out = append(out, Dependency{d.Get("property").Str(), d.Get("system").Str(), d.Get("value").Str(), d.Get("display").Str()})
	}
	return out
}

// turned is an equivalence seen from the other side.
func turned(e string) string {
	switch e {
	case "wider":
		return "narrower"
	case "narrower":
		return "wider"
	case "subsumes":
		return "specializes"
	case "specializes":
		return "subsumes"
	}
	return e
}

// LeadsTo reports whether a group of the map is for codes of a system, on the way back for codes from it. One that names
// none may be for any.
func (m *ConceptMap) LeadsTo(system string, back bool) bool {
	return slices.ContainsFunc(m.groups, func(g mapGroup) bool {
		to := g.target
		if back {
			to = g.source
		}
		return to == system || to == ""
	})
}

// Translate gives what the map makes of a code; target "" is any system. Other is the url of another map to which this one
// sends codes that it does not know. Back goes from target to source.
func (m *ConceptMap) Translate(c Coding, target string, back bool) (matches []Match, other string) {
	for i := range m.groups {
		g := &m.groups[i]
		from, to := g.source, g.target
		if back {
			from, to = to, from
		}
		if c.System != "" && from != c.System || target != "" && to != target {
			continue
		}
		found, next := m.inGroup(g, c, to, back)
		matches = append(matches, found...)
		if next != "" {
			other = next
		}
	}
	return matches, other
}

func (m *ConceptMap) inGroup(g *mapGroup, c Coding, to string, back bool) (matches []Match, other string) {
	table := g.elements
	if back {
		table = g.back
	}
	targets, known := table[c.Code]
	for _, t := range targets {
		matches = append(matches, Match{Coding{System: to, Code: t.code, Display: t.display}, t.equivalence, canonical(m.URL, m.Version), t.product, t.depends})
	}
	if known || back {
		return matches, ""
	}
	switch g.unmapped.mode {
	case "provided":
		matches = append(matches, Match{Coding: Coding{System: to, Code: c.Code, Display: c.Display}, Equivalence: "equal", Map: canonical(m.URL, m.Version)})
	case "fixed":
		matches = append(matches, Match{Coding: Coding{System: to, Code: g.unmapped.code, Display: g.unmapped.display}, Equivalence: "inexact", Map: canonical(m.URL, m.Version)})
	case "other-map":
		other = g.unmapped.url
	}
	return matches, other
}

// Related says whether an equivalence is a translation at all.
func Related(equivalence string) bool {
	return equivalence != "unmatched" && equivalence != "disjoint" && strings.TrimSpace(equivalence) != ""
}
