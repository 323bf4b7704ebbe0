package patch

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

// Parameters reads a FHIRPath Patch (https://hl7.org/fhir/R4/fhirpatch.html). Faults: Invalid with the place for a
// resource that is no Parameters, an operation that is none of the five or lacks a part, and a path that does not compile;
// TooLarge for too many operations.
func Parameters(r fhir.Resource) (Patch, error) {
	if r.Type() != "Parameters" {
		return Patch{}, fault.At(fault.Invalid, fault.Issue{Code: "structure", Text: "a FHIRPath Patch is a Parameters resource", Expression: r.Type()})
	}
	var p Patch
	for v := range r.Get("parameter").Items() {
		if len(p.ops) == maxOperations {
			return Patch{}, fault.New(fault.TooLarge, "a patch may have %d operations at most", maxOperations)
		}
		e, err := readEdit(v, len(p.ops))
		if err != nil {
			return Patch{}, err
		}
		p.ops = append(p.ops, e)
	}
	return p, nil
}

// edit is one operation of a FHIRPath Patch.
type edit struct {
	verb                       string
	path                       *path.Expr
	parent                     *path.Expr // of an insert: the path without its last step
	name                       string     // of an add; of an insert: the last step of its path
	value                      part
	index, source, destination int
	where                      place
}

func (e *edit) at() place { return e.where }

// needs are the parts that each operation has besides its type.
var needs = map[string][]string{
	"add": {"path", "name", "value"}, "insert": {"path", "index", "value"}, "delete": {"path"},
	"replace": {"path", "value"}, "move": {"path", "source", "destination"},
}

func readEdit(v fhir.Value, i int) (*edit, error) {
	line, col := v.Pos()
	e := &edit{where: place{name: numbered(i, ""), expression: "Parameters.parameter[" + strconv.Itoa(i) + "]", line: line, col: col}}
	if v.Get("name").Str() != "operation" {
		return nil, e.where.malformed("each parameter of a patch is named operation")
	}
	parts := map[string]fhir.Value{}
	for p := range v.Get("part").Items() {
		name := p.Get("name").Str()
		if _, twice := parts[name]; twice {
			return nil, e.where.malformed("a part stands there twice")
		}
		parts[name] = p
	}
	e.verb = text(parts["type"])
	if needs[e.verb] == nil {
		return nil, e.where.malformed("the type must be add, insert, delete, replace or move")
	}
	e.where.name = numbered(i, e.verb)
	return e, e.read(parts)
}

// text is the value of a part that is a code, a string or the like.
func text(part fhir.Value) string {
	for _, name := range []string{"valueString", "valueCode", "valueId", "valueUri"} {
		if v := part.Get(name); v.Kind() == fhir.String {
			return v.Str()
		}
	}
	return ""
}

func (e *edit) read(parts map[string]fhir.Value) error {
	for _, name := range needs[e.verb] {
		if !parts[name].Exists() {
			return e.where.malformed("the part " + name + " is missing")
		}
	}
	for name, v := range parts {
		if err := e.readPart(name, v); err != nil {
			return err
		}
	}
	return nil
}

func (e *edit) readPart(name string, v fhir.Value) (err error) {
	switch name {
	case "path":
		return e.readPath(text(v))
	case "name":
		if e.verb == "add" {
			e.name = text(v)
		}
	case "value":
		e.value, err = readPart(v, maxDepth)
	case "index":
		e.index, err = whole(v)
	case "source":
		e.source, err = whole(v)
	case "destination":
		e.destination, err = whole(v)
	}
	if err != nil {
		return e.where.malformed(fault.Find(err).Text)
	}
	return nil
}

func whole(v fhir.Value) (int, error) {
	for _, name := range []string{"valueInteger", "valueUnsignedInt", "valuePositiveInt"} {
		if n, err := strconv.ParseInt(v.Get(name).Str(), 10, 32); err == nil && n >= 0 {
			return int(n), nil
		}
	}
	return 0, fault.New(fault.Invalid, "index, source and destination are whole numbers from 0 on, as valueInteger")
}

func (e *edit) readPath(src string) (err error) {
	if src == "" {
		return e.where.malformed("the path must be a FHIRPath, as valueString")
	}
	if e.path, err = path.Compile(src); err != nil {
		return e.where.malformed("the path is no FHIRPath: " + fault.Find(err).Text)
	}
	if e.verb != "insert" {
		return nil
	}
	if before, name, ok := lastStep(src); ok {
		if e.parent, err = path.Compile(before); err == nil {
			e.name = name
		}
	}
	return nil
}

// lastStep cuts the last element off a path that ends with one: "Patient.name[0]" and "given" of "Patient.name[0].given".
func lastStep(src string) (before, name string, ok bool) {
	i := strings.LastIndexByte(src, '.')
	if i < 0 {
		return "", "", false
	}
	before, name = src[:i], strings.TrimSpace(src[i+1:])
	for j := range len(name) {
		if c := name[j] | 0x20; c < 'a' || c > 'z' {
			return "", "", false
		}
	}
	return before, name, name != ""
}
