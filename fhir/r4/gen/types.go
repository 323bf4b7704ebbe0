package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const definition = "http://hl7.org/fhir/StructureDefinition/"

// typeRow is one type of the table: a type of its own or a backbone element.
type typeRow struct {
	name, base, kind, regex string
	rules                   []string
	elements                []elementRow
}

type elementRow struct {
	name, max, flags, strength string
	min, binding               int
	types, profiles, targets   []string
	rules                      []string
}

// typesBuilder gathers the rows; bindings and rules are numbered so that each is written once.
type typesBuilder struct {
	rows     map[string]*typeRow
	bindings numbered
	rules    numbered
	keys     map[string][]string // the invariants that a type brings by itself, by type name
}

// typesTable writes bindings, invariants, types and their own elements; inherited elements are left out.
func typesTable(d *definitions) ([]byte, error) {
	b := &typesBuilder{rows: map[string]*typeRow{}, keys: map[string][]string{}}
	specs := slices.DeleteFunc(slices.Clone(d.structures), func(s *structure) bool { return !isType(s) })
	for _, s := range specs {
		b.keys[s.Name] = keysOf(s.Snapshot.Element[0].Constraint)
	}
	for _, s := range specs {
		if err := b.structure(s); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return b.text(), nil
}

// isType leaves out profiles (SimpleQuantity) and the logical model of metadata.
func isType(s *structure) bool { return s.Derivation != "constraint" && s.Kind != "logical" }

func keysOf(cs []constraint) []string {
	keys := make([]string, len(cs))
	for i, c := range cs {
		keys[i] = c.Key
	}
	return keys
}

func (b *typesBuilder) structure(s *structure) error {
	base := strings.TrimPrefix(s.BaseDefinition, definition)
	root := s.Snapshot.Element[0]
	b.rows[s.Name] = &typeRow{name: s.Name, base: base, kind: kindOf(s), regex: regexOf(s), rules: b.newRules(root.Constraint, b.keys[base])}
	for i, e := range s.Snapshot.Element[1:] {
		if e.Base.Path != e.Path || (s.Kind == "primitive-type" && strings.HasSuffix(e.Path, ".value")) {
			continue
		}
		hasChildren := i+2 < len(s.Snapshot.Element) && strings.HasPrefix(s.Snapshot.Element[i+2].Path, e.Path+".")
		if err := b.element(e, hasChildren); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
	}
	return nil
}

func kindOf(s *structure) string {
	switch {
	case s.Abstract || s.Name == "Element":
		return "a"
	case s.Kind == "resource":
		return "r"
	case s.Kind == "primitive-type":
		return "p"
	}
	return "c"
}

// regexOf is the pattern of a primitive type, told by an extension on the type of its value.
func regexOf(s *structure) string {
	for _, e := range s.Snapshot.Element {
		if s.Kind != "primitive-type" || !strings.HasSuffix(e.Path, ".value") {
			continue
		}
		for _, x := range e.Type[0].Extension {
			if strings.HasSuffix(x.URL, "/regex") {
				return x.ValueString
			}
		}
	}
	return ""
}

// newRules numbers the invariants whose key is not among known: those come with a type anyway.
func (b *typesBuilder) newRules(cs []constraint, known []string) []string {
	var out []string
	for _, c := range cs {
		if slices.Contains(known, c.Key) {
			continue
		}
		text := strings.Join([]string{c.Key, c.Severity, oneLine(c.Human), oneLine(c.Expression)}, "\t")
		out = append(out, strconv.Itoa(b.rules.of(text)))
	}
	return out
}

func (b *typesBuilder) element(e element, hasChildren bool) error {
	dot := strings.LastIndexByte(e.Path, '.')
	owner, ok := b.rows[e.Path[:dot]]
	if !ok {
		return fmt.Errorf("comes before its parent")
	}
	row := elementRow{
		name: e.Path[dot+1:], min: e.Min, max: e.Max, flags: flagsOf(e),
		binding: b.bindings.of(unversioned(e.Binding.ValueSet)), strength: e.Binding.Strength,
	}
	switch {
	case e.ContentReference != "":
		row.types, row.flags = []string{strings.TrimPrefix(e.ContentReference, "#")}, row.flags+"r"
	case hasChildren:
		b.backbone(e)
		row.types = []string{e.Path}
	default:
		b.plain(&row, e)
	}
	owner.elements = append(owner.elements, row)
	return nil
}

// backbone opens a type of its own for an element with elements; its invariants are those of that type.
func (b *typesBuilder) backbone(e element) {
	base := e.Type[0].Code
	b.rows[e.Path] = &typeRow{name: e.Path, base: base, kind: "b", rules: b.newRules(e.Constraint, b.keys[base])}
}

func (b *typesBuilder) plain(row *elementRow, e element) {
	known := []string{}
	for _, t := range e.Type {
		code := typeName(e, t)
		row.types = append(row.types, code)
		row.profiles = append(row.profiles, trimAll(t.Profile)...)
		row.targets = append(row.targets, trimAll(t.TargetProfile)...)
		known = append(known, b.keys[code]...)
	}
	slices.Sort(row.targets)
	row.targets = slices.Compact(row.targets)
	row.rules = b.newRules(e.Constraint, known)
}

// typeName is the FHIR type of an element. R4 gives the value of id and url attributes a FHIRPath system type and the
// FHIR type in an extension; for Resource.id that extension says string where the text of the specification says id
// (https://hl7.org/fhir/R4/resource.html#id).
func typeName(e element, t elementType) string {
	if e.Path == "Resource.id" {
		return "id"
	}
	for _, x := range t.Extension {
		if strings.HasSuffix(x.URL, "structuredefinition-fhir-type") {
			return x.ValueURL
		}
	}
	if strings.HasPrefix(t.Code, "http://hl7.org/fhirpath/") {
		return "string"
	}
	return t.Code
}

func flagsOf(e element) string {
	flags := ""
	if e.IsModifier {
		flags += "m"
	}
	if e.IsSummary {
		flags += "s"
	}
	return flags
}

func unversioned(canonical string) string {
	url, _, _ := strings.Cut(canonical, "|")
	return url
}

func trimAll(urls []string) []string {
	out := make([]string, len(urls))
	for i, u := range urls {
		out[i] = strings.TrimPrefix(u, definition)
	}
	return out
}

func (b *typesBuilder) text() []byte {
	var t table
	for _, url := range b.bindings.order {
		t.line("B", url)
	}
	for _, rule := range b.rules.order {
		t.line(append([]string{"R"}, strings.Split(rule, "\t")...)...)
	}
	for _, row := range sortedRows(b.rows) {
		t.line("T", row.name, row.base, row.kind, row.regex, strings.Join(row.rules, ","))
		for _, e := range row.elements {
			t.line("E", e.name, strconv.Itoa(e.min), e.max, e.flags, strings.Join(e.types, ","), strings.Join(e.profiles, ","),
				strings.Join(e.targets, ","), number(e.binding), e.strength, strings.Join(e.rules, ","))
		}
	}
	return t.Bytes()
}

func sortedRows(rows map[string]*typeRow) []*typeRow {
	out := make([]*typeRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *typeRow) int { return cmp.Compare(a.name, b.name) })
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
